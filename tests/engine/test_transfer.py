"""Starting from trained weights, and freezing layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nncli.checkpoint.contents import Weights
from nncli.engine.build import build_network
from nncli.engine.state import architecture, capture_weights
from nncli.engine.transfer import take_weights
from nncli.problems import NncliError

DENSE = {"type": "dense", "units": 5, "activation": "relu"}
OUT = {"type": "dense", "units": 3, "activation": "softmax"}
NETWORKS = (
    "mlp_averaged",
    "cnn",
    "cnn_channels_first",
    "lstm_stateful",
    "embedding",
    "bidirectional",
    "time_distributed",
    "bfloat16",
)


def arrays(network: Any) -> dict[str, NDArray[Any]]:
    """The weights of a network by their paths."""
    return {weight.path: weight.numpy() for weight in network.weights}


def weights_of(network: Any) -> Weights:
    return capture_weights(network, architecture(network))


@pytest.fixture
def built(lab: Any, network_of: Any) -> Callable[..., Any]:
    """`built(network, seed)`: an untrained network, by its name or its layers for samples of four numbers."""

    def network(chosen: Any, seed: int = 3, shape: tuple[int, ...] = (4,)) -> Any:
        tiny = chosen if isinstance(chosen, str) else network_of(chosen, shape)
        splits = lab.splits(tiny)
        experiment = lab.experiment(tiny)
        return build_network(
            experiment.model,
            name="tiny",
            input_shape=splits.preparation.input_shape,
            precision=experiment.training.precision,
            batch_size=4 if experiment.model.is_stateful else None,
            seed=seed,
        )

    return network


@pytest.mark.parametrize("name", NETWORKS)
def test_all_weights_are_taken_to_the_bit(name: str, built: Any) -> None:
    source, network = built(name, 1), built(name, 2)
    for weight in source.weights:
        weight.assign(np.random.default_rng(5).normal(size=weight.shape))  # biases and statistics, too
    assert take_weights(network, weights_of(source), partial=False) == ()
    assert weights_of(network).digest() == weights_of(source).digest()


def test_layers_are_matched_by_name_and_not_by_place(built: Any) -> None:
    def square(name: str) -> dict[str, Any]:
        return {"type": "dense", "units": 4, "name": name}

    source, network = built([square("a"), square("b"), OUT], 1), built([square("b"), square("a"), OUT], 2)
    take_weights(network, weights_of(source), partial=False)
    for path, array in arrays(source).items():
        np.testing.assert_array_equal(arrays(network)[path], array)


def test_a_frozen_part_of_a_layer_takes_its_own_weights(built: Any) -> None:
    """Weights are stored with the trained ones first: freezing the one that reads forwards changes their order."""

    def both_ways(**fields: Any) -> list[Any]:
        backward = {"type": "simple_rnn", "units": 2, "go_backwards": True}
        forward = {"type": "simple_rnn", "units": 2, **fields}
        return [{"type": "bidirectional", "layer": forward, "backward_layer": backward}, OUT]

    source, network = built(both_ways(), 1, (3, 2)), built(both_ways(trainable=False), 2, (3, 2))
    take_weights(network, weights_of(source), partial=False)
    for path, array in arrays(source).items():
        np.testing.assert_array_equal(arrays(network)[path], array, err_msg=path)


def test_parts_of_other_names_are_told_by_their_places(built: Any) -> None:
    """A layer of the same name whose parts are called otherwise: its arrays are told by their order and their shapes."""
    source = built([DENSE | {"name": "a"}, OUT], 1)
    wrapped = [
        {"type": "reshape", "target_shape": [1, 4]},
        {"type": "time_distributed", "layer": DENSE, "name": "a"},
        "flatten",
        OUT,
    ]
    network = built(wrapped, 2)
    assert take_weights(network, weights_of(source), partial=False) == ()
    for own, other in zip(network.weights, source.weights, strict=True):
        np.testing.assert_array_equal(own.numpy(), other.numpy())


HEAD = {"type": "dense", "units": 3, "activation": "softmax", "name": "head"}
WIDER = DENSE | {"units": 6}


@pytest.mark.parametrize(
    ("layers", "messages"),
    [
        ([DENSE, HEAD], ["has no match for 1 of the layers", "`head` is not there"]),
        (
            [WIDER, {"type": "dense", "units": 3}, OUT],
            ["for any layer", "`dense` has [(4, 5), (5,)] there, [(4, 6), (6,)] here", "`dense_2` is not there"],
        ),
        ([DENSE, "batch_normalization", OUT], ["`batch_normalization` is not there"]),
        ([DENSE | {"use_bias": False}, OUT], ["`dense` has [(4, 5), (5,)] there, [(4, 5)] here"]),
    ],
)
def test_what_has_no_match_is_listed(layers: Sequence[Any], messages: Sequence[str], built: Any) -> None:
    network = built(layers, 2)
    before = arrays(network)
    with pytest.raises(NncliError) as caught:
        take_weights(network, weights_of(built([DENSE, OUT], 1)), partial=False)
    [problem] = caught.value.problems
    assert problem.code == "NN603" and all(message in problem.message for message in messages), problem.message
    assert problem.hint is not None and ("partial: true" in problem.hint) != ("any layer" in problem.message)
    for path, array in arrays(network).items():
        np.testing.assert_array_equal(array, before[path], err_msg="nothing was taken")


def test_what_has_no_match_stays_where_that_is_allowed(built: Any) -> None:
    source, network, fresh = built([DENSE, OUT], 1), built([DENSE, HEAD], 2), built([DENSE, HEAD], 2)
    assert take_weights(network, weights_of(source), partial=True) == ("`head` is not there",)
    for path, array in arrays(network).items():
        np.testing.assert_array_equal(array, arrays(source if "/dense/" in path else fresh)[path], err_msg=path)


def test_a_checkpoint_of_which_nothing_fits_is_refused_even_so(built: Any) -> None:
    with pytest.raises(NncliError) as caught:
        take_weights(built([WIDER, HEAD], 2), weights_of(built([DENSE, OUT], 1)), partial=True)
    [problem] = caught.value.problems
    assert problem.code == "NN603" and "has no match for any layer" in problem.message
    assert problem.hint == "name the layers alike"


def layer_arrays(weights: Weights, name: str) -> Mapping[str, NDArray[Any]]:
    return dict(weights.layers[name])


def test_a_run_starts_from_them_and_leaves_what_is_frozen(lab: Any, run: Any, network_of: Any) -> None:
    body = [DENSE | {"name": "body"}, {"type": "batch_normalization", "name": "norm"}]
    source_of = network_of([*body, OUT], (4,))
    splits = lab.splits(source_of)
    source = lab.trainer(lab.experiment(source_of, training={"steps": 6}), splits, mode="update")
    checkpoint = lab.checkpoint(run(source).last, source)

    frozen = [{**layer, "trainable": False} for layer in body]
    model = {"layers": [*frozen, HEAD], "weights_from": {"checkpoint": "elsewhere.h5", "partial": True}}
    experiment = lab.experiment(source_of, model=model, seed=9)
    trainer = lab.trainer(experiment, splits, mode="update", weights_from=checkpoint)
    first = trainer.learner.capture_weights()
    course = run(trainer)
    for name in ("body", "norm"):
        for path, array in layer_arrays(course.last.weights, name).items():
            np.testing.assert_array_equal(array, layer_arrays(checkpoint.weights, name)[path], err_msg=path)
    assert len(dict(course.last.variables)["optimizer"]) == 2 + 2 * 2, "Adam's for the head alone"
    for path, array in layer_arrays(course.last.weights, "head").items():
        assert not np.array_equal(array, layer_arrays(first, "head")[path]), path

    # A run that goes on takes its own weights and not those that it once started from.
    resume = lab.checkpoint(course.last, trainer)
    again = lab.trainer(experiment, splits, mode="update", weights_from=checkpoint, resume=resume)
    assert again.learner.capture_weights().digest() == course.last.weights.digest()


CELL = {"type": "simple_rnn_cell", "units": 3}


@pytest.mark.parametrize(
    "layer",
    [
        {"type": "simple_rnn", "units": 3},
        {"type": "rnn", "cell": {"type": "stacked_rnn_cells", "cells": [CELL, CELL]}},
        {"type": "bidirectional", "layer": {"type": "lstm", "units": 3}},
        {"type": "time_distributed", "layer": {"type": "dense", "units": 3}},
    ],
    ids=lambda layer: str(layer["type"]),
)
def test_a_frozen_layer_stays_whatever_it_holds(layer: dict[str, Any], lab: Any, run: Any, network_of: Any) -> None:
    tiny = network_of([{**layer, "name": "body", "trainable": False}, {"type": "flatten"}, OUT], (4, 2))
    trainer = lab.trainer(lab.experiment(tiny, training={"steps": 3}), lab.splits(tiny), mode="update")
    first = trainer.learner.capture_weights()
    last = run(trainer).last.weights
    for path, array in layer_arrays(first, "body").items():
        np.testing.assert_array_equal(array, layer_arrays(last, "body")[path], err_msg=path)
    assert any(not np.array_equal(array, layer_arrays(last, "dense")[path]) for path, array in layer_arrays(first, "dense").items())


def test_no_steps_measure_what_was_taken(lab: Any, run: Any) -> None:
    splits = lab.splits("mlp")
    source = lab.trainer(lab.experiment("mlp", training={"steps": 6}), splits, mode="update")
    trained = run(source)
    model = {"layers": [DENSE, OUT], "weights_from": {"checkpoint": "elsewhere.h5"}}
    averaged = {"type": "adam", "use_ema": True}
    experiment = lab.experiment("mlp", model=model, seed=9, optimizer=averaged, training={"steps": 0})
    course = run(lab.trainer(experiment, splits, weights_from=lab.checkpoint(trained.last, source)))
    assert course.last.weights.digest() == trained.last.weights.digest()
    assert course.measured[0].metrics["val_loss"] == trained.measured[-1].metrics["val_loss"]

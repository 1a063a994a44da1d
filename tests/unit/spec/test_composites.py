"""Composite layers: their shapes and counts are those of the network of Keras that stands for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nncli.engine.build import build_network
from nncli.spec.choice import OneOf
from nncli.spec.layers.base import Layer, ShapeMistake
from nncli.spec.layers.composites import Composite
from nncli.spec.model import Model
from nncli.spec.shapes import output_shapes
from nncli.spec.values import Shape

SIZES = st.integers(1, 4)
SIMPLE = (
    st.fixed_dictionaries({"type": st.just("dense"), "units": SIZES, "trainable": st.booleans()})
    | st.just({"type": "batch_normalization"})
    | st.just({"type": "flatten"})
    | st.fixed_dictionaries({"type": st.just("conv2d"), "filters": SIZES, "kernel_size": SIZES, "padding": st.just("same")})
    | st.just({"type": "max_pooling2d"})
)
STACKS = st.deferred(lambda: st.lists(SIMPLE | COMPOSITES, min_size=1, max_size=2))
TRAINABLE = st.booleans()
COMPOSITES = st.deferred(
    lambda: (
        st.fixed_dictionaries({"type": st.just("residual"), "layers": STACKS, "trainable": TRAINABLE})
        | st.fixed_dictionaries({"type": st.just("repeat"), "layers": STACKS, "times": st.integers(1, 3)})
        | st.fixed_dictionaries(
            {
                "type": st.just("parallel"),
                "branches": st.lists(STACKS | st.just([]), min_size=2, max_size=3),
                "join": st.sampled_from(["concatenate", "add", "average", "maximum"]),
            }
        )
    )
)


def composite(fields: dict[str, Any]) -> Composite:
    found = OneOf("layer").resolve(fields)
    assert isinstance(found, Composite)
    return found


def followed(spec: Composite, shape: Shape) -> Shape | None:
    try:
        return spec.resulting_shape(shape)
    except ShapeMistake as mistake:
        place: Any = spec
        for part in mistake.at:
            place = place[part] if isinstance(part, int) else getattr(place, part)
        assert mistake.message
        return None


@settings(max_examples=60, deadline=None)
@given(COMPOSITES, st.sampled_from([(4,), (4, 4, 2), (3, 2)]))
def test_shapes_and_counts_are_those_of_keras(fields: dict[str, Any], shape: tuple[int, ...]) -> None:
    spec = composite(fields)
    output = followed(spec, shape)
    if output is None:
        return
    network = build_network(Model(layers=(spec,)), name="tiny", input_shape=shape)
    learnt = sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)
    assert network.output_shape[1:] == output
    assert sum(spec.parameters(shape)) == network.count_params()
    assert spec.num_trained(shape) == learnt
    assert spec.is_trained == bool(learnt)
    names = [weight.path for weight in network.weights]
    assert len(set(names)) == len(names), "an h5 file takes no path twice"


DENSE = {"type": "dense", "units": 3}


@pytest.mark.parametrize("join", ["concatenate", "add", "average", "maximum"])
def test_branches_are_joined_as_numpy_joins_them(join: str) -> None:
    fields = {"type": "parallel", "branches": [[], [DENSE], [DENSE, "relu"]], "join": join}
    network = build_network(Model(layers=(composite(fields),)), name="tiny", input_shape=(3,), seed=1)
    inputs = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    found = {weight.path: np.asarray(weight) for weight in network.weights}  # Keras orders them by how deep they lie
    dense = ("parallel_dense", "parallel_dense_1")
    first, first_bias, second, second_bias = (found[f"{layer}/{part}"] for layer in dense for part in ("kernel", "bias"))
    outputs = [inputs, inputs @ first + first_bias, np.maximum(inputs @ second + second_bias, 0)]
    joined = {"add": sum, "average": lambda parts: sum(parts) / 3, "maximum": np.maximum.reduce}
    expected = np.concatenate(outputs, axis=-1) if join == "concatenate" else joined[join](outputs)  # type: ignore[operator]
    np.testing.assert_allclose(network(inputs), expected, rtol=1e-5, atol=1e-6)


def test_a_residual_adds_its_input_and_a_repetition_has_weights_of_its_own() -> None:
    inner = {"type": "residual", "layers": [DENSE | {"use_bias": False}]}
    fields = {"type": "repeat", "times": 2, "layers": [inner]}
    network = build_network(Model(layers=(composite(fields),)), name="tiny", input_shape=(3,), seed=1)
    inputs = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    first, second = (np.asarray(weight) for weight in network.weights)
    assert not np.array_equal(first, second)
    middle = inputs + inputs @ first
    np.testing.assert_allclose(network(inputs), middle + middle @ second, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        ({"type": "residual", "layers": [{"type": "dense", "units": 2}]}, ("layers",), "the layers give 2, which cannot be added"),
        ({"type": "repeat", "times": 3, "layers": ["max_pooling2d"]}, ("layers", 0), "`max_pooling2d` takes samples of 3 axes"),
        (
            {"type": "parallel", "branches": [[], [{"type": "dense", "units": 2}]], "join": "add"},
            ("branches", 1),
            "branch 1 gives 2, the first one 3",
        ),
        (
            {"type": "parallel", "branches": [[{"type": "reshape", "target_shape": [3, 1]}], []]},
            ("branches", 1),
            "branch 1 gives 3, the first one 3 x 1",
        ),
        (
            {"type": "repeat", "times": 1, "layers": [{"type": "residual", "layers": [{"type": "reshape", "target_shape": [2]}]}]},
            ("layers", 0, "layers", 0, "target_shape"),
            "3 is 3 values",
        ),
    ],
)
def test_mistakes_point_into_the_stacks(fields: dict[str, Any], path: tuple[Any, ...], message: str) -> None:
    _, (mistake,) = output_shapes(Model(layers=(composite(fields),)), (3,))
    assert mistake.path == ("model", "layers", 0, *path)
    assert mistake.message.startswith(message)


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "residual", "layers": []},
        {"type": "residual", "layers": [DENSE | {"name": "a"}]},
        {"type": "residual", "layers": [{"type": "input", "shape": [3]}]},
        {"type": "repeat", "layers": [DENSE]},
        {"type": "repeat", "layers": [DENSE], "times": 0},
        {"type": "repeat", "layers": [DENSE], "times": 1001},
        {"type": "parallel", "branches": [[DENSE]]},
        {"type": "parallel", "branches": [DENSE, DENSE]},
        {"type": "time_distributed", "layer": {"type": "residual", "layers": [DENSE]}},
    ],
)
def test_what_cannot_be_held_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OneOf("layer").resolve(fields)


def test_states_and_weights_are_those_of_the_layers_inside() -> None:
    stateful = composite({"type": "residual", "layers": [{"type": "gru", "units": 2, "return_sequences": True, "stateful": True}]})
    frozen = composite({"type": "residual", "layers": [DENSE | {"trainable": False}]})
    assert (stateful.is_stateful, stateful.is_trained) == (True, True)
    assert (frozen.is_stateful, frozen.is_trained, frozen.num_trained((3,))) == (False, False, 0)
    assert isinstance(frozen.inside[0], Layer)

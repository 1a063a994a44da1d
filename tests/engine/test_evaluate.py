"""Evaluation and prediction, held to Keras's `evaluate` and `predict`; what is exported, held to both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nncli.data.samples import Samples
from nncli.engine.build import build, build_network
from nncli.engine.evaluate import BATCH_SIZE, Evaluator, build_metrics, shortest
from nncli.engine.export.compare import largest_difference
from nncli.engine.export.formats import FORMATS, export_bytes
from nncli.engine.state import architecture, capture_weights

OUT = {"type": "dense", "units": 3, "activation": "softmax"}
PENALTIES = {
    "type": "dense",
    "units": 5,
    "activation": "relu",
    "kernel_regularizer": {"type": "l2", "l2": 0.1},
    "activity_regularizer": {"type": "l1", "l1": 0.1},
}
EMBEDDING = {"type": "embedding", "input_dim": 7, "output_dim": 3, "mask_zero": True}
RNN = {"type": "simple_rnn", "units": 2, "return_sequences": True}
CONV_SAME = {"type": "conv2d", "filters": 2, "kernel_size": 3, "padding": "same", "activation": "sigmoid"}
EACH = {"type": "time_distributed", "layer": {"type": "dense", "units": 1}}
NUMBERS = "sparse_categorical_crossentropy"


def evaluator_of(experiment: Any, splits: Any, **named: Any) -> Evaluator:
    preparation = splits.preparation
    return Evaluator(experiment, input_shape=preparation.input_shape, target_shape=preparation.target_shape, **named)


def stock_of(experiment: Any, splits: Any, seed: int = 0) -> Any:
    """The network as plain Keras, in which a state is not kept from batch to batch."""
    return build_network(
        experiment.model,
        name=experiment.name,
        input_shape=splits.preparation.input_shape,
        precision=experiment.training.precision,
        stateless=True,
        seed=seed,
    )


def scrambled(network: Any) -> Any:
    """The network with weights of every layer other than those it was built with: statistics and biases, too."""
    generator = np.random.default_rng(5)
    for weight in network.weights:
        weight.assign(
            generator.uniform(0.1, 0.9, weight.shape) if "variance" in weight.path else generator.normal(size=weight.shape)
        )
    return network


@dataclass(frozen=True)
class Case:
    layers: list[Any]
    shape: tuple[int, ...] = (4,)
    loss: Any = NUMBERS
    metric: str = "accuracy"
    weights: tuple[int, ...] | None = None
    """Axes of the sample weights behind the first."""
    to_predict: tuple[int, ...] | None = None
    vocabulary: int = 0
    values: tuple[int, ...] | None = None
    """Shape of what the loss makes of one sample, where that is not the target's without its last axis."""


CASES = {
    "penalties": Case([PENALTIES, "batch_normalization", {"type": "dropout", "rate": 0.5}, OUT]),
    "sample_weights": Case([PENALTIES, OUT], weights=()),
    "weights_of_time_steps": Case([RNN, EACH], (4, 2), "mse", "mae", weights=(4,), to_predict=(4, 1)),
    "a_weight_for_all_time_steps": Case([RNN, EACH], (4, 2), "mse", "mae", weights=(), to_predict=(4, 1)),
    "as_many_time_steps_as_rows_of_a_batch": Case(
        [RNN, EACH], (BATCH_SIZE, 2), "mse", "mae", weights=(), to_predict=(BATCH_SIZE, 1)
    ),
    "weights_behind_a_mask": Case([EMBEDDING, RNN, EACH], (4,), "mse", "mae", weights=(), to_predict=(4, 1), vocabulary=7),
    "weights_of_pictures": Case([CONV_SAME], (4, 5, 1), "binary_crossentropy", "mae", weights=(), to_predict=(4, 5, 2)),
    "weights_of_rows_of_pictures": Case([CONV_SAME], (4, 5, 1), "mse", "mae", weights=(4,), to_predict=(4, 5, 2)),
    "weights_of_regions": Case(
        [CONV_SAME], (4, 5, 1), {"type": "dice", "axis": [1, 2, 3]}, "mae", weights=(), to_predict=(4, 5, 2), values=()
    ),
    "weights_of_regions_of_each_channel": Case(
        [CONV_SAME], (4, 5, 1), {"type": "tversky", "axis": [1, 2]}, "mae", weights=(), to_predict=(4, 5, 2), values=(2,)
    ),
    "mask": Case([EMBEDDING, RNN, EACH], (4,), "mse", "mae", to_predict=(4, 1), vocabulary=7),
    "sum": Case([PENALTIES, OUT], loss={"type": NUMBERS, "reduction": "sum"}, weights=()),
    "mean_by_weight": Case([OUT], loss={"type": NUMBERS, "reduction": "mean_with_sample_weight"}, weights=()),
    "convolution": Case([{"type": "conv2d", "filters": 2, "kernel_size": 3}, "max_pooling2d", "flatten", OUT], (6, 6, 1)),
}


@pytest.mark.parametrize("name", CASES)
def test_evaluation_is_that_of_keras(name: str, lab: Any, network_of: Any) -> None:
    """Over two whole batches and one of a single sample."""
    case, count = CASES[name], 2 * BATCH_SIZE + 1
    network = network_of(case.layers, case.shape, vocabulary=case.vocabulary)
    experiment, splits = lab.experiment(network, loss=case.loss, metrics=[case.metric]), lab.splits(network, validation=count)
    samples, generator = splits.validation, np.random.default_rng(5)
    if case.to_predict is not None:
        samples = replace(samples, targets=generator.normal(size=(count, *case.to_predict)).astype(np.float32))
        splits = replace(splits, preparation=replace(splits.preparation, target_shape=case.to_predict))
    if case.weights is not None:
        samples = replace(samples, sample_weight=generator.random((count, *case.weights)).astype(np.float32))
    evaluator = evaluator_of(experiment, splits)
    stock = scrambled(stock_of(experiment, splits))
    evaluator.assign(capture_weights(stock, architecture(stock)))

    metrics = build_metrics(experiment, stock.output_shape[1:], splits.preparation.target_shape)
    stock.compile(loss=build(experiment.loss), metrics=list(metrics.values()))
    named = {"batch_size": BATCH_SIZE, "verbose": 0, "return_dict": True}
    weights = samples.sample_weight
    if weights is not None and case.to_predict is not None:
        # As Keras cannot mistake them: one of a sample for each value of its loss.
        values = case.to_predict[:-1] if case.values is None else case.values
        behind = (1,) * (1 + len(values) - weights.ndim)
        weights = np.broadcast_to(weights.reshape(*weights.shape, *behind), (count, *values))
    expected = stock.evaluate(samples.inputs, samples.targets, sample_weight=weights, **named)
    measured = evaluator.evaluate(samples)
    assert list(measured) == ["loss", case.metric]
    assert list(measured.values()) == pytest.approx(list(expected.values()), rel=1e-5, abs=1e-6)
    assert evaluator.evaluate(samples) == measured, "nothing is left of the first time"


PREDICTED = (
    "mlp_averaged",
    "cnn",
    "lstm",
    "lstm_stateful",
    "embedding",
    "bidirectional",
    "time_distributed",
    "composites",
    "bfloat16",
)


@pytest.mark.parametrize("name", PREDICTED)
def test_predictions_are_those_of_keras_to_the_bit(name: str, lab: Any) -> None:
    experiment, splits = lab.experiment(name), lab.splits(name, validation=2 * BATCH_SIZE + 5)
    evaluator, stock = evaluator_of(experiment, splits), scrambled(stock_of(experiment, splits))
    evaluator.assign_from(stock)
    inputs = splits.validation.inputs
    evaluator.predict(inputs[:7])
    predicted = evaluator.predict(inputs)
    assert predicted.dtype == np.float32
    np.testing.assert_array_equal(predicted, stock.predict(inputs, batch_size=BATCH_SIZE, verbose=0))
    # What went through the network before changes nothing, whatever it was: the same graph serves batches of every size.
    evaluator.predict(inputs[:1])
    evaluator.evaluate(splits.validation)
    evaluator.predict(inputs[40:45])
    np.testing.assert_array_equal(evaluator.predict(inputs), predicted)
    np.testing.assert_array_equal(evaluator.predict(inputs[:BATCH_SIZE]), predicted[:BATCH_SIZE])


def test_rows_one_by_one_are_nearly_the_same(lab: Any) -> None:
    experiment, splits = lab.experiment("cnn"), lab.splits("cnn")
    evaluator = evaluator_of(experiment, splits)
    inputs = splits.validation.inputs
    one_by_one = np.concatenate([evaluator.predict(inputs[row : row + 1]) for row in range(len(inputs))])
    np.testing.assert_allclose(one_by_one, evaluator.predict(inputs), atol=1e-6)


def test_no_rows_give_no_predictions(lab: Any) -> None:
    evaluator = evaluator_of(lab.experiment("mlp"), lab.splits("mlp"))
    assert evaluator.predict(np.empty((0, 4), np.float32)).shape == (0, 3)


@pytest.mark.parametrize("patience", [0, 1, 2])
def test_an_evaluation_is_stopped_between_batches(patience: int, lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nncli.engine.evaluate.next_size", lambda size, seconds: 1)  # however quick this machine is
    experiment, splits = lab.experiment("mlp"), lab.splits("mlp", validation=3 * BATCH_SIZE)
    answers = iter([False] * patience + [True] * 3)
    evaluator = evaluator_of(experiment, splits, should_stop=lambda: next(answers))
    assert (evaluator.evaluate(splits.validation) is None) == (patience < 2), "two questions lie between three batches"


def test_one_batch_is_never_stopped(lab: Any) -> None:
    experiment, splits = lab.experiment("mlp"), lab.splits("mlp", validation=BATCH_SIZE)
    assert evaluator_of(experiment, splits, should_stop=lambda: True).evaluate(splits.validation) is not None


@pytest.mark.parametrize(
    ("value", "expected"),
    [(np.float32(0.965), 0.965), (np.float32(1) / 3, 0.33333334), (np.array([0.1, 2], np.float32), [0.1, 2.0])],
)
def test_numbers_are_the_shortest_that_mean_the_same(value: Any, expected: Any) -> None:
    assert shortest(np.asarray(value)) == expected


def test_training_leaves_the_network_that_evaluates_alone(lab: Any) -> None:
    """And the other way round: seeds and states of recurrent layers move wherever Keras calls them."""
    experiment, splits = lab.experiment("lstm_stateful"), lab.splits("lstm_stateful")
    trainer = lab.trainer(experiment, splits, mode="update")
    before = {name: [array.tobytes() for _, array in group] for name, group in trainer.learner.capture_variables().items()}
    trainer.evaluator.assign_from(trainer.learner.network)
    first = trainer.evaluator.evaluate(splits.validation)
    assert {name: [array.tobytes() for _, array in group] for name, group in trainer.learner.capture_variables().items()} == before
    assert trainer.evaluator.evaluate(splits.validation) == first, "each batch starts from a state of zeros"


EXPORTED = [
    ("cnn", "keras"),
    ("cnn_channels_first", "h5"),
    ("cnn_channels_first", "keras"),
    ("lstm", "h5"),
    ("embedding", "keras"),
    ("bfloat16", "h5"),
    ("bfloat16", "keras"),
]


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # Keras's own, of NumPy 2
@pytest.mark.parametrize(("name", "export_format"), EXPORTED)
def test_what_is_exported_predicts_the_same(name: str, export_format: str, lab: Any) -> None:
    assert export_format in FORMATS
    experiment, splits = lab.experiment(name), lab.splits(name, validation=2 * BATCH_SIZE + 5)
    trained = scrambled(stock_of(experiment, splits, seed=3))
    data, stock = export_bytes(capture_weights(trained, architecture(trained)), export_format)
    assert data[:4] == {"h5": b"\x89HDF", "keras": b"PK\x03\x04"}[export_format]
    evaluator = evaluator_of(experiment, splits)
    evaluator.assign_from(trained)
    channels_first = name == "cnn_channels_first"  # stock Keras computes it in XLA alone
    inputs = splits.validation.inputs[: 5 if name == "lstm" else None]
    difference = largest_difference(evaluator.predict(inputs), stock, inputs, jit=channels_first)
    assert difference <= (1e-5 if channels_first else 0.0)


class Predicts:
    """A network that gives the same outputs whatever comes in."""

    def __init__(self, outputs: NDArray[Any]) -> None:
        self._outputs = outputs

    def compile(self, *, jit_compile: bool) -> None:
        pass

    def predict(self, inputs: Any, batch_size: int, verbose: int) -> NDArray[Any]:
        return self._outputs


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        ([[1.0, 2.0]], 0.0),
        ([[1.0, 2.5]], 0.5),
        ([[1.0, np.nan]], np.inf),
        ([[1.0, np.inf]], np.inf),
        ([[1.0, 2.0, 3.0]], np.inf),
        ([1.0, 2.0], np.inf),
    ],
)
def test_the_largest_difference(got: Any, expected: float) -> None:
    outputs = np.array([[1.0, 2.0]], np.float32)
    assert largest_difference(outputs, Predicts(np.array(got, np.float32)), np.zeros((1, 1)), jit=False) == expected


def test_the_same_gaps_are_no_difference_and_two_infinities_of_two_signs_are() -> None:
    gaps = np.array([[np.nan, 1.0, np.inf]], np.float32)
    assert largest_difference(gaps, Predicts(gaps), np.zeros((1, 1)), jit=False) == 0.0
    assert largest_difference(gaps, Predicts(-gaps), np.zeros((1, 1)), jit=False) == np.inf


def test_samples_of_no_weight_leave_the_metrics_as_they_are(lab: Any) -> None:
    """Weights are the loss's alone, as in `compile(metrics=...)`."""
    experiment, splits = lab.experiment("mlp"), lab.splits("mlp")
    evaluator, samples = evaluator_of(experiment, splits), splits.validation
    silent = Samples(samples.inputs, samples.targets, np.zeros(len(samples), np.float32))
    with_weights, without = evaluator.evaluate(silent), evaluator.evaluate(samples)
    assert with_weights == {"loss": 0.0, "accuracy": without["accuracy"]}

"""The parts that Keras does not have, held to NumPy: `step`, stochastic pooling, losses and metrics that a config spells out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nncli.data.series import _OPERATIONS
from nncli.engine.build import build, build_network
from nncli.engine.export.formats import FORMATS, export_bytes
from nncli.engine.expression import expression_loss, expression_metric
from nncli.engine.layers.step import step_function
from nncli.engine.state import architecture, capture_weights
from nncli.spec.choice import OneOf
from nncli.spec.formula import FUNCTIONS, compute, parse_formula
from nncli.spec.model import Model, own_parts

ROOT = Path(__file__).parents[2]

# step


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
def test_step_is_0_below_0_and_1_from_0_on(dtype: str, tf: Any) -> None:
    z = tf.constant([-np.inf, -1.0, -1e-30, -0.0, 0.0, 1e-30, 2.0, np.inf, np.nan], dtype)
    found = step_function()(z)
    assert found.dtype == z.dtype
    assert found.numpy().astype(float).tolist() == [0, 0, 0, 1, 1, 1, 1, 1, 0]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("jit_compile", [False, True])
def test_the_gradient_of_step_is_passed_straight_through(dtype: str, jit_compile: bool, tf: Any) -> None:
    @tf.function(jit_compile=jit_compile)
    def gradient(z: Any, factor: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(z)
            value = tf.reduce_sum(factor * step_function()(3 * z))
        return tape.gradient(value, z)

    found = gradient(tf.constant([-1.0, 0.0, 2.0], dtype), tf.constant([0.5, -1.0, 4.0], dtype))
    assert found.dtype == dtype
    assert found.numpy().astype(float).tolist() == [1.5, -3, 12]


def heaviside(z: np.ndarray) -> np.ndarray:
    return np.heaviside(z, 1.0).astype(z.dtype)


IMAGE, SEQUENCE = (5, 5, 2), (4, 3)
STEPPING: list[tuple[dict[str, Any], tuple[int, ...]]] = [
    ({"type": "dense", "units": 4}, (3,)),
    ({"type": "conv2d", "filters": 3, "kernel_size": 2}, IMAGE),
    ({"type": "conv2d", "filters": 3, "kernel_size": 2, "data_format": "channels_first"}, (2, 5, 5)),
    ({"type": "activation"}, SEQUENCE),
    ({"type": "time_distributed", "layer": {"type": "dense", "units": 4}}, SEQUENCE),
]


@pytest.mark.parametrize(("fields", "shape"), STEPPING, ids=[fields["type"] for fields, _ in STEPPING])
def test_step_in_any_layer_is_that_of_the_layer_without_activation(fields: dict[str, Any], shape: tuple[int, ...]) -> None:
    def layer(activation: str) -> Any:
        inner = fields.get("layer")
        own = {"activation": activation} if inner is None else {"layer": {**inner, "activation": activation}}
        return build(OneOf("layer").resolve({**fields, **own}), name="layer")

    x = np.random.default_rng(0).normal(size=(6, *shape)).astype(np.float32)
    stepping, linear = layer("step"), layer("linear")
    stepping(x), linear(x)
    linear.set_weights(stepping.get_weights())
    assert np.array_equal(stepping(x).numpy(), heaviside(linear(x).numpy()))


def test_step_in_a_recurrent_layer() -> None:
    layer = build(OneOf("layer").resolve({"type": "simple_rnn", "units": 3, "activation": "step", "return_sequences": True}))
    x = np.random.default_rng(0).normal(size=(5, *SEQUENCE)).astype(np.float32)
    found = layer(x).numpy()
    kernel, recurrent, bias = layer.get_weights()
    state = np.zeros((5, 3), np.float32)
    for time in range(SEQUENCE[0]):
        state = heaviside(x[:, time] @ kernel + state @ recurrent + bias)
        assert np.array_equal(found[:, time], state)


# Stochastic pooling


def pooling(**fields: Any) -> Any:
    spec = OneOf("layer").resolve({"type": "stochastic_pooling2d", **fields})
    return build(spec, name="pooling")


def windows(x: np.ndarray, pool: tuple[int, int], strides: tuple[int, int], padding: str) -> np.ndarray:
    """(batch, height, width, channels) -> (batch, new height, new width, elements, channels), one window after the other."""
    if padding == "same":
        margins = []
        for size, length, stride in zip(x.shape[1:3], pool, strides, strict=True):
            total = max((-(-size // stride) - 1) * stride + length - size, 0)
            margins.append((total // 2, total - total // 2))
        x = np.pad(x, [(0, 0), *margins, (0, 0)])
    rows = range(0, x.shape[1] - pool[0] + 1, strides[0])
    columns = range(0, x.shape[2] - pool[1] + 1, strides[1])
    cut = [[x[:, r : r + pool[0], c : c + pool[1]].reshape(len(x), -1, x.shape[3]) for c in columns] for r in rows]
    return np.stack([np.stack(row, axis=1) for row in cut], axis=1)


def drawn_by_hand(elements: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """For each window the first element at which the running sum exceeds the share of the whole that was drawn."""
    result = np.zeros(drawn.shape, elements.dtype)
    for place in np.ndindex(drawn.shape):
        *where, channel = place
        window = np.maximum(elements[(*where, slice(None), channel)], 0)
        wanted, running = np.float32(drawn[place]) * np.add.accumulate(window)[-1], np.float32(0)
        for element in window:
            running += element
            if running > wanted:
                result[place] = element
                break
    return result


# Eighths: their sums are exact in float32, so that ties are ties. Many zeros and negative numbers.
EIGHTHS = st.integers(-16, 32).map(lambda number: max(number, -2) / 8)
PAIRS = st.tuples(st.integers(1, 3), st.integers(1, 3))


@settings(max_examples=60, deadline=None)
@given(
    x=hnp.arrays(np.float32, st.tuples(st.just(2), st.integers(3, 5), st.integers(3, 5), st.integers(1, 2)), elements=EIGHTHS),
    pool=PAIRS,
    strides=st.none() | PAIRS,
    padding=st.sampled_from(["valid", "same"]),
    channels_first=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_stochastic_pooling_by_hand(
    x: np.ndarray, pool: tuple[int, int], strides: tuple[int, int] | None, padding: str, channels_first: bool, seed: int
) -> None:
    import keras

    elements = windows(x, pool, strides or pool, padding)
    fields = {"pool_size": list(pool), "strides": strides and list(strides), "padding": padding, "seed": seed}
    layer = pooling(**fields, data_format="channels_first" if channels_first else None)
    given_ = x.transpose(0, 3, 1, 2) if channels_first else x
    trained, inferred = (layer(given_, training=training).numpy() for training in (True, False))
    if channels_first:
        trained, inferred = trained.transpose(0, 2, 3, 1), inferred.transpose(0, 2, 3, 1)

    shape = (*elements.shape[:3], elements.shape[4])
    drawn = keras.random.uniform(shape, dtype="float32", seed=keras.random.SeedGenerator(seed)).numpy()
    assert np.array_equal(trained, drawn_by_hand(elements, drawn))

    positive = np.maximum(elements.astype(np.float64), 0)
    total = positive.sum(axis=3)
    mean = np.divide((positive * positive).sum(axis=3), total, out=np.zeros(shape), where=total > 0)
    np.testing.assert_allclose(inferred, mean, rtol=1e-6, atol=0)


def test_elements_are_drawn_as_often_as_they_are_large() -> None:
    count = 40_000
    window = np.array([1.0, 0.0, 3.0, -5.0, 4.0, 2.0], np.float32)
    layer = pooling(pool_size=[2, 3], seed=1)
    found = layer(np.tile(window.reshape(1, 2, 3, 1), (count, 1, 1, 1)), training=True).numpy().ravel()
    shares = {value: float((found == value).mean()) for value in (0.0, 1.0, 2.0, 3.0, 4.0, -5.0)}
    assert shares == pytest.approx({0.0: 0, 1.0: 0.1, 2.0: 0.2, 3.0: 0.3, 4.0: 0.4, -5.0: 0}, abs=0.01)
    assert shares[0.0] == shares[-5.0] == 0


def test_each_call_draws_anew_and_the_seed_decides_the_first() -> None:
    x = np.random.default_rng(0).random((4, 8, 8, 3), np.float32)
    one, two = pooling(seed=5), pooling(seed=5)
    first = one(x, training=True).numpy()
    assert np.array_equal(first, two(x, training=True).numpy())
    assert not np.array_equal(first, one(x, training=True).numpy())
    assert not np.array_equal(first, pooling(seed=6)(x, training=True).numpy())


def test_in_bfloat16_no_window_goes_without_a_choice(tf: Any) -> None:
    """A share drawn near 1 is 1 in bfloat16, which no sum would exceed."""
    layer = build(OneOf("layer").resolve({"type": "stochastic_pooling2d", "seed": 0}), dtype="mixed_bfloat16")
    found = layer(tf.ones((20_000, 2, 2, 1), tf.bfloat16), training=True)
    assert found.dtype == tf.bfloat16
    assert bool(tf.reduce_all(found == 1))


@pytest.mark.parametrize("training", [False, True])
def test_what_is_no_number_is_not_hidden(training: bool) -> None:
    for wrong in (np.nan, np.inf):
        x = np.ones((3, 2, 2, 1), np.float32)
        x[1, 0, 0, 0] = wrong
        assert np.isfinite(pooling(seed=0)(x, training=training).numpy().ravel()).tolist() == [True, False, True]


def test_the_gradient_goes_to_the_element_that_was_drawn(tf: Any) -> None:
    x = tf.constant(np.random.default_rng(0).permutation(64).reshape(1, 8, 8, 1).astype(np.float32) + 1)
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs = pooling(seed=3)(x, training=True)
    gradient = tape.gradient(outputs, x).numpy()
    assert np.array_equal(np.unique(gradient), [0, 1])
    assert sorted(x.numpy()[gradient == 1]) == sorted(outputs.numpy().ravel())


# Losses and metrics of the config's own


def by_numpy(formula: str, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
    """The formula for each output, (batch, ..., outputs), in float64."""
    tree = parse_formula(formula, ("y_true", "y_pred"))
    variables = {"y_true": y_true.astype(np.float64), "y_pred": y_pred.astype(np.float64)}
    return np.broadcast_to(compute(tree, _OPERATIONS, variables, float), np.broadcast_shapes(y_true.shape, y_pred.shape))


VALUES = hnp.arrays(np.float32, (4, 3), elements=st.floats(-2, 2, width=32))
FORMULAS = [
    "square(y_true - y_pred)",
    "0.5 * abs(y_true - y_pred) ** 3",
    "maximum(0, 1 - y_true * y_pred) + pi",
    "exp(-y_pred) / (1 + sigmoid(y_true))",
    "y_pred",
    "2",
    "step(y_true - y_pred) * y_pred - stop_gradient(y_true)",
]


@pytest.mark.parametrize("formula", FORMULAS)
@settings(max_examples=15, deadline=None)
@given(
    y_true=VALUES,
    y_pred=VALUES,
    weight=hnp.arrays(np.float32, 4, elements=st.just(0) | st.floats(0.125, 3, width=32)).filter(np.any),
)
def test_a_loss_and_a_metric_are_the_formula_s_mean(
    formula: str, y_true: np.ndarray, y_pred: np.ndarray, weight: np.ndarray
) -> None:
    each = by_numpy(formula, y_true, y_pred).mean(axis=-1)
    near = {"rtol": 2e-5, "atol": 2e-6}
    np.testing.assert_allclose(expression_loss(formula, None)(y_true, y_pred).numpy(), each, **near)
    np.testing.assert_allclose(expression_loss(formula, "sum")(y_true, y_pred).numpy(), each.sum(), **near)
    loss = expression_loss(formula, "sum_over_batch_size")
    np.testing.assert_allclose(loss(y_true, y_pred).numpy(), each.mean(), **near)
    np.testing.assert_allclose(loss(y_true, y_pred, sample_weight=weight).numpy(), (each * weight).mean(), **near)

    metric = expression_metric(formula, "own")
    assert metric.name == "own"
    metric.update_state(y_true[:1], y_pred[:1])
    metric.update_state(y_true[1:], y_pred[1:])
    np.testing.assert_allclose(metric.result().numpy(), each.mean(), **near)
    metric.reset_state()
    metric.update_state(y_true, y_pred, sample_weight=weight)
    np.testing.assert_allclose(metric.result().numpy(), (each * weight).sum() / weight.sum(), **near)


def test_class_numbers_stand_beside_one_output() -> None:
    y_true, y_pred = np.array([0, 1, 1], np.int32), np.array([[0.25], [0.5], [2.0]], np.float32)
    expected = [0.0625, 0.25, 1]
    assert expression_loss("square(y_true - y_pred)", None)(y_true, y_pred).numpy().tolist() == expected
    metric = expression_metric("square(y_true - y_pred)", "own")
    metric.update_state(y_true, y_pred)
    assert float(metric.result()) == pytest.approx(sum(expected) / 3)
    times = np.array([[0, 1], [1, 1]], np.int32), np.array([[[0.5], [1.0]], [[3.0], [1.0]]], np.float32)
    assert expression_loss("y_pred - y_true", None)(*times).numpy().tolist() == [[0.5, 0], [2, 0]]


def test_a_column_of_targets_stands_beside_every_output() -> None:
    y_true, y_pred = np.array([[1.0], [2.0]], np.float32), np.array([[1, 2], [3, 4]], np.float32)
    assert expression_loss("y_pred - y_true", None)(y_true, y_pred).numpy().tolist() == [0.5, 1.5]


def test_time_steps_keep_their_weights() -> None:
    y_true, y_pred = np.zeros((2, 3, 2), np.float32), np.arange(12, dtype=np.float32).reshape(2, 3, 2)
    weight = np.array([[1, 0, 0], [0, 2, 0]], np.float32)
    loss = expression_loss("y_pred", "sum_over_batch_size")(y_true, y_pred, sample_weight=weight)
    assert float(loss) == pytest.approx((0.5 + 2 * 8.5) / 6)


SLOPES: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray] | float]] = {
    "abs": ("abs(y_pred)", np.sign),
    "exp": ("exp(y_pred)", np.exp),
    "log": ("log(y_pred * y_pred)", lambda p: 2 / p),
    "sqrt": ("sqrt(y_pred * y_pred)", np.sign),
    "square": ("square(y_pred)", lambda p: 2 * p),
    "sin": ("sin(y_pred)", np.cos),
    "cos": ("cos(y_pred)", lambda p: -np.sin(p)),
    "tanh": ("tanh(y_pred)", lambda p: 1 - np.tanh(p) ** 2),
    "sigmoid": ("sigmoid(y_pred)", lambda p: np.exp(-p) / (1 + np.exp(-p)) ** 2),
    "step": ("step(y_pred)", 1.0),
    "stop_gradient": ("y_pred * stop_gradient(y_pred)", lambda p: p),
    "maximum": ("maximum(y_pred, 0.5)", lambda p: (p > 0.5).astype(float)),
    "minimum": ("minimum(3 * y_pred, y_true)", lambda p: 3 * (3 * p < 1)),
    "+": ("y_true + y_pred", 1.0),
    "-": ("1 - y_pred", -1.0),
    "*": ("y_pred * y_pred * 2", lambda p: 4 * p),
    "/": ("1 / y_pred", lambda p: -1 / p**2),
    "**": ("y_pred ** 3 + y_pred ** 2", lambda p: 3 * p**2 + 2 * p),
    "negative": ("-y_pred", -1.0),
}


@pytest.mark.parametrize("function", SLOPES)
def test_the_gradient_of_each_function(function: str, tf: Any) -> None:
    formula, slope = SLOPES[function]
    y_pred = tf.constant([[-1.5], [-0.25], [0.75], [2.0]])
    with tf.GradientTape() as tape:
        tape.watch(y_pred)
        loss = expression_loss(formula, "sum")(tf.ones_like(y_pred), y_pred)
    assert float(loss) == pytest.approx(float(by_numpy(formula, np.ones((4, 1)), y_pred.numpy()).sum()), rel=1e-5)
    values = y_pred.numpy().astype(np.float64)
    expected = slope(values) if callable(slope) else np.full_like(values, slope)
    np.testing.assert_allclose(tape.gradient(loss, y_pred).numpy(), expected, rtol=1e-5, atol=1e-6)


def test_every_function_has_its_gradient_tested() -> None:
    assert set(SLOPES) == set(_OPERATIONS) >= set(FUNCTIONS)


# Stock Keras

SCRIPT = """
import sys
import keras
import numpy as np

files, x = sys.argv[1:3], np.load(sys.argv[3])
for file in files:
    try:
        keras.models.load_model(file, compile=False)
    except (TypeError, ValueError) as failure:
        print("refused" if "step" in str(failure) or "RandomCrop" in str(failure) else failure)
import nncli.keras_objects
for file in files:
    found = keras.models.load_model(file, compile=False).predict_on_batch(x)
    print(found.tobytes().hex())
"""


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own variables
def test_stock_keras_loads_a_network_with_these_parts_once_it_knows_them(tmp_path: Path) -> None:
    layers = [
        {"type": "random_crop", "height": 6, "width": 6},
        {"type": "equalization", "value_range": [-3, 3]},
        {"type": "random_shear", "x_factor": 0.1, "y_factor": [0.1, 0.2]},
        {"type": "random_brightness", "factor": 0.1, "value_range": [-3, 3]},
        {"type": "conv2d", "filters": 2, "kernel_size": 2, "activation": "relu"},
        {"type": "stochastic_pooling2d", "pool_size": [2, 1], "strides": 2, "padding": "same", "seed": 3},
        "flatten",
        {"type": "dense", "units": 3, "activation": "step"},
    ]
    model = Model.model_validate({"layers": layers})
    assert own_parts(model) == {"step", "stochastic_pooling2d", "random_crop", "equalization"}
    network = build_network(model, name="own", input_shape=(7, 8, 1))
    x = np.random.default_rng(0).normal(size=(5, 7, 8, 1)).astype(np.float32)
    files = [str(tmp_path / f"own.{export_format}") for export_format in FORMATS]
    for file, export_format in zip(files, FORMATS, strict=True):
        Path(file).write_bytes(export_bytes(capture_weights(network, architecture(network)), export_format)[0])
    np.save(tmp_path / "x.npy", x)
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *files, str(tmp_path / "x.npy")],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    expected = network.predict_on_batch(x)
    assert 0 < expected.mean() < 1
    assert done.stdout.split() == ["refused"] * 2 + [expected.tobytes().hex()] * 2

"""Holds the rules of convolutions to Keras: shapes, numbers of weights, and that a CPU computes what they accept, back as well."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nncli.engine.build import build
from nncli.spec import registry
from nncli.spec.choice import OneOf
from nncli.spec.layers.base import Layer, Parameters, ShapeMistake
from nncli.spec.values import Shape

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf
from tensorflow.python.util._pywrap_util_port import IsMklEnabled

few = settings(max_examples=60, deadline=None)
fewer = settings(max_examples=25, deadline=None)

REFUSALS = (ValueError, TypeError, tf.errors.InvalidArgumentError, tf.errors.UnimplementedError)
FORMATS = st.sampled_from([None, "channels_last", "channels_first"])
SMALL = st.integers(1, 3)


def spec_of(fields: dict[str, Any]) -> Layer:
    layer = OneOf("layer").resolve(fields)
    assert isinstance(layer, Layer)
    return layer


def by_rule(fields: dict[str, Any], shape: Shape) -> tuple[Shape, Parameters] | None:
    """What the rule says of a layer, None where it refuses."""
    try:
        spec = spec_of(fields)
    except ValidationError as refused:
        assert all(error["type"] in ("NN206", "NN404") for error in refused.errors())
        return None
    try:
        return spec.resulting_shape(shape), spec.parameters(shape)
    except ShapeMistake as mistake:
        assert mistake.code in ("NN301", "NN302", "NN303") and mistake.message
        return None


def by_running(fields: dict[str, Any], shape: Shape, *, in_a_graph: bool = False) -> tuple[Shape, Parameters] | None:
    """What the layer gives that is built, None where Keras or TensorFlow refuses to compute it or its gradient."""
    try:
        layer = build(spec_of(fields))
    except ValidationError:
        found = registry.find("layer", fields["type"])
        assert found is not None
        try:
            layer = getattr(keras.layers, found.keras_class)(**{name: value for name, value in fields.items() if name != "type"})
        except ValueError:
            return None
    try:
        with tf.GradientTape() as tape:
            inputs = tf.ones((2, *shape))
            outputs = tf.function(layer)(inputs) if in_a_graph else layer(inputs)
        tape.gradient(outputs, layer.trainable_variables)
    except REFUSALS:
        return None
    given_shape = tuple(outputs.shape[1:])
    if 0 in given_shape:
        return None
    assert tuple(layer.compute_output_shape((2, *shape))[1:]) == given_shape  # what Keras reckons with
    seeds = [weight for weight in layer.non_trainable_weights if "seed" in weight.path]
    return given_shape, Parameters(layer.count_params() - sum(int(seed.shape.num_elements()) for seed in seeds))


def same(fields: dict[str, Any], shape: Shape) -> None:
    rule, found = by_rule(fields, shape), by_running(fields, shape)
    # On CPUs for which TensorFlow takes oneDNN it computes some of what its own kernels refuse. The rule has to hold on every CPU.
    assert rule == found or (rule is None and IsMklEnabled()), (fields, shape)


def numbers(rank: int, largest: int = 3, smallest: int = 1) -> st.SearchStrategy[Any]:
    """One number, or one an axis."""
    number = st.integers(smallest, largest)
    return number | st.lists(number, min_size=rank, max_size=rank)


def samples(rank: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Shapes of samples with so many spatial axes."""
    return st.lists(st.integers(1, 6), min_size=rank + 1, max_size=rank + 1).map(tuple)


def windows(rank: int, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"kernel_size": numbers(rank)},
        optional={
            "strides": numbers(rank),
            "dilation_rate": numbers(rank, 2),
            "padding": st.sampled_from(["valid", "same"]),
            "data_format": FORMATS,
            "use_bias": st.booleans(),
            **more,
        },
    )


@pytest.mark.parametrize("rank", [1, 2, 3])
@few
@given(st.data(), SMALL)
def test_convolutions(rank: int, data: st.DataObject, filters: int) -> None:
    paddings = {"padding": st.sampled_from(["valid", "same", "causal"])} if rank == 1 else {}
    same({"type": f"conv{rank}d", "filters": filters, **data.draw(windows(rank, **paddings))}, data.draw(samples(rank)))


@pytest.mark.parametrize("rank", [1, 2, 3])
@settings(max_examples=8, deadline=None)  # Keras has XLA compile each of them
@given(st.data(), st.integers(1, 3), st.integers(2, 3), FORMATS)
def test_groups(rank: int, data: st.DataObject, channels: int, groups: int, data_format: str | None) -> None:
    shape = (4,) * rank
    total = channels * groups if data.draw(st.booleans()) else channels
    sample = (total, *shape) if data_format == "channels_first" else (*shape, total)
    filters = data.draw(st.integers(1, 2)) * groups + data.draw(st.sampled_from([0, 0, 1]))
    same({"type": f"conv{rank}d", "filters": filters, "kernel_size": 2, "groups": groups, "data_format": data_format}, sample)


@pytest.mark.parametrize("rank", [1, 2, 3])
@few
@given(st.data(), SMALL)
def test_transposed_convolutions(rank: int, data: st.DataObject, filters: int) -> None:
    fields = data.draw(windows(rank, output_padding=st.none() | numbers(rank, 2, 0)))
    same({"type": f"conv{rank}d_transpose", "filters": filters, **fields}, data.draw(samples(rank)))


@pytest.mark.parametrize("rank", [1, 2])
@few
@given(st.data(), SMALL)
def test_depthwise_and_separable_convolutions(rank: int, data: st.DataObject, filters: int) -> None:
    fields, shape = data.draw(windows(rank, depth_multiplier=SMALL)), data.draw(samples(rank))
    same({"type": f"depthwise_conv{rank}d", **fields}, shape)
    same({"type": f"separable_conv{rank}d", "filters": filters, **fields}, shape)


STATES = {
    "return_sequences": st.booleans(),
    "go_backwards": st.booleans(),
    "stateful": st.booleans(),
    "unit_forget_bias": st.booleans(),
}


@pytest.mark.parametrize("rank", [1, 2, 3])
@fewer
@given(st.data(), SMALL)
def test_convolutions_of_sequences(rank: int, data: st.DataObject, filters: int) -> None:
    fields = {"type": f"conv_lstm{rank}d", "filters": filters, **data.draw(windows(rank, **STATES))}
    same(fields, (data.draw(st.integers(1, 3)), *data.draw(samples(rank))))


@fewer
@given(st.data(), FORMATS, st.booleans(), st.sampled_from(["concat", "sum", "mul", "ave"]), st.none() | SMALL)
def test_convolutions_of_sequences_both_ways(
    data: st.DataObject, data_format: str | None, return_sequences: bool, merge_mode: str, other_window: int | None
) -> None:
    layer = {
        "type": "conv_lstm1d",
        "filters": 2,
        "kernel_size": 2,
        "return_sequences": return_sequences,
        "data_format": data_format,
    }
    fields: dict[str, Any] = {"type": "bidirectional", "layer": layer, "merge_mode": merge_mode}
    if other_window is not None:
        fields["backward_layer"] = layer | {"kernel_size": other_window, "go_backwards": True}
    shape = (2, *data.draw(samples(1)))
    if other_window in (None, 2):
        same(fields, shape)
    else:  # Keras joins what fits by chance, such as an output of size 1
        assert by_rule(fields, shape) is None


@pytest.mark.parametrize("kind", ["average", "max"])
@pytest.mark.parametrize("rank", [1, 2, 3])
@fewer
@given(st.data(), FORMATS)
def test_adaptive_pooling(rank: int, kind: str, data: st.DataObject, data_format: str | None) -> None:
    fields = {"type": f"adaptive_{kind}_pooling{rank}d", "output_size": data.draw(numbers(rank, 7)), "data_format": data_format}
    shape = data.draw(samples(rank))
    assert by_rule(fields, shape) == by_running(fields, shape, in_a_graph=True), (fields, shape)


TYPES = [
    *(
        (f"{kind}{rank}d{end}", rank)
        for rank in (1, 2, 3)
        for kind, end in (("conv", ""), ("conv", "_transpose"), ("conv_lstm", ""))
    ),
    *((f"{kind}_conv{rank}d", rank) for rank in (1, 2) for kind in ("depthwise", "separable")),
    *((f"adaptive_{kind}_pooling{rank}d", rank) for rank in (1, 2, 3) for kind in ("average", "max")),
]


@pytest.mark.parametrize(("type_", "rank"), TYPES)
def test_another_number_of_axes(type_: str, rank: int) -> None:
    """Keras refuses some of them, and makes of others what no rule says."""
    required = {"output_size": 2} if "pooling" in type_ else {"kernel_size": 1, "filters": 2}
    spec = spec_of({"type": type_} | {name: value for name, value in required.items() if (name, type_[:5]) != ("filters", "depth")})
    for axes in {1, 2, 3, 4, 5} - {rank + 1 + ("lstm" in type_)}:
        with pytest.raises(ShapeMistake) as caught:
            spec.resulting_shape((4,) * axes)
        assert caught.value.code == "NN301"


@pytest.mark.parametrize(
    ("fields", "shape"),
    [
        ({"type": "conv1d", "filters": 2, "kernel_size": 2}, (None, 3)),
        ({"type": "conv2d", "filters": 2, "kernel_size": 2, "data_format": "channels_first"}, (3, None, 4)),
        ({"type": "conv1d_transpose", "filters": 2, "kernel_size": 2}, (None, 3)),
        ({"type": "depthwise_conv2d", "kernel_size": 2}, (None, None, 3)),
        ({"type": "separable_conv1d", "filters": 2, "kernel_size": 2}, (None, 3)),
        ({"type": "conv_lstm1d", "filters": 2, "kernel_size": 2, "return_sequences": True}, (None, 4, 3)),
    ],
)
def test_sizes_that_may_vary(fields: dict[str, Any], shape: Shape) -> None:
    spec = spec_of(fields)
    assert spec.resulting_shape(shape) == tuple(build(spec)(keras.Input(shape)).shape[1:])


@pytest.mark.parametrize(
    ("fields", "shape", "words"),
    [
        ({"type": "conv1d", "filters": 2, "kernel_size": 2}, (4, None), "number of channels, which may vary"),
        ({"type": "conv_lstm1d", "filters": 2, "kernel_size": 2}, (4, None, 3), "every size but the time's"),
        ({"type": "conv_lstm2d", "filters": 2, "kernel_size": 2}, (4, 4, 3), "samples of 4 axes (time, height, width, channels)"),
        ({"type": "adaptive_max_pooling1d", "output_size": 2}, (None, 3), "size of every axis, which may vary"),
        ({"type": "adaptive_max_pooling1d", "output_size": 1}, (6, 3), "ceil(6 / 1) + 1 = 7 on an axis of 6"),
        ({"type": "conv3d", "filters": 2, "kernel_size": 5}, (4, 6, 6, 1), "floor((4 - 5 + 0) / 1) + 1 is below 1"),
        (
            {"type": "separable_conv2d", "filters": 2, "kernel_size": 5},
            (4, 6, 1),
            "a window of 5 x 5 does not fit into an input of 4 x 6",
        ),
    ],
)
def test_what_a_mistake_says(fields: dict[str, Any], shape: Shape, words: str) -> None:
    with pytest.raises(ShapeMistake) as caught:
        spec_of(fields).resulting_shape(shape)
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("fields", "code", "at"),
    [
        ({"type": "conv1d", "filters": 2, "kernel_size": 2, "strides": 2, "dilation_rate": 2}, "NN206", "dilation_rate"),
        ({"type": "conv_lstm2d", "filters": 2, "kernel_size": 2, "strides": 2, "dilation_rate": 2}, "NN206", "dilation_rate"),
        ({"type": "conv3d", "filters": 3, "kernel_size": 2, "groups": 2}, "NN206", "groups"),
        ({"type": "conv2d", "filters": 3, "kernel_size": 2, "padding": "causal"}, "literal_error", "padding"),
        ({"type": "conv2d_transpose", "filters": 2, "kernel_size": 3, "dilation_rate": 2}, "NN404", "dilation_rate"),
        ({"type": "conv2d_transpose", "filters": 2, "kernel_size": 3, "output_padding": 1}, "NN206", "output_padding"),
        (
            {"type": "conv1d_transpose", "filters": 2, "kernel_size": 2, "strides": 2, "padding": "same", "output_padding": 0},
            "NN206",
            "output_padding",
        ),
        ({"type": "depthwise_conv2d", "kernel_size": 2, "strides": [1, 2]}, "NN404", "strides"),
        ({"type": "separable_conv2d", "filters": 2, "kernel_size": 2, "strides": [1, 2]}, "NN404", "strides"),
        ({"type": "conv1d", "filters": 2, "kernel_size": [2, 2]}, "NN203", "kernel_size"),
    ],
)
def test_arguments_that_exclude_each_other(fields: dict[str, Any], code: str, at: str) -> None:
    with pytest.raises(ValidationError) as caught:
        spec_of(fields)
    [found] = caught.value.errors()
    assert found["type"] == code
    assert at in (*found["loc"], *found.get("ctx", {}).get("at", ()))


CONVOLVING: list[tuple[dict[str, Any], Shape]] = [
    *(
        ({"type": f"conv{rank}d{kind}", "filters": 2, "kernel_size": 2}, (3, *(4, 5, 3)[:rank]))
        for rank in (1, 2, 3)
        for kind in ("", "_transpose")
    ),
    ({"type": "conv1d", "filters": 2, "kernel_size": 2, "padding": "causal"}, (3, 4)),
    ({"type": "conv_lstm1d", "filters": 2, "kernel_size": 2, "activation": "tanh"}, (2, 3, 4)),
    ({"type": "conv_lstm2d", "filters": 2, "kernel_size": 2, "activation": "tanh"}, (2, 3, 4, 5)),
]


@pytest.mark.parametrize(("fields", "shape"), CONVOLVING, ids=lambda part: part["type"] if isinstance(part, dict) else "")
def test_channels_first_gives_what_stock_keras_gives(fields: dict[str, Any], shape: Shape) -> None:
    """Stock Keras computes it on a CPU only when compiled by XLA; a softmax looks along the last axis, not that of the channels."""
    softmax = {"type": "softmax", "axis": -1}
    ours = build(spec_of({"activation": softmax} | fields | {"data_format": "channels_first"}))
    inputs = np.random.default_rng(0).normal(size=(2, *shape)).astype(np.float32)
    outputs = ours(inputs)
    stock = type(ours).from_config(ours.get_config())
    stock.build((2, *shape))
    stock.set_weights(ours.get_weights())
    assert type(ours) is getattr(keras.layers, type(ours).__name__)
    assert ours.data_format == "channels_first"
    np.testing.assert_allclose(outputs, tf.function(stock, jit_compile=True)(inputs), atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        ({"type": "dense", "units": 3}, (4,)),
        ({"type": "einsum_dense", "equation": "abc,cd->abd", "output_shape": [None, 5]}, (3, 4)),
        *(
            ({"type": f"conv{rank}d{kind}", "filters": 3, "kernel_size": 2}, (4,) * rank + (2,))
            for rank in (1, 2)
            for kind in ("", "_transpose")
        ),
        ({"type": "conv2d", "filters": 3, "kernel_size": 2, "data_format": "channels_first"}, (2, 4, 4)),
        ({"type": "depthwise_conv2d", "kernel_size": 2, "depth_multiplier": 3}, (4, 4, 2)),
    ],
)
def test_spectral_normalization(layer: dict[str, Any], shape: Shape) -> None:
    spec = spec_of({"type": "spectral_normalization", "layer": layer, "power_iterations": 2})
    built = build(spec)
    outputs = built(np.ones((2, *shape), np.float32), training=True)
    assert spec.resulting_shape(shape) == spec_of(layer).resulting_shape(shape)
    assert [size or 3 for size in spec.resulting_shape(shape)] == list(outputs.shape[1:])
    learnt, statistics = spec.parameters(shape)
    assert learnt == sum(int(weight.shape.num_elements()) for weight in built.trainable_weights)
    assert statistics == sum(int(weight.shape.num_elements()) for weight in built.non_trainable_weights)
    assert spec.is_trained and not spec_of({**spec.model_dump(), "trainable": False}).is_trained


@pytest.mark.parametrize(
    "layer", ["flatten", {"type": "lstm", "units": 2}, {"type": "separable_conv1d", "filters": 2, "kernel_size": 2}]
)
def test_spectral_normalization_needs_a_kernel(layer: Any) -> None:
    with pytest.raises(ValidationError, match="takes a layer with one kernel"):
        spec_of({"type": "spectral_normalization", "layer": layer})
    with pytest.raises(ValueError, match="has no attribute 'kernel'"):
        keras.layers.SpectralNormalization(build(OneOf("layer").resolve(layer))).build((None, 4, 4))


def test_spectral_normalization_of_a_table_is_refused() -> None:
    with pytest.raises(ValidationError, match="whole numbers"):
        spec_of({"type": "spectral_normalization", "layer": {"type": "embedding", "input_dim": 3, "output_dim": 2}})
    rounded = keras.layers.SpectralNormalization(keras.layers.Embedding(3, 2))(np.ones((1, 1), np.int32))
    assert rounded.dtype == tf.int32

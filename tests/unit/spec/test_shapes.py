"""Holds each layer's shape rule to Keras's own: the same shapes, and refusals wherever Keras refuses."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nncli.engine.build import build
from nncli.spec.base import TypedSpec
from nncli.spec.choice import OneOf
from nncli.spec.layers.base import Layer, ShapeMistake
from nncli.spec.model import Model, layer_names
from nncli.spec.shapes import output_shapes
from nncli.spec.values import Shape

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

quick = settings(max_examples=150, deadline=None)
few = settings(max_examples=30, deadline=None)


def spec_of(**fields: Any) -> Layer:
    layer = OneOf("layer").resolve(fields)
    assert isinstance(layer, Layer)
    return layer


def keras_layer(spec: TypedSpec) -> Any:
    """The Keras layer that a spec describes."""
    fields = {name: getattr(spec, name) for name in type(spec).model_fields if name not in ("type", "trainable")}
    built = {
        name: (keras_layer(value) if value.kind == "layer" else value.type) if isinstance(value, TypedSpec) else value
        for name, value in fields.items()
    }
    return getattr(keras.layers, spec.keras_class)(**built)


def by_keras(fields: dict[str, Any], shape: tuple[int | None, ...]) -> tuple[int | None, ...] | None:
    """The output's shape as a network of Keras has it, None where Keras refuses to make or to build it."""
    try:
        inputs = keras.Input(shape)
        spec = spec_of(**fields)
        return tuple(keras_layer(spec)(inputs).shape[1:])
    except ValidationError:
        raise
    except (ValueError, TypeError, IndexError, ZeroDivisionError):
        return None


def by_rule(fields: dict[str, Any], shape: Shape) -> Shape | None:
    try:
        return spec_of(**fields).resulting_shape(shape)
    except ShapeMistake as mistake:
        assert mistake.code in ("NN301", "NN302", "NN303")
        assert mistake.message
        return None


def same(fields: dict[str, Any], shape: Shape) -> None:
    assert by_rule(fields, shape) == by_keras(fields, shape), (fields, shape)


SIZES = st.integers(1, 9)
IMAGES = st.tuples(SIZES, SIZES, st.integers(1, 4))
PAIRS = st.integers(1, 4) | st.lists(st.integers(1, 4), min_size=2, max_size=2)
FORMATS = st.sampled_from([None, "channels_last", "channels_first"])
PADDING = st.sampled_from(["valid", "same"])
ANY_SHAPE = st.lists(st.integers(1, 6), min_size=1, max_size=4).map(tuple)


@quick
@given(IMAGES, PAIRS, PAIRS, PAIRS, PADDING, FORMATS, st.integers(1, 3), st.integers(1, 2))
def test_conv2d(
    shape: Shape, kernel: Any, strides: Any, dilation: Any, padding: str, data_format: str | None, groups: int, multiple: int
) -> None:
    fields = {"type": "conv2d", "kernel_size": kernel, "strides": strides, "dilation_rate": dilation, "padding": padding}
    fields |= {"filters": groups * multiple, "groups": groups, "data_format": data_format}
    try:
        spec = spec_of(**fields)
    except ValidationError:
        with pytest.raises(ValueError, match="strides"):  # the same refusal, when the layer is made
            keras.layers.Conv2D(**{name: value for name, value in fields.items() if name != "type"})
        return
    assert by_rule(fields, shape) == conv2d_by_keras(spec, shape), (fields, shape)


def conv2d_by_keras(spec: Layer, shape: Shape) -> Shape | None:
    # TensorFlow's CPU kernels trace no grouped or channels-first convolution: the layer's own rule is asked instead.
    try:
        layer = keras_layer(spec)
        layer.build((None, *shape))
        result = tuple(layer.compute_output_shape((None, *shape))[1:])
    except ValueError:
        return None
    return result if all(size is None or size > 0 for size in result) else None


@quick
@given(st.sampled_from(["max_pooling2d", "average_pooling2d"]), IMAGES, PAIRS, st.none() | PAIRS, PADDING)
def test_pooling(type_: str, shape: Shape, pool_size: Any, strides: Any, padding: str) -> None:
    same({"type": type_, "pool_size": pool_size, "strides": strides, "padding": padding}, shape)


@quick
@given(st.sampled_from(["max_pooling2d", "average_pooling2d"]), IMAGES, PAIRS, PADDING)
def test_pooling_channels_first(type_: str, shape: Shape, pool_size: Any, padding: str) -> None:
    fields = {"type": type_, "pool_size": pool_size, "padding": padding, "data_format": "channels_first"}
    expected: Shape | None
    try:
        expected = tuple(keras_layer(spec_of(**fields)).compute_output_shape((None, *shape))[1:])
    except ValueError:
        expected = None
    if expected is not None and min(size or 1 for size in expected) < 1:
        expected = None
    assert by_rule(fields, shape) == expected


def spatial(rank: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Shapes of samples with so many spatial axes."""
    return st.lists(st.integers(1, 6), min_size=rank + 1, max_size=rank + 1).map(tuple)


def numbers(rank: int, smallest: int = 1) -> st.SearchStrategy[Any]:
    return st.integers(smallest, 3) | st.lists(st.integers(smallest, 3), min_size=rank, max_size=rank)


@pytest.mark.parametrize("rank", [1, 3])
@pytest.mark.parametrize("kind", ["max", "average"])
@few
@given(st.data())
def test_pooling_of_sequences_and_volumes(kind: str, rank: int, data: st.DataObject) -> None:
    fields = {
        "type": f"{kind}_pooling{rank}d",
        "pool_size": data.draw(numbers(rank)),
        "strides": data.draw(st.none() | numbers(rank)),
        "padding": data.draw(PADDING),
    }
    same(fields, data.draw(spatial(rank)))


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", ["max", "average"])
@few
@given(st.data(), FORMATS, st.booleans())
def test_global_pooling(kind: str, rank: int, data: st.DataObject, data_format: str | None, keepdims: bool) -> None:
    fields = {"type": f"global_{kind}_pooling{rank}d", "data_format": data_format, "keepdims": keepdims}
    same(fields, data.draw(spatial(rank)))


@pytest.mark.parametrize("rank", [1, 3])
@few
@given(st.data(), FORMATS)
def test_zero_padding_of_sequences_and_volumes(rank: int, data: st.DataObject, data_format: str | None) -> None:
    fields = {"type": f"zero_padding{rank}d", "padding": data.draw(margins(rank)), "data_format": data_format}
    same(fields, data.draw(spatial(rank)))


@pytest.mark.parametrize("rank", [1, 2, 3])
@few
@given(st.data(), FORMATS)
def test_cropping(rank: int, data: st.DataObject, data_format: str | None) -> None:
    fields = {"type": f"cropping{rank}d", "cropping": data.draw(margins(rank))}
    same(fields | ({"data_format": data_format} if rank > 1 else {}), data.draw(spatial(rank)))


def margins(rank: int) -> st.SearchStrategy[Any]:
    """One number, a number an axis, or pairs."""
    pair = st.lists(st.integers(0, 3), min_size=2, max_size=2)
    pairs = pair if rank == 1 else st.lists(pair, min_size=rank, max_size=rank)
    return st.integers(0, 3) | pairs | (numbers(rank, 0) if rank > 1 else pairs)


@pytest.mark.parametrize("rank", [1, 2, 3])
@few
@given(st.data(), FORMATS)
def test_up_sampling(rank: int, data: st.DataObject, data_format: str | None) -> None:
    fields = {"type": f"up_sampling{rank}d", "size": data.draw(st.integers(1, 3) if rank == 1 else numbers(rank))}
    same(fields | ({"data_format": data_format} if rank > 1 else {}), data.draw(spatial(rank)))


@quick
@given(ANY_SHAPE, st.lists(st.integers(1, 4), min_size=1, max_size=4, unique=True), st.integers(1, 5))
def test_permute_and_repeat_vector(shape: Shape, dims: list[int], n: int) -> None:
    assume(sorted(dims) == list(range(1, len(dims) + 1)))
    same({"type": "permute", "dims": dims}, shape)
    same({"type": "repeat_vector", "n": n}, shape)


@pytest.mark.parametrize("rank", [1, 2, 3])
@few
@given(st.data(), ANY_SHAPE)
def test_spatial_dropout(rank: int, data: st.DataObject, shape: Shape) -> None:
    same({"type": f"spatial_dropout{rank}d", "rate": 0.5}, data.draw(st.just(shape) | spatial(rank)))


@quick
@given(ANY_SHAPE, st.integers(-4, 4).filter(bool), st.integers(-1, 4), st.lists(st.integers(1, 4), min_size=1, unique=True))
def test_layers_that_keep_the_shape(shape: Shape, axis: int, groups: int, shared_axes: list[int]) -> None:
    for name in ("layer_normalization", "rms_normalization", "unit_normalization"):
        same({"type": name, "axis": axis}, shape)
    same({"type": "group_normalization", "axis": axis, "groups": groups}, shape)
    same({"type": "prelu", "shared_axes": shared_axes}, shape)
    for name in ("relu", "leaky_relu", "elu", "softmax", "identity", "masking", "activity_regularization"):
        same({"type": name}, shape)
    for name in ("alpha_dropout", "gaussian_dropout"):
        same({"type": name, "rate": 0.5}, shape)


@pytest.mark.parametrize("type_", ["conv2d", "max_pooling2d", "average_pooling2d"])
@pytest.mark.parametrize("shape", [(5,), (5, 5), (5, 5, 1, 1)])
def test_images_have_three_axes(type_: str, shape: Shape) -> None:
    fields: dict[str, Any] = {"type": type_} | ({"filters": 2, "kernel_size": 2} if type_ == "conv2d" else {"pool_size": 2})
    assert by_keras(fields, shape) is None
    with pytest.raises(ShapeMistake) as caught:
        spec_of(**fields).resulting_shape(shape)
    assert caught.value.code == "NN301"


@quick
@given(ANY_SHAPE, FORMATS)
def test_flatten(shape: Shape, data_format: str | None) -> None:
    same({"type": "flatten", "data_format": data_format}, shape)


@quick
@given(ANY_SHAPE, st.lists(st.sampled_from([-1, 1, 2, 3, 4, 6, 12]), min_size=1, max_size=4))
def test_reshape(shape: Shape, target: list[int]) -> None:
    assume(target.count(-1) < 2)
    same({"type": "reshape", "target_shape": target}, shape)


@quick
@given(ANY_SHAPE, st.integers(1, 5))
def test_dense(shape: Shape, units: int) -> None:
    same({"type": "dense", "units": units}, shape)


@quick
@given(ANY_SHAPE, st.integers(-6, 6))
def test_batch_normalization(shape: Shape, axis: int) -> None:
    fields = {"type": "batch_normalization", "axis": axis}
    rule, expected = by_rule(fields, shape), by_keras(fields, shape)
    if axis % (len(shape) + 1) == 0:
        assert rule is None  # Keras normalizes along the batch, which no two batch sizes can share
    else:
        assert rule == expected


@quick
@given(st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple), st.data())
def test_dropout(shape: Shape, data: st.DataObject) -> None:
    noise_shape = data.draw(st.none() | st.lists(st.sampled_from([None, 1, 2, 3]), min_size=1, max_size=4))
    spec = spec_of(type="dropout", rate=0.5, noise_shape=noise_shape)
    rule = by_rule({"type": "dropout", "rate": 0.5, "noise_shape": noise_shape}, shape)
    assert rule in (shape, None)
    # Keras looks at the mask's shape only when it draws one; batches of 5, so that no number fits by chance.
    try:
        result = tuple(keras_layer(spec)(keras.ops.ones((5, *shape)), training=True).shape[1:])
    except (ValueError, tf.errors.InvalidArgumentError):
        result = None
    if len(noise_shape or ()) == len(shape) + 1 or noise_shape is None:
        assert rule == (result if result == shape else None)  # Keras widens an axis of 1 to the mask's size
    else:
        assert rule is None


@quick
@given(ANY_SHAPE, st.integers(1, 5))
def test_embedding(shape: Shape, output_dim: int) -> None:
    same({"type": "embedding", "input_dim": 7, "output_dim": output_dim}, shape)


@quick
@given(ANY_SHAPE, st.sampled_from(["relu", "softmax", "elu", "log_softmax"]))
def test_activation(shape: Shape, activation: str) -> None:
    same({"type": "activation", "activation": activation}, shape)


RECURRENT = ["simple_rnn", "lstm", "gru"]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(RECURRENT), ANY_SHAPE, st.integers(1, 4), st.booleans(), st.booleans())
def test_recurrent(type_: str, shape: Shape, units: int, return_sequences: bool, go_backwards: bool) -> None:
    same({"type": type_, "units": units, "return_sequences": return_sequences, "go_backwards": go_backwards}, shape)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(RECURRENT),
    ANY_SHAPE,
    st.sampled_from(["concat", "sum", "mul", "ave"]),
    st.booleans(),
    st.booleans(),
)
def test_bidirectional(type_: str, shape: Shape, merge_mode: str, return_sequences: bool, two: bool) -> None:
    fields: dict[str, Any] = {"type": "bidirectional", "merge_mode": merge_mode}
    fields["layer"] = {"type": type_, "units": 2, "return_sequences": return_sequences}
    if two:
        fields["backward_layer"] = {"type": "gru", "units": 2, "return_sequences": return_sequences, "go_backwards": True}
    same(fields, shape)


@settings(max_examples=60, deadline=None)
@given(
    ANY_SHAPE,
    st.sampled_from(
        [
            {"type": "dense", "units": 3},
            {"type": "flatten"},
            {"type": "conv2d", "filters": 2, "kernel_size": 2},
            {"type": "max_pooling2d"},
            {"type": "reshape", "target_shape": [2, -1]},
            {"type": "gru", "units": 2},
            {"type": "time_distributed", "layer": {"type": "dense", "units": 2}},
        ]
    ),
)
def test_time_distributed(shape: Shape, layer: dict[str, Any]) -> None:
    fields = {"type": "time_distributed", "layer": layer}
    rule, expected = by_rule(fields, shape), by_keras(fields, shape)
    if rule is None and expected is not None:  # Keras does not ask the layer inside for its rank before it runs
        with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
            keras.Sequential([keras.Input(shape), keras_layer(spec_of(**fields))]).predict_on_batch(keras.ops.ones((2, *shape)))
    else:
        assert rule == expected


def by_the_layer(fields: dict[str, Any], shape: Shape) -> Shape | None:
    """As `by_keras`, of the layer that nncli builds: for parts that Keras does not have, and layers of cells."""
    spec = spec_of(**fields)
    try:
        return tuple(build(spec)(keras.Input(shape)).shape[1:])
    except (ValueError, TypeError, IndexError):
        return None


@quick
@given(
    st.lists(SIZES, min_size=1, max_size=4).map(tuple),
    st.integers(0, 3)
    | st.lists(st.integers(0, 3), min_size=2, max_size=2)
    | st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=2), min_size=2, max_size=2),
    FORMATS,
)
def test_zero_padding2d(shape: Shape, padding: Any, data_format: str | None) -> None:
    same({"type": "zero_padding2d", "padding": padding, "data_format": data_format}, shape)


@pytest.mark.parametrize(
    ("padding", "code"),
    [
        (-1, "NN204"),
        ([1, -2], "NN204"),
        ([1], "NN203"),
        ([[1, 2], 3], None),
        ([[1, 2, 3], 3], "NN203"),
        (1.5, "NN203"),
        (True, "NN203"),
    ],
)
def test_paddings_that_zero_padding2d_takes(padding: Any, code: str | None) -> None:
    if code is None:
        assert spec_of(type="zero_padding2d", padding=padding).padding == ((1, 2), (3, 3))  # type: ignore[attr-defined]
        return
    with pytest.raises(ValidationError) as caught:
        spec_of(type="zero_padding2d", padding=padding)
    assert [(found["type"], found["loc"]) for found in caught.value.errors()] == [(code, ("padding",))]


@settings(max_examples=50, deadline=None)
@given(IMAGES, PAIRS, st.none() | PAIRS, PADDING, FORMATS)
def test_stochastic_pooling2d(shape: Shape, pool_size: Any, strides: Any, padding: str, data_format: str | None) -> None:
    fields = {"pool_size": pool_size, "strides": strides, "padding": padding, "data_format": data_format}
    rule = by_rule({"type": "stochastic_pooling2d", **fields}, shape)
    assert rule == by_rule({"type": "max_pooling2d", **fields}, shape)
    if rule is not None:
        assert rule == by_the_layer({"type": "stochastic_pooling2d", **fields}, shape)


CELL = st.fixed_dictionaries({"type": st.sampled_from(["simple_rnn_cell", "lstm_cell", "gru_cell"]), "units": st.integers(1, 4)})
CELLS = CELL | st.lists(CELL, min_size=1, max_size=3).map(lambda cells: {"type": "stacked_rnn_cells", "cells": cells})


@settings(max_examples=30, deadline=None)
@given(ANY_SHAPE, CELLS, st.booleans(), st.booleans(), st.booleans())
def test_rnn(shape: Shape, cell: Any, return_sequences: bool, go_backwards: bool, unroll: bool) -> None:
    fields = {"type": "rnn", "cell": cell, "return_sequences": return_sequences, "go_backwards": go_backwards, "unroll": unroll}
    if len(shape) == 2:
        assert by_rule(fields, shape) == by_the_layer(fields, shape)
    else:  # Keras asks for no rank here, and its cells then make of a sample what no rule says
        assert by_rule(fields, shape) is None


@settings(max_examples=20, deadline=None)
@given(st.tuples(SIZES, SIZES), CELLS, st.sampled_from(["concat", "sum"]), st.booleans())
def test_bidirectional_of_rnn(shape: Shape, cell: Any, merge_mode: str, return_sequences: bool) -> None:
    layer = {"type": "rnn", "cell": cell, "return_sequences": return_sequences}
    fields = {"type": "bidirectional", "layer": layer, "merge_mode": merge_mode}
    assert by_rule(fields, shape) == by_the_layer(fields, shape) is not None


AUGMENTATIONS = [
    {"type": "random_flip", "mode": "horizontal"},
    {"type": "random_rotation", "factor": 0.1},
    {"type": "random_translation", "height_factor": [-0.1, 0.2], "width_factor": 0.1},
    {"type": "random_zoom", "height_factor": 0.1, "width_factor": [-0.2, -0.1]},
]


@pytest.mark.parametrize("fields", AUGMENTATIONS, ids=lambda fields: fields["type"])
@pytest.mark.parametrize("data_format", [None, "channels_last", "channels_first"])
@pytest.mark.parametrize("shape", [(4, 5, 1), (3, 6, 5), (1, 1, 4)])
def test_augmentation_keeps_the_shape(fields: dict[str, Any], data_format: str | None, shape: Shape) -> None:
    fields = fields | {"data_format": data_format}
    assert by_rule(fields, shape) == by_the_layer(fields, shape) == shape
    assert tuple(build(spec_of(**fields))(keras.ops.ones((2, *shape)), training=True).shape[1:]) == shape


@pytest.mark.parametrize(
    "fields", [*AUGMENTATIONS, {"type": "zero_padding2d"}, {"type": "stochastic_pooling2d"}], ids=lambda f: f["type"]
)
@pytest.mark.parametrize("shape", [(5,), (5, 5), (5, 5, 1, 1)])
def test_what_changes_images_takes_three_axes(fields: dict[str, Any], shape: Shape) -> None:
    with pytest.raises(ShapeMistake) as caught:
        spec_of(**fields).resulting_shape(shape)
    assert caught.value.code == "NN301"


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "dense", "units": 4, "activation": "glu"},
        {"type": "conv2d", "filters": 4, "kernel_size": 1, "activation": {"type": "glu"}},
        {"type": "activation", "activation": "glu"},
        {"type": "simple_rnn", "units": 4, "activation": "glu"},
    ],
)
def test_glu_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        spec_of(**fields)
    (found,) = caught.value.errors()
    assert (found["type"], found["loc"]) == ("NN206", ("activation",))


def test_keras_cannot_go_on_from_glu() -> None:
    """When this fails, Keras has learnt to, and `glu` can have a shape rule."""
    layers = keras.layers
    network = keras.Sequential([keras.Input((6,)), layers.Dense(4, activation="glu"), layers.Dense(3)])
    with pytest.raises(ValueError, match="incompatible"):
        network(keras.ops.ones((1, 6)))


def test_keras_cannot_go_on_from_two_directions_of_different_width() -> None:
    """When this fails, `backward_layer` may have `units` of its own."""
    layers = keras.layers
    both = layers.Bidirectional(layers.GRU(2), backward_layer=layers.GRU(3, go_backwards=True))
    network = keras.Sequential([keras.Input((4, 1)), both, layers.Dense(3)])
    with pytest.raises(ValueError, match="incompatible"):
        network(keras.ops.ones((1, 4, 1)))


def model(*layers: Any, **more: Any) -> Model:
    return Model.model_validate({"layers": list(layers), **more})


def test_shapes_follow_one_sample_through_the_stack() -> None:
    shapes, mistakes = output_shapes(model({"type": "input", "shape": [4, 6]}, "flatten", {"type": "dense", "units": 3}), (4, 6))
    assert (shapes, mistakes) == ([(4, 6), (24,), (3,)], [])


def test_shapes_end_at_the_first_layer_that_cannot_take_its_input() -> None:
    shapes, mistakes = output_shapes(model("flatten", "max_pooling2d", "max_pooling2d"), (4, 6, 1))
    assert shapes == [(24,)]
    assert [(found.path, found.code) for found in mistakes] == [(("model", "layers", 1), "NN301")]


def test_a_mistake_inside_a_wrapper_points_there() -> None:
    inner = {"type": "time_distributed", "layer": {"type": "max_pooling2d", "pool_size": 5}}
    _, mistakes = output_shapes(model({"type": "time_distributed", "layer": inner}), (2, 2, 4, 4, 1))
    assert [(found.path, found.code) for found in mistakes] == [(("model", "layers", 0, "layer", "layer", "pool_size"), "NN302")]


def test_a_stated_input_shape_must_be_that_of_the_data() -> None:
    shapes, mistakes = output_shapes(model({"type": "dense", "units": 2}, input_shape=[5]), (4,))
    assert shapes == [(2,)]
    assert [(found.path, found.code) for found in mistakes] == [(("model", "input_shape"), "NN303")]


@pytest.mark.parametrize(
    ("layers", "names"),
    [
        (["flatten", "flatten", "flatten"], ("flatten", "flatten_1", "flatten_2")),
        ([{"type": "flatten", "name": "flatten_1"}, "flatten", "flatten"], ("flatten_1", "flatten", "flatten_2")),
        (["flatten", {"type": "flatten", "name": "flatten"}], ("flatten_1", "flatten")),
    ],
)
def test_layers_are_named_by_the_stack_alone(layers: list[Any], names: tuple[str, ...]) -> None:
    assert layer_names(model(*layers).layers) == names

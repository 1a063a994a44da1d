"""Holds the layers that work on images to Keras: their shapes, what they refuse, and that they are random in training alone."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nncli.engine.build import build, build_network
from nncli.spec import registry
from nncli.spec.choice import OneOf
from nncli.spec.layers.base import Layer, ShapeMistake
from nncli.spec.layers.images import ImageLayer, RandomImageLayer
from nncli.spec.model import Model
from nncli.spec.values import Shape

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

few = settings(max_examples=12, deadline=None)

SHARES = st.floats(0, 1, width=16) | st.lists(st.floats(0, 1, width=16), min_size=2, max_size=2).map(sorted)
SIGNED = st.floats(-1, 1, width=16) | st.lists(st.floats(-1, 1, width=16), min_size=2, max_size=2).map(sorted)
ABOVE = st.floats(-0.5, 1, width=16) | st.lists(st.floats(-0.5, 1, width=16), min_size=2, max_size=2).map(sorted)
BITS = st.integers(1, 8) | st.lists(st.integers(1, 8), min_size=2, max_size=2).map(sorted)
SMALL = st.integers(1, 7)
ODD = st.sampled_from([1, 3, 5]) | st.lists(st.sampled_from([1, 3]), min_size=2, max_size=2)
RANGES = st.sampled_from([[0, 1], [0, 255], [-1, 1]])
MOVES = {
    "fill_mode": st.sampled_from(["constant", "reflect", "wrap", "nearest"]),
    "interpolation": st.sampled_from(["nearest", "bilinear"]),
    "fill_value": st.floats(0, 1, width=16),
}
SIZED = {"height": SMALL, "width": SMALL}

REQUIRED: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "random_rotation": {"factor": SIGNED},
    "random_translation": {"height_factor": SIGNED, "width_factor": SIGNED},
    "random_zoom": {"height_factor": ABOVE},
    "resizing": SIZED,
    "center_crop": SIZED,
    "random_crop": SIZED,
    "random_brightness": {"factor": SIGNED},
    "random_contrast": {"factor": SHARES},
    "random_saturation": {"factor": SIGNED},
    "random_hue": {"factor": SHARES},
    "random_color_degeneration": {"factor": SIGNED},
    "random_posterization": {"factor": BITS},
    "random_sharpness": {"factor": SHARES},
}
MORE: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "random_flip": {"mode": st.sampled_from(["horizontal", "vertical", "horizontal_and_vertical"])},
    "random_rotation": MOVES,
    "random_translation": MOVES,
    "random_zoom": MOVES | {"width_factor": ABOVE},
    "random_shear": MOVES | {"x_factor": SHARES, "y_factor": SHARES},
    "random_perspective": {"factor": SHARES, "scale": st.floats(0, 1, width=16)},
    "random_elastic_transform": MOVES | {"factor": SHARES, "scale": SHARES},
    "resizing": {
        "interpolation": st.sampled_from(["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]),
        "antialias": st.booleans(),
    },
    "random_grayscale": {"factor": st.floats(0, 1, width=16)},
    "random_color_jitter": {
        "brightness_factor": SIGNED,
        "contrast_factor": SHARES,
        "saturation_factor": SIGNED,
        "hue_factor": SHARES,
    },
    "equalization": {"bins": st.integers(1, 300)},
    "contrast_limited_adaptive_histogram_equalization": {
        "clip_limit": st.floats(0, 4, width=16),
        "tile_grid_size": SMALL | st.lists(SMALL, min_size=2, max_size=2),
    },
    "solarization": {"addition_factor": SHARES, "threshold_factor": SHARES},
    "random_invert": {"factor": SHARES},
    "random_erasing": {
        "factor": SHARES,
        "scale": SHARES,
        "fill_value": st.none() | st.just(0.5) | st.just([0.1, 0.2, 0.3]),
    },
    "random_gaussian_blur": {"factor": SHARES, "sigma": SHARES, "kernel_size": ODD},
    "rand_augment": {"num_ops": st.integers(1, 2), "factor": SHARES},
}


def image_layers() -> list[str]:
    found = {name: registry.find("layer", name) for name in registry.names("layer")}
    return [name for name, spec in found.items() if spec is not None and issubclass(spec, ImageLayer)]


NAMES = image_layers()


def drawn_fields(data: st.DataObject, name: str) -> dict[str, Any]:
    optional = {"data_format": st.sampled_from([None, "channels_last", "channels_first"]), **MORE.get(name, {})}
    spec = registry.find("layer", name)
    assert spec is not None
    if "value_range" in spec.model_fields:
        optional["value_range"] = RANGES
    fields: dict[str, Any] = data.draw(st.fixed_dictionaries(REQUIRED.get(name, {}), optional=optional))
    return {"type": name, **fields}


def spec_of(fields: dict[str, Any]) -> Layer:
    layer = OneOf("layer").resolve(fields)
    assert isinstance(layer, Layer)
    return layer


REFUSED_BY_KERAS = (ValueError, TypeError, tf.errors.InvalidArgumentError, tf.errors.FailedPreconditionError)


def by_running(fields: dict[str, Any], shape: Shape) -> Shape | None:
    """The shape of what a trained step makes of images, None where it refuses."""
    inputs = np.random.default_rng(0).uniform(0, 255, (2, *shape)).astype(np.float32)
    try:
        layer = build(spec_of(fields))
        predicted, outputs = layer(keras.Input(shape)).shape[1:], layer(inputs, training=True)
    except REFUSED_BY_KERAS:
        return None
    assert tuple(predicted) == tuple(outputs.shape[1:]) == tuple(layer(inputs, training=False).shape[1:])
    return tuple(outputs.shape[1:])


@pytest.mark.parametrize("name", NAMES)
@few
@given(st.data())
def test_shapes(name: str, data: st.DataObject) -> None:
    fields = drawn_fields(data, name)
    shape = (*data.draw(st.tuples(SMALL, SMALL)), data.draw(st.sampled_from([1, 2, 3])))
    if fields.get("data_format") == "channels_first":
        shape = (shape[2], *shape[:2])
    try:
        expected = spec_of(fields).resulting_shape(shape)
    except ShapeMistake as mistake:
        assert mistake.code == "NN303" and mistake.message
        expected = None
    except ValidationError as refused:
        [found] = refused.errors()
        assert found["type"] in ("NN206", "NN404")
        return
    assert by_running(fields, shape) == expected, (fields, shape)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(5,), (5, 5), (5, 5, 1, 1)])
def test_another_number_of_axes(name: str, shape: Shape) -> None:
    fixed = {"height": 2, "width": 2, "factor": 1, "height_factor": 0.1, "width_factor": 0.1}
    required = {field: fixed[field] for field in REQUIRED.get(name, {})}
    with pytest.raises(ShapeMistake) as caught:
        spec_of({"type": name, **required}).resulting_shape(shape)
    assert caught.value.code == "NN301"


STRONG: dict[str, dict[str, Any]] = {
    "random_rotation": {"factor": [0.1, 0.2]},
    "random_translation": {"height_factor": [0.2, 0.3], "width_factor": [0.2, 0.3]},
    "random_zoom": {"height_factor": [0.3, 0.4]},
    "random_shear": {"x_factor": [0.2, 0.3], "y_factor": [0.2, 0.3]},
    "random_perspective": {"factor": [1, 1]},
    "random_elastic_transform": {"factor": [1, 1]},
    "random_crop": {"height": 6, "width": 7},
    "random_brightness": {"factor": [0.1, 0.2]},
    "random_contrast": {"factor": 0.5},
    "random_saturation": {"factor": [0.1, 0.2]},
    "random_hue": {"factor": [0.2, 0.3]},
    "random_color_degeneration": {"factor": [0.4, 0.5]},
    "random_grayscale": {"factor": 1},
    "random_color_jitter": {"brightness_factor": 0.2, "contrast_factor": 0.2, "saturation_factor": 0.3, "hue_factor": 0.2},
    "random_posterization": {"factor": 3},
    "random_sharpness": {"factor": [0.8, 0.9]},
    "solarization": {"threshold_factor": 0.5},
    "random_invert": {"factor": [1, 1]},
    "random_erasing": {"factor": [1, 1]},
    "random_gaussian_blur": {"factor": [1, 1], "sigma": [0.9, 1]},
}
"""Type -> arguments with which it changes an image for sure."""
RANDOM = [name for name in NAMES if issubclass(registry.find("layer", name) or Layer, RandomImageLayer)]
ALIKE = {"random_crop", "rand_augment", "solarization"}
"""Of these a draw may happen to be the same twice, or to change nothing."""


def network_with(name: str, **more: Any) -> Any:
    layers = [{"type": name, **STRONG.get(name, {})}]
    return build_network(Model.model_validate({"layers": layers}), name="tiny", input_shape=(8, 9, 3), **more)


IMAGES = np.random.default_rng(1).integers(0, 256, (4, 8, 9, 3)).astype(np.float32)


def test_erasing_with_a_fixed_scale_is_cutout() -> None:
    fields = {"type": "random_erasing", "factor": [1, 1], "scale": [0.25, 0.25], "fill_value": 0}
    images = np.ones((50, 8, 8, 2), np.float32)
    network = build_network(Model.model_validate({"layers": [fields]}), name="tiny", input_shape=(8, 8, 2), seed=0)
    erased = network(images, training=True).numpy() == 0
    assert (erased[..., 0] == erased[..., 1]).all()
    rows, columns = erased[..., 0].any(axis=2), erased[..., 0].any(axis=1)
    assert (erased[..., 0] == rows[:, :, None] & columns[:, None, :]).all(), "a rectangle"
    assert (rows.sum(axis=1) == 4).all() and (columns.sum(axis=1) == 4).all(), "of sides of sqrt(0.25)"
    assert len({image.tobytes() for image in erased}) > 10, "anywhere"
    assert np.array_equal(network(images, training=False).numpy(), images)


@pytest.mark.parametrize("name", RANDOM)
def test_what_is_random_can_be_repeated_from_its_variables_and_is_so_only_while_training(name: str) -> None:
    network = network_with(name, seed=3)
    step = tf.function(lambda images: network(images, training=True), autograph=False)
    first = [step(IMAGES).numpy()]
    kept = [variable.numpy() for variable in network.variables]
    first += [step(IMAGES).numpy(), step(IMAGES).numpy()]
    assert kept and all(variable.path.endswith("seed_generator_state") for variable in network.variables)
    assert np.isfinite(first).all()

    again = network_with(name, seed=3)
    other = tf.function(lambda images: again(images, training=True), autograph=False)
    np.testing.assert_array_equal(other(IMAGES), first[0])
    for variable, value in zip(again.variables, kept, strict=True):
        variable.assign(value)
    np.testing.assert_array_equal([other(IMAGES), other(IMAGES)], first[1:])

    calm = network(IMAGES, training=False)
    np.testing.assert_array_equal(calm, network(IMAGES, training=False))
    if name != "random_crop":
        np.testing.assert_array_equal(calm, IMAGES)
    if name not in ALIKE:
        assert not np.array_equal(first[0], IMAGES)
    if name not in ALIKE | {"random_invert", "random_grayscale", "random_flip"}:
        assert not np.array_equal(first[0], first[1])


@pytest.mark.parametrize("name", [*RANDOM, "auto_contrast", "equalization", "contrast_limited_adaptive_histogram_equalization"])
def test_half_precision(name: str) -> None:
    outputs = network_with(name, precision="mixed_bfloat16")(IMAGES, training=True)
    assert np.isfinite(outputs.numpy().astype(np.float32)).all()


def test_an_equalization_gives_what_that_of_keras_gives_in_training() -> None:
    ours = build(spec_of({"type": "equalization"}))
    for training in (True, False):
        np.testing.assert_array_equal(ours(IMAGES, training=training), keras.layers.Equalization()(IMAGES, training=True))


@pytest.mark.parametrize("shape", [(8, 9, 3), (3, 4, 3)])
def test_a_random_crop_is_that_of_keras_in_training_and_else_the_middle_resized(shape: Shape) -> None:
    images = np.random.default_rng(1).uniform(size=(4, *shape)).astype(np.float32)
    ours = build(spec_of({"type": "random_crop", "height": 4, "width": 4, "seed": 5}))
    stock = keras.layers.RandomCrop(4, 4, seed=5)
    np.testing.assert_array_equal(ours(images, training=True), stock(images, training=True))
    resized = keras.layers.Resizing(4, 4, crop_to_aspect_ratio=True)(images)
    np.testing.assert_array_equal(ours(images, training=False), resized)


@pytest.mark.parametrize(
    ("fields", "code", "at", "words"),
    [
        ({"type": "random_rotation", "factor": 2}, "NN204", "factor", "from -1 to 1"),
        ({"type": "random_zoom", "height_factor": -1}, "NN204", "height_factor", "above -1"),
        ({"type": "random_contrast", "factor": -0.1}, "NN204", "factor", "from 0 to 1"),
        ({"type": "random_contrast", "factor": [0.3, 0.1]}, "NN204", "factor", "0.3 before 0.1"),
        ({"type": "random_contrast", "factor": [0.1, 0.2, 0.3]}, "NN203", "factor", "a list of 3"),
        ({"type": "random_contrast", "factor": "0.1"}, "NN203", "factor", "the string '0.1'"),
        ({"type": "random_invert", "value_range": [1, 1]}, "NN204", "value_range", "received 1 and 1"),
        ({"type": "random_invert", "value_range": 1}, "NN203", "value_range", "a pair of numbers"),
        ({"type": "random_posterization", "factor": 9}, "NN204", "factor", "from 1 to 8"),
        ({"type": "random_posterization", "factor": 2.5}, "NN203", "factor", "a whole number"),
        ({"type": "random_posterization", "factor": [3, 2]}, "NN204", "factor", "3 before 2"),
        ({"type": "random_gaussian_blur", "kernel_size": [3, 4]}, "NN204", "kernel_size", "odd"),
        ({"type": "random_erasing", "fill_value": [1, 2]}, "NN203", "fill_value", "a list of 2"),
        (
            {"type": "random_erasing", "fill_value": [1, 2, 3], "data_format": "channels_first"},
            "NN206",
            "fill_value",
            "which `channels_first` makes the width",
        ),
        *(
            ({"type": name, "data_format": "channels_first"}, "NN404", "data_format", "is not for this layer")
            for name in ("auto_contrast", "rand_augment", "random_color_jitter")
        ),
        (
            {"type": "resizing", "height": 2, "width": 2, "crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True},
            "NN206",
            "pad_to_aspect_ratio",
            "either cropped or padded",
        ),
    ],
)
def test_what_is_refused(fields: dict[str, Any], code: str, at: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        spec_of(fields)
    [found] = caught.value.errors()
    assert found["type"] == code
    assert at in (*found["loc"], *found["ctx"]["at"])
    assert words in found["msg"]


@pytest.mark.parametrize(
    ("fields", "shape", "words"),
    [
        ({"type": "random_hue", "factor": 0.1}, (5, 5, 1), "images of 3 channels, these have 1"),
        ({"type": "random_perspective"}, (5, 1, 1), "an image of 5 x 1 pixels has no corners"),
        ({"type": "random_grayscale"}, (5, 5, 2), "images of 1 or 3 channels"),
        ({"type": "random_color_jitter", "hue_factor": 0.1}, (5, 5, 1), "`hue_factor` needs images of 3 channels"),
        ({"type": "random_erasing", "fill_value": [1, 2, 3]}, (5, 5, 1), "needs images of 3 channels"),
        ({"type": "contrast_limited_adaptive_histogram_equalization"}, (3, 9, 1), "3 x 9 pixels cannot be split into 8 x 8 parts"),
    ],
)
def test_images_that_do_not_fit(fields: dict[str, Any], shape: Shape, words: str) -> None:
    with pytest.raises(ShapeMistake) as caught:
        spec_of(fields).resulting_shape(shape)
    assert caught.value.code == "NN303" and words in caught.value.message

"""How many numbers a layer keeps, held to the Keras layer that is built from it."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nncli.engine.build import build
from nncli.spec import registry
from nncli.spec.choice import OneOf
from nncli.spec.layers.base import Layer, Parameters, ShapeMistake
from nncli.spec.values import Shape

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

moderate = settings(max_examples=25, deadline=None)

SIZES = st.integers(1, 5)
YES_NO = st.booleans()
FORMATS = st.sampled_from([None, "channels_last", "channels_first"])
ANY_SHAPE = st.lists(SIZES, min_size=1, max_size=3).map(tuple)
SEQUENCES = st.tuples(SIZES, SIZES)


def spec_of(fields: dict[str, Any]) -> Layer:
    layer = OneOf("layer").resolve(fields)
    assert isinstance(layer, Layer)
    return layer


def by_keras(spec: Layer, shape: Shape) -> Parameters:
    """The sizes of the built layer's weights; seeds and the states of recurrent layers are none."""
    layer = build(spec, name="layer")
    layer.build((2, *shape))
    learnt, statistics = (
        [weight for weight in weights if "seed_generator" not in weight.path]
        for weights in (layer.trainable_weights, layer.non_trainable_weights)
    )
    return Parameters(*(sum(int(weight.shape.num_elements()) for weight in weights) for weights in (learnt, statistics)))


def same(fields: dict[str, Any], shape: Shape) -> None:
    spec = spec_of(fields)
    try:
        spec.resulting_shape(shape)
    except ShapeMistake:
        assume(False)
    assert spec.parameters(shape) == by_keras(spec, shape), (fields, shape)


@moderate
@given(ANY_SHAPE, SIZES, YES_NO)
def test_dense(shape: Shape, units: int, use_bias: bool) -> None:
    same({"type": "dense", "units": units, "use_bias": use_bias}, shape)


@moderate
@given(
    st.tuples(*[st.integers(3, 6)] * 3),
    st.integers(1, 3),
    st.integers(1, 2),
    st.lists(SIZES, min_size=2, max_size=2),
    YES_NO,
    FORMATS,
)
def test_conv2d(shape: Shape, groups: int, multiple: int, kernel_size: list[int], use_bias: bool, data_format: str | None) -> None:
    fields = {"type": "conv2d", "filters": groups * multiple, "groups": groups, "kernel_size": kernel_size, "padding": "same"}
    same(fields | {"use_bias": use_bias, "data_format": data_format}, shape)


@moderate
@given(ANY_SHAPE, SIZES, SIZES)
def test_embedding(shape: Shape, input_dim: int, output_dim: int) -> None:
    for name in ("embedding", "reversible_embedding"):
        same({"type": name, "input_dim": input_dim, "output_dim": output_dim}, shape)


@moderate
@given(ANY_SHAPE, st.integers(-3, 3), YES_NO, YES_NO, YES_NO)
def test_batch_normalization(shape: Shape, axis: int, center: bool, scale: bool, renorm: bool) -> None:
    fields = {"type": "batch_normalization", "axis": axis, "center": center, "scale": scale, "renorm": renorm}
    assume(axis % (len(shape) + 1) != 0)
    same(fields, shape)


RECURRENT = st.fixed_dictionaries(
    {"type": st.sampled_from(["simple_rnn", "lstm", "gru"]), "units": SIZES},
    optional={"use_bias": YES_NO, "dropout": st.just(0.5), "recurrent_dropout": st.just(0.5), "return_sequences": YES_NO},
)
GRU = st.fixed_dictionaries({"type": st.just("gru"), "units": SIZES, "use_bias": YES_NO, "reset_after": YES_NO})


@moderate
@given(SEQUENCES, RECURRENT | GRU)
def test_recurrent_layers(shape: Shape, fields: dict[str, Any]) -> None:
    same(fields, shape)


def as_cell(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != "return_sequences"} | {"type": f"{fields['type']}_cell"}


CELLS = (RECURRENT | GRU).map(as_cell)
STACKS = st.recursive(
    CELLS,
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda cells: {"type": "stacked_rnn_cells", "cells": cells}),
    max_leaves=4,
)


@moderate
@given(SEQUENCES, STACKS)
def test_rnn_of_cells_and_of_stacks_of_them(shape: Shape, cell: dict[str, Any]) -> None:
    same({"type": "rnn", "cell": cell}, shape)


READERS = RECURRENT | GRU | STACKS.map(lambda cell: {"type": "rnn", "cell": cell})


@moderate
@given(SEQUENCES, READERS, st.sampled_from(["concat", "sum", "mul", "ave"]))
def test_bidirectional(shape: Shape, layer: dict[str, Any], merge_mode: str) -> None:
    same({"type": "bidirectional", "layer": layer, "merge_mode": merge_mode}, shape)


@moderate
@given(SEQUENCES, RECURRENT | GRU, RECURRENT | GRU, SIZES)
def test_bidirectional_of_two_layers(shape: Shape, layer: dict[str, Any], backward: dict[str, Any], units: int) -> None:
    agreed = {"units": units, "return_sequences": True}
    same({"type": "bidirectional", "layer": layer | agreed, "backward_layer": backward | agreed | {"go_backwards": True}}, shape)


@moderate
@given(ANY_SHAPE, st.integers(-4, 4), YES_NO, YES_NO, st.integers(-1, 3))
def test_normalization(shape: Shape, axis: int, center: bool, scale: bool, groups: int) -> None:
    learns = {"center": center, "scale": scale}
    same({"type": "layer_normalization", "axis": axis, **learns}, shape)
    same({"type": "rms_normalization", "axis": axis}, shape)
    same({"type": "group_normalization", "axis": axis, "groups": groups, **learns}, shape)


@moderate
@given(ANY_SHAPE, st.none() | st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True))
def test_prelu(shape: Shape, shared_axes: list[int] | None) -> None:
    same({"type": "prelu", "shared_axes": shared_axes}, shape)


@moderate
@given(YES_NO, YES_NO, YES_NO, YES_NO)
def test_a_frozen_layer_inside_another_is_not_trained(outer: bool, there: bool, back: bool, through_time: bool) -> None:
    layer, backward = ({"type": "gru", "units": 2, "trainable": trains} for trains in (there, back))
    fields = {"type": "bidirectional", "layer": layer, "backward_layer": backward | {"go_backwards": True}, "trainable": outer}
    spec = spec_of({"type": "time_distributed", "layer": fields} if through_time else fields)
    shape = (4, 3, 2) if through_time else (3, 2)
    assert spec.num_trained(shape) == by_keras(spec, shape).learnt
    assert spec.is_trained == (spec.num_trained(shape) > 0)


INSIDE = (
    st.fixed_dictionaries({"type": st.just("dense"), "units": SIZES, "use_bias": YES_NO})
    | st.fixed_dictionaries({"type": st.just("batch_normalization"), "scale": YES_NO})
    | st.fixed_dictionaries({"type": st.just("conv2d"), "filters": SIZES, "kernel_size": st.just(1)})
    | READERS
    | st.just({"type": "flatten"})
    | READERS.map(lambda layer: {"type": "bidirectional", "layer": layer})
)


@moderate
@given(st.lists(SIZES, min_size=2, max_size=4).map(tuple), INSIDE, YES_NO)
def test_time_distributed(shape: Shape, layer: dict[str, Any], twice: bool) -> None:
    fields = {"type": "time_distributed", "layer": layer}
    same({"type": "time_distributed", "layer": fields} if twice and len(shape) > 2 else fields, shape)


IMAGE, SEQUENCE, VOLUME = (6, 6, 3), (6, 3), (6, 6, 6, 3)
BY_RANK = {1: SEQUENCE, 2: IMAGE, 3: VOLUME}
WITHOUT: dict[str, tuple[dict[str, Any], Shape]] = {
    "activation": ({"activation": "relu"}, (4,)),
    **{f"max_pooling{rank}d": ({}, shape) for rank, shape in BY_RANK.items()},
    **{f"average_pooling{rank}d": ({"pool_size": 2}, shape) for rank, shape in BY_RANK.items()},
    **{f"global_{kind}_pooling{rank}d": ({}, shape) for rank, shape in BY_RANK.items() for kind in ("average", "max")},
    **{
        f"adaptive_{kind}_pooling{rank}d": ({"output_size": 2}, shape)
        for rank, shape in BY_RANK.items()
        for kind in ("average", "max")
    },
    **{f"{name}{rank}d": ({}, shape) for rank, shape in BY_RANK.items() for name in ("zero_padding", "cropping", "up_sampling")},
    **{f"spatial_dropout{rank}d": ({"rate": 0.5}, shape) for rank, shape in BY_RANK.items()},
    **{name: ({}, (4,)) for name in ("masking", "identity", "relu", "leaky_relu", "elu", "softmax")},
    **{name: ({"rate": 0.5}, (4,)) for name in ("alpha_dropout", "gaussian_dropout")},
    "activity_regularization": ({"l1": 0.1}, (4,)),
    "unit_normalization": ({}, (4,)),
    "permute": ({"dims": [2, 1]}, SEQUENCE),
    "repeat_vector": ({"n": 3}, (4,)),
    "stochastic_pooling2d": ({}, IMAGE),
    "flatten": ({}, IMAGE),
    "reshape": ({"target_shape": [-1]}, IMAGE),
    "dropout": ({"rate": 0.5}, (4,)),
    "gaussian_noise": ({"stddev": 0.5}, (4,)),
    "random_flip": ({}, IMAGE),
    "random_rotation": ({"factor": 0.1}, IMAGE),
    "random_translation": ({"height_factor": 0.1, "width_factor": 0.1}, IMAGE),
    "random_zoom": ({"height_factor": 0.1}, IMAGE),
    **{name: ({"height": 3, "width": 4}, IMAGE) for name in ("resizing", "center_crop", "random_crop")},
    **{
        f"random_{name}": ({"factor": 0.1}, IMAGE)
        for name in ("brightness", "contrast", "saturation", "hue", "color_degeneration", "sharpness")
    },
    "random_posterization": ({"factor": 3}, IMAGE),
    **{
        name: ({}, IMAGE)
        for name in (
            *("random_shear", "random_perspective", "random_elastic_transform", "random_grayscale", "auto_contrast"),
            *("equalization", "solarization", "random_invert", "random_erasing", "random_gaussian_blur", "rand_augment"),
        )
    },
    "random_color_jitter": ({"hue_factor": 0.1}, IMAGE),
    "contrast_limited_adaptive_histogram_equalization": ({}, IMAGE),
    "rescaling": ({"scale": 0.1}, (4,)),
    "normalization": ({"mean": 1.0, "variance": 2.0}, (4,)),
    "category_encoding": ({"num_tokens": 5}, (4,)),
    "discretization": ({"bin_boundaries": [0.5, 1.5]}, (4,)),
    "hashing": ({"num_bins": 3}, (4,)),
    "integer_lookup": ({"vocabulary": [5, 7]}, (4,)),
    "mel_spectrogram": ({"fft_length": 8, "sequence_stride": 4}, (16,)),
}
ELSEWHERE = {
    "einsum_dense",
    "spectral_normalization",
    *(f"conv{rank}d{kind}" for rank in (1, 3) for kind in ("", "_transpose")),
    "conv2d_transpose",
    *(f"{kind}_conv{rank}d" for rank in (1, 2) for kind in ("depthwise", "separable")),
    *(f"conv_lstm{rank}d" for rank in (1, 2, 3)),
    "stft_spectrogram",
}
"""Layers with weights whose tests stand in `test_convolutions.py`, `test_einsum_dense.py` and `test_spectrograms.py`."""
WITH = {
    "dense",
    "conv2d",
    "embedding",
    "reversible_embedding",
    "batch_normalization",
    "layer_normalization",
    "group_normalization",
    "rms_normalization",
    "prelu",
    "simple_rnn",
    "lstm",
    "gru",
    "rnn",
    "bidirectional",
    "time_distributed",
}


@pytest.mark.parametrize("name", WITHOUT)
def test_layers_that_keep_nothing(name: str) -> None:
    fields, shape = WITHOUT[name]
    same({"type": name, **fields}, shape)
    assert spec_of({"type": name, **fields}).parameters(shape) == Parameters(0, 0)


COMPOSITES = {"residual", "parallel", "repeat"}
"""Those made of others: test_composites.py."""


def test_no_layer_is_left_out() -> None:
    assert {*WITHOUT, *WITH, *ELSEWHERE, *COMPOSITES, "input"} == set(registry.names("layer"))


@pytest.mark.parametrize("stateful", [False, True])
def test_a_network_has_the_sum_of_its_layers(stateful: bool) -> None:
    layers = [
        {"type": "embedding", "input_dim": 7, "output_dim": 3},
        {"type": "lstm", "units": 4, "return_sequences": True, "stateful": stateful},
        "batch_normalization",
        {"type": "time_distributed", "layer": {"type": "dense", "units": 2}},
    ]
    specs, shape = [OneOf("layer").resolve(layer) for layer in layers], (5,)
    network = keras.Sequential([keras.Input(batch_shape=(2, *shape)), *[build(spec) for spec in specs]])
    learnt = statistics = 0
    for spec in specs:
        assert isinstance(spec, Layer)
        own = spec.parameters(shape)
        learnt, statistics, shape = learnt + own.learnt, statistics + own.statistics, spec.resulting_shape(shape)
    assert learnt == sum(weight.shape.num_elements() for weight in network.trainable_weights)
    assert learnt + statistics == network.count_params()

"""Holds the rules about initializers, regularizers, constraints and axes of activations to Keras: they refuse what it does."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from nncli.spec import registry
from nncli.spec.choice import OneOf
from nncli.spec.experiment import Experiment
from nncli.spec.layer_fit import layer_mistakes
from nncli.spec.layers.base import Layer

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

from nncli.engine.build import build

SEQUENCE, IMAGE, VOLUME = (4, 3), (4, 4, 2), (2, 3, 3, 1)
LAYERS: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {
    "dense": ({"units": 4}, (3,)),
    "dense to one": ({"type": "dense", "units": 1}, (3,)),
    "dense from one": ({"type": "dense", "units": 4}, (2, 1)),
    "embedding": ({"input_dim": 5, "output_dim": 3}, (2,)),
    "einsum_dense": ({"equation": "abc,cd->abd", "output_shape": [4, 5], "bias_axes": "bd"}, SEQUENCE),
    "einsum of the rest": ({"type": "einsum_dense", "equation": "ab...,bc->ac...", "output_shape": 5, "bias_axes": "c"}, SEQUENCE),
    "einsum over the last": ({"type": "einsum_dense", "equation": "...b,bc->...c", "output_shape": 5, "bias_axes": "c"}, SEQUENCE),
    "prelu": ({}, SEQUENCE),
    "prelu shared": ({"type": "prelu", "shared_axes": [1]}, SEQUENCE),
    "conv1d": ({"filters": 4, "kernel_size": 2}, SEQUENCE),
    "conv1d on one channel": ({"type": "conv1d", "filters": 4, "kernel_size": 3}, (4, 1)),
    "conv1d to one channel": ({"type": "conv1d", "filters": 1, "kernel_size": 3}, (4, 1)),
    "conv2d": ({"filters": 4, "kernel_size": 2, "groups": 2}, IMAGE),
    "conv3d": ({"filters": 2, "kernel_size": 2}, VOLUME),
    "conv1d_transpose": ({"filters": 4, "kernel_size": 2}, SEQUENCE),
    "depthwise_conv1d": ({"kernel_size": 2, "depth_multiplier": 2}, SEQUENCE),
    "separable_conv2d": ({"filters": 3, "kernel_size": 2, "depth_multiplier": 2}, IMAGE),
    "batch_normalization": ({}, SEQUENCE),
    "layer_normalization": ({"axis": 1}, SEQUENCE),
    "group_normalization": ({"groups": 1}, IMAGE),
    "simple_rnn": ({"units": 3}, SEQUENCE),
    "lstm": ({"units": 2}, SEQUENCE),
    "lstm as it was": ({"type": "lstm", "units": 2, "unit_forget_bias": False, "return_sequences": True}, SEQUENCE),
    "gru": ({"units": 2}, SEQUENCE),
    "gru of the paper": ({"type": "gru", "units": 2, "reset_after": False}, SEQUENCE),
    "conv_lstm1d": ({"filters": 2, "kernel_size": 2, "return_sequences": True}, (2, 4, 3)),
}
"""Layers with arrays of many shapes, and what they take."""

PARTS: dict[str, list[Any]] = {
    "initializer": [
        *("zeros", "identity", "orthogonal", "stft", {"type": "stft", "window": [1.0, 2.0, 1.0]}),
        {"type": "random_uniform", "minval": 0.1, "maxval": 0.2},  # a variance is above 0
        *({"type": "constant", "value": value} for value in (0.5, [1.0], [1.0] * 2, [1.0] * 4, [1.0] * 8, [[1.0] * 4] * 3)),
        *({"type": "constant", "value": value} for value in ([[0.5]] * 3, [[[0.5]]])),
    ],
    "regularizer": ["l2", "orthogonal_regularizer", {"type": "orthogonal_regularizer", "mode": "columns"}],
    "constraint": ["non_neg", *({"type": "unit_norm", "axis": axis} for axis in (0, 1, -2, -4, 3, [0, 1], [0, -2], [1, 1]))],
    "activation": ["tanh", *({"type": "softmax", "axis": axis} for axis in (-1, 0, 1, 2, -3, 4, [-1, -2], [1, 3]))],
}


def spec(case: str, **more: Any) -> Layer:
    layer = OneOf("layer").resolve({"type": case, **LAYERS[case][0], **more})
    assert isinstance(layer, Layer)
    return layer


def fields(case: str) -> list[str]:
    found = type(spec(case)).model_fields
    return [field for field in found if field.rpartition("_")[2] in PARTS and field != "recurrent_activation"]


def chosen(case: str) -> list[tuple[str, Any]]:
    return [(field, part) for field in fields(case) for part in PARTS[field.rpartition("_")[2]]]


def mistakes(layer: Layer, shape: tuple[int, ...]) -> list[Any]:
    document = {"name": "a", "dataset": "mnist_5k", "model": {"layers": [layer]}, "optimizer": "adam", "loss": "mse"}
    return list(layer_mistakes(Experiment.model_validate(document), shape, [layer.resulting_shape(shape)]))


def works(layer: Layer, shape: tuple[int, ...]) -> bool:
    """Whether Keras builds and computes the layer, with weights of the shapes that it says."""
    try:
        made = build(layer, name="it")
        made.build((2, *shape))
        outputs = made(np.ones((2, *shape), np.int32 if layer.type == "embedding" else np.float32))
        values = [outputs, *made.losses, *(weight.constraint(weight) for weight in made.weights if weight.constraint)]
    except (ValueError, TypeError, IndexError, tf.errors.InvalidArgumentError):
        return False
    fit = all(tuple(weight.value.shape) == tuple(weight.shape) for weight in made.weights if hasattr(weight.value, "shape"))
    same = all(np.shape(weight) == tuple(weight.shape) for weight in made.weights)
    return fit and same and all(np.isfinite(np.asarray(value)).all() for value in (*values, *made.weights))


@pytest.mark.filterwarnings("ignore:You are using a softmax over axis")
@pytest.mark.parametrize("case", LAYERS)
def test_what_is_refused_is_what_keras_refuses(case: str) -> None:
    shape = LAYERS[case][1]
    differing = []
    for field, part in chosen(case):
        layer = spec(case, **{field: part})
        found = mistakes(layer, shape)
        if (not found) != works(layer, shape):
            differing.append((field, part, [mistake.message for mistake in found]))
        for mistake in found:
            assert mistake.code == "NN303" and mistake.path[:4] == ("model", "layers", 0, field)
    assert differing == []


@pytest.mark.parametrize("case", LAYERS)
def test_the_arrays_are_those_of_keras(case: str) -> None:
    layer, shape = spec(case), LAYERS[case][1]
    made = build(layer, name="it")
    made.build((2, *shape))
    own = {tuple(array) for array in layer.weight_shapes(shape).values()}
    assert own == {tuple(weight.shape) for weight in made.weights if "seed" not in weight.path}


def test_every_layer_with_such_fields_says_which_arrays_it_has() -> None:
    for name in registry.names("layer"):
        found: Any = registry.find("layer", name)
        if any(field.endswith("_initializer") for field in found.model_fields):
            assert found.weight_shapes is not Layer.weight_shapes, name


def inside(layer: dict[str, Any], shape: tuple[int, ...]) -> list[tuple[str | int, ...]]:
    found = OneOf("layer").resolve(layer)
    assert isinstance(found, Layer)
    return [mistake.path[3:] for mistake in mistakes(found, shape)]


WRONG = {"type": "dense", "units": 3, "bias_initializer": "identity"}


@pytest.mark.parametrize(
    ("layer", "shape", "path"),
    [
        ({"type": "residual", "layers": ["relu", WRONG]}, (3,), ("layers", 1, "bias_initializer")),
        ({"type": "parallel", "branches": [[], [WRONG]]}, (3,), ("branches", 1, 0, "bias_initializer")),
        ({"type": "repeat", "times": 900, "layers": [WRONG]}, (4,), ("layers", 0, "bias_initializer")),
        ({"type": "time_distributed", "layer": WRONG}, (2, 3), ("layer", "bias_initializer")),
        ({"type": "spectral_normalization", "layer": WRONG}, (3,), ("layer", "bias_initializer")),
        (
            {"type": "bidirectional", "layer": {"type": "gru", "units": 2, "recurrent_initializer": "stft"}},
            (2, 3),
            ("layer", "recurrent_initializer"),
        ),
        (
            {"type": "rnn", "cell": {"type": "gru_cell", "units": 2, "recurrent_constraint": {"type": "unit_norm", "axis": 2}}},
            (2, 3),
            ("cell", "recurrent_constraint", "axis"),
        ),
        (
            {
                "type": "rnn",
                "cell": {
                    "type": "stacked_rnn_cells",
                    "cells": [
                        {"type": "gru_cell", "units": 2},
                        {"type": "simple_rnn_cell", "units": 2, "kernel_initializer": "stft"},
                    ],
                },
            },
            (2, 3),
            ("cell", "cells", 1, "kernel_initializer"),
        ),
    ],
)
def test_a_mistake_inside_points_there_once(layer: dict[str, Any], shape: tuple[int, ...], path: tuple[str | int, ...]) -> None:
    assert inside(layer, shape) == [path]


def test_a_penalty_on_outputs_is_no_matter_of_single_steps() -> None:
    """Keras leaves it out there."""
    penalty = {"type": "dense", "units": 1, "activity_regularizer": {"type": "orthogonal_regularizer", "mode": "columns"}}
    assert inside(penalty, (3,)) == [("activity_regularizer", "mode")]
    assert inside({"type": "time_distributed", "layer": penalty}, (2, 3)) == []


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_layer_that_does_not_fit_is_left_to_those_who_say_so(wrapped: bool) -> None:
    wide = {"type": "conv_lstm2d", "filters": 2, "kernel_size": 2, "activity_regularizer": "l2"}
    layer = {"type": "residual", "layers": [wide]} if wrapped else wide
    document = {"name": "a", "dataset": "mnist_5k", "model": {"layers": [layer]}, "optimizer": "adam", "loss": "mse"}
    assert list(layer_mistakes(Experiment.model_validate(document), (3, 7, 1, 4), [(7, 2, 2)])) == []

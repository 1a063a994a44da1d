"""Holds the layers that scale numbers and encode categories to Keras: what they give, its shape, and what they refuse."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nncli.commands.datasets import require_lookup
from nncli.data.origin import Origin
from nncli.engine.build import build_network, input_dtype
from nncli.problems import NncliError
from nncli.spec import registry
from nncli.spec.choice import OneOf
from nncli.spec.layers.base import Layer, ShapeMistake
from nncli.spec.model import Model
from nncli.spec.values import Shape

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

few = settings(max_examples=40, deadline=None)

SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)
MODES = st.sampled_from(["int", "one_hot", "multi_hot", "count"])
SALTS = st.integers(1, 99) | st.lists(st.integers(1, 99), min_size=2, max_size=2)
WORDS = st.lists(st.integers(-2, 6), min_size=1, max_size=6)


def spec_of(fields: dict[str, Any]) -> Layer:
    layer = OneOf("layer").resolve(fields)
    assert isinstance(layer, Layer)
    return layer


def stock(fields: dict[str, Any]) -> Any:
    found = registry.find("layer", fields["type"])
    assert found is not None
    return getattr(keras.layers, found.keras_class)(**{name: value for name, value in fields.items() if name != "type"})


def by_keras(fields: dict[str, Any], shape: Shape, numbers: range) -> Shape | None:
    """The shape that Keras reckons with, None where it refuses, or computes another than that."""
    inputs = np.random.default_rng(0).integers(numbers.start, numbers.stop, (2, *shape)).astype(np.float32)
    try:
        layer = stock(fields)
        predicted = tuple(layer(keras.Input(shape)).shape[1:])
        computed = tuple(tf.function(layer)(inputs).shape[1:])
    except (ValueError, TypeError, IndexError, tf.errors.InvalidArgumentError):
        return None
    return computed if predicted == computed else None


def same(fields: dict[str, Any], shape: Shape, numbers: range = range(5)) -> None:
    try:
        expected = spec_of(fields).resulting_shape(shape)
    except ShapeMistake as mistake:
        assert mistake.code in ("NN301", "NN303") and mistake.message
        expected = None
    except ValidationError as refused:
        assert all(error["type"] in ("NN204", "NN206") for error in refused.errors()), refused
        expected = None
    found = by_keras(fields, shape, numbers)
    if fields.get("output_mode") in ("multi_hot", "count", "tf_idf") and len(shape) > 1:
        found = None  # of some of them Keras makes what its other encodings do not
    assert found == expected, (fields, shape)


@few
@given(SHAPES, st.integers(5, 7), st.sampled_from(["one_hot", "multi_hot", "count"]))
def test_category_encoding(shape: Shape, num_tokens: int, output_mode: str) -> None:
    same({"type": "category_encoding", "num_tokens": num_tokens, "output_mode": output_mode}, shape)


@few
@given(SHAPES, st.lists(st.floats(-3, 3, width=16), min_size=1, max_size=4, unique=True).map(sorted), MODES)
def test_discretization(shape: Shape, bin_boundaries: list[float], output_mode: str) -> None:
    same({"type": "discretization", "bin_boundaries": bin_boundaries, "output_mode": output_mode}, shape)


@few
@given(SHAPES, st.integers(1, 5), MODES, st.none() | st.integers(0, 4), st.none() | SALTS)
def test_hashing(shape: Shape, num_bins: int, output_mode: str, mask_value: int | None, salt: Any) -> None:
    fields = {"type": "hashing", "num_bins": num_bins, "output_mode": output_mode, "mask_value": mask_value, "salt": salt}
    same(fields, shape)


LOOKUPS = st.fixed_dictionaries(
    {"vocabulary": WORDS},
    optional={
        "num_oov_indices": st.integers(1, 3),
        "mask_token": st.integers(-2, 3),
        "oov_token": st.integers(-2, 3),
        "max_tokens": st.integers(2, 7),
        "invert": st.booleans(),
        "output_mode": MODES | st.just("tf_idf"),
        "pad_to_max_tokens": st.booleans(),
        "oov_method": st.sampled_from(["floormod", "farmhash"]),
        "salt": SALTS,
        "idf_weights": st.lists(st.floats(0, 1, width=16), min_size=1, max_size=4),
    },
)


@settings(max_examples=120, deadline=None)
@given(SHAPES, LOOKUPS)
def test_integer_lookup(shape: Shape, fields: dict[str, Any]) -> None:
    same({"type": "integer_lookup", **fields}, shape)


@few
@given(
    SHAPES,
    st.none() | st.integers(-4, 4),
    st.lists(st.floats(0, 2, width=16), min_size=1, max_size=4) | st.floats(0, 2, width=16),
    st.booleans(),
)
def test_normalization(shape: Shape, axis: int | None, values: Any, invert: bool) -> None:
    same({"type": "normalization", "axis": axis, "mean": values, "variance": values, "invert": invert}, shape)


@few
@given(SHAPES, st.floats(-2, 2, width=16), st.floats(-2, 2, width=16))
def test_rescaling(shape: Shape, scale: float, offset: float) -> None:
    same({"type": "rescaling", "scale": scale, "offset": offset}, shape)


ENCODINGS: list[dict[str, Any]] = [
    {"type": "category_encoding", "num_tokens": 5},
    {"type": "category_encoding", "num_tokens": 5, "output_mode": "count"},
    {"type": "hashing", "num_bins": 4},
    {"type": "hashing", "num_bins": 4, "salt": [1, 2], "mask_value": 0, "output_mode": "multi_hot"},
    {"type": "integer_lookup", "vocabulary": [4, 2, 0]},
    {"type": "integer_lookup", "vocabulary": [4, 2, 0], "num_oov_indices": 2, "oov_method": "farmhash", "salt": 3},
    {"type": "integer_lookup", "vocabulary": [4, 2, 0], "output_mode": "tf_idf", "idf_weights": [0.1, 0.2, 0.3]},
    {"type": "discretization", "bin_boundaries": [0.5, 2]},
    {"type": "discretization", "bin_boundaries": [0.5, 2], "output_mode": "one_hot"},
    {"type": "normalization", "mean": [1, 2, 3], "variance": [4, 5, 6]},
    {"type": "rescaling", "scale": 0.3, "offset": -1},
]


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("fields", ENCODINGS, ids=lambda fields: fields["type"])
def test_a_network_gives_what_the_layer_of_keras_gives(fields: dict[str, Any], precision: str) -> None:
    model = Model.model_validate({"layers": [fields, "flatten", {"type": "dense", "units": 2}]})
    network = build_network(model, name="tiny", input_shape=(3,), precision=precision)
    inputs = np.array([[0, 1, 2], [3, 4, 0]], input_dtype(model))
    expected = stock(fields)(inputs)
    rounding = {"rtol": 1e-6} if precision == "float32" else {"rtol": 0.02, "atol": 0.02}
    np.testing.assert_allclose(np.asarray(network.layers[0](inputs), np.float32), expected, **rounding)
    assert np.isfinite(np.asarray(network(inputs, training=True), np.float32)).all()


@pytest.mark.parametrize(
    ("first", "dtype"),
    [
        ({"type": "category_encoding", "num_tokens": 5}, "int32"),
        ({"type": "hashing", "num_bins": 5}, "int32"),
        ({"type": "integer_lookup", "vocabulary": [5]}, "int32"),
        ({"type": "time_distributed", "layer": {"type": "category_encoding", "num_tokens": 5}}, "int32"),
        ({"type": "discretization", "bin_boundaries": [5]}, "float32"),
        ({"type": "normalization", "mean": 0, "variance": 1}, "float32"),
    ],
)
def test_what_looks_numbers_up_reads_whole_ones(first: dict[str, Any], dtype: str) -> None:
    assert input_dtype(Model.model_validate({"layers": [{"type": "reshape", "target_shape": [3, 1]}, first]})) == dtype


@pytest.mark.parametrize(
    ("first", "right", "wrong", "words"),
    [
        (
            {"type": "category_encoding", "num_tokens": 5},
            [0, 4],
            [1, 5],
            "holds 5 at [1], the network looks up whole numbers from 0 to 4",
        ),
        ({"type": "hashing", "num_bins": 5}, [-7, 99], [1, 0.5], "holds 0.5 at [1], the network looks up whole numbers"),
        ({"type": "integer_lookup", "vocabulary": [3]}, [3, 99], [0.5, 3], "holds 0.5 at [0]"),
        (
            {"type": "integer_lookup", "vocabulary": [3, 5], "num_oov_indices": 0, "mask_token": 0},
            [0, 3, 5],
            [3, 4],
            "holds 4 at [1], which is not in the vocabulary",
        ),
    ],
)
def test_data_that_cannot_be_looked_up(first: dict[str, Any], right: list[float], wrong: list[float], words: str) -> None:
    model = Model.model_validate({"layers": [first]})
    require_lookup(model, np.array(right), Origin("the training part"))
    with pytest.raises(NncliError) as caught:
        require_lookup(model, np.array(wrong), Origin("the training part"))
    [problem] = caught.value.problems
    assert problem.code == "NN502" and words in problem.message


VOCABULARY = {"type": "integer_lookup", "vocabulary": [1, 2]}


@pytest.mark.parametrize(
    ("fields", "code", "at", "words"),
    [
        ({"type": "normalization"}, "NN206", None, "`mean` is missing"),
        ({"type": "normalization", "mean": 1}, "NN206", "mean", "`variance` is missing"),
        ({"type": "normalization", "mean": [1, 2], "variance": [1]}, "NN206", "variance", "lists of the same length"),
        ({"type": "normalization", "mean": 1, "variance": -1}, "NN204", "variance", "at least 0"),
        ({"type": "normalization", "mean": [1], "variance": [1], "axis": None}, "NN206", "mean", "without an axis"),
        ({"type": "normalization", "mean": 1, "variance": 1, "axis": [1, 2]}, "NN404", "axis", "several axes"),
        ({"type": "discretization"}, "NN206", None, "`bin_boundaries` is missing"),
        ({"type": "discretization", "num_bins": 3}, "NN206", "num_bins", "no training learns"),
        ({"type": "discretization", "bin_boundaries": [1, 0]}, "NN204", "bin_boundaries", "0 behind 1"),
        ({"type": "integer_lookup"}, "NN206", None, "`vocabulary` is missing"),
        (VOCABULARY | {"vocabulary": [1, 1]}, "NN204", "vocabulary", "each number once"),
        (VOCABULARY | {"vocabulary": [1, 2**63]}, "NN204", "vocabulary", "64 bits"),
        (VOCABULARY | {"vocabulary": [-1]}, "NN204", "vocabulary", "beside the mask"),
        (VOCABULARY | {"mask_token": 2}, "NN206", "mask_token", "2 is in the vocabulary"),
        (VOCABULARY | {"oov_token": 2, "invert": True}, "NN206", "oov_token", "2 is in the vocabulary"),
        (VOCABULARY | {"max_tokens": 2}, "NN206", "max_tokens", "takes 3 places"),
        (VOCABULARY | {"pad_to_max_tokens": True}, "NN206", "pad_to_max_tokens", "needs `max_tokens`"),
        (VOCABULARY | {"invert": True, "output_mode": "count"}, "NN206", "output_mode", "no vectors"),
        (VOCABULARY | {"salt": 1}, "NN206", "salt", "farmhash"),
        (VOCABULARY | {"output_mode": "tf_idf"}, "NN206", "output_mode", "need each other"),
        (VOCABULARY | {"output_mode": "tf_idf", "idf_weights": [1]}, "NN206", "idf_weights", "1 weights for a vocabulary of 2"),
        ({"type": "hashing", "num_bins": 2, "salt": [1, 2, 3]}, "NN203", "salt", "or two"),
        ({"type": "hashing", "num_bins": 2, "salt": -1}, "NN204", "salt", "from 0"),
    ],
)
def test_what_is_refused(fields: dict[str, Any], code: str, at: str | None, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        spec_of(fields)
    [found] = caught.value.errors()
    assert found["type"] == code
    assert at is None or at in (*found["loc"], *found["ctx"]["at"])
    assert words in found["msg"]

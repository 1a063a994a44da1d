"""Holds `einsum_dense` to Keras: what its equation accepts builds and runs, shapes and numbers of weights agree."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nncli.spec.choice import OneOf
from nncli.spec.layers.base import Layer, Parameters, ShapeMistake
from nncli.spec.values import Shape

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

REFUSALS = (ValueError, TypeError, IndexError, tf.errors.InvalidArgumentError)


def spec_of(**fields: Any) -> Layer:
    layer = OneOf("layer").resolve({"type": "einsum_dense", **fields})
    assert isinstance(layer, Layer)
    return layer


def by_rule(fields: dict[str, Any], shape: Shape) -> tuple[Shape, Parameters] | None:
    try:
        spec = spec_of(**fields)
    except ValidationError as refused:
        assert all(error["type"] in ("NN203", "NN204", "NN206") for error in refused.errors())
        return None
    try:
        return spec.resulting_shape(shape), spec.parameters(shape)
    except ShapeMistake as mistake:
        assert mistake.code in ("NN301", "NN303") and mistake.hint
        return None


def by_keras(fields: dict[str, Any], shape: Shape) -> tuple[Shape, Parameters] | None:
    """What a network reckons with, where it is what comes out as well."""
    try:
        layer = keras.layers.EinsumDense(**fields)
        reckoned = tuple(layer(keras.Input(shape)).shape[1:])
        with tf.GradientTape() as tape:
            outputs = layer(np.ones((5, *shape), np.float32))
        tape.gradient(outputs, layer.trainable_variables)
    except REFUSALS:
        return None
    given_shape = tuple(outputs.shape[1:])
    agree = len(reckoned) == len(given_shape) and all(
        one in (None, other) for one, other in zip(reckoned, given_shape, strict=True)
    )
    return (reckoned, Parameters(layer.count_params())) if agree and outputs.shape[0] == 5 else None


LETTERS = st.text("bcde", min_size=1, max_size=3)


@st.composite
def sensible(draw: st.DrawFn) -> tuple[dict[str, Any], Shape]:
    """An equation that mostly makes sense, sizes for its output, biases, and a sample that mostly fits."""
    sizes = {letter: draw(st.integers(1, 4)) for letter in "bcdefg"}
    inputs = draw(st.lists(st.sampled_from("bcd"), min_size=1, max_size=3, unique=True))
    summed = draw(st.lists(st.sampled_from(inputs), max_size=2, unique=True))
    new = draw(st.lists(st.sampled_from("efg"), max_size=2, unique=True))
    kept = [letter for letter in inputs if letter not in summed or draw(st.integers(0, 4)) == 0]
    kernel = draw(st.permutations(summed + new)) or ["e"]
    outputs = draw(st.permutations(kept + new))
    rest = tuple(draw(st.lists(st.integers(1, 3), max_size=2)))
    where = draw(st.sampled_from(["batch", "left", "right"]))
    left, right, batch = "..." * (where == "left"), "..." * (where == "right"), "a" * (where != "left")
    parts = (f"{left}{batch}{''.join(inputs)}{right}", "".join(kernel), f"{left}{batch}{''.join(outputs)}{right}")
    wanted = [None if letter in inputs and draw(st.booleans()) else sizes[letter] for letter in outputs]
    bias = draw(st.none() | st.lists(st.sampled_from(outputs), min_size=1, unique=True).map("".join)) if outputs else None
    own = tuple(sizes[letter] for letter in inputs)
    shape = {"batch": own, "left": (*rest, *own), "right": (*own, *rest)}[where]
    shape = draw(st.just(shape) | st.just(shape) | st.just((*shape, 2)))
    return {"equation": f"{parts[0]},{parts[1]}->{parts[2]}", "output_shape": wanted, "bias_axes": bias}, shape


@settings(max_examples=150, deadline=None)
@given(sensible())
def test_equations(drawn: tuple[dict[str, Any], Shape]) -> None:
    fields, shape = drawn
    assert by_rule(fields, shape) == by_keras(fields, shape), (fields, shape)


@settings(max_examples=150, deadline=None)
@given(
    st.text("ab,c->. ", max_size=12) | st.builds("a{},{}->a{}".format, LETTERS, LETTERS, LETTERS),
    st.lists(st.integers(1, 3), max_size=3),
)
def test_what_is_accepted_builds(equation: str, sizes: list[int]) -> None:
    """Keras takes some texts besides that it reads as another equation than the one that it computes; these are refused."""
    fields, shape = {"equation": equation, "output_shape": sizes}, (2, 3, 2)
    rule = by_rule(fields, shape)
    assert rule is None or rule == by_keras(fields, shape)


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"equation": "ab, bc -> ac", "output_shape": 3}, "NN204", "expected letters of the input, the kernel and the output"),
        ({"equation": "...a,ab->b", "output_shape": 3}, "NN204", "expected letters"),
        ({"equation": "aab,bc->ac", "output_shape": 3}, "NN204", "the input's `a` stands there twice"),
        ({"equation": "ab,bc->ad", "output_shape": 3}, "NN204", "the output's `d` is neither"),
        ({"equation": "ab,bc->a", "output_shape": []}, "NN204", "the kernel's `c` is neither"),
        ({"equation": "ab,bc->ca", "output_shape": 3}, "NN204", "the input's first letter, `a`, is the batch"),
        ({"equation": "a...,ab->b...", "output_shape": 3}, "NN204", "is the batch"),
        (
            {"equation": "ab,bc->ac", "output_shape": [3, 4]},
            "NN206",
            "gives 2 sizes for the output's letters besides the batch, `c`",
        ),
        ({"equation": "ab,bc->ac", "output_shape": [None]}, "NN206", "the size of `c` must be given"),
        ({"equation": "ab,bc->ac", "output_shape": None}, "NN203", "expected a whole number or a list of them"),
        ({"equation": "ab,bc->ac", "output_shape": 0}, "NN204", "expected a size of at least 1, received 0"),
        ({"equation": "ab,bc->ac", "output_shape": 3, "bias_axes": "b"}, "NN206", "`bias_axes` takes letters of the output (`c`)"),
        ({"equation": "ab,bc->ac", "output_shape": 3, "bias_axes": "a"}, "NN206", "`bias_axes` takes letters of the output (`c`)"),
    ],
)
def test_what_a_mistake_says(fields: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        spec_of(**fields)
    [found] = caught.value.errors()
    assert found["type"] == code and words in found["msg"]


def test_the_spec_reads_back_as_itself() -> None:
    """`output_shape` is a field here and a rule elsewhere."""
    spec = spec_of(equation="...x,xy->...y", output_shape=4)
    dumped = spec.model_dump(mode="json")
    assert dumped["output_shape"] == [4] and "partial_output_shape" not in dumped
    assert OneOf("layer").resolve(dumped) == spec

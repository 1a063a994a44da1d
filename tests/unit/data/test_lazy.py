"""Inputs that stay as they are stored: the same numbers as those made ready at once, in less memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nncli.data.lazy import LazyInputs
from nncli.data.preprocessing import Preparation
from nncli.data.shapes import shape_after_all
from nncli.data.steps import fit
from nncli.problems import Problem
from nncli.spec.preprocessing import ChannelsFirst, Flatten, Preprocessing, Rescale, Standardize

STEPS: tuple[tuple[Preprocessing, ...], ...] = (
    (),
    (Rescale(source=(0, 255)),),
    (Rescale(source=(0, 255), to=(-1, 1)), Flatten()),
    (Standardize(), ChannelsFirst()),
    (Standardize(per="channel"),),
)


def preparation_of(raw: Any, specs: tuple[Preprocessing, ...]) -> Preparation:
    shape = raw.shape[1:]
    return Preparation("npz", shape, raw.dtype.name, shape_after_all(specs, shape), None, (), (), "float32", fit(specs, raw))


@given(
    dtype=st.sampled_from(["bool", "int8", "uint8", "int16", "uint16", "float16", "int32", "float32", "float64"]),
    specs=st.sampled_from(STEPS),
    data=st.data(),
)
def test_rows_are_those_that_are_made_ready_at_once(dtype: str, specs: tuple[Preprocessing, ...], data: st.DataObject) -> None:
    elements = {"min_value": -1000, "max_value": 1000} if dtype.startswith("float") else None
    raw = data.draw(hnp.arrays(dtype, (5, 3, 2, 2), elements=elements))
    preparation = preparation_of(raw, specs)
    expected, found = preparation.inputs(raw), preparation.keep(raw)
    assert (found.shape, found.dtype, len(found)) == (expected.shape, expected.dtype, 5)
    assert isinstance(found, LazyInputs) == (raw.dtype.itemsize < expected.dtype.itemsize)
    for rows in (slice(None), slice(1, 3), slice(0, 5, 2), np.array([4, 0, 0])):
        assert found[rows].tobytes() == expected[rows].tobytes()
        assert found[rows].flags.c_contiguous or not isinstance(found, LazyInputs)


def test_small_numbers_take_no_more_memory_than_they_are_stored_in() -> None:
    raw = np.zeros((100, 28, 28, 1), np.uint8)
    kept = preparation_of(raw, (Rescale(),)).keep(raw)
    assert isinstance(kept, LazyInputs)
    assert kept.stored is raw


def test_what_leaves_float32_is_refused_as_it_is_for_other_inputs(refused: Callable[..., Problem]) -> None:
    raw = np.array([[1], [2], [255], [3]], np.uint8)
    preparation = preparation_of(raw, (Rescale(source=(0, 1e-37)),))
    assert np.isfinite(preparation.inputs(raw[:2])).all()
    problem = refused(preparation.keep, raw)
    assert problem == refused(preparation.inputs, raw)
    assert problem.message == "the array of inputs holds numbers too large for float32 in sample 2"


def test_another_shape_is_refused(refused: Callable[..., Problem]) -> None:
    raw = np.zeros((3, 2), np.uint8)
    preparation = replace(preparation_of(raw, ()), raw_shape=(4,), input_shape=(4,))
    assert refused(preparation.keep, raw).message.startswith("the array of inputs has samples of shape (2,)")


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_no_rows_are_no_rows(dtype: str) -> None:
    preparation = preparation_of(np.arange(4, dtype=dtype).reshape(2, 2), (Rescale(source=(0, 1)),))
    assert preparation.keep(np.zeros((0, 2), dtype))[:].shape == (0, 2)

"""Fitted steps against NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nncli.data.shapes import shape_after_all
from nncli.data.steps import Affine, apply, fit
from nncli.problems import NncliError, Problem
from nncli.spec.base import TypedSpec
from nncli.spec.preprocessing import ChannelsFirst, ChannelsLast, Flatten, Rescale, Reshape, Standardize

Refused = Callable[..., Problem]

rng = np.random.default_rng(0)
images = rng.integers(0, 256, (50, 4, 5, 3), dtype=np.uint8)


def test_uint8_rescales_to_within_one_rounding_of_division() -> None:
    every = np.arange(256, dtype=np.uint8).reshape(1, 256)
    found = apply(fit([Rescale()], every), every)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, every / np.float32(255), rtol=1.2e-7, atol=0)
    assert (found[0, 0], found[0, 255]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [("uint8", 0, 255), ("int8", -128, 127), ("uint16", 0, 65535), ("int16", -32768, 32767), ("bool", 0, 1)],
)
def test_small_integers_rescale_from_the_range_of_their_dtype(dtype: str, low: int, high: int) -> None:
    (step,) = fit([Rescale(to=(-1.0, 1.0))], np.array([[low], [high], [low]], dtype=dtype)[:2])
    np.testing.assert_allclose(step.apply(np.array([[low], [high]], dtype=dtype)), [[-1], [1]], rtol=1e-6)
    (step,) = fit([Rescale(to=(-1.0, 1.0))], np.array([[1], [0]], dtype=dtype))
    np.testing.assert_allclose(step.apply(np.array([[low], [high]], dtype=dtype)), [[-1], [1]], rtol=1e-6)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "bool", "float32"])
@pytest.mark.parametrize("shift", [0.0, -0.0, 3.0])
@pytest.mark.parametrize("scale", [0.5, -0.5, 0.0])
@pytest.mark.parametrize("offset", [0.0, -0.0, 1.0])
def test_arithmetic_that_changes_nothing_is_left_out_and_no_other(dtype: str, shift: float, scale: float, offset: float) -> None:
    inputs = np.array([[0, 1, 2, 100]]).astype(dtype) if dtype != "float32" else np.array([[-0.0, 0.0, 1.5, -3.0]], np.float32)
    shift, scale, offset = np.float32(shift), np.float32(scale), np.float32(offset)
    expected = (inputs.astype(np.float32) - shift) * scale + offset
    found = Affine("rescale", *(np.asarray(part) for part in (shift, scale, offset))).apply(inputs)
    assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64"])
def test_other_numbers_rescale_from_their_own_range(dtype: str) -> None:
    values = np.array([[10, 20], [30, 15]], dtype=dtype)
    (step,) = fit([Rescale(to=(2.0, 4.0))], values)
    np.testing.assert_allclose(step.apply(values), 2 + (values - 10.0) / 20 * 2, rtol=1e-6)


def test_a_stated_range_goes_before_any_other() -> None:
    (step,) = fit([Rescale(source=(0.0, 10.0))], images)
    np.testing.assert_allclose(step.apply(images), images / 10.0, rtol=1e-6)


def test_a_second_rescale_sees_the_values_and_not_the_stored_dtype() -> None:
    steps = fit([Standardize(per="all"), Rescale()], images)
    found = apply(steps, images)
    assert (found.min(), found.max()) == (0.0, pytest.approx(1.0, abs=1e-6))


@pytest.mark.parametrize(("per", "axes"), [("feature", (0,)), ("channel", (0, 1, 2)), ("all", (0, 1, 2, 3))])
def test_standardize_is_the_textbook_formula(per: Any, axes: tuple[int, ...]) -> None:
    wide = images.astype(np.float64)
    expected = (wide - wide.mean(axis=axes, keepdims=True)) / wide.std(axis=axes, keepdims=True)
    np.testing.assert_allclose(apply(fit([Standardize(per=per)], images), images), expected, rtol=1e-5, atol=1e-6)


def test_a_constant_feature_becomes_zero_whatever_comes_later() -> None:
    train = np.array([[0.1, 1.0], [0.1, 2.0], [0.1, 4.0]])
    (step,) = fit([Standardize()], train)
    assert step.apply(train)[:, 0].tolist() == [0, 0, 0]
    assert step.apply(np.array([[7.0, 1.0]]))[0, 0] == 0


def test_constant_inputs_cannot_be_rescaled(refused: Refused) -> None:
    problem = refused(fit, [Flatten(), Rescale()], np.full((3, 2), 5.0))
    assert problem.message == "every training input is 5: there is no range to rescale from"
    assert problem.where is not None
    assert problem.where.path == "dataset.preprocess.1"


def test_values_too_close_together_for_float32_are_refused(refused: Refused) -> None:
    problem = refused(fit, [Standardize()], np.array([[0.0], [1e-40]]))
    assert (problem.code, "too close together" in problem.message) == ("NN502", True)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (Flatten(), images.reshape(50, 60)),
        (Reshape(target_shape=(-1, 6)), images.reshape(50, 10, 6)),
        (ChannelsFirst(), images.transpose(0, 3, 1, 2)),
        (ChannelsLast(), images.transpose(0, 2, 3, 1)),
    ],
)
def test_shape_steps_move_values_and_keep_their_dtype(spec: TypedSpec, expected: np.ndarray) -> None:
    found = apply(fit([spec], images), images)
    assert found.dtype == np.uint8
    assert np.array_equal(found, expected)
    assert shape_after_all([spec], images.shape[1:]) == expected.shape[1:]


@pytest.mark.parametrize(
    ("spec", "code", "path"),
    [
        (Reshape(target_shape=(7, 9)), "NN303", "dataset.preprocess.0.target_shape"),
        (Reshape(target_shape=(-1, 7)), "NN303", "dataset.preprocess.0.target_shape"),
        (ChannelsFirst(), "NN301", "dataset.preprocess.0"),
    ],
)
def test_steps_that_do_not_fit_are_refused(spec: TypedSpec, code: str, path: str, refused: Refused) -> None:
    problem = refused(shape_after_all, [spec], (60,))
    assert problem.where is not None
    assert (problem.code, problem.where.path) == (code, path)


finite = st.floats(-1e6, 1e6, width=32)


@given(
    values=hnp.arrays(np.float32, st.tuples(st.integers(2, 20), st.integers(1, 4), st.integers(1, 3)), elements=finite),
    per=st.sampled_from(["feature", "channel", "all"]),
)
def test_a_row_alone_gives_the_bits_that_it_gives_among_many(values: np.ndarray, per: Any) -> None:
    try:
        steps = fit([Standardize(per=per), Rescale(to=(-3.0, 5.0)), ChannelsFirst()], values)
    except NncliError:
        return
    together = apply(steps, values)
    for row in range(len(values)):
        assert apply(steps, values[row : row + 1]).tobytes() == np.ascontiguousarray(together[row : row + 1]).tobytes()

"""Drawing the next character or word."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nncli.commands.complete import choose

PROBABILITIES = hnp.arrays(
    np.float32,
    st.integers(2, 30),
    elements=st.floats(0, 1, width=32) | st.sampled_from([0.0, 1.0, 1e-45, 1e-38, np.nan, np.inf]),
)
TEMPERATURES = st.floats(0, 10) | st.sampled_from([0.0, 5e-324, 1e-30, 1e30, np.inf])


def possible(probabilities: np.ndarray) -> list[int]:
    return [number for number, share in enumerate(probabilities) if number > 0 and 0 < share < np.inf]


@given(PROBABILITIES, TEMPERATURES, st.integers(0, 2**32))
def test_never_the_unknown_nor_what_has_no_probability(probabilities: np.ndarray, temperature: float, seed: int) -> None:
    before = probabilities.copy()
    found = choose(probabilities, temperature, np.random.default_rng(seed))
    assert isinstance(found, int)
    assert found in (possible(probabilities) or range(1, len(probabilities)))
    assert found == choose(probabilities, temperature, np.random.default_rng(seed))
    assert np.array_equal(before, probabilities, equal_nan=True)


@given(PROBABILITIES, st.sampled_from([0.0, 5e-324, 1e-30]))
def test_without_temperature_the_most_probable_is_taken(probabilities: np.ndarray, temperature: float) -> None:
    there = possible(probabilities)
    found = choose(probabilities, temperature, np.random.default_rng(0))
    if there:
        best = max(probabilities[number] for number in there)
        assert probabilities[found] == best
        if temperature == 0:  # of equally probable ones the first
            assert found == min(number for number in there if probabilities[number] == best)


def shares(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    generator = np.random.default_rng(1)
    drawn = [choose(probabilities, temperature, generator) for _ in range(4000)]
    return np.bincount(drawn, minlength=len(probabilities)) / 4000


@pytest.mark.parametrize("temperature", [0.25, 0.5, 1.0, 2.0, np.inf])
def test_the_draws_follow_the_probabilities_to_the_power_of_one_over_the_temperature(temperature: float) -> None:
    probabilities = np.array([0.5, 0.1, 0.0, 0.25, 0.15], np.float32)
    expected = np.where(probabilities > 0, probabilities.astype(float) ** (1 / temperature), 0)
    expected[0] = 0
    np.testing.assert_allclose(shares(probabilities, temperature), expected / expected.sum(), atol=0.03)


def test_probabilities_need_no_sum_of_1() -> None:
    tiny = np.array([1, 1e-38, 3e-38], np.float32)
    np.testing.assert_allclose(shares(tiny, 1.0), [0, 0.25, 0.75], atol=0.03)

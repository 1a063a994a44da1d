"""Splits: a partition, stratified, and a pure function of the seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncli.data.shapes import num_held_out
from nncli.data.split import hold_out
from nncli.problems import NncliError

classes_of = st.lists(st.integers(0, 5), min_size=2, max_size=200).map(np.array)
shares = st.floats(0.01, 0.95)
seeds = st.integers(0, 2**63)


@given(classes=st.none() | classes_of, num=st.integers(1, 200), share=shares, seed=seeds)
def test_a_split_partitions_the_samples_in_order(classes: np.ndarray | None, num: int, share: float, seed: int) -> None:
    num = num if classes is None else len(classes)
    try:
        stay, held = hold_out(num, share, "validation", seed=seed, classes=classes)
    except NncliError:
        left = num - num_held_out(num, share)
        assert num_held_out(num, share) == 0 or left < (1 if classes is None else len(np.unique(classes)))
        return
    assert np.array_equal(np.sort(np.concatenate([stay, held])), np.arange(num))
    assert (np.diff(stay) > 0).all()
    assert (np.diff(held) > 0).all()
    assert len(held) == num_held_out(num, share)


@given(sizes=st.lists(st.integers(20, 60), min_size=1, max_size=6), share=st.floats(0.05, 0.9), seed=seeds)
def test_each_class_gives_its_share_rounded_up_or_down(sizes: list[int], share: float, seed: int) -> None:
    classes = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    _, held = hold_out(len(classes), share, "test", seed=seed, classes=classes)
    counts = np.bincount(classes[held], minlength=len(sizes))
    assert all(abs(count - size * share) < 1 + 1e-9 for count, size in zip(counts, sizes, strict=True))


@given(classes=classes_of, share=shares, seed=seeds)
def test_every_class_keeps_a_training_sample(classes: np.ndarray, share: float, seed: int) -> None:
    try:
        stay, _ = hold_out(len(classes), share, "validation", seed=seed, classes=classes)
    except NncliError:
        return
    assert set(classes[stay]) == set(classes)


@given(
    num=st.integers(1, 200), share=shares, split=st.sampled_from(["validation", "test"]), classes=st.none() | classes_of, seed=seeds
)
def test_from_the_end_the_last_samples_are_held_out(
    num: int, share: float, split: str, classes: np.ndarray | None, seed: int
) -> None:
    num = num if classes is None else len(classes)
    held = num_held_out(num, share)
    if held in (0, num):
        with pytest.raises(NncliError):
            hold_out(num, share, split, seed=seed, classes=classes, from_end=True)
        return
    stay, taken = hold_out(num, share, split, seed=seed, classes=classes, from_end=True)
    assert stay.tolist() == list(range(num - held))
    assert taken.tolist() == list(range(num - held, num))


def test_the_seed_decides_and_nothing_else() -> None:
    first = hold_out(1000, 0.1, "validation", seed=7, classes=None)[1]
    assert np.array_equal(first, hold_out(1000, 0.1, "validation", seed=7, classes=None)[1])
    assert not np.array_equal(first, hold_out(1000, 0.1, "validation", seed=8, classes=None)[1])
    assert not np.array_equal(first, hold_out(1000, 0.1, "test", seed=7, classes=None)[1])


def test_the_choice_of_a_seed_never_changes() -> None:
    """A resumed or repeated run depends on it: where this fails, old runs can no longer be repeated."""
    assert hold_out(20, 0.25, "validation", seed=0, classes=None)[1].tolist() == [6, 7, 8, 9, 17]
    assert hold_out(20, 0.25, "test", seed=0, classes=np.arange(20) % 2)[1].tolist() == [1, 6, 12, 16, 17]


@pytest.mark.parametrize(
    ("num", "share", "classes", "message"),
    [
        (4, 0.1, None, "`validation: 0.1` of 4 samples is less than half a sample"),
        (3, 0.9, None, "`validation: 0.9` leaves 0 of 3 samples for training, but at least one is needed"),
        (
            6,
            0.7,
            np.array([0, 1, 2, 0, 1, 2]),
            "`validation: 0.7` leaves 2 of 6 samples for training, but one of each of the 3 classes is needed",
        ),
    ],
)
def test_a_share_that_leaves_too_little_is_refused(num: int, share: float, classes: np.ndarray | None, message: str) -> None:
    with pytest.raises(NncliError) as caught:
        hold_out(num, share, "validation", seed=0, classes=classes)
    (problem,) = caught.value.problems
    assert (problem.code, problem.message) == ("NN403", message)
    assert problem.hint
    assert problem.where is not None
    assert problem.where.path == "dataset.validation"

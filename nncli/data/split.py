"""Holding samples out: which of them, as a pure function of the seed."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.shapes import check_share
from nncli.problems import error

STREAMS: Final = {"test": 0x7E57, "validation": 0xA11D}
"""A number of its own for each split, so that the two draw independently from one seed. Never change them."""


def hold_out(
    num_samples: int,
    share: float,
    split: str,
    *,
    seed: int,
    classes: NDArray[Any] | None,
    groups: NDArray[np.int64] | None = None,
    times: NDArray[np.int64] | None = None,
    from_end: bool = False,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Choose the samples of a split.

    With classes, each gives its share, rounded down or up so that the total is `num_held_out` (largest remainders first), and
    keeps at least one sample for training.

    Args:
        num_samples: how many there are.
        share: 0 to below 1.
        split: `test` or `validation`.
        seed: the experiment's seed, 0 or more.
        classes: class number of each sample, `(num_samples,)`, or None where there are no classes.
        groups: number of each sample's group, `(num_samples,)`: whole groups are drawn, of whatever classes, until the share is
            reached as nearly as they allow.
        times: when each sample is from, `(num_samples,)`: the latest are held out, of equal ones those that stand further back.
        from_end: take the last samples instead, of whatever class: those of a time series that lie in the future.

    Returns:
        Indices of the samples that stay and of those that are held out, each in rising order.

    Raises:
        NncliError: NN403, nothing is held out or too little is left.
    """
    if from_end:
        held_out = check_share(num_samples, share, split)
        return np.arange(num_samples - held_out), np.arange(num_samples - held_out, num_samples)
    if times is not None:
        held_out = check_share(num_samples, share, split)
        order = np.argsort(times, kind="stable")
        return np.sort(order[: num_samples - held_out]), np.sort(order[num_samples - held_out :])
    if groups is not None:
        return _whole_groups(groups, share, split, np.random.default_rng([seed, STREAMS[split]]))
    members = [np.arange(num_samples)] if classes is None else [np.flatnonzero(classes == c) for c in np.unique(classes)]
    total = check_share(num_samples, share, split, len(members))
    rng = np.random.default_rng([seed, STREAMS[split]])
    taken = _apportion([len(group) for group in members], share, total)
    held = np.zeros(num_samples, dtype=bool)
    for group, count in zip(members, taken, strict=True):
        held[rng.permutation(group)[:count]] = True
    return np.flatnonzero(~held), np.flatnonzero(held)


def _whole_groups(
    groups: NDArray[np.int64], share: float, split: str, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    wanted = check_share(len(groups), share, split)
    names, sizes = np.unique(groups, return_counts=True)
    held, count = [], 0
    for index in rng.permutation(len(names)):
        if abs(count + sizes[index] - wanted) < abs(count - wanted):
            held.append(names[index])
            count += int(sizes[index])
    if not 0 < count < len(groups):
        message = f"`{split}: {share}` cannot be held out: there are {len(names)} groups, of {sizes.max()} rows at most"
        raise error("NN403", message, "groups stay together: give another share, or more groups", path=f"dataset.{split}")
    is_held = np.isin(groups, held)
    return np.flatnonzero(~is_held), np.flatnonzero(is_held)


def _apportion(sizes: list[int], share: float, total: int) -> list[int]:
    """Split `total` over groups by their sizes; every group keeps one back."""
    exact = [size * share for size in sizes]
    taken = [min(int(part), size - 1) for part, size in zip(exact, sizes, strict=True)]
    by_remainder = sorted(range(len(sizes)), key=lambda group: (taken[group] - exact[group], group))
    missing = total - sum(taken)
    while missing > 0:  # more than one round only where small groups have nothing left to give
        for group in by_remainder:
            if missing > 0 and taken[group] < sizes[group] - 1:
                taken[group] += 1
                missing -= 1
    return taken

"""The parts of a data set: those that it brings, and those that shares are held out for."""

from __future__ import annotations

from typing import Any

from nncli.data.classes import Classes
from nncli.data.raw import RawData
from nncli.data.samples import RawSamples
from nncli.data.split import hold_out
from nncli.spec.datasets.base import Dataset, Splittable


def split(dataset: Dataset, raw: RawData, parts: dict[str, RawSamples], classes: Classes, seed: int) -> dict[str, RawSamples]:
    """Hold out the shares that the config asks for.

    Args:
        dataset: the data set's spec.
        raw: what it brings.
        parts: the samples of each of its parts.
        classes: of its samples.
        seed: the experiment's seed, 0 or more: which samples a share holds out is a pure function of it.

    Returns:
        The samples of each part there is, by name.

    Raises:
        NncliError: NN403, nothing is held out or too little is left.
    """
    parts = dict(parts)
    along: dict[str, Any] = {"classes": classes.numbers.get("train"), "groups": raw.groups, "times": raw.times}
    shares = {"test": dataset.test if isinstance(dataset, Splittable) else 0.0, "validation": dataset.validation}
    for name, share in shares.items():
        if share and name not in parts:
            stay, held = hold_out(len(parts["train"]), share, name, seed=seed, from_end=dataset.is_ordered, **along)
            parts[name] = parts["train"].rows(held)
            parts["train"] = parts["train"].rows(stay)
            along = {name: None if rows is None else rows[stay] for name, rows in along.items()}
    return parts

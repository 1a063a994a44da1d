"""Values that stand in the config itself, turned into arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.data.origin import Origin, check_finite

_MAX_AXES = 8


def read_values(values: Sequence[Any], origin: Origin) -> NDArray[Any]:
    """A regular array out of nested lists.

    Args:
        values: lists of numbers or booleans, nested to any depth, all of one length at each depth.
        origin: where they stand.

    Returns:
        bool where all are booleans, int64 where all are whole numbers, else float64.

    Raises:
        NncliError: NN208 with the path of the first value that is no number or of the first list of another length.
    """
    shape: list[int] = []
    level: Any = values
    while isinstance(level, list | tuple):
        shape.append(len(level))
        if not level:
            raise origin.error("NN502", f"{origin.name} holds an empty list", "give at least one number")
        level = level[0]
    if len(shape) > _MAX_AXES:
        raise origin.error("NN502", f"{origin.name} is nested {len(shape)} deep, but {_MAX_AXES} is the most there can be")
    kinds: set[type] = set()
    _check(values, tuple(shape), (), origin, kinds)
    dtype = np.float64 if float in kinds else np.int64 if int in kinds else np.bool_
    try:
        array: NDArray[Any] = np.array(values, dtype=dtype)
    except OverflowError:
        raise origin.error(
            "NN502", f"{origin.name} holds a whole number of more than 64 bits", "write it with a decimal point"
        ) from None
    check_finite(array, origin)
    return array


def _check(value: Any, shape: tuple[int, ...], at: tuple[int, ...], origin: Origin, kinds: set[type]) -> None:
    place = f"entry {list(at)} of {origin.name}" if at else origin.name
    if not shape:
        if not isinstance(value, bool | int | float):
            what = f"a list of {len(value)}" if isinstance(value, list | tuple) else repr(value)[:40]
            raise origin.error("NN502", f"{place} is {what}, but a number was expected as in the entries before", at=at)
        kinds.add(type(value))
        return
    if not isinstance(value, list | tuple):
        raise origin.error(
            "NN502", f"{place} is {value!r:.40}, but a list of {shape[0]} was expected as in the entries before", at=at
        )
    if len(value) != shape[0]:
        raise origin.error("NN502", f"{place} is a list of {len(value)}, but the entries before have {shape[0]}", at=at)
    for index, entry in enumerate(value):
        _check(entry, shape[1:], (*at, index), origin, kinds)

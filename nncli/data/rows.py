"""Rows that a trained network predicts from, as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class RawRows:
    """Some rows, as raw inputs.

    Attributes:
        inputs: `(num_rows, *raw_shape)`.
        names: one a row: `people.csv[3]`, or the file of a picture.
        ids: the entry of the column that names the rows; None where there is no such column.
    """

    inputs: NDArray[Any]
    names: tuple[str, ...]
    ids: tuple[str | None, ...] | None = None

    def rows(self, start: int, end: int | None) -> RawRows:
        """Some of them."""
        ids = None if self.ids is None else self.ids[start:end]
        return RawRows(self.inputs[start:end], self.names[start:end], ids)


def regrouped(stream: Iterable[RawRows], size: int) -> Iterator[RawRows]:
    """The same rows, so many at a time, the last ones fewer: bits depend on which rows make a batch."""
    held: list[RawRows] = []
    count = 0
    for rows in stream:
        held.append(rows)
        count += len(rows.names)
        if count >= size:
            joined = _joined(held)
            whole = count - count % size
            yield from (joined.rows(start, start + size) for start in range(0, whole, size))
            held, count = ([joined.rows(whole, None)] if count > whole else []), count - whole
    if count:
        yield _joined(held)


def _joined(parts: list[RawRows]) -> RawRows:
    ids = None if parts[0].ids is None else tuple(entry for part in parts for entry in part.ids or ())
    names = tuple(name for part in parts for name in part.names)
    return RawRows(np.concatenate([part.inputs for part in parts]), names, ids)

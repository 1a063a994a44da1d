"""Columns that number the rows: an index that was stored with them tells a sorted table's target, and nothing of any other row."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pyarrow

FEWEST_ROWS: Final = 20
"""Fewer numbers that follow each other may be anything, such as ages or years."""
_INDEX: Final = re.compile(r"Unnamed: \d+|__index_level_\d+__")


def is_index(name: str) -> bool:
    """Whether a column is called as pandas calls an index without a name, in Parquet, or in a CSV file that it read again."""
    return _INDEX.fullmatch(name) is not None


class Counting:
    """Whether the numbers of a column go up by 1 from row to row of each file."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._num_steps = 0
        self._goes_on = True

    def begin_file(self) -> None:
        """The next number is the first of a file."""
        self._last = None

    def add(self, numbers: pyarrow.Array) -> None:
        """Look at more numbers, float64, missing ones null."""
        if not self._goes_on or not len(numbers):
            return
        found = numbers.to_numpy(zero_copy_only=False)
        before = [] if self._last is None else [self._last]
        with np.errstate(invalid="ignore"):
            steps = np.diff(np.concatenate([before, found]))
        self._goes_on = bool((steps == 1).all()) and bool(np.floor(found[0]) == found[0])
        self._num_steps += len(steps)
        self._last = float(found[-1])

    @property
    def numbers_rows(self) -> bool:
        """Whether so many rows went up by 1 that this is no chance."""
        return self._goes_on and self._num_steps >= FEWEST_ROWS - 1

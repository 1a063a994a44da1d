"""Inputs that stay in memory as they were stored, and are made ready for the network when they are taken."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.on_disk import StoredRows
from nncli.data.steps import FittedStep, apply

_CACHED_VALUES: Final = 2**18


@dataclass(frozen=True, slots=True, eq=False)
class LazyInputs:
    """Inputs of samples, as small as they were stored: 60,000 digits take 47 MB so, and 188 MB as float32.

    Attributes:
        stored: `(num_samples, *raw_shape)`, on disk or of a dtype smaller than the network's, such as uint8.
        steps: the fitted preprocessing, which is still to be applied.
        dtype: of the network's inputs: float32, or int32.
        sample_shape: shape of one of them.
    """

    stored: StoredRows
    steps: tuple[FittedStep, ...]
    dtype: np.dtype[Any]
    sample_shape: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """`(num_samples, *input_shape)`."""
        return (len(self.stored), *self.sample_shape)

    def __len__(self) -> int:
        return len(self.stored)

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> NDArray[Any]:
        """Some of them as the network gets them, row-major; all with `[:]`."""
        if not isinstance(rows, slice | np.ndarray):
            raise TypeError(f"inputs are taken by slices and arrays, not by {rows!r}")  # NumPy would take them for a sequence
        stored = self.stored[rows]
        return self._ready(stored, np.empty((len(stored), *self.sample_shape), self.dtype))

    def into(self, out: NDArray[Any], start: int, end: int) -> NDArray[Any]:
        """Those from `start` to `end`, the last left out, put into an array that has room for them; what it then holds of them."""
        stored = self.stored[start:end]
        return self._ready(stored, out[: len(stored)])

    def _ready(self, stored: NDArray[Any], out: NDArray[Any]) -> NDArray[Any]:
        # Each row's result depends on that row alone; of so few, what lies between two steps stays in the processor's cache.
        size = max(1, _CACHED_VALUES // max(1, math.prod(self.sample_shape)))
        for begin in range(0, len(stored), size):
            out[begin : begin + size] = apply(self.steps, stored[begin : begin + size])
        return out


Rows = NDArray[Any] | LazyInputs
"""What stands row by row for samples: an array that is ready, or inputs that are made so when they are taken."""

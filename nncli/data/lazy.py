"""Inputs that stay in memory as they were stored, and are made ready for the network when they are taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.data.on_disk import StoredRows
from nncli.data.steps import FittedStep, apply


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
        return np.ascontiguousarray(apply(self.steps, self.stored[rows]), dtype=self.dtype)


Rows = NDArray[Any] | LazyInputs
"""What stands row by row for samples: an array that is ready, or inputs that are made so when they are taken."""

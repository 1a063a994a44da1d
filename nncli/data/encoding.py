"""The seam for data whose raw form is no array: rows of tables, pictures, lines of text.

A `Source` has the rows. Once it is known which of them are for training, it fits an `Encoding` to those, which turns rows into the
raw array that everything behind it knows: preprocessing, memory, reading ahead. The encoding is a part of the preparation and
travels in the checkpoint; `predict` and `eval --data` apply it to files that somebody brings.
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from nncli.data.on_disk import StoredRows
from nncli.problems import Problem


class Encoding(Protocol):
    """What is fitted: one class for each raw form, whose JSON document `nncli.data.stored` knows by its `type`."""

    type: ClassVar[str]

    @property
    def raw_shape(self) -> tuple[int, ...]:
        """Shape of one raw sample."""

    @property
    def raw_dtype(self) -> str:
        """NumPy's name of its dtype."""

    @property
    def range(self) -> tuple[int, int] | None:
        """Smallest and largest of all raw inputs, where these are whole numbers that stand for something."""


class Source(Protocol):
    """Rows whose raw form is no array."""

    notes: list[Problem]
    """Warnings that came up while the encoding was fitted."""

    def fit(self, train: NDArray[np.intp]) -> Any:
        """The encoding, fitted to the rows of the training part."""

    def encode(self, encoding: Any, memory: int | None) -> StoredRows:
        """All rows as raw inputs, `(num_rows, *raw_shape)`; on disk where they take more than `memory` bytes."""

    def fingerprint(self) -> str:
        """SHA-256, in hex, of what was read."""

    def close(self) -> None:
        """Give back what was kept of it."""

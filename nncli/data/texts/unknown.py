"""Texts that hold nothing of a vocabulary: the network takes them for empty ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.data.rows import RawRows
from nncli.problems import Problem, Where


class UnknownTexts:
    """Counts them.

    Args:
        units: which numbers of a raw input are those of words or characters, bool `raw_shape`; None: all.

    Attributes:
        count: how many there were.
        first: the name of the first of them.
    """

    def __init__(self, units: NDArray[np.bool_] | None = None) -> None:
        self._units = units
        self.count, self.first = 0, ""

    def counted(self, stream: Iterable[RawRows]) -> Iterator[RawRows]:
        """The same rows; without any text in them there is nothing to count."""
        for rows in stream:
            inputs: NDArray[Any] = rows.inputs if self._units is None else rows.inputs[:, self._units]
            unknown = np.flatnonzero(~inputs.any(axis=1))
            if inputs.size and len(unknown):
                self.first = self.first or rows.names[unknown[0]]
                self.count += len(unknown)
            yield rows

    def training_notes(self, total: int) -> list[Problem]:
        """A warning for whoever trains on `total` of them, where there were any."""
        message = f"{self.count:,} of {total:,} texts hold nothing of the vocabulary, and are as empty ones; this is the first"
        hint = "raise `length` or `max_vocabulary`; behind a mask `global_average_pooling1d` has no number for them"
        return [Problem("NN502", message, hint, Where(file=self.first), "warning")] if self.count else []

    def notes(self) -> list[Problem]:
        """A warning for whoever has asked about them, where there were any."""
        message = f"texts that hold nothing that the network knows: {self.count:,}, of which this is the first"
        hint = "their answers are worth nothing: the network takes them for empty ones"
        return [Problem("NN505", message, hint, Where(file=self.first), "warning")] if self.count else []

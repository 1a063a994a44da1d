"""What turns the rows of a table into the network's inputs, as it travels in the checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow
from numpy.typing import NDArray

from nncli.data.on_disk import chunk_rows
from nncli.data.tables.columns import FittedCategory, FittedColumn, FittedText
from nncli.data.tables.files import TableFile
from nncli.data.tables.place import RowPlace
from nncli.problems import NncliError, Problem, Where
from nncli.spec.datasets.tables import did_you_mean


@dataclass(frozen=True, slots=True)
class TableEncoding:
    """The fitted columns of a table.

    Attributes:
        columns: in the order of the features.
        target: the column that is predicted.
        id: the column that names the rows, or None.
        sample_weight: the column of weights, or None.
        num_columns: how many a file of the training part has, where no header names them; else None.
        decimal, thousands: how numbers are written in the first file of it, and in others that do not tell.
    """

    type: ClassVar[str] = "table"
    columns: tuple[FittedColumn, ...]
    target: str
    id: str | None
    sample_weight: str | None
    num_columns: int | None = None
    decimal: str = "."
    thousands: str | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """What each number of a row is."""
        return tuple(feature for column in self.columns for feature in column.features)

    @property
    def units(self) -> NDArray[np.bool_]:
        """Which numbers of a row are those of words or characters, `raw_shape`."""
        return np.array([isinstance(column, FittedText) for column in self.columns for _ in column.features])

    @property
    def raw_shape(self) -> tuple[int, ...]:
        """Of one row."""
        return (len(self.features),)

    @property
    def raw_dtype(self) -> str:
        """`int32` where every number of a row is that of a category or a word, for an `embedding`; else `float32`."""
        is_index = all(
            isinstance(column, FittedText) or (isinstance(column, FittedCategory) and not column.one_hot) for column in self.columns
        )
        return "int32" if is_index else "float32"

    @property
    def range(self) -> tuple[int, int] | None:
        """Smallest and largest number of any row, where every number is that of a category or a word."""
        counts = [len(column.categories) + column.has_missing for column in self.columns if isinstance(column, FittedCategory)]
        counts += [len(column.vocabulary) for column in self.columns if isinstance(column, FittedText)]
        return (0, max(counts)) if self.raw_dtype == "int32" else None

    def encode(self, rows: pyarrow.RecordBatch, place: RowPlace) -> NDArray[Any]:
        """Rows as numbers. Each row's result depends on that row alone, to the bit.

        Args:
            rows: with the columns that `require_columns` asks for, among others.
            place: where they stand.

        Returns:
            (num_rows, num_features), of `raw_dtype`.

        Raises:
            NncliError: NN502, a cell is not what its column takes.
        """
        out = np.empty((rows.num_rows, *self.raw_shape), self.raw_dtype)
        start = 0
        with np.errstate(over="ignore"):
            for column in self.columns:
                width = len(column.features)
                column.encode(rows.column(column.name), place, out[:, start : start + width])
                start += width
        return out

    def encoded(self, rows: pyarrow.RecordBatch, place: RowPlace) -> Iterator[tuple[NDArray[Any], pyarrow.RecordBatch, RowPlace]]:
        """Rows as numbers, so many at a time as memory is to hold: a short cell may be a long text's worth of them.

        Args:
            rows, place: as for `encode`.

        Yields:
            The numbers of some rows, these rows, and where they stand.

        Raises:
            NncliError: NN502, a cell is not what its column takes.
        """
        size = chunk_rows(self.raw_shape)
        for start in range(0, rows.num_rows, size):
            some, there = rows.slice(start, size), RowPlace(place.file, place.first + start)
            yield self.encode(some, there), some, there

    def require_columns(self, file: TableFile, *, labelled: bool) -> None:
        """Check that a table has all columns that are needed.

        Args:
            file: the table.
            labelled: whether the target is among them.

        Raises:
            NncliError: NN502, each that it has not.
        """
        needed = [column.name for column in self.columns] + [self.target] * labelled
        require_columns(needed, file)


def require_columns(needed: list[str], file: TableFile) -> None:
    """Check that a table has some columns.

    Raises:
        NncliError: NN502, each that it has not.
    """
    where = Where(file=file.path)
    absent = [name for name in needed if name not in file.names]
    if absent:
        raise NncliError(
            [Problem("NN502", f"there is no column `{name}`", did_you_mean(name, file.names), where) for name in absent]
        )

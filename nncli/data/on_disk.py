"""Inputs that do not fit into the memory meant for them: they stay in a temporary file, and rows are read when they are taken."""

from __future__ import annotations

import contextlib
import math
import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.memory import page_aligned
from nncli.problems import error

CHUNK_ROWS: Final = 4096
CHUNK_VALUES: Final = 2**25
"""The most rows, and the most values, that are looked at together: 256 MB in float64."""
_GAP_BYTES: Final = 2**15
"""What lies between two rows and is read with them rather than passed over."""
_READ_BYTES: Final = 2**22
"""The most bytes of a single read, but for one row."""


class FileRows:
    """An array in a file; rows are read when they are taken.

    The file is not mapped: what is mapped counts as memory of the process up to the size of the file, each small row brings a page
    and its neighbours with it, and a disk that fails would end the process with a signal.

    Args:
        file: descriptor of a file that holds the values in row-major order; it may be closed afterwards.
        shape: `(num_rows, ...)`.
        dtype: of the values.
    """

    def __init__(self, file: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.shape, self.dtype = shape, dtype
        self._width = math.prod(shape[1:]) * dtype.itemsize
        self._file = os.dup(file)
        weakref.finalize(self, os.close, self._file)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> NDArray[Any]:
        """Some of the rows, in memory.

        Args:
            rows: a slice of step 1, or numbers of rows from 0 on, in any order.

        Raises:
            NncliError: NN604, the disk refuses.
        """
        if isinstance(rows, slice):
            start, end, _ = rows.indices(len(self))
            return self._read(start, max(start, end))
        return self._gather(rows)

    def as_column(self) -> FileRows:
        """The same values, one a row: shape `(num_rows, 1)`."""
        return FileRows(self._file, (len(self), 1), self.dtype)

    def _read(self, start: int, end: int) -> NDArray[Any]:
        """Rows that follow each other, `start` to `end`, the last left out."""
        result = np.empty((end - start, *self.shape[1:]), self.dtype)
        rest, offset = result.reshape(-1).view(np.uint8).data, start * self._width
        with disk_refuses("read from"):
            while rest:
                count = os.preadv(self._file, [rest], offset)
                if count == 0:
                    raise OSError("it is shorter than it was")
                rest, offset = rest[count:], offset + count
        return result

    def _gather(self, rows: NDArray[np.intp]) -> NDArray[Any]:
        """Rows in any order, read in the order in which they lie there, near ones together."""
        result = np.empty((len(rows), *self.shape[1:]), self.dtype)
        order = np.argsort(rows, kind="stable")
        there = rows[order]
        places = there * self._width
        is_far = np.diff(places) > _GAP_BYTES + self._width
        cuts = np.flatnonzero(is_far | (np.diff(places // _READ_BYTES) > 0)) + 1
        for begin, end in zip([0, *cuts], [*cuts, len(rows)], strict=True):
            if begin < end:
                block = self._read(there[begin], there[end - 1] + 1)
                result[order[begin:end]] = block[there[begin:end] - there[begin]]
        return result


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Some rows of an array on disk; they are read when they are taken.

    Attributes:
        array: all rows.
        indices: which of them, and in which order.
    """

    array: FileRows
    indices: NDArray[np.intp]

    @property
    def shape(self) -> tuple[int, ...]:
        """`(num_rows, ...)`."""
        return (len(self.indices), *self.array.shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of the values."""
        return self.array.dtype

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> NDArray[Any]:
        """Some of the rows, in memory."""
        return self.array[self.indices[rows]]


StoredRows = NDArray[Any] | FileRows | Selection
"""Rows as they are stored: in memory, in a file, or some of those."""


def select(stored: StoredRows, indices: NDArray[np.intp]) -> StoredRows:
    """Some rows; those of a file are left there."""
    if isinstance(stored, Selection):
        return Selection(stored.array, stored.indices[indices])
    return Selection(stored, indices) if isinstance(stored, FileRows) else stored[indices]


def is_on_disk(stored: StoredRows) -> bool:
    """Whether rows lie in a file."""
    return isinstance(stored, Selection | FileRows)


def chunk_rows(shape: tuple[int, ...]) -> int:
    """How many rows are looked at together, one at least.

    Args:
        shape: of a row.
    """
    return max(1, min(CHUNK_ROWS, CHUNK_VALUES // max(1, math.prod(shape))))


def chunks(stored: StoredRows) -> Iterator[NDArray[Any]]:
    """All rows, so many at a time as memory is to hold."""
    size = chunk_rows(stored.shape[1:])
    for start in range(0, len(stored), size):
        yield np.asarray(stored[start : start + size])


def spool(parts: Iterable[NDArray[Any]], shape: tuple[int, ...], dtype: np.dtype[Any], *, fortran: bool = False) -> FileRows:
    """Put an array into a file that goes with the process.

    Args:
        parts: its values, piece by piece, in the order of memory.
        shape, dtype: its own; at least one value. A first axis of -1 is as long as the values make it.
        fortran: whether the values come column by column.

    Raises:
        NncliError: NN604, the disk refuses.
    """
    with disk_refuses(), tempfile.TemporaryFile() as file:
        for part in parts:
            file.write(np.ascontiguousarray(part).data)
        file.flush()
        if shape[0] == -1:
            shape = (file.tell() // (math.prod(shape[1:]) * dtype.itemsize), *shape[1:])
        if fortran and len(shape) > 1:  # once more, row by row
            return spool(chunks(np.memmap(file, dtype, "r", shape=shape, order="F")), shape, dtype)
        return FileRows(file.fileno(), shape, dtype)


def gathered(
    parts: Iterable[NDArray[Any]], shape: tuple[int, ...], dtype: np.dtype[Any], memory: int | None
) -> NDArray[Any] | FileRows:
    """Rows that come piece by piece as one array.

    Args:
        parts: all rows, in order.
        shape, dtype: of the array.
        memory: bytes that it may take; where it has more, it is put on disk. None: any number.

    Raises:
        NncliError: NN604, the disk refuses.
    """
    if memory is not None and math.prod(shape) * dtype.itemsize > memory:
        return spool(parts, shape, dtype)
    result, start = page_aligned(shape, dtype), 0
    for part in parts:
        result[start : start + len(part)] = part
        start += len(part)
    return result


@contextlib.contextmanager
def disk_refuses(doing: str = "laid down in") -> Iterator[None]:
    """Say of a disk that refuses what it is that cannot be done there.

    Args:
        doing: with the samples.

    Raises:
        NncliError: NN604.
    """
    try:
        yield
    except OSError as problem:
        hint = "free some room, name another folder in the environment variable TMPDIR, or raise `training.data_memory`"
        message = f"the samples cannot be {doing} a temporary file: {problem.strerror or problem}"
        raise error("NN604", message, hint, file=tempfile.gettempdir()) from None

"""Inputs that do not fit into the memory meant for them: they stay in a temporary file, and rows are read when they are taken."""

from __future__ import annotations

import contextlib
import math
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.problems import error

CHUNK_ROWS: Final = 4096
CHUNK_VALUES: Final = 2**25
"""The most rows, and the most values, that are looked at together: 256 MB in float64."""


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Some rows of an array on disk; they are read when they are taken.

    Attributes:
        array: all rows.
        indices: which of them, and in which order.
    """

    array: NDArray[Any]
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
        return np.asarray(self.array[self.indices[rows]])


StoredRows = NDArray[Any] | Selection
"""Rows as they are stored: in memory, mapped from a file, or some of those."""


def select(stored: StoredRows, indices: NDArray[np.intp]) -> StoredRows:
    """Some rows; those of a file are left there."""
    if isinstance(stored, Selection):
        return Selection(stored.array, stored.indices[indices])
    return Selection(stored, indices) if is_on_disk(stored) else stored[indices]


def is_on_disk(stored: StoredRows) -> bool:
    """Whether rows lie in a file."""
    return isinstance(stored, Selection | np.memmap)


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


def spool(parts: Iterable[NDArray[Any]], shape: tuple[int, ...], dtype: np.dtype[Any], *, fortran: bool = False) -> NDArray[Any]:
    """Put an array into a file that goes with the process.

    Args:
        parts: its values, piece by piece, in the order of memory.
        shape, dtype: its own; at least one value. A first axis of -1 is as long as the values make it.
        fortran: whether the values come column by column.

    Returns:
        The array, mapped from the file.

    Raises:
        NncliError: NN604, the disk refuses.
    """
    # Not stored by way of the map: on a full disk that would end the process with a signal.
    with disk_refuses(), tempfile.TemporaryFile() as file:
        for part in parts:
            file.write(np.ascontiguousarray(part).data)
        file.flush()
        if shape[0] == -1:
            shape = (file.tell() // (math.prod(shape[1:]) * dtype.itemsize), *shape[1:])
        return np.memmap(file, dtype, "r", shape=shape, order="F" if fortran else "C")


def gathered(parts: Iterable[NDArray[Any]], shape: tuple[int, ...], dtype: np.dtype[Any], memory: int | None) -> NDArray[Any]:
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
    result, start = np.empty(shape, dtype), 0
    for part in parts:
        result[start : start + len(part)] = part
        start += len(part)
    return result


@contextlib.contextmanager
def disk_refuses() -> Iterator[None]:
    """Say of a disk that refuses what it is that cannot be laid down there.

    Raises:
        NncliError: NN604.
    """
    try:
        yield
    except OSError as problem:
        hint = "free some room, name another folder in the environment variable TMPDIR, or raise `training.data_memory`"
        message = f"the samples cannot be laid down in a temporary file: {problem.strerror or problem}"
        raise error("NN604", message, hint, file=tempfile.gettempdir()) from None

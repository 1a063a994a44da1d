"""Cells of a table between two looks at them: in memory, or in a temporary file where they are many."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from typing import Any, Final

import pyarrow

from nncli.data.on_disk import disk_refuses

MEMORY: Final = 2**26
"""Bytes of cells that stay in memory."""


class CellStore:
    """Batches of one schema, in the order in which they came."""

    def __init__(self) -> None:
        self._batches: list[pyarrow.RecordBatch] = []
        self._bytes = 0
        self._file: Any = None
        self._writer: Any = None
        self._reader: Any = None

    def append(self, batch: pyarrow.RecordBatch) -> None:
        """Keep a batch.

        Raises:
            NncliError: NN604, the disk refuses.
        """
        self._bytes += batch.nbytes
        self._batches.append(batch)
        if self._bytes > MEMORY:
            self._lay_down()

    def _lay_down(self) -> None:
        with disk_refuses():
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115, it goes with the store
                self._writer = pyarrow.ipc.new_file(pyarrow.PythonFile(self._file, "w"), self._batches[0].schema)
            for batch in self._batches:
                self._writer.write_batch(batch)
        self._batches = []

    def __iter__(self) -> Iterator[pyarrow.RecordBatch]:
        """All batches, as often as one asks for them."""
        if self._writer is not None:
            with disk_refuses():
                self._writer.close()
                self._file.flush()
            self._writer = None
            self._reader = pyarrow.ipc.open_file(pyarrow.PythonFile(self._file, "r"))
        if self._reader is not None:
            yield from (self._reader.get_batch(index) for index in range(self._reader.num_record_batches))
            return
        yield from self._batches

    def close(self) -> None:
        """Give everything back."""
        self._batches = []
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()

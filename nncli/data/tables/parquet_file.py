"""Tables in Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow
import pyarrow.compute as compute
import pyarrow.parquet
from numpy.typing import NDArray

from nncli.data.arrays import open_file, require_expansion
from nncli.data.tables.notation import PLAIN
from nncli.data.tables.opening import foreign, require_few

_BATCH_ROWS: Final = 16_384
_BATCH_BYTES: Final = 2**26
"""Of texts that are laid out together."""
_CELL_BYTES: Final = 8
_IF_SOUND: Final = "if it is sound, save it as CSV"


class ParquetFile:
    """A Parquet file, read row group by row group.

    A few bytes may stand for any number of rows, and for a long text as often as they like. So the sizes that the file declares are
    held to its own size; texts come as numbers of a dictionary, and how long they are is looked at before they are laid out.

    Args:
        path: the file.

    Raises:
        NncliError: NN501 or NN502, it cannot be opened, is something else, or holds more than such a file may.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        with open_file(path) as stream, foreign(path, "this is no Parquet file, or a damaged one"):
            self._size = stream.seek(0, 2)
            file = pyarrow.parquet.ParquetFile(stream)
            self.names = tuple(file.schema_arrow.names)
            require_few(file.metadata.num_columns, path)
            columns = [file.schema.column(index) for index in range(file.metadata.num_columns)]
            # Decimal numbers may be stored as bytes, too, but are of at most 32.
            self._texts = [
                column.path for column in columns if column.physical_type == "BYTE_ARRAY" and column.logical_type.type != "DECIMAL"
            ]
            fixed = sum(max(column.length, 0) for column in columns if column.physical_type == "FIXED_LEN_BYTE_ARRAY")
            self._batch_rows = max(1, min(_BATCH_ROWS, _BATCH_BYTES // max(1, fixed)))
            groups = (file.metadata.row_group(index) for index in range(file.metadata.num_row_groups))
            stored = sum(max(group.total_byte_size, 0) for group in groups)
            cells = file.metadata.num_rows * (_CELL_BYTES * len(columns) + fixed)
            self.unpacked_bytes: int = max(stored, cells)
            """What the file takes when it is read, its texts as often as they stand there once."""
        require_expansion(self._size, self.unpacked_bytes, _IF_SOUND, path)
        self.notation = PLAIN
        self.unnamed: frozenset[str] = frozenset()
        self.said = "Parquet"

    def batches(self, names: str | None = None) -> Iterator[pyarrow.RecordBatch]:
        """All rows.

        Raises:
            NncliError: NN502, the file is damaged, or its texts are more than such a file may hold.
        """
        count = 0
        with open_file(self.path) as stream, foreign(self.path):
            file = pyarrow.parquet.ParquetFile(stream, read_dictionary=self._texts)
            for batch in file.iter_batches(batch_size=self._batch_rows):
                ends = np.cumsum(_text_bytes(batch))
                count += int(ends[-1]) if len(ends) else 0
                require_expansion(self._size, count, _IF_SOUND, self.path)
                for rows in _cut(ends):
                    yield _laid_out(batch.slice(rows.start, rows.stop - rows.start))


def _text_bytes(batch: pyarrow.RecordBatch) -> NDArray[np.int64]:
    """How many bytes the texts of each row take when they are laid out."""
    count = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        if pyarrow.types.is_dictionary(column.type):
            lengths = compute.binary_length(column.dictionary).take(column.indices)
            count += compute.fill_null(lengths, 0).to_numpy(zero_copy_only=False)
    return count


def _cut(ends: NDArray[np.int64]) -> Iterator[range]:
    """Rows that may be laid out together.

    Args:
        ends: bytes of all rows up to each, and its own.
    """
    start = 0
    while start < len(ends):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + _BATCH_BYTES, "right")))
        yield range(start, stop)
        start = stop


def _laid_out(batch: pyarrow.RecordBatch) -> pyarrow.RecordBatch:
    columns = [column.dictionary_decode() if pyarrow.types.is_dictionary(column.type) else column for column in batch.columns]
    return pyarrow.record_batch(columns, names=batch.schema.names)

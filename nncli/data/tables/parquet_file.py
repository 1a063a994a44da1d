"""Tables in Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyarrow
import pyarrow.parquet

from nncli.data.arrays import open_file
from nncli.data.tables.files import foreign

_BATCH_ROWS: Final = 16_384


class ParquetFile:
    """A Parquet file, read row group by row group.

    Args:
        path: the file.

    Raises:
        NncliError: NN501 or NN502, it cannot be opened, or is something else.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        with open_file(path) as stream, foreign(path, "this is no Parquet file, or a damaged one"):
            self.names = tuple(pyarrow.parquet.ParquetFile(stream).schema_arrow.names)
        self.said = "Parquet"

    def batches(self) -> Iterator[pyarrow.RecordBatch]:
        """All rows."""
        with open_file(self.path) as stream, foreign(self.path):
            yield from pyarrow.parquet.ParquetFile(stream).iter_batches(batch_size=_BATCH_ROWS)

"""Files of tables: which there are, what they hold, and their rows batch by batch, as pyarrow reads them."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from nncli.data.arrays import open_file
from nncli.data.tables.opening import GZIP_MAGIC, open_bytes, require_few
from nncli.problems import error
from nncli.spec.datasets.tables import Csv, JsonLines, Parquet, Table
from nncli.spec.wording import repeated

if TYPE_CHECKING:
    import pyarrow

    from nncli.data.tables.notation import Notation

PARQUET_MAGIC: Final = b"PAR1"


class TableFile(Protocol):
    """An opened table."""

    path: str
    names: tuple[str, ...]
    """Its columns, in the file's order."""
    unnamed: frozenset[str]
    """Those of them that the file gives no name."""
    notation: Notation
    """How numbers among texts are written."""
    said: str
    """What it was found to be, for people."""

    def batches(self, names: str | None = None) -> Iterator[pyarrow.RecordBatch]:
        """Its rows from the first to the last, a column of any type each.

        Args:
            names: a column whose cells are names, which are no numbers and not missing, whatever they look like, if not empty.
        """


def find_files(paths: Sequence[str]) -> list[str]:
    """The files that paths and patterns name, those of a pattern in the order of their names.

    Raises:
        NncliError: NN501, nothing is called so.
    """
    found: list[str] = []
    for path in paths:
        if os.path.exists(path) or not glob.has_magic(path):
            found.append(path)
            continue
        matches = sorted(match for match in glob.glob(path, recursive=True) if os.path.isfile(match))
        if not matches:
            raise error("NN501", "no file is called so", "check the pattern", file=path)
        found += matches
    return list(dict.fromkeys(found))


def open_table(path: str, dataset: Table | None, in_doubt: Notation | None = None) -> TableFile:
    """Open a table.

    Args:
        path: its file.
        dataset: what it is said to be; None: what it is, the content tells.
        in_doubt: how numbers are written, where neither is said nor told by the file; None: plainly.

    Raises:
        NncliError: NN501 or NN502, it cannot be opened, or is something else.
    """
    if dataset is None:
        dataset = guess(path)
    match dataset:
        case Parquet():
            from nncli.data.tables.parquet_file import ParquetFile

            file: TableFile = ParquetFile(path)
        case JsonLines():
            from nncli.data.tables.json_lines import JsonLinesFile

            file = JsonLinesFile(path)
        case Csv():
            from nncli.data.tables.csv_file import CsvFile

            file = CsvFile(path, dataset) if in_doubt is None else CsvFile(path, dataset, in_doubt)
        case _:
            raise TypeError(f"no reader for tables of type `{dataset.type}`")
    if twice := [file.names[index] for index in repeated(file.names)]:
        raise error("NN502", f"two columns are called `{twice[0]:.60}`", "give each a name of its own", file=path)
    require_few(len(file.names), path)
    return file


def guess(path: str) -> Table:
    """What a file is, by its first characters."""
    with open_bytes(path) as stream:
        start = stream.read(4096)
    fields: dict[str, Any] = {"path": path, "target": "unknown"}
    if start.startswith(PARQUET_MAGIC):
        return Parquet(**fields)
    return JsonLines(**fields) if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") else Csv(**fields)


def unpacked_bytes(path: str, enough: int) -> int:
    """About how many bytes a table takes when it is unpacked.

    Args:
        path: its file.
        enough: what has not to be counted beyond.

    Raises:
        NncliError: NN501 or NN502, it cannot be opened, or is damaged.
    """
    with open_file(path) as stream:
        magic = stream.peek(4)[:4]
    if magic == PARQUET_MAGIC:
        from nncli.data.tables.parquet_file import ParquetFile

        return ParquetFile(path).unpacked_bytes
    if not magic.startswith(GZIP_MAGIC):
        return os.path.getsize(path)
    count = 0
    with open_bytes(path) as unpacked:
        while count <= enough and (data := unpacked.read(2**20)):
            count += len(data)
    return count


def digest(path: str) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with open_file(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

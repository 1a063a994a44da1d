"""Files of tables: which there are, what they hold, and their rows batch by batch, as pyarrow reads them."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, cast

from nncli.data.arrays import open_file, require_expansion
from nncli.problems import NncliError, error
from nncli.spec.datasets.tables import Csv, JsonLines, Parquet, Table
from nncli.spec.wording import repeated

if TYPE_CHECKING:
    import pyarrow

GZIP_MAGIC: Final = b"\x1f\x8b"
PARQUET_MAGIC: Final = b"PAR1"
MOST_COLUMNS: Final = 10_000


class TableFile(Protocol):
    """An opened table."""

    path: str
    names: tuple[str, ...]
    """Its columns, in the file's order."""
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


def open_table(path: str, dataset: Table | None) -> TableFile:
    """Open a table.

    Args:
        path: its file.
        dataset: what it is said to be; None: what it is, the content tells.

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

            file = CsvFile(path, dataset)
        case _:
            raise TypeError(f"no reader for tables of type `{dataset.type}`")
    if twice := [file.names[index] for index in repeated(file.names)]:
        raise error("NN502", f"two columns are called `{twice[0]:.60}`", "give each a name of its own", file=path)
    require_few(len(file.names), path)
    return file


def require_few(num_columns: int, path: str) -> None:
    """Check that a table has no more columns than are read; each takes memory, whatever it holds.

    Raises:
        NncliError: NN502, it has more.
    """
    if num_columns > MOST_COLUMNS:
        message = f"the table has {num_columns:,} columns or more, at most {MOST_COLUMNS:,} are read"
        raise error("NN502", message, "is the delimiter right?", file=path)


def guess(path: str) -> Table:
    """What a file is, by its first characters."""
    with open_bytes(path) as stream:
        start = stream.read(4096)
    fields: dict[str, Any] = {"path": path, "target": "unknown"}
    if start.startswith(PARQUET_MAGIC):
        return Parquet(**fields)
    return JsonLines(**fields) if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") else Csv(**fields)


@contextlib.contextmanager
def open_bytes(path: str) -> Iterator[IO[bytes]]:
    """The bytes of a file, decompressed where gzip made them.

    Raises:
        NncliError: NN501 or NN502, it cannot be opened, or more comes out of it than such a file may hold.
    """
    with open_file(path) as stream, foreign(path):
        if stream.peek(2)[:2] != GZIP_MAGIC:
            yield stream
            return
        with io.BufferedReader(_Unpacked(stream, path)) as unpacked:
            yield cast("IO[bytes]", unpacked)


class _Unpacked(io.RawIOBase):
    """What gzip packed, counted as it comes out: nobody knows before how much it is."""

    def __init__(self, stream: IO[bytes], path: str) -> None:
        import gzip

        self._path = path
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - 4))
        # The size that is said at the end tells of most bombs before they go off; one that lies there is found by the count.
        declared = int.from_bytes(stream.read(4), "little") if size > 18 else 0
        stream.seek(0)
        self._size, self._count = size, 0
        self._require(declared)
        self._gzip = gzip.GzipFile(fileobj=stream)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._gzip.read(len(buffer))
        buffer[: len(data)] = data
        self._count += len(data)
        self._require(self._count)
        return len(data)

    def _require(self, count: int) -> None:
        require_expansion(self._size, count, "if it is sound, unpack it with `gunzip`", self._path)


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


@contextlib.contextmanager
def foreign(path: str, what: str = "the table cannot be read") -> Iterator[None]:
    """Turn whatever a reader raises on foreign bytes into a problem that names the file.

    Args:
        path: the file.
        what: what cannot be done.
    """
    import zlib

    import pyarrow

    try:
        yield
    except NncliError:
        raise
    except UnicodeDecodeError as failure:
        message = f"byte {failure.start} of a part of it is no {failure.encoding}"
        raise error("NN502", message, "save the table as UTF-8, or state its `encoding`", file=path) from None
    except (pyarrow.ArrowException, OSError, EOFError, zlib.error, ValueError, LookupError, OverflowError) as failure:
        reason = " ".join(str(failure).split())[:200] or type(failure).__name__
        raise error("NN502", f"{what}: {reason}", "is it whole, and of this type?", file=path) from None


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where rows stand.

    Attributes:
        file: the file.
        first: number of the first of them there, from 1 on, the header aside.
    """

    file: str
    first: int = 1

    def error(self, row: int, message: str, hint: str | None = None) -> NncliError:
        """An error about one of the rows, `row` counting from 0 among them: the message goes on behind `row N: `."""
        return error("NN502", f"row {self.first + row:,}: {message}", hint, file=self.file)


def row_names(place: RowPlace, count: int) -> tuple[str, ...]:
    """What rows are called, by their numbers from 0 on: `people.csv[3]`."""
    return tuple(f"{place.file}[{place.first - 1 + row}]" for row in range(count))

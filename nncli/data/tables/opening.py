"""Opening tables that others made: their bytes, decompressed, and whatever goes wrong with them."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from typing import IO, Any, Final, cast

from nncli.data.arrays import open_file, require_expansion
from nncli.problems import NncliError, error

GZIP_MAGIC: Final = b"\x1f\x8b"
MOST_COLUMNS: Final = 10_000


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


def require_few(num_columns: int, path: str) -> None:
    """Check that a table has no more columns than are read; each takes memory, whatever it holds.

    Raises:
        NncliError: NN502, it has more.
    """
    if num_columns > MOST_COLUMNS:
        message = f"the table has {num_columns:,} columns or more, at most {MOST_COLUMNS:,} are read"
        raise error("NN502", message, "is the delimiter right?", file=path)


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

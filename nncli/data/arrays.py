"""NumPy's files, read with suspicion: `.npz` and `.npy` by their headers first, and never a pickle.

A file is foreign until shown otherwise. What its headers declare is checked against its size before an array is allocated
(`numpy.load` allocates what the header says), and whatever is wrong comes out as a problem that names the file.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import struct
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from nncli.data.on_disk import FileRows, chunks, spool
from nncli.data.origin import Origin, check_finite
from nncli.problems import NncliError, error

MAX_BYTES: Final = 8 * 2**30
"""The most that a file's arrays may take in memory together."""
MAX_RATIO: Final = 100
SMALL_BYTES: Final = 256 * 2**20
"""Arrays that take more than `SMALL_BYTES` together may not take more than `MAX_RATIO` times the bytes of their file: 8 MB can hold
8 GiB of zeros."""

_FOREIGN: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, tokenize.TokenError,
    OSError, EOFError, ValueError, RuntimeError, LookupError, ArithmeticError, TypeError, SyntaxError, MemoryError,
)  # fmt: skip
"""What zipfile and numpy.lib.format raise on bytes that are not theirs (found by fuzzing; both promise nothing narrower)."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the start of a stored array says about it."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def size(self) -> int:
        """Bytes that the array takes in memory."""
        return math.prod(self.shape) * self.dtype.itemsize


class Archive:
    """An open `.npz` file. Made by `open_npz`."""

    def __init__(self, archive: zipfile.ZipFile, file: str, size: int) -> None:
        self._archive = archive
        self.file = file
        self._members = {info.filename.removesuffix(".npy"): info for info in archive.infolist() if info.filename.endswith(".npy")}
        expanded = sum(info.file_size for info in archive.infolist())
        if expanded > MAX_BYTES:
            raise error("NN502", f"the file expands to more than {MAX_BYTES // 2**30} GiB", _NOT_MEMORY, file=file)
        require_expansion(size, expanded, "if it is sound, write it with `numpy.savez`, which packs nothing", file)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the arrays, in the file's order."""
        return tuple(self._members)

    def origin(self, name: str) -> Origin:
        """The place of the array `name`."""
        return Origin(f"`{name}`", self.file)

    def header(self, name: str) -> Header:
        """Shape and dtype of the array `name`, checked against the size of what is stored.

        Raises:
            NncliError: NN502, it is not an array of numbers or not whole.
        """
        info = self._members[name]
        if info.flag_bits & 1:
            raise error("NN502", f"array `{name}` is encrypted", _SAVE_AGAIN, file=self.file)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise error("NN502", f"array `{name}` is packed in a way that NumPy does not write", _SAVE_AGAIN, file=self.file)
        with _foreign(self.file, f"array `{name}` cannot be read"), self._archive.open(info) as stream:
            return _read_header(stream, info.file_size, f"array `{name}`", self.file)

    def read(self, name: str) -> NDArray[Any]:
        """The array `name`, in native byte order, every number finite.

        Args:
            name: one of `names`.

        Raises:
            NncliError: NN502, it is not an array of finite numbers or not whole.
        """
        self.header(name)
        with _foreign(self.file, f"array `{name}` cannot be read"), self._archive.open(self._members[name]) as stream:
            array = _read_array(stream)
            # Up to the end: only there does zipfile compare the checksum.
            stream.read(1)
        check_finite(array, self.origin(name))
        return array

    def spool(self, name: str) -> NDArray[Any] | FileRows:
        """As `read`, but in a temporary file: it is never in memory as a whole.

        Raises:
            NncliError: as `read`; NN604, there is no room for the temporary file.
        """
        header = self.header(name)
        with _foreign(self.file, f"array `{name}` cannot be read"), self._archive.open(self._members[name]) as stream:
            return _spooled(stream, header, f"array `{name}`", self.origin(name))


@contextlib.contextmanager
def open_npz(path: str | Path, stream: IO[bytes] | None = None) -> Iterator[Archive]:
    """Open a `.npz` file.

    Args:
        path: the file.
        stream: the file where it is open already; it then stays open.

    Yields:
        The archive; its arrays are read one by one.

    Raises:
        NncliError: NN501, the file cannot be opened; NN502, it is not a `.npz` file.
    """
    file = str(path)
    with contextlib.ExitStack() as stack:
        source = stream or stack.enter_context(open_file(path))
        with _foreign(file, "not a NumPy .npz file, or a damaged one"):
            size = source.seek(0, os.SEEK_END)
            archive = Archive(stack.enter_context(zipfile.ZipFile(source)), file, size)
        yield archive


def npy_header_of(path: str | Path) -> Header:
    """Shape and dtype of the array of a `.npy` file, checked against the file's size.

    Raises:
        NncliError: NN501, the file cannot be opened; NN502, it holds no array of numbers or is not whole.
    """
    file = str(path)
    with open_file(path) as stream, _foreign(file, _NO_NPY):
        return _read_header(stream, os.fstat(stream.fileno()).st_size, "the file", file)


def read_npy(path: str | Path) -> NDArray[Any]:
    """The array of a `.npy` file, in native byte order, every number finite.

    Raises:
        NncliError: NN501, the file cannot be opened; NN502, it holds no array of finite numbers or is not whole.
    """
    npy_header_of(path)
    with open_file(path) as stream, _foreign(str(path), _NO_NPY):
        array = _read_array(stream)
    check_finite(array, Origin("the array", str(path)))
    return array


def spool_npy(path: str | Path) -> NDArray[Any] | FileRows:
    """As `read_npy`, but in a temporary file, of its own since somebody may shorten or change the first one.

    Raises:
        NncliError: as `read_npy`; NN604, there is no room for the temporary file.
    """
    header = npy_header_of(path)
    with open_file(path) as stream, _foreign(str(path), _NO_NPY):
        return _spooled(stream, header, "the file", Origin("the array", str(path)))


def open_file(path: str | Path) -> BufferedReader:
    """Open a data file for reading.

    Raises:
        NncliError: NN501, it is missing, no plain file or not to be opened; NN502, it is empty.
    """
    try:
        # A pipe or a device would block or never end; `is_file` follows links, as `open` does.
        if not Path(path).exists():
            raise error("NN501", "there is no such file", "check the path", file=path)
        if not Path(path).is_file():
            raise error("NN501", "this is a folder or a device, but a data file was expected", file=path)
        stream = Path(path).open("rb")  # noqa: SIM115, the caller closes it
    except (OSError, ValueError) as failure:  # ValueError: a null character in the path
        raise error("NN501", f"the file cannot be opened: {getattr(failure, 'strerror', None) or failure}", file=path) from None
    if os.fstat(stream.fileno()).st_size == 0:
        stream.close()
        raise error("NN502", "the file is empty", file=path)
    return stream


def require_expansion(size: int, expanded: int, hint: str, file: str) -> None:
    """Check that what is packed in a file is not out of all proportion to it.

    Args:
        size: bytes of the file.
        expanded: bytes of what it holds, or of as much of it as has been seen.
        hint: what to do where the file is sound.
        file: its path.

    Raises:
        NncliError: NN502, it holds more than `SMALL_BYTES`, and more than `MAX_RATIO` times its size.
    """
    if expanded > max(SMALL_BYTES, MAX_RATIO * size):
        message = f"the file expands more than {MAX_RATIO} times, from {size:,} to {expanded:,} bytes"
        raise error("NN502", message, hint, file=file)


def _spooled(stream: IO[bytes], header: Header, what: str, origin: Origin) -> NDArray[Any] | FileRows:
    """The array that a stream holds, in a temporary file, every number finite."""
    if header.size == 0:
        return np.zeros(header.shape, header.dtype)
    shape, fortran, dtype = _read_npy_header(stream, what, origin.file or "")
    array = spool(_pieces(stream, dtype), shape, header.dtype, fortran=fortran)
    start = 0
    for chunk in chunks(array):
        check_finite(chunk, origin, start)
        start += len(chunk)
    return array


_NO_NPY: Final = "not a NumPy .npy file, or a damaged one"
_PIECE_BYTES: Final = 2**24
_SAVE_AGAIN: Final = "write the file again with `numpy.savez`, as plain arrays of numbers"
_NUMBER_TEXTS: Final = (
    "number the texts: `names, y = numpy.unique(y, return_inverse=True)`; `dataset.class_names` takes the names in that order"
)
_NOT_MEMORY: Final = "use a smaller part of the data: nncli keeps them in memory"


@contextlib.contextmanager
def _foreign(file: str, what: str) -> Iterator[None]:
    """Turn whatever the readers raise on foreign bytes into a problem that names the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numpy warns of headers that Python 2 wrote; they read well
            yield
    except NncliError:
        raise
    except _FOREIGN as failure:
        said = re.sub(r" object at 0x[0-9a-f]+", "", str(failure))
        reason = " ".join(said.split())[:120] or type(failure).__name__
        raise error("NN502", f"{what}: {reason}", _SAVE_AGAIN, file=file) from None


def _pieces(stream: IO[bytes], dtype: np.dtype[Any]) -> Iterator[NDArray[Any]]:
    """The values of an array as they are stored, in native byte order; at the end zipfile compares the checksum."""
    while data := stream.read(_PIECE_BYTES):
        yield np.frombuffer(data, dtype).astype(dtype.newbyteorder("="), copy=False)


def _read_npy_header(stream: IO[bytes], what: str, file: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether the values come column by column, and dtype."""
    version = npy_format.read_magic(stream)
    if version not in ((1, 0), (2, 0)):  # 3.0 is for field names in UTF-8, and nncli reads no records
        raise error("NN502", f"{what} is in version {version[0]}.{version[1]} of NumPy's format", _SAVE_AGAIN, file=file)
    return npy_format.read_array_header_1_0(stream) if version == (1, 0) else npy_format.read_array_header_2_0(stream)


def _read_header(stream: IO[bytes], size: int, what: str, file: str) -> Header:
    shape, _, dtype = _read_npy_header(stream, what, file)
    if dtype.kind not in "biuf" or dtype.itemsize > 8 or dtype.subdtype is not None:
        hint = _NUMBER_TEXTS if dtype.kind in "US" else _SAVE_AGAIN
        raise error("NN502", f"{what} holds {_kind(dtype)}, but numbers were expected", hint, file=file)
    if any(entry < 0 for entry in shape):
        raise error("NN502", f"{what} declares the impossible shape {shape}", _SAVE_AGAIN, file=file)
    declared = stream.tell() + math.prod(shape) * dtype.itemsize
    if declared > MAX_BYTES:
        raise error("NN502", f"{what} declares more than {MAX_BYTES // 2**30} GiB", _NOT_MEMORY, file=file)
    if declared > size:
        raise error("NN502", f"{what} is truncated: {declared} bytes declared, {size} stored", _SAVE_AGAIN, file=file)
    if declared < size:
        raise error("NN502", f"{what} is damaged: {declared} bytes declared, {size} stored", _SAVE_AGAIN, file=file)
    return Header(tuple(int(entry) for entry in shape), dtype.newbyteorder("="))


def _read_array(stream: IO[bytes]) -> NDArray[Any]:
    array: NDArray[Any] = npy_format.read_array(stream, allow_pickle=False)
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("=")).reshape(array.shape)


def _kind(dtype: np.dtype[Any]) -> str:
    if dtype.hasobject:
        return "Python objects"
    named = {"U": "text", "S": "text", "c": "complex numbers", "V": "records", "M": "dates", "m": "durations"}
    return named.get(dtype.kind, f"numbers of type {dtype}")

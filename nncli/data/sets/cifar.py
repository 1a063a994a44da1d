"""CIFAR-10 and CIFAR-100, from Keras's cache or the address that Keras loads them from."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import pickletools
import shutil
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.arrays import open_file
from nncli.data.samples import RawSamples
from nncli.data.sets.cached import cache_folder
from nncli.problems import NncliError, error

MAX_BATCH_BYTES: Final = 256 * 2**20
"""The largest file, CIFAR-100's training part, has 155 MB."""


@dataclass(frozen=True, slots=True)
class Archive:
    """One of the two sets as its authors published it.

    Attributes:
        name: type name of the data set.
        folder: where Keras unpacks the archive, below `datasets`.
        inner: the folder inside the archive.
        train, test: files of the two parts.
        url, sha256, max_bytes: of the archive; source: keras/src/datasets/cifar10.py and cifar100.py.
    """

    name: str
    folder: str
    inner: str
    train: tuple[str, ...]
    test: str
    url: str
    sha256: str
    max_bytes: int = 200 * 2**20


CIFAR10: Final = Archive(
    "cifar10",
    "cifar-10-batches-py-target",
    "cifar-10-batches-py",
    tuple(f"data_batch_{number}" for number in range(1, 6)),
    "test_batch",
    "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
)
CIFAR100: Final = Archive(
    "cifar100",
    "cifar-100-python-target",
    "cifar-100-python",
    ("train",),
    "test",
    "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
    "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
)


def read(archive: Archive, label_key: str) -> tuple[RawSamples, RawSamples]:
    """Read a set; download it where it is not there yet.

    Args:
        archive: which set.
        label_key: `labels`, `fine_labels` or `coarse_labels`.

    Returns:
        Training and test part: inputs uint8 `(num_samples, 32, 32, 3)`; targets uint8 `(num_samples,)`.

    Raises:
        NncliError: NN503, the files are missing and cannot be downloaded; NN502, they hold something else.
    """
    folder = cache_folder() / archive.folder
    if not os.path.lexists(folder):
        _fetch(archive, folder)
    parts = []
    for names in (archive.train, (archive.test,)):
        batches = [_read_batch(folder / archive.inner / name, label_key) for name in names]
        images, labels = (np.concatenate(arrays) for arrays in zip(*batches, strict=True))
        parts.append(RawSamples(images, labels, None))
    return parts[0], parts[1]


def _fetch(archive: Archive, folder: Path) -> None:
    from nncli.data.sets.download import download

    packed = folder.with_name(f"{folder.name}.tar.gz")
    instead = f"`dataset: mnist_5k` needs no network; or unpack the archive into {folder} yourself"
    if not os.path.lexists(packed):  # a dangling link is somebody's arrangement
        download(archive.url, packed, sha256=archive.sha256, max_bytes=archive.max_bytes, instead=instead)
    part = folder.with_name(f"{folder.name}.part-{os.getpid()}")
    try:
        with packed.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
            if found != archive.sha256:  # tarfile takes a damaged archive for one that ends early
                raise tarfile.TarError(f"its SHA-256 is {found[:12]}..., not {archive.sha256[:12]}...")
            stream.seek(0)
            with tarfile.open(fileobj=stream) as tar:
                tar.extractall(part, filter="data")
        part.rename(folder)
    except (OSError, EOFError, zlib.error, tarfile.TarError) as failure:
        raise error(
            "NN503", f"the archive cannot be unpacked: {failure}", "remove it, so that it is downloaded again", file=packed
        ) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


class _Dtype:
    """Stands for `numpy.dtype`: the only arrays of these sets are of bytes, whatever else a file says of them."""

    def __init__(self, name: bytes | str, *_: object) -> None:
        if name not in (b"u1", "u1"):
            raise pickle.UnpicklingError(f"it holds an array of the type {name!r:.40}")

    def __setstate__(self, state: object) -> None:
        """Byte order and the like, of which bytes have none."""


class _Array:
    """Stands for an array. NumPy's own takes what a pickle says of its memory on trust: types and pointers, too."""

    values: NDArray[np.uint8]

    def __init__(self, *_: object) -> None:
        pass

    def __setstate__(self, state: tuple[object, tuple[int, ...], _Dtype, bool, bytes]) -> None:
        """Shape, dtype, order of the axes, and the bytes themselves."""
        _, shape, dtype, is_fortran, data = state
        if type(dtype) is not _Dtype or type(data) is not bytes:
            raise pickle.UnpicklingError("it holds an array of something else than bytes")
        self.values = np.frombuffer(data, np.uint8).reshape(shape, order="F" if is_fortran else "C")


class _OnlyArrays(pickle.Unpickler):
    """An unpickler that knows arrays of bytes and what Python has built in, and nothing that could act."""

    def find_class(self, module: str, name: str) -> Any:
        """What stands for the few names that a pickled array needs."""
        if (module, name) in _ALLOWED:
            return _ALLOWED[module, name]
        raise pickle.UnpicklingError(f"it names `{module}.{name}`, which no array needs")


_ALLOWED: Final[dict[tuple[str, str], Any]] = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy", "ndarray"): None,  # which `_reconstruct` is told, and nothing may call
    ("numpy", "dtype"): _Dtype,
}
_OPCODES: Final = frozenset(
    """PROTO FRAME STOP MARK NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 LONG1 SHORT_BINSTRING BINSTRING SHORT_BINBYTES BINBYTES
    UNICODE SHORT_BINUNICODE BINUNICODE EMPTY_DICT EMPTY_LIST EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 APPEND APPENDS SETITEM SETITEMS
    GLOBAL STACK_GLOBAL REDUCE BUILD BINPUT LONG_BINPUT MEMOIZE BINGET LONG_BINGET""".split()  # noqa: SIM905  forty quoted words read worse
)
"""What Python 2 and 3 write for dicts, lists, tuples, numbers, texts and arrays."""


def _require_plain(data: bytes) -> None:
    """Look through a pickle before it is run: one of a few bytes can ask for gigabytes, by the number that it gives an object."""
    for number, (opcode, argument, _) in enumerate(pickletools.genops(data)):
        if opcode.name not in _OPCODES or (opcode.name.endswith("PUT") and int(argument or 0) > number):
            raise pickle.UnpicklingError(f"it holds {opcode.name} {argument!r:.20}, which no array needs")


def _read_batch(path: Path, label_key: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    try:
        with open_file(path) as stream:
            return _decode(stream, label_key)
    except NncliError:
        raise
    except Exception as failure:  # whatever a damaged pickle raises
        reason = " ".join(str(failure).split())[:120] or type(failure).__name__
        hint = "remove its folder, so that it is downloaded again"
        raise error("NN502", f"this is no file of CIFAR: {reason}", hint, file=path) from None


def _decode(stream: BinaryIO, label_key: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    data = stream.read(MAX_BATCH_BYTES + 1)
    if len(data) > MAX_BATCH_BYTES:
        raise ValueError(f"more than {MAX_BATCH_BYTES:,} bytes")
    _require_plain(data)
    table = _OnlyArrays(io.BytesIO(data), encoding="bytes").load()
    images, given = table[b"data"].values, table[label_key.encode()]
    if type(given) is not list or not all(type(label) is int for label in given):
        raise ValueError("labels that are no class numbers")
    labels = np.array(given)
    if images.ndim != 2 or images.shape[1] != 3072 or labels.shape != (len(images),):
        raise ValueError(f"images of shape {images.shape} and labels of shape {labels.shape}")
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() > 99:
        raise ValueError("labels that are no class numbers")
    # Stored channel by channel, row by row.
    return np.ascontiguousarray(images.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)), labels.astype(np.uint8)

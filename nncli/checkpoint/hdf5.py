"""HDF5 files from anyone: nothing in them is asked for before a look at how it is stored.

Nothing is executed, and HDF5 is only asked for hard links, whole numbers, and arrays in contiguous or compact storage,
without filters, inside the file, of a known type and of as many bytes as they declare. Texts are arrays of bytes.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
from collections.abc import Iterator
from typing import Any, Final

import h5py
import numpy as np
from numpy.typing import NDArray

from nncli.checkpoint.texts import AttributeTexts, Unreadable

MAX_JSON: Final = 64 * 2**20
"""Most bytes of one JSON text in a checkpoint."""
_DTYPES: Final = frozenset(["float16", "float32", "float64", "int32", "int64", "uint32", "uint64", "uint8", "bool"])
DAMAGE: Final = (OSError, LookupError, ValueError, TypeError, RuntimeError, AttributeError, ArithmeticError, MemoryError)
"""The exceptions by which HDF5 reports damage, depending on where it meets it."""


class Damaged(Exception):
    """What is wrong inside the file."""


@contextlib.contextmanager
def opened(data: bytes) -> Iterator[Group]:
    """The root group of the file that `data` are.

    Raises:
        Damaged: on every use of what is not as it should be; h5py's own exceptions where its structure is damaged.
    """
    with h5py.File(io.BytesIO(data), "r") as file:
        yield Group(_Image(data), file)


class _Image:
    """The bytes of a file, and how many of them no array has claimed yet.

    The arrays of a checkpoint lie beside each other. In a hostile file many may share the same bytes, or declare more than the
    file has: HDF5 would make up the rest.
    """

    def __init__(self, data: bytes) -> None:
        self.data, self._unclaimed = data, len(data)
        self.texts = AttributeTexts(data)

    def claim(self, name: str, size: int, offset: int) -> None:
        """Take note that `size` bytes at `offset` belong to `name`.

        Raises:
            Damaged: they are not there, or others have them.
        """
        self._unclaimed -= size
        if offset + size > len(self.data) or self._unclaimed < 0:
            raise Damaged(f"{name} declares more bytes than the file has")


class Group:
    """A group, and which of its members were asked for."""

    def __init__(self, image: _Image, group: h5py.Group, path: str = "") -> None:
        self._image, self._group, self._path = image, group, path
        self._taken: dict[str, Group | None] = {}

    def __contains__(self, name: str) -> bool:
        return bool(self._group.id.links.exists(name.encode()))

    def refuse_others(self) -> None:
        """Refuse what nobody has asked for, here and in the groups inside.

        Raises:
            Damaged: there is a member that nncli does not write.
        """
        for name in self._group:
            if name not in self._taken:
                raise Damaged(f"it holds {self._called(name)}, which nncli does not write")
        for child in self._taken.values():
            if child is not None:
                child.refuse_others()

    def group(self, name: str) -> Group:
        """The group `name`."""
        child = self._taken.get(name) or Group(self._image, self._member(name, h5py.Group), f"{self._path}/{name}")
        self._taken[name] = child
        return child

    def array(self, name: str) -> NDArray[Any]:
        """The values of the array `name`."""
        dataset = self._plain(name)
        offset = dataset.id.get_offset() or 0  # none for a compact one, which lies in its header
        self._image.claim(self._called(name), dataset.nbytes, offset)
        return np.asarray(dataset[()])

    def descend(self, path: str) -> NDArray[Any]:
        """The values of the array at a path of groups and its name, separated by `/`."""
        *folders, last = path.split("/")
        group = self
        for folder in folders:
            group = group.group(folder)
        return group.array(last)

    def offset(self, name: str) -> int | None:
        """Where in the file the array `name` begins; None for one that has no place of its own."""
        offset: int | None = self._plain(name).id.get_offset()
        return offset

    def json(self, name: str) -> Any:
        """The JSON text `name`, which stands in an array of bytes."""
        dataset = self._plain(name)
        if dataset.dtype != np.uint8 or dataset.ndim != 1 or dataset.size > MAX_JSON:
            raise Damaged(f"{self._called(name)} is no text of at most {MAX_JSON:,} bytes")
        try:
            return json.loads(self.array(name).tobytes())
        except (ValueError, RecursionError):
            raise Damaged(f"{self._called(name)} is no JSON that can be read") from None

    def whole_number(self, name: str) -> int:
        """The attribute `name`, a whole number."""
        if not h5py.h5a.exists(self._group.id, name.encode()):
            raise Damaged(f"{self._called(name)} is missing")
        attribute = h5py.h5a.open(self._group.id, name.encode())
        if not isinstance(attribute.get_type(), h5py.h5t.TypeIntegerID) or attribute.shape != ():
            raise Damaged(f"{self._called(name)} is no whole number")
        return int(self._group.attrs[name])

    def texts(self, name: str) -> tuple[str, ...] | None:
        """The texts of the attribute `name`, one or a list; None where there is no such attribute."""
        try:
            return self._image.texts.find(h5py.h5o.get_info(self._group.id).addr, name)
        except Unreadable as problem:
            raise Damaged(f"{self._called(name)} cannot be read: {problem}") from None

    def _called(self, name: str) -> str:
        return f"`{self._path}/{name}`"

    def _member(self, name: str, kind: type) -> Any:
        """The member `name`: a hard link to an object of the right kind, never a way out of the file."""
        if not name or name in (".", "..") or "/" in name or name not in self:
            raise Damaged(f"{self._called(name)} is missing")
        if self._group.id.links.get_info(name.encode()).type != h5py.h5l.TYPE_HARD:
            raise Damaged(f"{self._called(name)} is a link to somewhere else")
        found = self._group[name]
        if not isinstance(found, kind):
            raise Damaged(f"{self._called(name)} is no {'array' if kind is h5py.Dataset else 'group'}")
        return found

    def _plain(self, name: str) -> h5py.Dataset:
        """The array `name`, stored as plainly as nncli writes it."""
        dataset = self._member(name, h5py.Dataset)
        self._taken[name] = None
        properties = dataset.id.get_create_plist()
        if properties.get_layout() == h5py.h5d.VIRTUAL:
            raise Damaged(f"{self._called(name)} lies in other files")
        if properties.get_external_count():
            raise Damaged(f"{self._called(name)} lies outside the file")
        if properties.get_nfilters():
            raise Damaged(f"{self._called(name)} is compressed or filtered")
        if properties.get_layout() not in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT):
            raise Damaged(f"{self._called(name)} is stored in pieces")
        if dataset.shape is None:
            raise Damaged(f"{self._called(name)} is empty")
        if dataset.dtype.name not in _DTYPES or dataset.dtype != np.dtype(dataset.dtype.name):
            raise Damaged(f"{self._called(name)} holds {_described(dataset.dtype)}, which no network has")
        declared = math.prod(dataset.shape) * dataset.dtype.itemsize
        if dataset.id.get_storage_size() != declared:
            raise Damaged(f"{self._called(name)} declares {declared:,} bytes and stores {dataset.id.get_storage_size():,}")
        return dataset


def _described(dtype: np.dtype[Any]) -> str:
    if h5py.check_ref_dtype(dtype) is not None:
        return "references"
    if h5py.check_string_dtype(dtype) is not None:
        return "text"
    return "lists" if h5py.check_vlen_dtype(dtype) is not None else f"values of type {dtype}"

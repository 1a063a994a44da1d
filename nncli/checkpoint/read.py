"""The bytes of an h5 file -> checkpoint, every array checked before it is read.

A file may come from anyone. Nothing in it is executed, no library but HDF5 reads it, and HDF5 is only asked for what was looked at
first: hard links, contiguous or compact storage, no filters, no external files, the expected type and shape.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import stat
from pathlib import Path
from typing import Any, Final, NoReturn

os.environ["HDF5_PLUGIN_PRELOAD"] = "::"  # no plugin may be loaded for a filter that a file names

import h5py
import numpy as np
from numpy.typing import NDArray

from nncli.checkpoint.contents import Arrays, Checkpoint, Weights
from nncli.checkpoint.write import FORMAT
from nncli.problems import error

MAX_JSON: Final = 64 * 2**20
"""Most bytes of one JSON text in a checkpoint."""
MAX_FILE: Final = 64 * 2**30
_DTYPES: Final = frozenset(["float16", "float32", "float64", "int32", "int64", "uint32", "uint64", "uint8", "bool"])


class _Damaged(Exception):
    """What is wrong inside the file."""


class _Image:
    """The bytes of a file, and how many of them no array has claimed yet.

    The arrays of a checkpoint lie beside each other. In a hostile file many may share the same bytes, or declare more than the
    file has: HDF5 would make up the rest.
    """

    def __init__(self, data: bytes) -> None:
        self.data, self._unclaimed = data, len(data)

    def claim(self, dataset: h5py.Dataset, size: int) -> None:
        """Take note that a dataset has `size` bytes."""
        offset = dataset.id.get_offset() or 0  # none for a compact one, which lies in its header
        self._unclaimed -= size
        if offset + size > len(self.data) or self._unclaimed < 0:
            raise _Damaged(f"`{dataset.name}` declares more bytes than the file has")


def read_checkpoint(path: str | Path) -> Checkpoint:
    """Read a checkpoint that nncli wrote.

    Args:
        path: the `.h5` file.

    Raises:
        NncliError: NN603, with the file's name and what is wrong with it; NN604 where the disk refuses.
    """
    path = Path(path)
    data = _read_file(path)
    try:
        return _parse(_Image(data))
    except _Damaged as problem:
        _refuse(path, str(problem))
    except (OSError, LookupError, ValueError, TypeError, RuntimeError, AttributeError, ArithmeticError, MemoryError) as problem:
        # HDF5 reports damage by any of these, depending on where it meets it.
        _refuse(path, f"its HDF5 structure is damaged ({type(problem).__name__})")


def _read_file(path: Path) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise error("NN603", "this is a folder without a run's checkpoints", "name a run folder or a .h5 file", file=path)
        if not stat.S_ISREG(status.st_mode):
            _refuse(path, "it is no file but a device or a pipe")
        if status.st_size > MAX_FILE:
            _refuse(path, f"it has {status.st_size:,} bytes; at most {MAX_FILE:,} are read")
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a name with a null byte
        raise error("NN603", "there is no such checkpoint", "`nncli train CONFIG` makes one", file=path) from None
    except OSError as problem:
        raise error("NN604", f"the checkpoint cannot be read: {problem.strerror}", file=path) from None
    if not data:
        _refuse(path, "the file is empty")
    if not data.startswith(b"\x89HDF\r\n\x1a\n"):
        _refuse(path, "it is no HDF5 file")
    return data


def _refuse(path: Path, what: str) -> NoReturn:
    raise error(
        "NN603", f"this is no usable checkpoint: {what}", "an older one may lie beside it: last.previous.h5", file=path
    ) from None


def _parse(image: _Image) -> Checkpoint:
    with h5py.File(io.BytesIO(image.data), "r") as file:
        group = _child(file, "nncli", h5py.Group, "it is an HDF5 file, but nncli did not write it")
        _verify(image, group)
        stored = int(group.attrs["format"])
        if stored != FORMAT:
            raise _Damaged(f"its format is {stored}, this nncli reads {FORMAT}")
        texts = {name: _json(image, group, name) for name in ("experiment", "preparation", "run", "state")}
        if any(not isinstance(text, dict) for name, text in texts.items() if name != "state" or text is not None):
            raise _Damaged("a part that must be a mapping is none")
        groups = [name for name in group if name not in {*texts, "checksum"}]
        variables = {name: _numbered(image, _child(group, name, h5py.Group)) for name in groups}
        return Checkpoint(_weights(image, file), texts["experiment"], texts["preparation"], texts["run"], texts["state"], variables)


def _verify(image: _Image, group: h5py.Group) -> None:
    """Hold every byte of the file to its checksum."""
    dataset = _child(group, "checksum", h5py.Dataset)
    stored = _array(image, dataset)
    offset = dataset.id.get_offset()
    if stored.shape != (32,) or stored.dtype != np.uint8 or offset is None:
        raise _Damaged("its checksum is damaged")
    digest = hashlib.sha256(image.data[:offset])
    digest.update(bytes(32))
    digest.update(memoryview(image.data)[offset + 32 :])
    if digest.digest() != stored.tobytes():
        raise _Damaged("its bytes do not match its checksum: it was cut short, changed or damaged")


def _weights(image: _Image, file: h5py.File) -> Weights:
    group = _child(file, "model_weights", h5py.Group)
    layers: dict[str, Arrays] = {}
    for name in _names(group, "layer_names"):
        layer = _child(group, name, h5py.Group)
        layers[name] = tuple((path, _array(image, _descend(layer, path))) for path in _names(layer, "weight_names"))
    weights = Weights(_attribute_text(file, "model_config"), _attribute_text(file, "keras_version"), layers)
    if not weights.is_finite():
        raise _Damaged("it holds weights that are not finite numbers")
    return weights


def _attribute_text(group: h5py.Group, name: str) -> str:
    return _text(group.attrs[name], name)


def _text(value: object, name: str) -> str:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, str):
        return str(value)
    raise _Damaged(f"`{name}` is no text")


def _names(group: h5py.Group, attribute: str) -> list[str]:
    """A list of names; a long one stands in several attributes, as Keras cuts it."""
    if attribute in group.attrs:
        values = list(group.attrs[attribute])
    else:
        values, number = [], 0
        while f"{attribute}{number}" in group.attrs:
            values += list(group.attrs[f"{attribute}{number}"])
            number += 1
        if not number:
            raise _Damaged(f"`{attribute}` is missing")
    return [_text(value, attribute) for value in values]


def _numbered(image: _Image, group: h5py.Group) -> Arrays:
    names = _json(image, group, "names")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _Damaged("`names` is no list of names")
    return tuple((name, _array(image, _child(group, str(number), h5py.Dataset))) for number, name in enumerate(names))


def _json(image: _Image, group: h5py.Group, name: str) -> Any:
    dataset = _child(group, name, h5py.Dataset)
    if dataset.dtype != np.uint8 or dataset.ndim != 1 or dataset.size > MAX_JSON:
        raise _Damaged(f"`{name}` is no text of at most {MAX_JSON:,} bytes")
    try:
        return json.loads(_array(image, dataset).tobytes())
    except (ValueError, RecursionError):
        raise _Damaged(f"`{name}` is no JSON that can be read") from None


def _descend(group: h5py.Group, path: str) -> h5py.Dataset:
    *folders, last = path.split("/")
    for folder in folders:
        group = _child(group, folder, h5py.Group)
    return _child(group, last, h5py.Dataset)


def _child(group: h5py.Group, name: str, kind: type, missing: str | None = None) -> Any:
    """The member `name` of a group: a hard link to an object of the right kind, never a way out of the file."""
    if not name or name in (".", "..") or "/" in name or name not in group:
        raise _Damaged(missing or f"`{name}` is missing")
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise _Damaged(f"`{name}` is a link to somewhere else")
    found = group[name]
    if not isinstance(found, kind):
        raise _Damaged(f"`{name}` is of the wrong kind")
    return found


def _array(image: _Image, dataset: h5py.Dataset) -> NDArray[Any]:
    """The values of a dataset whose storage is as plain as nncli writes it."""
    properties = dataset.id.get_create_plist()
    if properties.get_layout() not in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT):
        raise _Damaged(f"`{dataset.name}` is stored in pieces")
    if properties.get_nfilters() or properties.get_external_count() or dataset.is_virtual:
        raise _Damaged(f"`{dataset.name}` is stored filtered, virtually or outside the file")
    if dataset.dtype.name not in _DTYPES or dataset.shape is None:
        raise _Damaged(f"`{dataset.name}` holds {dataset.dtype}, which no network has")
    expected = math.prod(dataset.shape) * dataset.dtype.itemsize
    if dataset.id.get_storage_size() != expected:
        raise _Damaged(f"`{dataset.name}` declares {expected:,} bytes and stores {dataset.id.get_storage_size():,}")
    image.claim(dataset, expected)
    return np.asarray(dataset[()])

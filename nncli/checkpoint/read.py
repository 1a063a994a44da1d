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
        return _parse(data)
    except _Damaged as problem:
        _refuse(path, str(problem))
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, AttributeError, RecursionError, UnicodeError) as problem:
        # HDF5 reports damage by any of these, depending on where it meets it.
        _refuse(path, f"its HDF5 structure is damaged ({type(problem).__name__})")


def _read_file(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise error("NN603", "this is a folder without a run's checkpoints", "name a run folder or a .h5 file", file=path)
        if size > MAX_FILE:
            _refuse(path, f"it has {size:,} bytes; at most {MAX_FILE:,} are read")
        data = path.read_bytes()
    except FileNotFoundError:
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


def _parse(data: bytes) -> Checkpoint:
    with h5py.File(io.BytesIO(data), "r") as file:
        group = _child(file, "nncli", h5py.Group, "it is an HDF5 file, but nncli did not write it")
        if int(group.attrs["format"]) != FORMAT:
            raise _Damaged(f"its format is {group.attrs['format']}, this nncli reads {FORMAT}")
        _verify(data, group)
        texts = {name: json.loads(_bytes(group, name)) for name in ("experiment", "preparation", "run", "state")}
        if any(not isinstance(texts[name], dict) for name in ("experiment", "preparation", "run")):
            raise _Damaged("a part that must be a mapping is none")
        reserved = {*texts, "checksum"}
        variables = {name: _numbered(_child(group, name, h5py.Group)) for name in group if name not in reserved}
        return Checkpoint(_weights(file), texts["experiment"], texts["preparation"], texts["run"], texts["state"], variables)


def _verify(data: bytes, group: h5py.Group) -> None:
    """Hold every byte of the file to its checksum."""
    dataset = _child(group, "checksum", h5py.Dataset)
    stored = _array(dataset)
    offset = dataset.id.get_offset()
    if stored.shape != (32,) or stored.dtype != np.uint8 or offset is None:
        raise _Damaged("its checksum is damaged")
    digest = hashlib.sha256(data[:offset])
    digest.update(bytes(32))
    digest.update(memoryview(data)[offset + 32 :])
    if digest.digest() != stored.tobytes():
        raise _Damaged("its bytes do not match its checksum: it was cut short, changed or damaged")


def _weights(file: h5py.File) -> Weights:
    group = _child(file, "model_weights", h5py.Group)
    layers = {}
    for name in _names(group, "layer_names"):
        layer = _child(group, name, h5py.Group)
        layers[name] = tuple((path, _array(_descend(layer, path))) for path in _names(layer, "weight_names"))
    return Weights(_attribute_text(file, "model_config"), _attribute_text(file, "keras_version"), layers)


def _attribute_text(group: h5py.Group, name: str) -> str:
    value = group.attrs[name]
    return value.decode() if isinstance(value, bytes) else str(value)


def _names(group: h5py.Group, attribute: str) -> list[str]:
    if attribute in group.attrs:
        values = list(group.attrs[attribute])
    else:
        values, number = [], 0
        while f"{attribute}{number}" in group.attrs:
            values += list(group.attrs[f"{attribute}{number}"])
            number += 1
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values]


def _numbered(group: h5py.Group) -> Arrays:
    names = json.loads(_bytes(group, "names"))
    return tuple((str(name), _array(_child(group, str(number), h5py.Dataset))) for number, name in enumerate(names))


def _bytes(group: h5py.Group, name: str) -> bytes:
    dataset = _child(group, name, h5py.Dataset)
    if dataset.dtype != np.uint8 or dataset.ndim != 1 or dataset.size > MAX_JSON:
        raise _Damaged(f"`{name}` is no text of at most {MAX_JSON:,} bytes")
    return _array(dataset).tobytes()


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


def _array(dataset: h5py.Dataset) -> NDArray[Any]:
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
    values: NDArray[Any] = np.asarray(dataset[()])
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise _Damaged(f"`{dataset.name}` holds numbers that are not finite")
    return values

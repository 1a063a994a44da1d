"""The bytes of an h5 file -> checkpoint. A file may come from anyone: no library but HDF5 reads it."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np

from nncli.checkpoint.architecture import foreign_class
from nncli.checkpoint.contents import VARIABLES, Arrays, Checkpoint, Weights
from nncli.checkpoint.hdf5 import DAMAGE, Damaged, Group, opened
from nncli.checkpoint.write import FORMAT
from nncli.problems import error

MAX_FILE: Final = 64 * 2**30
"""Most bytes of a checkpoint."""
_BEGINNING: Final = 1024
_ARE_READ: Final = (b"\x89HDF\r\n\x1a\n", b"PK\x03\x04")
_SMALL: Final = 2**28
_MOST_EXPANSION: Final = 100
_SIGNATURES: Final = {
    b"PK\x03\x04": "a zip archive, as `.keras` and `.npz` files are",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"\x93NUMPY": "a NumPy array",
    b"\x1f\x8b": "a gzip file",
}
"""First bytes of a file -> what it is."""


class _Foreign(Exception):
    """What a file is that is no checkpoint of nncli's."""


def read_checkpoint(path: str | Path) -> Checkpoint:
    """Read a checkpoint that nncli wrote.

    Args:
        path: the `.h5` file.

    Raises:
        NncliError: NN603, with the file's name and what is wrong with it; NN604 where the disk refuses.
    """
    path = Path(path)
    return parse_checkpoint(path, read_file(path))


def parse_checkpoint(path: Path, data: bytes) -> Checkpoint:
    """The checkpoint that the bytes of a file are; arguments and errors as for `read_checkpoint`."""
    try:
        if not data.startswith(b"\x89HDF\r\n\x1a\n"):
            raise _Foreign(_recognised(data))
        return _parse(data)
    except _Foreign as problem:
        hint = "name a run folder, or a checkpoint in it, such as `checkpoints/best.h5`"
        raise error("NN603", f"this is no checkpoint of nncli, but {problem}", hint, file=path) from None
    except Damaged as problem:
        _refuse(path, str(problem))
    except DAMAGE as problem:
        _refuse(path, f"its HDF5 structure is damaged ({type(problem).__name__})")


def read_file(path: Path) -> bytes:
    """The bytes of a file that should be a checkpoint.

    Raises:
        NncliError: NN603, there is no such file; NN604, the disk refuses.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise error("NN603", "this is a folder, but a checkpoint is a file", "name its `checkpoints/best.h5`", file=path)
        if not stat.S_ISREG(status.st_mode):
            _refuse(path, "it is no file but a device or a pipe")
        if status.st_size > MAX_FILE:
            _refuse(path, f"it has {status.st_size:,} bytes; at most {MAX_FILE:,} are read")
        with path.open("rb") as file:
            data = file.read(_BEGINNING)
            if data.startswith(_ARE_READ):  # of anything else only its kind is told
                _refuse_holes(path, os.fstat(file.fileno()))
                data += file.read()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a name with a null byte
        raise error("NN603", "there is no such checkpoint", "`nncli train CONFIG` makes one", file=path) from None
    except OSError as problem:
        raise error("NN604", f"the checkpoint cannot be read: {problem.strerror}", file=path) from None
    if not data:
        _refuse(path, "the file is empty")
    return data


def _refuse_holes(path: Path, status: os.stat_result) -> None:
    """Refuse a file that says it is large and takes little of the disk: read, its holes are zeros in memory."""
    stored = 512 * status.st_blocks  # 0 on file systems that do not tell
    if status.st_size > _SMALL and 0 < _MOST_EXPANSION * stored < status.st_size:
        _refuse(path, f"it has {status.st_size:,} bytes, of which only {stored:,} are on the disk")


def _refuse(path: Path, what: str) -> NoReturn:
    older = path.with_name("last.previous.h5")
    hint = f"an older state lies beside it: to go on from there, rename `{older.name}` to `last.h5`"
    has_older = path.name == "last.h5" and older.is_file()
    raise error("NN603", f"this is no usable checkpoint: {what}", hint if has_older else None, file=path) from None


def _recognised(data: bytes) -> str:
    """What a file is that is not HDF5."""
    found = next((what for signature, what in _SIGNATURES.items() if data.startswith(signature)), None)
    if found is None and all(byte >= 32 or byte in b"\t\n\r\f" for byte in data[:_BEGINNING]):
        return "text"
    return found or "a file of another kind"


def _parse(data: bytes) -> Checkpoint:
    with opened(data) as root:
        if "nncli" not in root:
            keras = "a network that stock Keras saved, without what nncli has to know about it"
            raise _Foreign(keras if "model_weights" in root else "an HDF5 file that another program wrote")
        group = root.group("nncli")
        _verify(data, group)
        stored = group.whole_number("format")
        if stored != FORMAT:
            raise Damaged(f"its format is {stored}, this nncli reads {FORMAT}")
        texts = {name: group.json(name) for name in ("experiment", "preparation", "run", "state")}
        for name, text in texts.items():
            if not isinstance(text, dict) and (name != "state" or text is not None):
                raise Damaged(f"its `{name}` is no mapping")
        variables = {name: _numbered(group.group(name)) for name in VARIABLES if name in group}
        checkpoint = Checkpoint(weights=_weights(root, group.json("network")), variables=variables, **texts)
        root.refuse_others()
        return checkpoint


def _verify(data: bytes, group: Group) -> None:
    """Hold every byte of the file to its checksum."""
    stored, offset = group.array("checksum"), group.offset("checksum")
    if stored.shape != (32,) or stored.dtype != np.uint8 or offset is None:
        raise Damaged("its checksum is damaged")
    digest = hashlib.sha256(data[:offset])
    digest.update(bytes(32))
    digest.update(memoryview(data)[offset + 32 :])
    if digest.digest() != stored.tobytes():
        raise Damaged("its bytes do not match its checksum: it was cut short, changed or damaged")


def _weights(root: Group, network: Any) -> Weights:
    # Names and architecture do not come from the attributes that Keras reads: texts of variable length can make HDF5 read forever.
    match network:
        case {"architecture": str(architecture), "keras_version": str(version), "layers": list(names)} if _are_layers(names):
            _require_own(architecture)
        case _:
            raise Damaged("`network` is no description of a network")
    group = root.group("model_weights")
    group.group("top_level_model_weights")
    folders = [(group.group(layer), layer, paths) for layer, paths in names]
    layers = {layer: tuple((path, folder.descend(path)) for path in paths) for folder, layer, paths in folders}
    weights = Weights(architecture, version, layers)
    if not weights.is_finite():
        raise Damaged("it holds weights that are not finite numbers")
    return weights


def _are_layers(names: list[Any]) -> bool:
    """Whether these are pairs of a layer's name, each another, and the paths of its weights."""
    return all(
        isinstance(layer, list) and len(layer) == 2 and isinstance(layer[0], str) and _are_names(layer[1]) for layer in names
    ) and len({layer for layer, _ in names}) == len(names)


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _require_own(architecture: str) -> None:
    try:
        foreign = foreign_class(architecture)
    except (ValueError, RecursionError):
        raise Damaged("its architecture is no network of Keras") from None
    if foreign is not None:
        raise Damaged(f"its architecture has a part of the class `{foreign}`, which nncli builds no networks of")


def _numbered(group: Group) -> Arrays:
    names = group.json("names")
    if not _are_names(names):
        raise Damaged("`names` is no list of names")
    return tuple((name, group.array(str(number))) for number, name in enumerate(names))

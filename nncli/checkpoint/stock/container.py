"""The two files in which stock Keras keeps a network: `.h5`, and `.keras`, a zip archive."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from nncli.checkpoint.hdf5 import DAMAGE, Damaged, Group, opened
from nncli.checkpoint.texts import MAX_TEXT

HDF5: Final = b"\x89HDF\r\n\x1a\n"
ZIP: Final = b"PK\x03\x04"
_CONFIG, _METADATA, _WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_MOST_EXPANSION: Final = 16
"""How many times its packed size a member of an archive may have: weights pack badly, and Keras does not pack them at all."""
_MOST_DEPTH: Final = 64
"""How deeply the JSON of a network may be nested."""


@dataclass(frozen=True, slots=True)
class Container:
    """What a file of stock Keras holds, as it is: no class, name or size in it has been looked at.

    Attributes:
        is_archive: whether it is a `.keras` file.
        architecture: JSON of the network.
        compiled: JSON of loss, optimizer and metrics; None where the network was not compiled.
        keras_version: the version that wrote it; empty where the file does not tell.
        weights: the group of all weights, to be read while the container is open.
    """

    is_archive: bool
    architecture: dict[str, Any]
    compiled: dict[str, Any] | None
    keras_version: str
    weights: Group


def is_stock(data: bytes) -> bool:
    """Whether a file looks like one that stock Keras saved, and not like a checkpoint of nncli's."""
    if data.startswith(ZIP):
        with contextlib.suppress(zipfile.BadZipFile, ValueError, NotImplementedError):
            return _CONFIG in zipfile.ZipFile(io.BytesIO(data)).namelist()
        return False
    if not data.startswith(HDF5):
        return False
    try:
        with opened(data) as root:
            has_weights = "model_weights" in root or ("layers" in root and "vars" in root)
            return "nncli" not in root and (
                has_weights or any(root.texts(name) is not None for name in ("model_config", "layer_names"))
            )
    except (Damaged, *DAMAGE):
        return False


@contextlib.contextmanager
def open_container(data: bytes) -> Iterator[Container]:
    """What the file that `data` are holds.

    Raises:
        Damaged: it is no file of stock Keras, or one of weights alone.
    """
    if data.startswith(ZIP):
        members = _unpack(data)
        document = _mapping(members[_CONFIG], _CONFIG)
        version = _mapping(members[_METADATA], _METADATA).get("keras_version")
        compiled = document.get("compile_config")
        with opened(members[_WEIGHTS]) as root:
            yield Container(True, document, compiled if isinstance(compiled, dict) else None, str(version or ""), root)
        return
    with opened(data) as root:
        texts = {name: root.texts(name) for name in ("model_config", "training_config", "keras_version")}
        if not texts["model_config"]:
            raise Damaged("it holds weights without the network they belong to; save the whole model, with `model.save(...)`")
        architecture = _mapping(texts["model_config"][0], "model_config")
        compiled = _mapping(texts["training_config"][0], "training_config") if texts["training_config"] else None
        version = texts["keras_version"][0] if texts["keras_version"] else ""
        yield Container(False, architecture, compiled, version, root.group("model_weights"))


def _unpack(data: bytes) -> dict[str, bytes]:
    """The members of a `.keras` archive; nothing is ever written to the disk."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = [info.filename for info in archive.infolist()]
        for name in names:
            if name not in (_CONFIG, _METADATA, _WEIGHTS):
                raise Damaged(f"it holds `{name[:60]}`, which a sequential network of layers alone does not need")
        if sorted(names) != sorted((_CONFIG, _METADATA, _WEIGHTS)):
            raise Damaged(
                f"a `.keras` file holds {_CONFIG}, {_METADATA} and {_WEIGHTS}, each once; this one holds {', '.join(names)}"
            )
        if sum(info.compress_size for info in archive.infolist()) > len(data):
            raise Damaged("its members declare more bytes than it has")
        return {info.filename: _member(archive, info) for info in archive.infolist()}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as problem:
        raise Damaged(f"the archive is damaged ({str(problem) or type(problem).__name__})") from None


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Damaged(f"`{info.filename}` is packed in a way that Keras does not write")
    if info.flag_bits & 1:
        raise Damaged(f"`{info.filename}` is encrypted")
    most = MAX_TEXT if info.filename.endswith(".json") else max(MAX_TEXT, _MOST_EXPANSION * info.compress_size)
    with archive.open(info) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise Damaged(f"`{info.filename}` unpacks to more than {most:,} bytes")
    return data


def _mapping(text: str | bytes, name: str) -> dict[str, Any]:
    try:
        if len(text) > MAX_TEXT:
            raise Damaged(f"`{name}` has more than {MAX_TEXT:,} bytes")
        document = json.loads(text)
        json.dumps(document, ensure_ascii=False).encode()  # refuses half of a surrogate pair
    except (ValueError, RecursionError):
        raise Damaged(f"`{name}` is no JSON that can be read") from None
    if not isinstance(document, dict):
        raise Damaged(f"`{name}` is no mapping")
    level: list[Any] = [document]
    for _ in range(_MOST_DEPTH):
        level = [
            child
            for value in level
            if isinstance(value, dict | list)
            for child in (value.values() if isinstance(value, dict) else value)
        ]
    if level:
        raise Damaged(f"`{name}` is nested more than {_MOST_DEPTH} levels deep")
    return document

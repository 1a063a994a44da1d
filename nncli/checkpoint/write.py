"""Checkpoint -> the bytes of an h5 file in Keras's own layout, with a group `/nncli` beside it.

The file's image is built in memory, so that putting it on disk is a plain write that can be made atomic and made to fail in tests.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from typing import Any, Final

import h5py
import numpy as np

from nncli.checkpoint.contents import Arrays, Checkpoint, Weights

FORMAT: Final = 1
"""Version of the group `/nncli`."""
HEADER_LIMIT: Final = 64512
"""Most bytes of one HDF5 attribute; longer lists are cut into numbered ones, as Keras does."""


def checkpoint_bytes(checkpoint: Checkpoint) -> bytes:
    """The h5 file of a checkpoint. The SHA-256 of all its bytes, with its own 32 set to 0, stands in `/nncli/checksum`."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        _write_weights(file, checkpoint.weights)
        group = file.create_group("nncli")
        group.attrs["format"] = FORMAT
        _write_json(group, "network", _network(checkpoint.weights))
        for name in ("experiment", "preparation", "run", "state"):
            _write_json(group, name, getattr(checkpoint, name))
        for name, arrays in checkpoint.variables.items():
            _write_numbered(group.create_group(name), arrays)
        checksum = group.create_dataset("checksum", data=np.zeros(32, np.uint8))
        file.flush()
        offset = checksum.id.get_offset()
    image = bytearray(buffer.getbuffer())
    image[offset : offset + 32] = hashlib.sha256(image).digest()
    return bytes(image)


def weights_bytes(weights: Weights) -> bytes:
    """The h5 file that stock Keras would have written: no training state, nothing of nncli's."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        _write_weights(file, weights)
    return buffer.getvalue()


def _write_weights(file: h5py.File, weights: Weights) -> None:
    # The layout of keras/src/legacy/saving/legacy_h5_format.py, held to it by a test.
    file.attrs["backend"] = "tensorflow"
    file.attrs["keras_version"] = weights.keras_version
    file.attrs["model_config"] = weights.architecture.encode()
    group = file.create_group("model_weights")
    _write_names(group, "layer_names", list(weights.layers))
    group.attrs["backend"] = b"tensorflow"
    group.attrs["keras_version"] = weights.keras_version.encode()
    for name in sorted(weights.layers):
        _write_named(group.create_group(name), weights.layers[name])
    _write_named(group.create_group("top_level_model_weights"), ())


def _write_named(group: h5py.Group, arrays: Arrays) -> None:
    _write_names(group, "weight_names", [path for path, _ in arrays])
    for path, array in arrays:
        group.create_dataset(path, data=array)


def _write_names(group: h5py.Group, attribute: str, names: list[str]) -> None:
    data = [name.encode() for name in names]
    chunks, num_chunks = [np.asarray(data)], 1
    while any(chunk.nbytes > HEADER_LIMIT for chunk in chunks):
        num_chunks += 1
        chunks = np.array_split(np.asarray(data), num_chunks)
    if num_chunks == 1:
        group.attrs[attribute] = data
    else:
        for number, chunk in enumerate(chunks):
            group.attrs[f"{attribute}{number}"] = chunk


def _network(weights: Weights) -> dict[str, Any]:
    """What Keras keeps in attributes of variable length, which HDF5 cannot read safely from a file that a stranger made."""
    layers = [[layer, [path for path, _ in arrays]] for layer, arrays in weights.layers.items()]
    return {"architecture": weights.architecture, "keras_version": weights.keras_version, "layers": layers}


def _write_json(group: h5py.Group, name: str, value: Mapping[str, Any] | None) -> None:
    # A dataset of bytes, not a string attribute: its size is known, and capped, before it is read.
    text = json.dumps(value, sort_keys=True, allow_nan=True).encode()
    group.create_dataset(name, data=np.frombuffer(text, np.uint8))


def _write_numbered(group: h5py.Group, arrays: Arrays) -> None:
    # Paths of optimizer and seed variables need not be unique, nor fit for HDF5: they go into a list, the arrays under numbers.
    names = json.dumps([path for path, _ in arrays]).encode()
    group.create_dataset("names", data=np.frombuffer(names, np.uint8))
    for number, (_, array) in enumerate(arrays):
        group.create_dataset(str(number), data=array)

"""Files as stock Keras and nncli write them, to be spoilt."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final

import h5py
import numpy as np

from nncli.checkpoint.contents import Checkpoint, Weights
from nncli.checkpoint.write import checkpoint_bytes, weights_bytes
from nncli.spec.experiment import Experiment

Edit = Callable[[h5py.File], Any]

KERNEL: Final = np.arange(12, dtype=np.float32).reshape(4, 3)
BIAS: Final = np.zeros(3, np.float32)
INPUT: Final = {"class_name": "InputLayer", "config": {"batch_shape": [None, 4], "dtype": "float32", "name": "inputs"}}


def layer(class_name: str, module: str | None = None, registered: str | None = None, /, **config: Any) -> dict[str, Any]:
    """Keras's JSON of a layer, or of anything that it takes for one."""
    entry: dict[str, Any] = {"class_name": class_name, "config": {"name": "part"} | config}
    return entry | ({"module": module} if module else {}) | ({"registered_name": registered} if registered else {})


DENSE: Final = layer("Dense", name="dense", units=3, activation="linear")


def function(module: str, name: str) -> dict[str, Any]:
    """Keras's JSON of a function by its name."""
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def network(*layers: Any, first: Any = INPUT) -> str:
    """Keras's JSON of a network."""
    return json.dumps({"class_name": "Sequential", "config": {"name": "net", "layers": [first, *layers]}})


def stock_h5(architecture: str = network(DENSE), edit: Edit | None = None, **weights: Any) -> bytes:
    """An h5 file of stock Keras, edited by h5py."""
    arrays = weights or {"dense": (("net/dense/kernel", KERNEL), ("net/dense/bias", BIAS))}
    return edited(weights_bytes(Weights(architecture, "3.15.1", arrays)), edit)


def edited(data: bytes, edit: Edit | None) -> bytes:
    """An h5 file after an edit."""
    buffer = io.BytesIO(data)
    if edit is not None:
        with h5py.File(buffer, "r+") as file:
            edit(file)
    return buffer.getvalue()


def archive(
    architecture: str = network(DENSE),
    members: Mapping[str, bytes | None] | None = None,
    packing: int = 0,
    edit: Edit | None = None,
) -> bytes:
    """A `.keras` file; members may be changed, added or, by None, left out."""
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        file["layers/dense/vars/0"], file["layers/dense/vars/1"] = KERNEL, BIAS
    usual = {"config.json": architecture.encode(), "metadata.json": b'{"keras_version": "3.15.1"}'}
    return zipped(usual | {"model.weights.h5": edited(weights.getvalue(), edit)} | dict(members or {}), packing)


def zipped(members: Mapping[str, bytes | None], packing: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as file:
        for name, data in members.items():
            if data is not None:
                file.writestr(name, data)
    return buffer.getvalue()


CONFIG: Final = {
    "name": "net",
    "dataset": {"type": "npz", "path": "data.npz"},
    "model": {"layers": [{"type": "dense", "units": 3, "name": "dense"}]},
    "optimizer": "adam",
    "loss": "mse",
}
PREPARATION: Final = {
    "version": 1, "dataset": "npz", "raw_shape": [4], "raw_dtype": "float32", "input_shape": [4], "labels": None, "class_names": [],
    "target_shape": [3], "target_dtype": "float32", "steps": [], "is_its_own_target": False, "input_mean": None,
}  # fmt: skip
FACTS: Final = {"threads": 1, "mode": "loop", "versions": {}, "fingerprint": "", "step": 0}


def checkpoint(
    edit: Edit | None = None, *, layers: Any = None, architecture: str = network(DENSE), state: Any = None, **preparation: Any
) -> bytes:
    """A checkpoint of nncli's, edited by h5py, with a valid checksum."""
    config = CONFIG | ({"model": {"layers": layers}} if layers else {})
    experiment = Experiment.model_validate(config).model_dump(mode="json")
    weights = Weights(architecture, "3.15.1", {"dense": (("net/dense/kernel", KERNEL), ("net/dense/bias", BIAS))})
    data = bytearray(edited(checkpoint_bytes(Checkpoint(weights, experiment, PREPARATION | preparation, FACTS, state)), edit))
    with h5py.File(io.BytesIO(data)) as file:
        found = file.get("nncli/checksum")
        offset = found.id.get_offset() if isinstance(found, h5py.Dataset) else None
    if offset is not None:
        data[offset : offset + 32] = bytes(32)
        data[offset : offset + 32] = hashlib.sha256(data).digest()
    return bytes(data)


def pictures() -> bytes:
    """A checkpoint of nncli's for grey pictures of 2 by 2."""
    shape = {"raw_shape": [2, 2, 1], "raw_dtype": "uint8", "input_shape": [4]}
    return checkpoint(steps=[{"type": "flatten", "shape": [4]}], **shape)


def npy(header: str, data: bytes = b"", version: int = 1) -> bytes:
    """A `.npy` file with a header of any kind."""
    text = header.encode() + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text)) + text + data


def described(shape: str, descr: str = "'<f4'") -> str:
    """The usual header."""
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"


def png(width: int, height: int, *chunks: tuple[bytes, bytes], data: bytes | None = None, bits: int = 8, colour: int = 0) -> bytes:
    """A PNG image that declares any size."""
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(bytes(4096)) if data is None else data), (b"IEND", b"")]
    written = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + written

"""What the tests of the checkpoint room share: a tiny checkpoint, and files forged from it."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nncli.checkpoint.contents import Arrays, Checkpoint, Weights
from nncli.checkpoint.write import checkpoint_bytes
from nncli.problems import NncliError, Problem

Refused = Callable[..., Problem]

ARCHITECTURE = json.dumps(
    {"class_name": "Sequential", "config": {"name": "t", "layers": [{"class_name": "Flatten", "config": {}}]}}
)


@pytest.fixture
def refused() -> Refused:
    """`refused(call, *arguments)` is the single problem that the call raises."""

    def only_problem(call: Callable[..., Any], *arguments: Any, **named: Any) -> Problem:
        with pytest.raises(NncliError) as caught:
            call(*arguments, **named)
        (problem,) = caught.value.problems
        return problem

    return only_problem


@pytest.fixture(scope="session")
def tiny() -> Checkpoint:
    """A checkpoint in the middle of a training."""
    kernel = np.arange(6, dtype=np.float32).reshape(2, 3)
    layers: dict[str, Arrays] = {
        "flatten": (),
        "dense": (("t/dense/kernel", kernel), ("t/dense/bias", np.zeros(3, np.float32))),
    }
    return Checkpoint(
        weights=Weights(ARCHITECTURE, "3.15.1", layers),
        experiment={"name": "t", "seed": 0},
        preparation={"class_names": ["a", "b"]},
        run={"threads": 2, "step": 3},
        state={"step": 3, "best_value": None},
        variables={
            "optimizer": (("iteration", np.array(3, np.int64)), ("kernel_momentum", kernel / 2)),
            "seeds": (("seed_generator_state", np.array([1, 2], np.uint32)),),
            "states": (),
            "metrics": (("loss_sum", np.array(0.25)),),
        },
    )


@pytest.fixture(scope="session")
def parts() -> Callable[[Checkpoint], dict[str, Any]]:
    """`parts(checkpoint)`: everything in it as values that can be compared, arrays to the bit."""

    def plain(arrays: Arrays) -> list[Any]:
        return [(path, type(array), array.dtype.str, array.shape, array.tobytes().hex()) for path, array in arrays]

    def everything(checkpoint: Checkpoint) -> dict[str, Any]:
        texts = {name: getattr(checkpoint, name) for name in ("experiment", "preparation", "run", "state")}
        return {
            **{name: json.dumps(text, sort_keys=True) for name, text in texts.items()},
            "architecture": checkpoint.weights.architecture,
            "keras_version": checkpoint.weights.keras_version,
            "layers": [(name, plain(arrays)) for name, arrays in checkpoint.weights.layers.items()],
            "variables": {name: plain(arrays) for name, arrays in checkpoint.variables.items()},
        }

    return everything


def seal(data: bytes | bytearray, offset: int) -> bytes:
    """A file with a valid checksum: the SHA-256 of all its bytes, its own counted as 0, in place of these."""
    sealed = bytearray(data)
    sealed[offset : offset + 32] = bytes(32)
    sealed[offset : offset + 32] = hashlib.sha256(sealed).digest()
    return bytes(sealed)


@pytest.fixture
def forge(tiny: Checkpoint, tmp_path: Path) -> Callable[[Callable[[h5py.File], Any]], Path]:
    """`forge(edit)`: the tiny checkpoint's file, edited by h5py, and sealed with a valid checksum again."""

    def write(edit: Callable[[h5py.File], Any]) -> Path:
        buffer = io.BytesIO(checkpoint_bytes(tiny))
        with h5py.File(buffer, "r+") as file:
            edit(file)
            checksum = file.get("nncli/checksum")
            offset = checksum.id.get_offset() if isinstance(checksum, h5py.Dataset) else None
        path = tmp_path / "forged.h5"
        path.write_bytes(buffer.getvalue() if offset is None else seal(buffer.getvalue(), offset))
        return path

    return write

"""Samples and splits: what the network is trained on, as plain arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.data.lazy import Rows
from nncli.data.on_disk import StoredRows, chunks, select
from nncli.data.preprocessing import Preparation
from nncli.problems import Problem


@dataclass(frozen=True, slots=True, eq=False)
class RawSamples:
    """Inputs with their targets as they are stored, row by row, of any dtype.

    Attributes:
        inputs: `(num_samples, *raw_shape)`; they may lie on disk.
        targets: `(num_samples, ...)`.
        sample_weight: as that of `Samples`.
    """

    inputs: StoredRows
    targets: NDArray[Any]
    sample_weight: NDArray[np.float32] | None

    def __len__(self) -> int:
        return len(self.inputs)

    def rows(self, indices: NDArray[np.intp]) -> RawSamples:
        """The samples at `indices`, in that order; inputs on disk stay there."""
        weight = None if self.sample_weight is None else self.sample_weight[indices]
        return RawSamples(select(self.inputs, indices), self.targets[indices], weight)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Inputs with their targets as a network takes them, row by row.

    Attributes:
        inputs: `(num_samples, *input_shape)`, float32 or int32 (see `Preparation.input_dtype`).
        targets: `(num_samples, ...)`: int32 `(num_samples,)` for class numbers, else float32. The very `inputs` where the network
            is to give them back.
        sample_weight: float32, 0 or more, `(num_samples,)` or `(num_samples, time)`; None: every sample counts once.
    """

    inputs: Rows
    targets: Rows
    sample_weight: NDArray[np.float32] | None

    def __len__(self) -> int:
        return len(self.inputs)

    def rows(self, indices: NDArray[np.intp]) -> Samples:
        """The samples at `indices`, an integer vector, in that order."""
        weight = None if self.sample_weight is None else self.sample_weight[indices]
        return Samples(self.inputs[indices], self.targets[indices], weight)


@dataclass(frozen=True, slots=True, eq=False)
class Splits:
    """A data set made ready: prepared samples, and all that is needed to prepare more of them in the same way.

    Attributes:
        train: what the network learns from.
        validation: what training is watched with, or None.
        test: what the trained network is judged by, or None.
        preparation: turns raw inputs and targets into such as these; fitted on `train` alone.
        fingerprint: SHA-256 in hex over the raw arrays, or the files, that were read; the seed has no part in it.
        notes: warnings of what was left out or taken for granted.
    """

    train: Samples
    validation: Samples | None
    test: Samples | None
    preparation: Preparation
    fingerprint: str
    notes: tuple[Problem, ...] = ()


def fingerprint(arrays: Mapping[str, StoredRows]) -> str:
    """SHA-256, in hex, over arrays: name, dtype, shape and bytes (little-endian, row-major), in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        dtype = array.dtype.newbyteorder("<")
        digest.update(f"{name} {dtype.str} {array.shape}\n".encode())
        for chunk in chunks(array):
            digest.update(np.ascontiguousarray(chunk, dtype=dtype).data)
    return digest.hexdigest()

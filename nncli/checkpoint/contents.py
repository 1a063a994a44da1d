"""What a checkpoint holds: arrays and JSON, no TensorFlow."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Arrays = tuple[tuple[str, NDArray[Any]], ...]
"""Named arrays, in order: (path of the variable, value)."""
VARIABLES: Final = ("optimizer", "seeds", "states", "metrics")
"""The groups of what training changes besides the weights."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of a network and its architecture, as stock Keras stores them.

    Attributes:
        architecture: Keras's own JSON of the network.
        keras_version: the version that made it.
        layers: layer name -> its weights, trainable ones first, in the network's order.
    """

    architecture: str
    keras_version: str
    layers: Mapping[str, Arrays]

    def digest(self) -> str:
        """SHA-256 over the names, types, shapes and bytes of all weights, in hexadecimal."""
        digest = hashlib.sha256()
        for layer, arrays in self.layers.items():
            for path, array in arrays:
                digest.update(f"{layer}|{path}|{array.dtype.str}|{array.shape}|".encode())
                digest.update(array.tobytes())
        return digest.hexdigest()

    def is_finite(self) -> bool:
        """Whether every weight is a number; a checkpoint with others would be refused when it is read."""
        return all(bool(np.isfinite(array).all()) for arrays in self.layers.values() for _, array in arrays)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A network with everything that training, evaluation and prediction need to know about it.

    Attributes:
        weights: what stock Keras reads.
        experiment: the resolved config, as JSON values.
        preparation: the fitted preprocessing and the class names, as JSON values.
        run: what else the bits depend on, as JSON values: threads, mode, versions, fingerprint of the data, step.
        state: the trainer's own state, as JSON values; None where training cannot go on from here.
        variables: group, one of `VARIABLES` -> the training's variables; empty with `state` None.
    """

    weights: Weights
    experiment: Mapping[str, Any]
    preparation: Mapping[str, Any]
    run: Mapping[str, Any]
    state: Mapping[str, Any] | None = None
    variables: Mapping[str, Arrays] = field(default_factory=dict)

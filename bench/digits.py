"""The digits as the scripts take them, and the shipped ones repeated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import nncli.data.sets.mnist_5k as shipped


def read(source: str) -> tuple[Any, Any, Any, Any]:
    """Training and test digits as a script prepares them: float32 of 0 to 1, and their numbers.

    Args:
        source: `mnist_5k`, or a `.npz` file of raw digits.

    Returns:
        Training inputs (num_samples, 28, 28, 1) and numbers (num_samples,), then those of the test.
    """
    if source == "mnist_5k":
        train, test = shipped.read()
        parts = [train.inputs, train.targets, test.inputs, test.targets]
    else:
        with np.load(source) as archive:
            parts = [archive[name] for name in ("x_train", "y_train", "x_test", "y_test")]
    x_train, y_train, x_test, y_test = parts
    return x_train.astype("float32") / np.float32(255), y_train, x_test.astype("float32") / np.float32(255), y_test


def write_repeated(folder: Path, num_samples: int) -> Path:
    """Write the shipped digits, repeated until there are `num_samples` to train on, as raw bytes."""
    path = folder / f"digits_{num_samples}.npz"
    if not path.exists():
        train, test = shipped.read()
        rows = np.arange(num_samples) % len(train.inputs)
        arrays = {"x_train": train.inputs[rows], "y_train": train.targets[rows], "x_test": test.inputs, "y_test": test.targets}
        np.savez(path, **arrays)
    return path

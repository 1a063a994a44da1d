"""Holding an exported network to the one it was made from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.engine.evaluate import BATCH_SIZE


def largest_difference(expected: NDArray[np.float32], network: Any, inputs: NDArray[Any], *, jit: bool) -> float:
    """The largest difference between a stock network's predictions and those expected; infinite where only one of two is finite.

    Args:
        expected: (num_samples, ...), float32.
        network: a `keras.Model` as it was loaded from the file.
        inputs: (num_samples, ...), prepared.
        jit: compile it with XLA, as stock Keras needs to for channels-first convolutions on a CPU.
    """
    network.compile(jit_compile=jit)
    # A whole batch first: where Keras meets fewer rows after it, it makes the graph that serves any number of them.
    network.predict(np.resize(inputs, (BATCH_SIZE, *inputs.shape[1:])), batch_size=BATCH_SIZE, verbose=0)
    got = np.asarray(network.predict(inputs, batch_size=BATCH_SIZE, verbose=0), np.float32)
    if got.shape != expected.shape:
        return float("inf")
    differs = ~((got == expected) | (np.isnan(got) & np.isnan(expected)))
    difference = np.abs(got[differs].astype(np.float64) - expected[differs].astype(np.float64))
    return float(difference.max(initial=0.0)) if bool(np.isfinite(difference).all()) else float("inf")

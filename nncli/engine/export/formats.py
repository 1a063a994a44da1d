"""Trained network -> a file that stock Keras loads."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Final

from nncli.checkpoint.contents import Weights
from nncli.checkpoint.write import weights_bytes
from nncli.engine.layers.images import equalization, keep_shears, random_crop
from nncli.engine.layers.step import step_function
from nncli.engine.layers.stochastic_pooling import stochastic_pooling2d
from nncli.engine.runtime import tensorflow

FORMATS: Final = ("h5", "keras")


def export_bytes(weights: Weights, export_format: str) -> tuple[bytes, Any]:
    """Convert a network.

    Args:
        weights: the network's own; its architecture must have been made here.
        export_format: one of `FORMATS`.

    Returns:
        The file's bytes, and the network as stock Keras loads it from them.
    """
    tensorflow()
    import keras

    step_function(), stochastic_pooling2d(), random_crop(), equalization()  # registers them

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.h5"
        path.write_bytes(weights_bytes(weights))
        network = keras.models.load_model(path, compile=False)
        if export_format == "keras":
            path = Path(folder) / "network.keras"
            keep_shears(network)
            network.save(path)
            network = keras.models.load_model(path, compile=False)
        return path.read_bytes(), network

"""What Keras's `Normalization` has learnt by `adapt`: Keras keeps it among the weights, a config states it as arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nncli.checkpoint.hdf5 import Damaged, Group
from nncli.checkpoint.stock.parts import shortest
from nncli.checkpoint.stock.weights import arrays_in, places_of


def state_statistics(entries: list[Any], weights: Group, *, is_archive: bool) -> None:
    """Write the mean and the variance of adapted layers among their arguments, where stated ones stand.

    Args:
        entries: Keras's JSON of the layers; changed in place.
        weights: the group of all weights.
        is_archive: whether they come out of a `.keras` file.

    Raises:
        Damaged: the layer's arrays are not those of such a layer.
    """
    for config, place in _unstated(entries, is_archive=is_archive):
        arrays = [array for _, array in arrays_in(weights, place, is_archive=is_archive)]
        if len(arrays) != 3 or arrays[0].shape != arrays[1].shape or arrays[0].ndim > 1:
            raise Damaged(f"layer `{str(config.get('name'))[:100]}` has no mean and variance: call `adapt` before it is saved")
        config["mean"], config["variance"] = (_decimals(array) for array in arrays[:2])


def _unstated(entries: list[Any], *, is_archive: bool) -> Iterator[tuple[dict[str, Any], str]]:
    """The arguments of each `Normalization` that does not state its statistics, and the name of its weights' group."""
    layers = [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("config"), dict)]
    classes = tuple(str(entry.get("class_name")).rpartition(">")[2] for entry in layers)
    for entry, name, place in zip(layers, classes, places_of(classes), strict=True):
        config = entry["config"]
        axis = config.get("axis")
        has_one_axis = not isinstance(axis, list) or len(axis) <= 1
        if name == "Normalization" and has_one_axis and config.get("mean") is None and config.get("variance") is None:
            yield config, place if is_archive else str(config.get("name"))


def _decimals(array: np.ndarray) -> Any:
    return shortest(float(array)) if array.ndim == 0 else [shortest(float(value)) for value in array]

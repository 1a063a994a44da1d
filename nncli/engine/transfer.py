"""Starting from the weights of another network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from nncli.checkpoint.contents import Arrays, Weights
from nncli.engine.state import assign_weights
from nncli.problems import error


def take_weights(network: Any, weights: Weights, *, partial: bool) -> tuple[str, ...]:
    """Give each layer the weights of the layer of its name in a checkpoint, to the bit.

    Args:
        network: a built `keras.Sequential`.
        weights: those of the checkpoint.
        partial: whether layers may stay as they are where the checkpoint has none of their name and shape.

    Returns:
        What is missing for the layers that took no weights, a sentence each.

    Raises:
        NncliError: NN603, layers found no match and `partial` does not allow it, or none found any; all of them are listed.
    """
    taken: dict[str, Arrays] = {}
    missing = []
    for layer in network.layers:
        if not layer.weights:
            continue
        own = [*layer.trainable_weights, *layer.non_trainable_weights]
        stored, wanted = weights.layers.get(layer.name), [tuple(weight.shape) for weight in own]
        if stored is None:
            missing.append(f"`{layer.name}` is not there")
            continue
        stored = _in_order(stored, [weight.path for weight in own])
        if [array.shape for _, array in stored] != wanted:
            missing.append(f"`{layer.name}` has {[array.shape for _, array in stored]} there, {wanted} here")
        else:
            taken[layer.name] = stored
    if missing and not taken:
        raise error("NN603", f"`weights_from` has no match for any layer: {'; '.join(missing)}", "name the layers alike")
    if missing and not partial:
        hint = "name the layers alike, or allow it: `weights_from: {checkpoint: ..., partial: true}`"
        raise error("NN603", f"`weights_from` has no match for {len(missing)} of the layers: {'; '.join(missing)}", hint)
    assign_weights(network, replace(weights, layers=taken), only=frozenset(taken))
    return tuple(missing)


def _in_order(stored: Arrays, paths: Sequence[str]) -> Arrays:
    """A layer's stored arrays in the order of `paths`, where they are of the same paths below the network's name.

    Trained weights come first, so that a part of a layer that is frozen here and was not there changes the order.
    """
    by_path = {path.partition("/")[2]: (path, array) for path, array in stored}
    wanted = [path.partition("/")[2] for path in paths]
    return tuple(by_path[path] for path in wanted) if by_path.keys() == set(wanted) else stored

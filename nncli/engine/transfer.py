"""Starting from the weights of another network."""

from __future__ import annotations

from typing import Any

from nncli.checkpoint.contents import Weights
from nncli.engine.state import assign_weights
from nncli.problems import NncliError, Problem


def take_weights(network: Any, weights: Weights, *, partial: bool) -> tuple[str, ...]:
    """Give each layer the weights of the layer of its name in a checkpoint, to the bit.

    Args:
        network: a built `keras.Sequential`.
        weights: those of the checkpoint.
        partial: whether layers may stay as they are where the checkpoint has none of their name and shape.

    Returns:
        The names of the layers that took weights.

    Raises:
        NncliError: NN603, layers found no match and `partial` does not allow it; all of them are listed.
    """
    taken, missing = [], []
    for layer in network.layers:
        if not layer.weights:
            continue
        wanted = [tuple(weight.shape) for weight in [*layer.trainable_weights, *layer.non_trainable_weights]]
        stored = weights.layers.get(layer.name)
        if stored is None:
            missing.append(f"`{layer.name}` is not there")
        elif [array.shape for _, array in stored] != wanted:
            missing.append(f"`{layer.name}` has {[array.shape for _, array in stored]} there, {wanted} here")
        else:
            taken.append(layer.name)
    if missing and not partial:
        hint = "name the layers alike, or allow it: `weights_from: {checkpoint: ..., partial: true}`"
        raise NncliError(Problem("NN603", f"`weights_from` has no match for {len(missing)} layers: {'; '.join(missing)}", hint))
    assign_weights(network, weights, only=frozenset(taken))
    return tuple(taken)

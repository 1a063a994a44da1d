"""How much each sample counts in a loss: one rule for training, for mixup and for evaluation."""

from __future__ import annotations

from typing import Any

from nncli.engine.runtime import tensorflow


def weighted_loss(loss: Any, targets: Any, outputs: Any, weights: Any) -> Any:
    """A loss whose weights lie along its first axes: one of a sample counts for all of its values.

    Keras lays weights along the last axes, so that one a sample would count for a time step of each, where their numbers agree.

    Args:
        loss: a `keras.losses.Loss`.
        targets, outputs: `(size, ...)`.
        weights: `(size,)`, or `(size, time)` for targets whose next axis is time; None: all count once.

    Returns:
        A scalar, or the samples' losses where the loss has no reduction.
    """
    if weights is not None and (rank := targets.shape.rank) > 2:
        # Of such targets a loss makes values of some axes; what they are is not computed twice.
        tf = tensorflow()
        values = loss.call(tf.cast(targets, loss.dtype), tf.cast(outputs, loss.dtype))
        if weights.shape.rank < values.shape.rank < rank:
            weights = tf.broadcast_to(along(weights, values.shape.rank), tf.shape(values))
    return loss(targets, outputs, sample_weight=weights)


def along(values: Any, rank: int) -> Any:
    """Values of samples, or of their time steps, as an array of `rank` axes whose first these are."""
    for _ in range(rank - values.shape.rank):
        values = values[..., tensorflow().newaxis]
    return values

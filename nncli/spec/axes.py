"""Whether the axes that a config names are there, and can be computed over."""

from __future__ import annotations

from nncli.spec.base import Misfit, TypedSpec
from nncli.spec.layers.base import Layer


def axis_misfit(axes: int | tuple[int, ...], rank: int, of: str) -> Misfit | None:
    """What is wrong with axes of an array; None where nothing is.

    Args:
        axes: one or several; negative ones count from the last.
        rank: how many axes the array has.
        of: what array it is, for the message.
    """
    several = isinstance(axes, tuple)
    seen: set[int] = set()
    for index, axis in enumerate(axes if isinstance(axes, tuple) else (axes,)):
        at = ("axis", index) if several else ("axis",)
        if not -rank <= axis < rank:
            hint = f"they go from 0 to {rank - 1}, -1 being the last" if rank > 1 else "it has one alone: 0"
            return Misfit(f"there is no axis {axis} in {of}", hint, at)
        if axis % rank in seen:
            return Misfit(f"axis {axis} of {of} is named twice", "name each axis once", at)
        seen.add(axis % rank)
    return None


def output_axis_misfit(part: TypedSpec, rank: int, last: Layer) -> Misfit | None:
    """What is wrong with the `axis` of a loss or metric that compares outputs with targets; None where nothing is.

    Args:
        part: the loss or metric.
        rank: how many axes the outputs have, the batch included.
        last: the layer that gives them.
    """
    axis: int | tuple[int, ...] | None = getattr(part, "axis", None)
    if axis is None:
        return None
    if part.type == "sparse_categorical_crossentropy" and axis not in (-1, rank - 1):
        return Misfit(f"TensorFlow computes `{part.type}` over the last axis alone", "remove `axis`", ("axis",))
    if "iou" in part.type and axis != -1:  # Keras 3.15 takes `axis` for one of its matrix of counts as well
        return Misfit(f"Keras computes `{part.type}` over the last axis alone, written -1", "remove `axis`", ("axis",))
    misfit = axis_misfit(axis, rank, "the outputs, the batch included")
    # Of a softmax Keras takes what goes in, its scores.
    scores = getattr(part, "from_logits", False) or "softmax" in (
        last.type,
        getattr(getattr(last, "activation", None), "type", None),
    )
    if misfit is None and part.type == "categorical_crossentropy" and scores and isinstance(axis, int) and axis < -1:
        message = f"TensorFlow does not count back to axis {axis} where scores come in"
        return Misfit(message, f"write `axis: {axis + rank}`", ("axis",))
    return misfit

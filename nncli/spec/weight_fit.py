"""Whether weights of samples can count in a loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from nncli.spec.base import Mistake
from nncli.spec.experiment import Experiment
from nncli.spec.outline import Outline
from nncli.spec.values import Shape

_REGIONS: Final = frozenset({"dice", "tversky"})
"""Losses that sum up all axes where none are named, that of the samples included."""


def weight_mistakes(experiment: Experiment, outline: Outline, shapes: list[Shape]) -> Iterator[Mistake]:
    """Weights of samples, of their time steps or of their classes that no value of the loss could be multiplied with.

    Args:
        experiment: the config.
        outline: shape of the targets, and of the weights.
        shapes: output shape of every layer.
    """
    loss: Any = experiment.loss
    if not outline.weight_axes and not experiment.training.class_weight:
        return
    what = "`sample_weight`" if outline.weight_axes else "`class_weight`"
    rank = len(shapes[-1]) + 1
    axis = getattr(loss, "axis", None)
    axes = {number % rank for number in (axis if isinstance(axis, tuple) else (axis,))} if axis is not None else set()
    if loss.type in _REGIONS and axis is None:
        each = ", ".join(map(str, range(1, rank)))
        message = f"{what} weighs samples, but `{loss.type}` takes the whole batch for one region"
        yield Mistake(("loss",), "NN403", message, f"make each sample a region: `axis: [{each}]`, or remove the weights")
    elif 0 in axes:
        message = f"{what} weighs samples, but `axis: {axis}` of the loss is, or holds, that of the samples"
        yield Mistake(("loss",), "NN403", message, "name other axes, or remove the weights")
    elif outline.weight_axes == 2 and len(outline.target_shape) < 2:
        message = "`sample_weight` holds a weight for each time step, but the targets have no time"
        yield Mistake(("dataset",), "NN403", message, "give one weight a sample")
    elif outline.weight_axes == 2 and 1 in axes:
        message = f"`sample_weight` holds a weight for each time step, but `axis: {axis}` of the loss is that of time"
        yield Mistake(("loss",), "NN403", message, "give one weight a sample, or name other axes")

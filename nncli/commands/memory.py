"""How much memory a step of the training takes: an estimate from the specs alone."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from nncli.reports import MemorySummary
from nncli.spec.experiment import Experiment
from nncli.spec.optimizers.base import Optimizer
from nncli.spec.values import Shape

_WEIGHT: Final = 4
"""Bytes of a weight, a gradient, or a number that the optimizer keeps: float32 whatever the precision."""


def estimate_memory(
    experiment: Experiment, shapes: Iterable[Shape], *, parameters: int, trained: int, num_samples: int | None
) -> MemorySummary | None:
    """What training keeps at once.

    Counted are all weights; a gradient for each weight that is trained; what the optimizer keeps for it; and, of every sample of
    a batch, the input and the output of each layer, which the way back needs. Not counted are what layers keep inside, such as the
    gates of an LSTM, the 16-bit copies of the weights in mixed precision, the data, and TensorFlow itself (about 0.5 GB).

    Args:
        experiment: the config.
        shapes: of one input sample, and of each layer's output for it; an axis that may vary counts as 1.
        parameters, trained: how many weights there are, and how many of them training changes.
        num_samples: in the training part; None where that is not known.

    Returns:
        Bytes by what they are for; None where a batch is all samples and nobody knows how many those are.
    """
    batch_size = experiment.training.batch_size
    samples = num_samples if batch_size == "full" else batch_size
    if samples is None:
        return None
    value = 4 if experiment.training.precision == "float32" else 2
    slots = experiment.optimizer.slots if isinstance(experiment.optimizer, Optimizer) else 0
    weights, gradients, optimizer = _WEIGHT * parameters, _WEIGHT * trained, _WEIGHT * trained * slots
    activations = value * samples * sum(math.prod(size or 1 for size in shape) for shape in shapes)
    return MemorySummary(
        batch_size=samples,
        weights=weights,
        gradients=gradients,
        optimizer=optimizer,
        activations=activations,
        total=weights + gradients + optimizer + activations,
    )

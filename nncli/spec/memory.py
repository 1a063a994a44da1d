"""How much memory a step of the training takes: an estimate from the specs alone, and whether a machine has as much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from nncli.reports.networks import MemorySummary
from nncli.spec.base import Mistake
from nncli.spec.experiment import Experiment
from nncli.spec.layers.base import num_positions
from nncli.spec.optimizers.base import Optimizer
from nncli.spec.outline import Outline
from nncli.spec.values import Shape

_WEIGHT: Final = 4
"""Bytes of a weight, a gradient, or a number that the optimizer keeps: float32 whatever the precision."""


def estimate_memory(experiment: Experiment, before: Sequence[Shape], num_samples: int | None) -> MemorySummary | None:
    """What training keeps at once.

    Counted are all weights; a gradient for each weight that is trained; what the optimizer keeps for it; and, of every sample of
    a batch, the input and the output of each layer, which the way back needs. Not counted are what layers keep inside, such as the
    gates of an LSTM, the 16-bit copies of the weights in mixed precision, the data, and TensorFlow itself (0.5 to 1 GiB).

    Args:
        experiment: the config.
        before: shape of what each layer takes of one sample; an axis that may vary counts as 1.
        num_samples: in the training part; None where that is not known.

    Returns:
        Bytes by what they are for; None where a batch is all samples and nobody knows how many those are.
    """
    batch_size = experiment.training.batch_size
    counts = [count for count in (num_samples, batch_size) if isinstance(count, int)]
    if not counts:
        return None
    samples = min(counts)  # no batch holds more than there are
    value = 4 if experiment.training.precision == "float32" else 2
    taken = list(zip(experiment.model.layers, before, strict=False))
    parameters = sum(sum(layer.parameters(shape)) for layer, shape in taken)
    trained = sum(layer.num_trained(shape) for layer, shape in taken)
    slots = experiment.optimizer.slots if isinstance(experiment.optimizer, Optimizer) else 0
    weights, gradients, optimizer = _WEIGHT * parameters, _WEIGHT * trained, _WEIGHT * trained * slots
    activations = value * samples * (num_positions(before[0]) + sum(layer.num_kept(shape) for layer, shape in taken))
    return MemorySummary(
        batch_size=samples,
        weights=weights,
        gradients=gradients,
        optimizer=optimizer,
        activations=activations,
        total=weights + gradients + optimizer + activations,
    )


def memory_mistakes(experiment: Experiment, outline: Outline, shapes: Sequence[Shape], installed: int | None) -> Iterator[Mistake]:
    """A warning where training will not fit into memory.

    Args:
        experiment: the config.
        outline: shapes and counts of its data.
        shapes: output shape of every layer.
        installed: bytes of memory that the machine has; None where that is not known.
    """
    before, layers = [outline.input_shape, *shapes[:-1]], experiment.model.layers
    needed = estimate_memory(experiment, before, outline.num_train)
    if needed is None or installed is None or needed.total <= installed:
        return
    message = f"training takes about {_readable(needed.total)} of memory, this machine has {_readable(installed)}"
    if needed.activations > needed.total / 2:
        kept = [layer.num_kept(shape) for layer, shape in zip(layers, before, strict=True)]
        largest = max(range(len(kept)), key=kept.__getitem__)
        hint = (
            f"the outputs of all layers for {needed.batch_size:,} samples take {_readable(needed.activations)}, those of"
            f" `{layers[largest].type}` the most: make them smaller, or set a smaller `training.batch_size`"
        )
    else:
        sizes = [sum(layer.parameters(shape)) for layer, shape in zip(layers, before, strict=True)]
        largest = max(range(len(sizes)), key=sizes.__getitem__)
        hint = f"this layer has {_count(sizes[largest])} of {_count(sum(sizes))} parameters: make it, or its input, smaller"
    yield Mistake(("model", "layers", largest), "NN404", message, hint, "warning")


_UNITS: Final = ("GiB", "TiB", "PiB", "EiB")


def _readable(size: int) -> str:
    """A number of bytes in the unit in which it has at most four digits."""
    for power, unit in enumerate(_UNITS, start=3):
        if size < 1000 * 1024**power:
            return f"{size / 1024**power:,.1f} {unit}"
    return f"more than 1,000 {_UNITS[-1]}"


def _count(number: int) -> str:
    return f"{number:,}" if number < 10**15 else f"{number:.0e}".replace("e+", " x 10^")

"""The numbers of a run, resolved once from the config and the size of the data: batches, budget, intervals, threads, mode."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from nncli.spec.base import Spec
from nncli.spec.experiment import Experiment
from nncli.spec.layers.augmentation import Moves
from nncli.spec.layers.base import Layer
from nncli.spec.layers.cells import Cell
from nncli.spec.losses.regression import CosineSimilarity
from nncli.spec.regularizers import OrthogonalRegularizer
from nncli.spec.shapes import output_shapes
from nncli.spec.training import Every
from nncli.spec.values import Shape

Mode = Literal["loop", "update"]

EPOCH_WORTH_NOTING = 50
"""An epoch of so many steps is an interval of its own; shorter ones are bundled."""
DEFAULT_INTERVALS = 200
"""Into how many intervals a run of short epochs is cut."""
LARGE_PRODUCT = 2**22
"""Multiply-adds of one matrix product from which a second thread is worth its hand-over (about 1 ms on one core)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The course of a run in numbers.

    Attributes:
        num_samples: training samples.
        batch_size: samples a step.
        full_batch: whether each step takes all samples as they lie.
        steps_per_epoch: steps to see each sample once, a partial batch counted; with `order: sliding` until the last sample.
        partial_batch: samples of an epoch's last batch where that is smaller than the others; else 0.
        total_steps: the budget.
        evaluate_every, log_every, checkpoint_every: intervals in steps; the end always counts.
        checkpoint_asked: whether the config asks for its checkpoints, so that none is left out to save time.
    """

    num_samples: int
    batch_size: int
    full_batch: bool
    steps_per_epoch: int
    partial_batch: int
    total_steps: int
    evaluate_every: int
    log_every: int
    checkpoint_every: int
    checkpoint_asked: bool

    def samples_seen(self, step: int) -> int:
        """How many samples, repeated ones counted again, the first `step` steps take."""
        missing = self.batch_size - self.partial_batch if self.partial_batch else 0
        return step * self.batch_size - step // self.steps_per_epoch * missing

    def is_due(self, step: int, interval: int) -> bool:
        """Whether something that happens every `interval` steps happens after step number `step`."""
        return step % interval == 0 or step == self.total_steps

    def next_stop(self, step: int) -> int:
        """The first step after `step` at which something has to happen outside the loop."""
        intervals = (self.evaluate_every, self.log_every, self.checkpoint_every)
        return min(self.total_steps, *((step // interval + 1) * interval for interval in intervals))


def make_plan(experiment: Experiment, num_samples: int) -> Plan:
    """Resolve the budget and the intervals of `experiment` for `num_samples` training samples."""
    training = experiment.training
    full = training.batch_size == "full"
    batch_size = num_samples if training.batch_size == "full" else min(training.batch_size, num_samples)
    sliding = training.order == "sliding"
    steps_per_epoch = num_samples - batch_size + 1 if sliding else -(-num_samples // batch_size)
    if training.steps is not None:
        total = training.steps
    else:
        total = (1 if training.epochs is None else training.epochs) * steps_per_epoch
    default = steps_per_epoch if steps_per_epoch >= EPOCH_WORTH_NOTING else max(1, total // DEFAULT_INTERVALS)

    def interval(every: Every | None) -> int:
        if every is None:
            return default
        return every.steps if every.steps is not None else (every.epochs or 1) * steps_per_epoch

    return Plan(
        num_samples=num_samples,
        batch_size=batch_size,
        full_batch=full,
        steps_per_epoch=steps_per_epoch,
        partial_batch=0 if sliding else num_samples % batch_size,
        total_steps=total,
        evaluate_every=interval(training.evaluate_every),
        log_every=interval(training.log_every),
        checkpoint_every=interval(training.checkpoint_every),
        checkpoint_asked=training.checkpoint_every is not None,
    )


def slides_windows(layer: Layer) -> bool:
    """Whether a layer, or one that it wraps, convolves or pools."""
    return any(_slides(part) for part in _parts(layer))


def _slides(part: Spec) -> bool:
    return hasattr(part, "kernel_size") or hasattr(part, "pool_size")


def suits_xla(part: Spec) -> bool:
    """Whether XLA can compute a part of a config, and does it as well as TensorFlow on its own.

    It has no operation that turns an image; its convolutions on a CPU are 2 to 5 times slower than oneDNN's; and its gradient of a
    vector's direction is NaN where the vector is 0, as that of a unit that relu holds back, while TensorFlow's is 0.
    """
    return not (_slides(part) or isinstance(part, Moves | CosineSimilarity | OrthogonalRegularizer))


def _parts(spec: Spec) -> Iterator[Spec]:
    """A spec and all that it holds, such as the layer that it wraps."""
    yield spec
    for name in type(spec).model_fields:
        value = getattr(spec, name)
        for entry in value if isinstance(value, tuple) else (value,):
            if isinstance(entry, Spec):
                yield from _parts(entry)


def choose_mode(experiment: Experiment) -> Mode:
    """Which part of a step is compiled by XLA.

    `loop`, all of it, is fastest wherever it suits: the hand-over of single operations outweighs their arithmetic. Elsewhere only
    the optimizer's update is compiled: `update`. The rule looks at the config alone and never at a clock, since another mode gives
    other bits.
    """
    return "loop" if all(suits_xla(part) for whole in (experiment.model, experiment.loss) for part in _parts(whole)) else "update"


def allowed_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def choose_threads(experiment: Experiment, batch_size: int, input_shape: Shape) -> int:
    """How many threads share one operation.

    What the config says; else all allowed cores where a window slides, or where some layer multiplies matrices of
    `LARGE_PRODUCT` multiply-adds or more; else 1, since handing small products to a second thread costs more than it saves.

    Args:
        experiment: the config, its shapes known to fit.
        batch_size: samples a step.
        input_shape: shape of one prepared sample.
    """
    if experiment.training.threads is not None:
        return experiment.training.threads
    shapes, _ = output_shapes(experiment.model, input_shape)
    products = (_product(layer, before) for layer, before in zip(experiment.model.layers, [input_shape, *shapes], strict=False))
    large = (
        any(slides_windows(layer) for layer in experiment.model.layers) or batch_size * max(products, default=0) >= LARGE_PRODUCT
    )
    return allowed_cores() if large else 1


def _product(layer: Layer | Cell, shape: Shape) -> int:
    """Multiply-adds of a layer's largest matrix product, for one sample: an estimate by its units."""
    inside = [getattr(layer, field) for field in ("layer", "cell") if hasattr(layer, field)] + list(getattr(layer, "cells", ()))
    if inside:
        return max(_product(part, shape) for part in inside)
    units = getattr(layer, "units", 0)
    inputs = shape[-1] or 1 if shape else 1
    if hasattr(layer, "recurrent_initializer"):
        return units * max(inputs, units)
    return math.prod(size or 1 for size in shape[:-1]) * inputs * units

"""The numbers of a run, resolved once from the config and the size of the data: batches, budget, intervals."""

from __future__ import annotations

from dataclasses import dataclass

from nncli.spec.budget_fit import num_steps
from nncli.spec.experiment import Experiment
from nncli.spec.training import Every

EPOCH_WORTH_NOTING = 50
"""An epoch of so many steps is an interval of its own; shorter ones are bundled."""
DEFAULT_INTERVALS = 200
"""Into how many intervals a run of short epochs is cut."""


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
    total = num_steps(experiment, num_samples)
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

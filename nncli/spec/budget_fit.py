"""Whether batches, steps and schedules fit the number of samples, and each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nncli.spec.base import Mistake
from nncli.spec.experiment import Experiment
from nncli.spec.outline import Outline

if TYPE_CHECKING:
    from nncli.spec.schedules import Length


def num_steps(experiment: Experiment, num_samples: int) -> int:
    """How many steps a run takes at most.

    Args:
        experiment: the config.
        num_samples: size of the training part, 1 or more.
    """
    training = experiment.training
    if training.steps is not None:
        return training.steps
    batch = num_samples if training.batch_size == "full" else min(training.batch_size, num_samples)
    return (training.epochs or 0) * (max(1, num_samples - batch + 1) if training.order == "sliding" else -(-num_samples // batch))


def budget_mistakes(experiment: Experiment, outline: Outline) -> Iterator[Mistake]:
    """What is wrong, or looks wrong, with the sizes of batches and the length of the run.

    Args:
        experiment: the config.
        outline: how many samples there are.
    """
    training, samples = experiment.training, outline.num_train
    if training.batch_size != "full" and "batch_size" in training.model_fields_set and training.batch_size > samples:
        message = f"batches of {training.batch_size} are larger than the training part: each takes all {samples} samples"
        yield Mistake(("training", "batch_size"), "NN403", message, f"write {samples} or less, or `full`", "warning")
    one_size = training.batch_size == "full" or training.order == "sliding" or samples % min(training.batch_size, samples) == 0
    if experiment.model.is_stateful and not one_size:
        message = f"a stateful layer needs batches of one size, {samples} samples do not divide by {training.batch_size}"
        is_chosen = "batch_size" in training.model_fields_set
        path = ("training", "batch_size") if is_chosen else experiment.model.stateful_path
        yield Mistake(path, "NN403", message, "choose a `training.batch_size` that divides them")
    schedule, steps = getattr(experiment.optimizer, "learning_rate", None), num_steps(experiment, samples)
    length: Length | None = getattr(schedule, "length", None)  # a number has none
    if length is not None and steps and length.num_updates > steps:
        message = f"the schedule takes {length.num_updates:,} updates, but the run ends after {steps:,} steps"
        hint = "make it shorter, or train longer"
        yield Mistake(("optimizer", "learning_rate", *length.path), "NN403", message, hint, "warning")

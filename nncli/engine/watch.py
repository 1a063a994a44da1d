"""Watching a metric: when it is better, when it has not been for too long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import ConfigDict

from nncli.problems import NncliError, Problem
from nncli.spec.conditions import parse_condition
from nncli.spec.experiment import Experiment
from nncli.spec.training import EarlyStopping, ReduceLROnPlateau
from nncli.spec.values import Count


@dataclass(slots=True)
class Watch:
    """How long a monitored metric has not improved.

    Attributes:
        best: the best value so far; None before the first.
        waited: evaluations since.
        cooldown: evaluations that pass before `waited` counts again.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    best: float | None = None
    waited: Count = 0
    cooldown: Count = 0


def is_better(value: float, best: float | None, *, upwards: bool, min_delta: float = 0.0) -> bool:
    """Whether `value` beats `best` by more than `min_delta`, more being better or less; anything but NaN beats None."""
    if value != value:
        return False
    if best is None:
        return True
    return value - min_delta > best if upwards else value + min_delta < best


def watch_early_stopping(watch: Watch, stopping: EarlyStopping, metrics: Mapping[str, float], *, upwards: bool) -> bool:
    """Show early stopping the metrics of an evaluation; returns whether to stop.

    Args:
        watch: what it remembers.
        stopping: what the config says.
        metrics: those of the evaluation.
        upwards: whether more of its metric is better.

    Source: `keras.callbacks.EarlyStopping`, whose patience counts epochs where this one counts evaluations.
    """
    value = metrics.get(stopping.monitor)
    if value is None:
        return False
    if is_better(value, watch.best, upwards=upwards, min_delta=stopping.min_delta if watch.best is not None else 0.0):
        watch.best = value
        # A value that does not beat the baseline is remembered, but does not end the waiting, nor the training.
        beats = stopping.baseline is None or is_better(value, stopping.baseline, upwards=upwards, min_delta=stopping.min_delta)
        watch.waited = 0 if beats else watch.waited + 1
        return False
    watch.waited += 1
    return watch.waited >= stopping.patience


def watch_plateau(watch: Watch, plateau: ReduceLROnPlateau, metrics: Mapping[str, float], *, upwards: bool) -> bool:
    """Show the plateau's watch the metrics of an evaluation; returns whether to lower the learning rate. Arguments as above.

    Source: `keras.callbacks.ReduceLROnPlateau`, whose patience counts epochs where this one counts evaluations.
    """
    value = metrics.get(plateau.monitor)
    if value is None:
        return False
    if watch.cooldown > 0:
        watch.cooldown -= 1
        watch.waited = 0
    if is_better(value, watch.best, upwards=upwards, min_delta=plateau.min_delta):
        watch.best, watch.waited = value, 0
    elif watch.cooldown <= 0:
        watch.waited += 1
        if watch.waited >= plateau.patience:
            watch.cooldown, watch.waited = plateau.cooldown, 0
            return True
    return False


def require_scalars(experiment: Experiment, metrics: Mapping[str, Any]) -> None:
    """Check that every metric that decides something is one number. How many it has is known only once Keras has built it.

    Args:
        experiment: the config.
        metrics: the Keras metrics, by their reported names.

    Raises:
        NncliError: NN402, for each that has one value a class or threshold.
    """
    training = experiment.training
    monitors = {
        part: getattr(training, part).monitor
        for part in ("best", "early_stopping", "reduce_lr_on_plateau")
        if getattr(training, part)
    }
    used = [(f"training.{part}.monitor", name) for part, name in monitors.items()]
    for path, conditions in (("training.stop_when", training.stop_when), ("expect", experiment.expect)):
        used += [(f"{path}.{index}", parse_condition(text).name) for index, text in enumerate(conditions)]
    vectors = {name for name, metric in metrics.items() if metric.result().shape.rank}
    problems = [
        Problem("NN402", f"`{path}`: `{name}` is a list of numbers, not one", "give the metric an `average`, or a single threshold")
        for path, name in used
        if name.removeprefix("val_").removeprefix("test_") in vectors
    ]
    if problems:
        raise NncliError(problems)

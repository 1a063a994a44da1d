"""Watching a metric: when it is better, when it has not been for too long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nncli.spec.accuracy import improves_upwards
from nncli.spec.training import EarlyStopping, ReduceLROnPlateau


@dataclass(slots=True)
class Watch:
    """How long a monitored metric has not improved.

    Attributes:
        best: the best value so far; None before the first.
        waited: evaluations since.
        cooldown: evaluations that pass before `waited` counts again.
    """

    best: float | None = None
    waited: int = 0
    cooldown: int = 0


def is_better(value: float, best: float | None, monitor: str, mode: str, min_delta: float = 0.0) -> bool:
    """Whether `value` beats `best` by more than `min_delta`; anything but NaN beats None."""
    if value != value:
        return False
    if best is None:
        return True
    return value - min_delta > best if improves_upwards(monitor, mode) else value + min_delta < best


def watch_early_stopping(watch: Watch, stopping: EarlyStopping, metrics: Mapping[str, float]) -> bool:
    """Show early stopping the metrics of an evaluation; returns whether to stop.

    Source: `keras.callbacks.EarlyStopping`, whose patience counts epochs where this one counts evaluations.
    """
    value = metrics.get(stopping.monitor)
    if value is None:
        return False
    if is_better(value, watch.best, stopping.monitor, stopping.mode, stopping.min_delta if watch.best is not None else 0.0):
        watch.best = value
        # A value that does not beat the baseline is remembered, but does not end the waiting.
        if stopping.baseline is None or is_better(value, stopping.baseline, stopping.monitor, stopping.mode, stopping.min_delta):
            watch.waited = 0
            return False
    watch.waited += 1
    return watch.waited >= max(1, stopping.patience)


def watch_plateau(watch: Watch, plateau: ReduceLROnPlateau, metrics: Mapping[str, float]) -> bool:
    """Show the plateau's watch the metrics of an evaluation; returns whether to lower the learning rate.

    Source: `keras.callbacks.ReduceLROnPlateau`, whose patience counts epochs where this one counts evaluations.
    """
    value = metrics.get(plateau.monitor)
    if value is None:
        return False
    if watch.cooldown > 0:
        watch.cooldown -= 1
        watch.waited = 0
    if is_better(value, watch.best, plateau.monitor, plateau.mode, plateau.min_delta):
        watch.best, watch.waited = value, 0
    elif watch.cooldown <= 0:
        watch.waited += 1
        if watch.waited >= plateau.patience:
            watch.cooldown, watch.waited = plateau.cooldown, 0
            return True
    return False

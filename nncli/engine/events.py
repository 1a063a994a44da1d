"""What happens while a network is trained, as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nncli.checkpoint.contents import Arrays, Weights
from nncli.problems import Problem

Reason = Literal["finished", "stopped_early", "stop_when", "diverged", "interrupted"]
"""Why training is over: the budget, early stopping, a condition, a number that is not finite, or somebody who asked for it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A copy of the network, and where asked of all else that changes while training, between two steps.

    Attributes:
        step: steps done.
        weights: the network's weights.
        state: the trainer's state as JSON values; None for weights alone.
        variables: the training's variables, by group; empty for weights alone.
    """

    step: int
    weights: Weights
    state: Mapping[str, Any] | None = None
    variables: Mapping[str, Arrays] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Started:
    """Training begins, or goes on.

    Attributes:
        step: steps done so far, 0 for a new run.
        total_steps, steps_per_epoch, batch_size: the plan.
        num_parameters: weights of the network, trained or not.
    """

    step: int
    total_steps: int
    steps_per_epoch: int
    batch_size: int
    num_parameters: int


@dataclass(frozen=True, slots=True)
class Stepped:
    """Some steps were done, about every 0.2 s.

    Attributes:
        step: steps done so far.
        loss: mean loss of the samples since the metrics were last written.
    """

    step: int
    loss: float


@dataclass(frozen=True, slots=True)
class Measured:
    """The metrics were measured.

    Attributes:
        step: steps done so far.
        epoch: passes over the training part so far, with a fraction.
        metrics: `loss` and the metrics over the training batches since the last time, with `val_` those of the validation part
            where it was evaluated.
        learning_rate: the rate of the next step.
        seconds: time spent training so far.
        improved: whether these are the best weights so far.
    """

    step: int
    epoch: float
    metrics: Mapping[str, float]
    learning_rate: float
    seconds: float
    improved: bool


@dataclass(frozen=True, slots=True)
class Previewed:
    """The network in training was asked about a part of its series, about once a second; only where somebody watches.

    Attributes:
        truth, predicted: the series point by point, (num_points,) float32.
    """

    truth: NDArray[np.float32]
    predicted: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Saved:
    """The state is to be put on disk, `best` first: a run that is killed between the two finds both again.

    Attributes:
        last: all that a resumed run needs.
        best: the best weights and the step they are of; None where they are on disk already.
    """

    last: Snapshot
    best: Snapshot | None


@dataclass(frozen=True, slots=True)
class Ended:
    """Training is over.

    Attributes:
        reason: why.
        message: the reason in a sentence.
        step: steps done.
        seconds: time spent training, over all sessions of the run.
        best, best_step: the weights that count, and when they were taken.
    """

    reason: Reason
    message: str
    step: int
    seconds: float
    best: Weights
    best_step: int


@dataclass(frozen=True, slots=True)
class Measuring:
    """The best weights are being measured on a part of the data, once training is over.

    Attributes:
        part: `train`, `validation` or `test`.
        num_done, num_samples: samples that were measured, and all of the part.
    """

    part: str
    num_done: int
    num_samples: int


@dataclass(frozen=True, slots=True)
class Warned:
    """What somebody who waits should know before it goes on.

    Attributes:
        problems: warnings; they are in the report, too.
    """

    problems: tuple[Problem, ...]


Event = Started | Stepped | Measured | Previewed | Saved | Ended | Measuring | Warned
Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """A listener that does nothing."""


def never() -> bool:
    """The answer of somebody who does not want to stop."""
    return False

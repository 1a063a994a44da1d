"""What may change when a run goes on, and what may not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from nncli.config.differences import ABSENT, Difference, differences
from nncli.config.load import LoadedConfig
from nncli.config.tree import Path, dotted
from nncli.problems import NncliError
from nncli.spec.base import Mistake
from nncli.spec.conditions import parse_condition
from nncli.spec.experiment import Experiment
from nncli.spec.wording import describe

_FREE: Final[tuple[Path, ...]] = (
    ("training", "checkpoint_every"),
    ("training", "figures"),
    ("training", "data_memory"),
    ("expect",),
    ("dataset", "path"),
    ("model", "weights_from", "checkpoint"),
)
"""Changes none of the bits of a run: when it is saved, what is drawn and asked of it, where its files and data lie."""
_LOGS: Final[Path] = ("training", "log_every")
_SHORT: Final = 60
"""Longest value that a message shows whole."""
_BUDGET: Final[tuple[Path, ...]] = (("training", "steps"), ("training", "epochs"))


def allowed(loaded: LoadedConfig, before: Experiment, total_steps: int, former_steps: int) -> None:
    """Check that a run goes on with a config under which it is still the same run.

    Args:
        loaded: the run's config, overridden or edited.
        before: the config under which it was trained so far.
        total_steps, former_steps: the steps of both.

    Raises:
        NncliError: NN602, for each key that may not change, and for a budget that became smaller.
    """
    free = (*_FREE, *_BUDGET) if _watches_training(before) else (*_FREE, *_BUDGET, _LOGS)
    found = differences(before, loaded.experiment)
    mistakes = [_mistake(difference) for difference in found if not any(_is_in(difference, path) for path in free)]
    if total_steps < former_steps:
        path = _BUDGET[0 if loaded.experiment.training.steps is not None else 1]
        message = f"the run has {former_steps} steps, it cannot go on with {total_steps}"
        mistakes.append(Mistake(path, "NN602", message, "a run can be given more steps, not fewer"))
    if mistakes:
        raise NncliError(loaded.locate(mistakes))


def _is_in(difference: Difference, path: Path) -> bool:
    return difference.path[: len(path)] == path


def _watches_training(experiment: Experiment) -> bool:
    """Whether something hangs on a metric of the training part, which is a mean since the last line of the history."""
    training = experiment.training
    watching = (training.best, training.early_stopping, training.reduce_lr_on_plateau)
    monitors = [part.monitor for part in watching if part is not None]
    # The `loss` of a condition is that of each step's own batch.
    monitors += [name for text in training.stop_when if (name := parse_condition(text).name) != "loss"]
    return any(not name.startswith("val_") for name in monitors)


def _mistake(difference: Difference) -> Mistake:
    path, before, after = difference
    message = f"`{dotted(path)}` cannot change within a run: it was {shown(before)}, now it is {shown(after)}"
    hint = "leave it as it was, or train anew"
    if _is_in(difference, _LOGS):
        hint = "leave it as it was: a metric of the training part, a mean since the last line, decides something here"
    return Mistake(path, "NN602", message, hint)


def shown(value: Any) -> str:
    """A part of a config as a message shows it: what is short whole, a choice by its type."""
    if value is ABSENT:
        return "not there"
    if isinstance(value, Mapping) and "type" in value:
        return f"`{value['type']}`"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHORT else describe(value)

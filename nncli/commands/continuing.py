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
from nncli.spec.experiment import Experiment
from nncli.spec.wording import describe

_FREE: Final[tuple[Path, ...]] = (
    ("training", "log_every"),
    ("training", "checkpoint_every"),
    ("training", "figures"),
    ("expect",),
    ("dataset", "path"),
    ("model", "weights_from"),
)
"""Changes none of the bits of a run: when it is told of and saved, what is drawn and asked of it, where its data lie."""
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
    mistakes = [_mistake(difference) for difference in differences(before, loaded.experiment) if not _is_free(difference)]
    if total_steps < former_steps:
        path = _BUDGET[0 if loaded.experiment.training.steps is not None else 1]
        message = f"the run has {former_steps} steps, it cannot go on with {total_steps}"
        mistakes.append(Mistake(path, "NN602", message, "a run can be given more steps, not fewer"))
    if mistakes:
        raise NncliError(loaded.locate(mistakes))


def _is_free(difference: Difference) -> bool:
    return any(difference.path[: len(path)] == path for path in (*_FREE, *_BUDGET))


def _mistake(difference: Difference) -> Mistake:
    path, before, after = difference
    message = f"`{dotted(path)}` cannot change within a run: it was {shown(before)}, now it is {shown(after)}"
    return Mistake(path, "NN602", message, "leave it as it was, or train anew")


def shown(value: Any) -> str:
    """A part of a config as a message shows it: what is short whole, a choice by its type."""
    if value is ABSENT:
        return "not there"
    if isinstance(value, Mapping) and "type" in value:
        return f"`{value['type']}`"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHORT else describe(value)

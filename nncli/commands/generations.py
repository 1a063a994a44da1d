"""The two generations of a run's checkpoints: which of them the run goes on from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from nncli.checkpoint.contents import Weights
from nncli.commands.loading import Trained, in_file, load_trained
from nncli.engine.plan import Plan
from nncli.engine.state import TrainerState
from nncli.problems import NncliError, Problem, error
from nncli.runs.folder import RunFolder

_UNREADABLE: Final = ("NN603", "NN604")
"""A damaged file, and one that the disk no longer gives."""


@dataclass(frozen=True, slots=True)
class Found:
    """A state that a run can go on from.

    Attributes:
        trained: the checkpoint.
        state: the trainer's state in it.
        is_former: whether it is the one before the newest, in whose place it is to be put.
        problems: warnings of why.
    """

    trained: Trained
    state: TrainerState
    is_former: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Best:
    """The best weights so far.

    Attributes:
        weights: None where nothing told which are the best.
        is_former: whether they are those before the newest, in whose place they are to be put.
    """

    weights: Weights | None
    is_former: bool = False


def newest(folder: RunFolder) -> Found:
    """The newest state that can be read, with a warning where that is not the newest one.

    Raises:
        NncliError: NN603 or NN604, there is none.
    """
    try:
        return _read(folder, "last")
    except NncliError as failure:
        (problem,) = failure.problems
        if problem.code not in _UNREADABLE or not folder.checkpoint("last.previous").is_file():
            raise
        found = _read(folder, "last.previous")
        message = f"{problem.message}; the run goes on from the state before it, that of step {found.state.step}"
        return replace(found, is_former=True, problems=(replace(problem.as_warning(), message=message, hint=None),))


def came_to_its_end(state: TrainerState, plan: Plan) -> bool:
    """Whether a run took all of its steps, so that it can be given more; one that the loss of a step has ended stays as it is."""
    return state.finished is not None and state.step == plan.total_steps and not state.stop_met


def before_the_end(folder: RunFolder, found: Found) -> Found:
    """The state that a finished run had before its end, from which it can be given more steps.

    Raises:
        NncliError: NN602, it is not there any more.
    """
    former = _read(folder, "last.previous") if folder.checkpoint("last.previous").is_file() else None
    if former is None or former.state.step != found.state.step or former.state.finished is not None:
        message = f"the state in which this run came to step {found.state.step} is not there any more, so it cannot get more steps"
        raise error("NN602", message, "train anew, with `model.weights_from` to start from its weights", file=folder.path)
    return replace(former, is_former=True)


def best_of(folder: RunFolder, state: TrainerState) -> Best:
    """The best weights so far, in whichever generation they are.

    Where a run was killed between the two files, or is given more steps, `best.h5` is newer than what its last state knows of:
    the one before is then the right one.

    Raises:
        NncliError: NN603 or NN604, they are in neither.
    """
    if state.best_step is None:
        return Best(None)
    problem: NncliError | None = None
    for name in ("best", "best.previous"):
        try:
            trained = load_trained(folder.checkpoint(name))
        except NncliError as failure:
            problem = failure if name == "best" else problem
            continue
        if trained.facts.step == state.best_step:
            return Best(trained.checkpoint.weights, is_former=name != "best")
    message = f"the best weights, those of step {state.best_step}, are not there any more"
    raise problem or error("NN603", message, "bring the file back, or train anew", file=folder.checkpoint("best"))


def _read(folder: RunFolder, name: str) -> Found:
    trained = load_trained(folder.checkpoint(name))
    if trained.checkpoint.state is None:
        raise error("NN603", "it holds no training state to go on from", file=trained.path)
    with in_file(trained.path):
        return Found(trained, TrainerState.from_json(trained.checkpoint.state))

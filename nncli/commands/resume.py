"""`nncli train --resume`: going on with a run, to the very bits of one that was never stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from nncli.checkpoint.contents import Weights
from nncli.commands.contents import machine
from nncli.commands.continuing import allowed
from nncli.commands.loading import Facts, Trained, in_file, load_splits, load_trained
from nncli.commands.recording import Recording
from nncli.config.load import load_config
from nncli.config.write import to_yaml
from nncli.engine.events import Listener, ignore, never
from nncli.engine.plan import make_plan
from nncli.engine.runtime import start, versions
from nncli.engine.state import TrainerState
from nncli.engine.train import Trainer
from nncli.problems import NncliError, Problem, error
from nncli.reports.runs import TrainReport
from nncli.runs.folder import RunFolder
from nncli.runs.manifest import Manifest, read_manifest


def resume(
    run_dir: Path,
    *,
    overrides: Sequence[str] = (),
    listener: Listener = ignore,
    preview: bool = False,
    should_stop: Callable[[], bool] = never,
) -> TrainReport:
    """Go on with a run that was interrupted, or that is given more steps, to the very bits of a run that was not.

    Args:
        run_dir: the run folder.
        overrides: `--set` arguments, for what may change within a run.
        listener, preview, should_stop: as for `train`.

    Raises:
        NncliError: NN602, the run is finished, in use, or something of it changed that may not; NN603, its files are damaged.
    """
    with RunFolder.open(run_dir) as folder:
        manifest = read_manifest(folder.path)
        trained, warnings = _last(folder)
        loaded = load_config(folder.path / "config.yaml", overrides)
        experiment = loaded.experiment
        splits = load_splits(experiment)
        plan = make_plan(experiment, len(splits.train))
        allowed(loaded, trained.experiment, plan.total_steps, make_plan(trained.experiment, len(splits.train)).total_steps)
        if splits.fingerprint != trained.facts.fingerprint:
            message = "the data are not those that this run was trained on: their fingerprint differs"
            raise error("NN602", message, "bring the data back as they were, or train anew", file=run_dir)
        state = _state(trained)
        if state.finished == "finished" and plan.total_steps > state.step:
            trained = _before_the_end(folder, state.step)
            state = _state(trained)
        elif manifest.state == "finished":
            hint = "train anew" if state.finished != "finished" else "give it more steps (`--set training.steps=N`), or train anew"
            raise error("NN602", f"this run is finished{_why(state)}: there is nothing to go on with", hint, file=run_dir)
        facts = trained.facts
        start(facts.threads)
        with in_file(trained.path):
            trainer = Trainer(experiment, splits, plan, facts.mode, resume=trained.checkpoint, should_stop=should_stop)
        best = _best(folder, state)
        folder.go_on(to_yaml(experiment), state.measured_step)
        run = Recording(folder, trainer, facts, listener, preview, manifest.created)
        warnings += _changed_surroundings(facts, manifest)
        return replace(run.finish(run.train(best)), problems=(*warnings, *run.problems))


def _last(folder: RunFolder) -> tuple[Trained, tuple[Problem, ...]]:
    """The newest state that can be read, and a warning where that is not the newest one."""
    try:
        return load_trained(folder.path, "last"), ()
    except NncliError as failure:
        (problem,) = failure.problems
        if problem.code != "NN603" or not folder.checkpoint("last.previous").is_file():
            raise
        trained = load_trained(folder.checkpoint("last.previous"))
        message = f"{problem.message}; the run goes on from the state before it, that of step {trained.facts.step}"
        return trained, (replace(problem.as_warning(), message=message, hint=None),)


def _state(trained: Trained) -> TrainerState:
    if trained.checkpoint.state is None:
        raise error("NN603", "it holds no training state to go on from", file=trained.path)
    with in_file(trained.path):
        return TrainerState.from_json(trained.checkpoint.state)


def _why(state: TrainerState) -> str:
    return {"stopped_early": ", ended by early stopping", "stop_when": ", ended by `stop_when`"}.get(state.finished or "", "")


def _before_the_end(folder: RunFolder, step: int) -> Trained:
    """Make the state that a finished run had before its end the last one, so that it can be given more steps."""
    path = folder.checkpoint("last.previous")
    trained = load_trained(path) if path.is_file() else None
    if trained is None or trained.facts.step != step or _state(trained).finished is not None:
        message = f"the state in which this run came to step {step} is not there any more, so it cannot be given more steps"
        raise error("NN602", message, "train anew, with `model.weights_from` to start from its weights", file=folder.path)
    folder.restore("last")
    return replace(trained, path=folder.checkpoint("last"))


def _best(folder: RunFolder, state: TrainerState) -> Weights | None:
    """The best weights so far, where there are any that something told to be the best.

    Where a run was killed between the two files, or is given more steps, `best.h5` is newer than what its last state knows of:
    the one before is then the right one.
    """
    if state.best_step is None:
        return None
    newest = load_trained(folder.path, "best")
    if newest.facts.step != state.best_step and folder.checkpoint("best.previous").is_file():
        former = load_trained(folder.checkpoint("best.previous"))
        if former.facts.step == state.best_step:
            folder.restore("best")
            return former.checkpoint.weights
    return newest.checkpoint.weights


def _changed_surroundings(facts: Facts, manifest: Manifest) -> tuple[Problem, ...]:
    """Warnings of what else the bits depend on and what is not as it was."""
    changed = [f"{name} {facts.versions.get(name)} -> {own}" for name, own in versions().items() if facts.versions.get(name) != own]
    former = manifest.machine
    changed += [f"{name} {former.get(name)} -> {own}" for name, own in machine().items() if former.get(name) != own]
    if not changed:
        return ()
    message = f"not all is as it was, so the bits may differ: {', '.join(changed)}"
    return (Problem("NN602", message, severity="warning"),)

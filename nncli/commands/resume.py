"""`nncli train --resume`: going on with a run, to the very bits of one that was never stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from nncli.commands.contents import machine
from nncli.commands.continuing import allowed
from nncli.commands.datasets import load_splits
from nncli.commands.generations import before_the_end, best_of, came_to_its_end, newest
from nncli.commands.loading import Facts, in_file
from nncli.commands.recording import Recording
from nncli.config.load import load_config
from nncli.config.write import to_yaml
from nncli.engine.events import Listener, Warned, ignore, never
from nncli.engine.plan import make_plan
from nncli.engine.runtime import start, versions
from nncli.engine.state import TrainerState
from nncli.engine.train import Trainer
from nncli.problems import NncliError, Problem, error
from nncli.reports.base import plain
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
        found = newest(folder)
        loaded = load_config(folder.path / "config.yaml", overrides)
        experiment = loaded.experiment
        splits = load_splits(experiment)
        former_plan, plan = (make_plan(config, len(splits.train)) for config in (found.trained.experiment, experiment))
        allowed(loaded, found.trained.experiment, plan.total_steps, former_plan.total_steps)
        if splits.fingerprint != found.trained.facts.fingerprint:
            message = "the data are not those that this run was trained on: their fingerprint differs"
            raise error("NN602", message, "bring the data back as they were, or train anew", file=run_dir)
        if came_to_its_end(found.state, former_plan) and plan.total_steps > former_plan.total_steps:
            found = before_the_end(folder, found)
        elif found.state.finished is not None and manifest.state == "finished":
            raise _finished(found.state, run_dir)
        facts, state = found.trained.facts, found.state
        best = best_of(folder, state)
        history = folder.history(state.measured_step, state.num_measured)
        start(facts.threads)
        with in_file(found.trained.path):
            trainer = Trainer(experiment, splits, plan, facts.mode, resume=found.trained.checkpoint, should_stop=should_stop)
        manifest = replace(manifest, state="running", total_steps=plan.total_steps, moves=_moves(facts, manifest))
        warnings = (*found.problems, *_moved(manifest))
        listener(Warned(warnings))
        restored = [name for name, is_former in (("last", found.is_former), ("best", best.is_former)) if is_former]
        folder.go_on(to_yaml(experiment), plain(manifest), history=history, restored=restored)
        run = Recording(folder, trainer, facts, manifest, listener, preview)
        return replace(run.finish(run.train(best.weights)), problems=(*warnings, *loaded.relocate(run.problems)))


def _finished(state: TrainerState, run_dir: Path) -> NncliError:
    why = {"stopped_early": ", ended by early stopping", "stop_when": ", ended by `stop_when`"}.get(state.finished or "", "")
    hint = "train anew" if why else "give it more steps (`--set training.steps=N`), or train anew"
    return error("NN602", f"this run is finished{why}: there is nothing to go on with", hint, file=run_dir)


def _moves(facts: Facts, manifest: Manifest) -> tuple[str, ...]:
    """What else the bits depend on and what is, or was in an earlier session, not as it was when the run began."""
    began, now = {**facts.versions, **manifest.machine}, {**versions(), **machine()}
    moves = [f"{name} {began.get(name)} -> {own}" for name, own in now.items() if began.get(name) != own]
    return tuple(dict.fromkeys((*manifest.moves, *moves)))


def _moved(manifest: Manifest) -> tuple[Problem, ...]:
    if not manifest.moves:
        return ()
    message = f"not all is as it was when the run began, so the bits may differ: {', '.join(manifest.moves)}"
    return (Problem("NN602", message, severity="warning"),)

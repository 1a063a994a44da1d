"""`nncli train`: from a config to a run folder with a trained network."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from nncli.commands.configs import load_experiment, placed
from nncli.commands.contents import first_files, first_manifest
from nncli.commands.datasets import load_splits
from nncli.commands.loading import Facts, in_file, load_weights
from nncli.commands.recording import Recording
from nncli.engine.events import Listener, ignore, never
from nncli.engine.limits import refuse_slow_precision
from nncli.engine.plan import Plan, make_plan
from nncli.engine.rules import choose_mode, choose_threads
from nncli.engine.runtime import start, versions
from nncli.engine.train import Trainer
from nncli.problems import Problem, Where
from nncli.reports.runs import TrainReport
from nncli.runs.creation import require_free
from nncli.runs.folder import RunFolder
from nncli.spec.experiment import Experiment
from nncli.spec.training import Every


def train(
    config: str | Path,
    *,
    overrides: Sequence[str] = (),
    out: Path | None = None,
    runs_dir: Path = Path("runs"),
    listener: Listener = ignore,
    preview: bool = False,
    should_stop: Callable[[], bool] = never,
) -> TrainReport:
    """Train the network that `config` describes and leave everything about it in a run folder.

    Args:
        config: a YAML file, or `-` for standard input.
        overrides: `--set` arguments.
        out: the run folder; None: `runs_dir/NAME/NNN`.
        runs_dir: where numbered run folders lie.
        listener: is shown every event.
        preview: whether it is shown what the network makes of a series, too.
        should_stop: asked several times a second; a true answer saves and ends the training.

    Raises:
        NncliError: the config, the data or the folder are at fault; nothing was trained.
    """
    if out is not None:
        require_free(out)
    loaded, warnings = load_experiment(config, overrides)
    experiment = loaded.experiment
    with placed(loaded):
        splits = load_splits(experiment)
    plan = make_plan(experiment, len(splits.train))
    threads = choose_threads(experiment, plan.batch_size, splits.preparation.input_shape)
    experiment = pinned(experiment, plan, threads)
    source = experiment.model.weights_from
    weights_from = None if source is None else load_weights(source.checkpoint)
    start(threads)
    with placed(loaded):
        refuse_slow_precision(experiment.training.precision)
    facts = Facts(threads, choose_mode(experiment), versions(), splits.fingerprint)
    with contextlib.nullcontext() if source is None else in_file(Path(source.checkpoint)):
        trainer = Trainer(experiment, splits, plan, facts.mode, weights_from=weights_from, should_stop=should_stop)
    manifest = first_manifest(trainer, facts)
    with RunFolder.create(experiment.name, first_files(trainer, facts, manifest), out=out, runs_dir=runs_dir) as folder:
        run = Recording(folder, trainer, facts, manifest, listener, preview)
        return replace(
            run.finish(run.train()), problems=(*warnings, *splits.notes, *_untrained(trainer), *loaded.relocate(run.problems))
        )


def _untrained(trainer: Trainer) -> tuple[Problem, ...]:
    """A warning of the layers for which `weights_from` had nothing."""
    source, unmatched = trainer.experiment.model.weights_from, trainer.learner.unmatched
    if source is None or not unmatched:
        return ()
    message = f"layers that begin untrained, since `weights_from` has no match for them: {'; '.join(unmatched)}"
    return (Problem("NN603", message, None, Where(file=source.checkpoint), severity="warning"),)


def pinned(experiment: Experiment, plan: Plan, threads: int) -> Experiment:
    """The config with what its bits depend on and its defaults leave to the machine and to the length of the run: a resumed run
    takes the same, whatever has become of these.
    """
    training = experiment.training
    intervals = {name: getattr(training, name) or Every(steps=getattr(plan, name)) for name in ("evaluate_every", "log_every")}
    return experiment.model_copy(update={"training": training.model_copy(update={"threads": threads, **intervals})})

"""`nncli train`: from a config to a run folder with a trained network."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from nncli.commands.configs import load_experiment, placed
from nncli.commands.loading import Facts, in_file, load_splits, load_trained, load_weights
from nncli.commands.recording import Recording
from nncli.config.load import load_config
from nncli.config.write import to_yaml
from nncli.engine.events import Listener, ignore, never
from nncli.engine.limits import refuse_slow_precision
from nncli.engine.plan import make_plan
from nncli.engine.rules import choose_mode, choose_threads
from nncli.engine.runtime import start, versions
from nncli.engine.train import Trainer
from nncli.problems import Problem, Where, error
from nncli.reports.runs import TrainReport
from nncli.runs.folder import RunFolder, read_json, require_free


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
    experiment = experiment.model_copy(update={"training": experiment.training.model_copy(update={"threads": threads})})
    source = experiment.model.weights_from
    weights_from = None if source is None else load_weights(source.checkpoint)
    start(threads)
    with placed(loaded):
        refuse_slow_precision(experiment.training.precision)
    facts = Facts(threads, choose_mode(experiment), versions(), splits.fingerprint)
    with contextlib.nullcontext() if source is None else in_file(Path(source.checkpoint)):
        trainer = Trainer(experiment, splits, plan, facts.mode, weights_from=weights_from, should_stop=should_stop)
    with RunFolder.create(experiment.name, out=out, runs_dir=runs_dir) as folder:
        folder.write_config(to_yaml(experiment))
        run = Recording(folder, trainer, facts, listener, preview)
        return replace(run.finish(run.train()), problems=(*warnings, *_untrained(trainer), *run.problems))


def resume(
    run_dir: Path, *, listener: Listener = ignore, preview: bool = False, should_stop: Callable[[], bool] = never
) -> TrainReport:
    """Go on with a run that was interrupted, to the very bits of a run that was not.

    Args:
        run_dir: the run folder.
        listener, preview, should_stop: as for `train`.

    Raises:
        NncliError: NN602, the run is finished, in use, or its data changed; NN603, its files are damaged.
    """
    with RunFolder.open(run_dir) as folder:
        if (folder.path / "report.json").exists() and read_json(folder.path / "manifest.json").get("state") == "finished":
            hint = "train anew, or with more steps: `nncli train CONFIG --set training.steps=N`"
            raise error("NN602", "this run is finished, there is nothing to go on with", hint, file=run_dir)
        trained = load_trained(run_dir, "last")
        checkpoint, experiment, facts = trained.checkpoint, trained.experiment, trained.facts
        if load_config(folder.path / "config.yaml").experiment != experiment:
            hint = "bring it back as it was, or train it anew under another name"
            raise error("NN602", "its config.yaml was changed since", hint, file=folder.path / "config.yaml")
        if checkpoint.state is None:
            raise error("NN603", "it holds no training state to go on from", file=trained.path)
        splits = load_splits(experiment)
        if splits.fingerprint != facts.fingerprint:
            message = "the data are not those that this run was trained on: their fingerprint differs"
            raise error("NN602", message, "bring the data back as they were, or train anew", file=run_dir)
        plan = make_plan(experiment, len(splits.train))
        start(facts.threads)
        with in_file(trained.path):
            trainer = Trainer(experiment, splits, plan, facts.mode, resume=checkpoint, should_stop=should_stop)
        folder.cut_metrics(trainer.state.step)
        created = read_json(folder.path / "manifest.json").get("created")
        run = Recording(folder, trainer, facts, listener, preview, created if isinstance(created, str) else None)
        best = load_trained(run_dir, "best").checkpoint.weights if trainer.state.best_step is not None else None
        return replace(run.finish(run.train(best)), problems=(*_changed_versions(facts), *run.problems))


def _untrained(trainer: Trainer) -> tuple[Problem, ...]:
    """A warning of the layers for which `weights_from` had nothing."""
    source, unmatched = trainer.experiment.model.weights_from, trainer.learner.unmatched
    if source is None or not unmatched:
        return ()
    message = f"layers that begin untrained, since `weights_from` has no match for them: {'; '.join(unmatched)}"
    return (Problem("NN603", message, None, Where(file=source.checkpoint), severity="warning"),)


def _changed_versions(facts: Facts) -> tuple[Problem, ...]:
    changed = [
        f"{name} {facts.versions.get(name)} -> {version}"
        for name, version in versions().items()
        if facts.versions.get(name) != version
    ]
    if not changed:
        return ()
    return (Problem("NN602", f"versions changed, so the bits may differ: {', '.join(changed)}", severity="warning"),)

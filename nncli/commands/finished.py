"""A run that came to its end, as its files tell of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from nncli.commands.gates import failed_conditions
from nncli.config.load import load_config
from nncli.engine.plan import make_plan
from nncli.problems import error
from nncli.reports.runs import TrainReport
from nncli.runs.manifest import read_manifest
from nncli.runs.records import read_json
from nncli.runs.results import read_report
from nncli.spec.experiment import Experiment


def finished_report(run: Path, experiment: Experiment) -> TrainReport | None:
    """The report of a run that is finished, with the conditions of `expect` that it does not meet.

    Args:
        run: its folder, which may have been moved.
        experiment: its config; one with more steps than it had makes it unfinished.

    Returns:
        The report; None where the run is not finished.

    Raises:
        NncliError: NN603, its files are damaged; NN604, the disk refuses.
    """
    manifest = read_manifest(run)
    if manifest.state != "finished":
        return None
    report = _report(run)
    num_samples = report.dataset.get("train")
    if not isinstance(num_samples, int) or make_plan(experiment, num_samples).total_steps != manifest.total_steps:
        return None
    failed = load_config(run / "config.yaml").relocate(failed_conditions(experiment.expect, report.metrics))
    paths = [run / "checkpoints" / f"{name}.h5" for name in ("last", "best")]
    last, best = (str(path) if path.exists() else None for path in paths)
    return replace(report, run_dir=str(run), checkpoint=last, best_checkpoint=best, problems=tuple(failed))


def _report(run: Path) -> TrainReport:
    final, path = read_report(run), run / "report.json"
    document = read_json(path) | ({} if final is None else {"metrics": final.metrics})
    try:
        return TypeAdapter(TrainReport).validate_python(document)
    except ValidationError as problem:
        first = problem.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise error("NN603", f"this is no report of a training: `{name}`: {first['msg']}", file=path) from None

"""The run that `nncli train CONFIG --resume auto` goes on with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nncli.commands.configs import load_experiment
from nncli.commands.finished import finished_report
from nncli.config.differences import differences
from nncli.config.load import load_config
from nncli.problems import NncliError, Problem, Where, error
from nncli.reports.runs import TrainReport
from nncli.runs.disk import disk_problems
from nncli.runs.folder import require_run
from nncli.runs.manifest import has_manifest, read_manifest
from nncli.spec.experiment import Experiment

_PINNED: Final = {("training", name) for name in ("threads", "evaluate_every", "log_every")}
"""What a run settles where its config leaves it open."""


@dataclass(frozen=True, slots=True)
class Found:
    """What `--resume auto` goes on with.

    Attributes:
        run: the run folder; None where a new run is to be made.
        report: the run's, where it is the one that was asked for and finished.
        problems: warnings of the runs that cannot be looked into.
    """

    run: Path | None = None
    report: TrainReport | None = None
    problems: tuple[Problem, ...] = ()


def find_unfinished(
    config: str | Path, *, overrides: Sequence[str] = (), out: Path | None = None, runs_dir: Path = Path("runs")
) -> Found:
    """Find the newest run of this very config that did not come to its end.

    Args:
        config: a YAML file.
        overrides: `--set` arguments.
        out: look at this folder alone; a run that is finished is found there, too.
        runs_dir: where numbered run folders lie.

    Raises:
        NncliError: the mistakes of the config; NN602, `out` is the run of another config; NN603, `out` is damaged.
    """
    loaded, _ = load_experiment(config, overrides)
    if out is not None:
        return _at(out, loaded.experiment)
    return _newest(runs_dir / loaded.experiment.name, loaded.experiment)


def _at(out: Path, experiment: Experiment) -> Found:
    try:
        require_run(out)
    except NncliError:
        return Found()  # whether a run can be made there is told where one is made
    if not _is_of(out, experiment):
        hint = "choose another folder, or leave --out away for a numbered one"
        raise error("NN602", "this is the run of another config", hint, file=out)
    return Found(out, finished_report(out, experiment))


def _newest(folder: Path, experiment: Experiment) -> Found:
    problems = list[Problem]()
    for run in _numbered(folder):
        try:
            if has_manifest(run) and _is_unfinished(run) and _is_of(run, experiment):
                return Found(run, problems=tuple(problems))
        except NncliError as failure:  # it may be of another version, or anybody's
            first = failure.problems[0]
            message = f"this run cannot be looked into and is passed over: {first.message}"
            problems.append(Problem(first.code, message, None, Where(file=str(run)), severity="warning"))
    return Found(problems=tuple(problems))


def _numbered(folder: Path) -> list[Path]:
    """The folders that may be runs of a name, the newest first."""
    with disk_problems(folder, "read"):
        found = [entry for entry in folder.iterdir() if entry.name.isdecimal()] if folder.is_dir() else []
    return sorted(found, key=lambda entry: int(entry.name), reverse=True)


def _is_unfinished(run: Path) -> bool:
    return read_manifest(run).state not in ("finished", "diverged")


def _is_of(run: Path, experiment: Experiment) -> bool:
    differing = differences(load_config(run / "config.yaml").experiment, experiment)
    return all(difference.path in _PINNED and difference.after is None for difference in differing)

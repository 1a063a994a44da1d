"""`nncli runs`: what was trained, and the end of what nobody needs."""

from __future__ import annotations

import contextlib
import math
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from nncli.problems import NncliError, Problem, error
from nncli.reports.past_runs import RemovedReport, RunReport, RunsReport, RunSummary
from nncli.runs.disk import disk_problems
from nncli.runs.folder import require_run
from nncli.runs.lock import is_locked
from nncli.runs.manifest import Watched, has_manifest, read_manifest
from nncli.runs.removal import remove_folders
from nncli.runs.results import Measurement, read_history, read_report


def list_runs(runs_dir: Path = Path("runs")) -> RunsReport:
    """List the numbered runs in a folder; those that are damaged or may not be read are warned of.

    Args:
        runs_dir: where the folders of the names lie.

    Raises:
        NncliError: NN603, there is no such folder; NN604, it may not be read.
    """
    with disk_problems(runs_dir, "read"):
        if not runs_dir.is_dir():
            what = "this is a file, but runs lie in a folder" if runs_dir.exists() else "there is no such folder"
            raise error("NN603", what, "`nncli train CONFIG` makes it; --runs-dir names another", file=runs_dir)
    found, problems = list[RunSummary](), list[Problem]()
    for name in sorted(_folders(runs_dir)):
        with _warned_of(problems):
            for path in sorted(_folders(name), key=lambda path: path.name.zfill(9)):
                with _warned_of(problems):
                    if has_manifest(path):
                        require_run(path)
                        found.append(_summary(path))
    return RunsReport(folder=str(runs_dir), runs=tuple(found), problems=tuple(problems))


@contextlib.contextmanager
def _warned_of(problems: list[Problem]) -> Iterator[None]:
    """Add to `problems`, as warnings, what goes wrong within."""
    try:
        yield
    except NncliError as failure:
        problems += [problem.as_warning() for problem in failure.problems]


def _folders(folder: Path) -> list[Path]:
    """The folders in a folder, but for those that are hidden, as the ones that are being made."""
    with disk_problems(folder, "read"):
        return [entry for entry in folder.iterdir() if not entry.name.startswith(".") and entry.is_dir()]


def show_run(run: Path) -> RunReport:
    """Tell everything about a run.

    Raises:
        NncliError: NN603, it is no run, or its files are damaged; NN604, the disk refuses.
    """
    require_run(run)
    summary, manifest, report = _summary(run), read_manifest(run), read_report(run)
    return RunReport(
        summary=summary,
        seed=manifest.seed,
        threads=manifest.threads,
        mode=manifest.mode,
        fingerprint=manifest.fingerprint,
        versions=manifest.versions,
        machine=manifest.machine,
        metrics=None if report is None else report.metrics,
        files=_sizes(run),
    )


def _sizes(run: Path) -> dict[str, int]:
    sizes = dict[str, int]()
    for path in sorted(path for path in run.rglob("*") if not path.name.startswith(".")):
        with contextlib.suppress(FileNotFoundError):  # a run that is going on may remove it meanwhile
            status = path.stat()
            if stat.S_ISREG(status.st_mode):
                sizes[str(path.relative_to(run))] = status.st_size
    return sizes


def remove_runs(runs: Sequence[Path]) -> RemovedReport:
    """Remove run folders, all or none of them; one that is named twice counts once, a link for what it points to.

    Raises:
        NncliError: for each that stays: NN603, it is no run; NN602, it is in use; NN601, it holds files that are not nncli's.
    """
    once = list({run.resolve(): run for run in reversed(runs)}.values())[::-1]
    return RemovedReport(bytes=remove_folders(once), runs=tuple(map(str, once)))


def _summary(run: Path) -> RunSummary:
    manifest, history = read_manifest(run), read_history(run)
    state: str = manifest.state
    if state in ("running", "trained"):
        state = "running" if is_locked(run) else "interrupted"
    metric, value, step = _best(history, manifest.best)
    return RunSummary(
        run=str(run),
        name=manifest.name,
        state=state,
        step=max(manifest.step, history[-1].step if history else 0),
        total_steps=manifest.total_steps,
        metric=metric,
        value=value,
        best_step=step,
        seconds=history[-1].seconds if history else 0.0,
        created=manifest.created,
    )


def _best(history: Sequence[Measurement], watched: Watched) -> tuple[str | None, float | None, int | None]:
    """The best value of a metric and its step; where it was never measured, the last step, whose weights are kept."""
    measured = _values(history, watched.monitor)
    if measured:
        value, step = max(measured, key=lambda entry: (entry[0] if watched.upwards else -entry[0], -entry[1]))
        return watched.monitor, value, step
    return None, None, history[-1].step if history else None


def _values(history: Sequence[Measurement], name: str) -> list[tuple[float, int]]:
    values = [(measurement.values.get(name), measurement.step) for measurement in history]
    return [(value, step) for value, step in values if isinstance(value, float) and math.isfinite(value)]

"""`nncli runs`: what was trained, how two runs differ, and the end of those that nobody needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nncli.config.differences import ABSENT, differences
from nncli.config.load import load_config
from nncli.config.tree import dotted
from nncli.problems import NncliError, Problem, error
from nncli.reports.past_runs import Differing, RemovedReport, RunReport, RunsDiffReport, RunsReport, RunSummary
from nncli.runs.folder import require_run
from nncli.runs.lock import is_locked
from nncli.runs.manifest import MANIFEST, Manifest, Watched, read_manifest
from nncli.runs.records import read_json, read_lines
from nncli.runs.removal import remove_folders


def list_runs(runs_dir: Path = Path("runs")) -> RunsReport:
    """List the numbered runs in a folder; those whose files are damaged are warned of.

    Args:
        runs_dir: where the folders of the names lie.

    Raises:
        NncliError: NN603, there is no such folder.
    """
    if not runs_dir.is_dir():
        raise error("NN603", "there is no such folder", "`nncli train CONFIG` makes it; --runs-dir names another", file=runs_dir)
    found, problems = list[RunSummary](), list[Problem]()
    for path in sorted(runs_dir.glob("*/*"), key=lambda path: (path.parent.name, path.name.zfill(9))):
        if (path / MANIFEST).is_file():
            try:
                found.append(_summary(path))
            except NncliError as failure:
                problems += [problem.as_warning() for problem in failure.problems]
    return RunsReport(folder=str(runs_dir), runs=tuple(found), problems=tuple(problems))


def show_run(run: Path) -> RunReport:
    """Tell everything about a run.

    Raises:
        NncliError: NN603, it is no run, or its files are damaged; NN604, the disk refuses.
    """
    require_run(run)
    summary, manifest = _summary(run), read_manifest(run)
    files = {str(path.relative_to(run)): path.stat().st_size for path in sorted(run.rglob("*")) if path.is_file()}
    return RunReport(
        summary=summary,
        seed=manifest.seed,
        threads=manifest.threads,
        mode=manifest.mode,
        fingerprint=manifest.fingerprint,
        versions=manifest.versions,
        machine=manifest.machine,
        metrics=_report(run).get("metrics"),
        files={name: size for name, size in files.items() if not Path(name).name.startswith(".")},
    )


def diff_runs(first: Path, second: Path) -> RunsDiffReport:
    """Tell how two runs differ.

    Raises:
        NncliError: NN603, one is no run, or its files are damaged; NN604, the disk refuses.
    """
    for run in (first, second):
        require_run(run)
    configs = [load_config(run / "config.yaml").experiment for run in (first, second)]
    differing = [
        Differing(what=dotted(path), first=_or_null(one), second=_or_null(two)) for path, one, two in differences(*configs)
    ]
    reports = [_report(run) for run in (first, second)]
    digests = [report.get("weights_digest") for report in reports]
    return RunsDiffReport(
        first=str(first),
        second=str(second),
        config=tuple(differing),
        surroundings=tuple(_compared(*(_surroundings(read_manifest(run)) for run in (first, second)))),
        metrics=tuple(_compared(*(_flat(report.get("metrics") or {}) for report in reports))),
        same_weights=None if None in digests else digests[0] == digests[1],
    )


def remove_runs(runs: Sequence[Path]) -> RemovedReport:
    """Remove run folders, all or none of them; one that is named twice counts once, a link for what it points to.

    Raises:
        NncliError: for each that stays: NN603, it is no run; NN602, it is in use; NN601, it holds files that are not nncli's.
    """
    once = list({run.resolve(): run for run in reversed(runs)}.values())[::-1]
    return RemovedReport(bytes=remove_folders(once), runs=tuple(map(str, once)))


def _summary(run: Path) -> RunSummary:
    manifest, records = read_manifest(run), read_lines(run / "metrics.jsonl")
    state: str = manifest.state
    if state in ("running", "trained"):
        state = "running" if is_locked(run) else "interrupted"
    last: Mapping[str, Any] = records[-1] if records else {}
    metric, value, step = _best(records, manifest.best)
    return RunSummary(
        run=str(run),
        name=manifest.name,
        state=state,
        step=max(manifest.step, last.get("step", 0)),
        total_steps=manifest.total_steps,
        metric=metric,
        value=value,
        best_step=step,
        seconds=float(last.get("seconds", 0.0)),
        created=manifest.created,
    )


def _best(records: Sequence[Mapping[str, Any]], watched: Watched) -> tuple[str | None, float | None, int | None]:
    """The best value of a metric and its step; where it was never measured, the latest loss."""
    measured = _values(records, watched.monitor)
    if measured:
        value, step = max(measured, key=lambda entry: (entry[0] if watched.upwards else -entry[0], -entry[1]))
        return watched.monitor, value, step
    losses = _values(records, "loss")
    return ("loss", *losses[-1]) if losses else (None, None, None)


def _values(records: Sequence[Mapping[str, Any]], name: str) -> list[tuple[float, int]]:
    return [(record[name], record["step"]) for record in records if isinstance(record.get(name), int | float)]


def _report(run: Path) -> Mapping[str, Any]:
    """Its report; empty before its end."""
    path = run / "report.json"
    if not path.is_file():
        return {}
    report = read_json(path)
    metrics = report.get("metrics")
    if not isinstance(metrics, Mapping) or not all(part is None or isinstance(part, Mapping) for part in metrics.values()):
        raise error("NN603", "this is no report of a run: it has no `metrics`", file=path)
    return report


def _or_null(value: Any) -> Any:
    return None if value is ABSENT else value


def _surroundings(manifest: Manifest) -> dict[str, Any]:
    facts: dict[str, Any] = {name: getattr(manifest, name) for name in ("threads", "mode", "fingerprint")}
    for part in ("versions", "machine"):
        facts |= {f"{part}.{name}": value for name, value in getattr(manifest, part).items()}
    return facts


def _flat(metrics: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{part}.{name}": value for part, values in metrics.items() if values for name, value in values.items()}


def _compared(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Differing]:
    for name in dict.fromkeys([*first, *second]):
        if first.get(name) != second.get(name):
            yield Differing(what=name, first=first.get(name), second=second.get(name))

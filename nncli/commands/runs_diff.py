"""`nncli runs diff`: how two runs differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nncli.checkpoint.read import read_checkpoint
from nncli.config.differences import ABSENT, differences
from nncli.config.load import load_config
from nncli.config.tree import dotted
from nncli.reports.base import plain
from nncli.reports.past_runs import Differing, RunsDiffReport
from nncli.runs.folder import require_run
from nncli.runs.manifest import Manifest, read_manifest
from nncli.runs.results import FinalReport, read_report


def diff_runs(first: Path, second: Path) -> RunsDiffReport:
    """Tell how two runs differ.

    Raises:
        NncliError: NN603, one is no run, or its files, the best weights too, are damaged; NN604, the disk refuses.
    """
    for run in (first, second):
        require_run(run)
    configs = [load_config(run / "config.yaml").experiment for run in (first, second)]
    differing = [
        Differing(what=dotted(path), first=_or_null(one), second=_or_null(two)) for path, one, two in differences(*configs)
    ]
    reports = [read_report(run) for run in (first, second)]
    same_weights = None
    if None not in reports:
        # From the files themselves, each held to its checksum: what a report says of them may not be true any more.
        digests = {read_checkpoint(run / "checkpoints" / "best.h5").weights.digest() for run in (first, second)}
        same_weights = len(digests) == 1
    return RunsDiffReport(
        first=str(first),
        second=str(second),
        config=tuple(differing),
        surroundings=tuple(_compared(*(_surroundings(read_manifest(run)) for run in (first, second)))),
        metrics=tuple(_compared(*map(_metrics, reports))),
        same_weights=same_weights,
    )


def _or_null(value: Any) -> Any:
    return None if value is ABSENT else value


def _surroundings(manifest: Manifest) -> dict[str, Any]:
    facts: dict[str, Any] = {name: getattr(manifest, name) for name in ("threads", "mode", "fingerprint")}
    for part in ("versions", "machine"):
        facts |= {f"{part}.{name}": value for name, value in getattr(manifest, part).items()}
    return facts


def _metrics(report: FinalReport | None) -> dict[str, Any]:
    """Those of all parts, such as `test.loss`; what is no number is null, which equals itself."""
    parts = {} if report is None else report.metrics
    return {f"{part}.{name}": plain(value) for part, values in parts.items() if values for name, value in values.items()}


def _compared(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Differing]:
    for name in dict.fromkeys([*first, *second]):
        if first.get(name) != second.get(name):
            yield Differing(what=name, first=first.get(name), second=second.get(name))

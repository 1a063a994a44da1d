"""Runs that are there, on a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from nncli.render.networks import size
from nncli.render.problems import escape
from nncli.render.runs import metrics_table
from nncli.reports.base import Report
from nncli.reports.past_runs import Differing, RemovedReport, RunReport, RunsDiffReport, RunsReport, RunSummary

_UNBOUNDED: Final = 100_000
"""More columns than any table has."""


def show(report: Report, console: Console) -> None:
    """Print a report about runs."""
    match report:
        case RunsReport():
            _list(report, console)
        case RunReport():
            _run(report, console)
        case RunsDiffReport():
            _difference(report, console)
        case RemovedReport():
            for run in report.runs:
                _line(console, f"removed {run}")
            _line(console, f"{size(report.bytes)} are free again")
        case _:
            raise TypeError(f"nothing shows a {type(report).__name__}")


def _line(console: Console, text: str) -> None:
    console.print(escape(text), highlight=False, soft_wrap=True)


def _list(report: RunsReport, console: Console) -> None:
    if not report.runs:
        _line(console, f"{report.folder} holds no runs")
        return
    table = Table()
    table.add_column("run", no_wrap=True, overflow="fold")  # it is there to be copied
    table.add_column("state", no_wrap=True)
    for name in ("steps", "best", "time"):
        table.add_column(name)
    table.add_column("began", no_wrap=True)
    for summary in report.runs:
        told = (summary.state, _steps(summary), _best(summary), _time(summary.seconds), _began(summary))
        table.add_row(*map(escape, (summary.run, *told)))
    _whole(table, console)


def _whole(table: Table, console: Console) -> None:
    """Print a table, as wide as it is where no terminal bounds it: what reads it wants whole cells."""
    if not console.is_terminal:
        table.width = console.measure(table, options=console.options.update_width(_UNBOUNDED)).maximum
    console.print(table, crop=console.is_terminal, overflow=None if console.is_terminal else "ignore")


def _steps(summary: RunSummary) -> str:
    return f"{summary.step:,}" if summary.step == summary.total_steps else f"{summary.step:,} of {summary.total_steps:,}"


def _best(summary: RunSummary) -> str:
    if summary.metric is None or summary.value is None:
        return "" if summary.best_step is None else f"the last weights (step {summary.best_step})"
    return f"{summary.metric} {summary.value:.4g} (step {summary.best_step})"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s" if minutes else f"{seconds:.1f} s"


def _began(summary: RunSummary) -> str:
    return summary.created[:16].replace("T", " ")


def _run(report: RunReport, console: Console) -> None:
    summary = report.summary
    facts = {
        "run": summary.run,
        "name": summary.name,
        "state": summary.state,
        "steps": _steps(summary),
        "best": _best(summary) or "nothing measured yet",
        "time": _time(summary.seconds),
        "began": summary.created,
        "seed": report.seed,
        "threads": report.threads,
        "compiled": {"loop": "the whole step", "update": "the optimizer's update"}.get(report.mode, report.mode),
        "data": f"SHA-256 {report.fingerprint}",
        "versions": ", ".join(f"{name} {version}" for name, version in report.versions.items()),
        "machine": ", ".join(map(str, report.machine.values())),
    }
    for name, value in facts.items():
        _line(console, f"{name:<9}{value}")
    measured = {part: metrics for part, metrics in (report.metrics or {}).items() if metrics}
    if measured:
        console.print(metrics_table(measured))
    for name, count in report.files.items():
        _line(console, f"{size(count):>9}  {name}")


def _difference(report: RunsDiffReport, console: Console) -> None:
    parts = {"config": report.config, "surroundings": report.surroundings, "metrics": report.metrics}
    for name, differing in parts.items():
        if differing:
            _whole(_table(name, differing, report), console)
        else:
            _line(console, f"{name}: the same")
    words = {True: "the same to the bit", False: "different", None: "not to be compared: a run has no report yet"}
    _line(console, f"best weights: {words[report.same_weights]}")


def _table(name: str, differing: Sequence[Differing], report: RunsDiffReport) -> Table:
    table = Table(name, *map(escape, (report.first, report.second)))
    for entry in differing:
        table.add_row(*map(escape, (entry.what, _shown(entry.first), _shown(entry.second))))
    return table


def _shown(value: Any) -> str:
    """A value in a cell; of a part, as a layer, its type, which stands for all its settings: `--json` has them."""
    if isinstance(value, Mapping) and "type" in value:
        value = value["type"]
    return "-" if value is None else value if isinstance(value, str) else json.dumps(value)

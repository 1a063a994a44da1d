"""Runs, and what was trained in them, on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nncli.render.problems import escape
from nncli.reports.base import Report
from nncli.reports.runs import CompletionReport, EvalReport, ExportReport, PlotReport, PredictReport, TrainReport


def show(report: Report, console: Console) -> None:
    """Print a report of training, measuring, predicting, exporting or drawing."""
    match report:
        case TrainReport():
            _train(report, console)
        case EvalReport():
            console.print(
                f"{escape(report.checkpoint)} on {escape(report.data)}: {report.samples:,} sample{'s'[: report.samples != 1]}",
                highlight=False,
            )
            console.print(metrics_table({report.split or "data": report.metrics}))
            if report.classes:
                _classes(report, console)
        case PredictReport():
            _predictions(report, console)
        case CompletionReport():
            console.print(Text(report.text), highlight=False, soft_wrap=True)
        case PlotReport():
            for figure in report.figures:
                console.print(escape(figure), highlight=False, soft_wrap=True)
        case ExportReport():
            from nncli.render.exports import show_export

            show_export(report, console)
        case _:
            raise TypeError(f"nothing shows a {type(report).__name__}")


def _train(report: TrainReport, console: Console) -> None:
    console.print(
        f"{report.outcome}: {report.message}, {report.seconds:.1f} s, {report.samples_per_second:,.0f} samples/s",
        highlight=False,
    )
    measured = {part: metrics for part, metrics in report.metrics.items() if metrics is not None}
    if measured:
        console.print(metrics_table(measured))
    places = {"run": report.run_dir, "best": report.best_checkpoint, "last": report.checkpoint}
    for name, place in places.items():
        if place is not None:
            note = f" (step {report.best_step})" if name == "best" else ""
            console.print(f"{name:<5}{escape(place)}{note}", highlight=False, soft_wrap=True)


def metrics_table(parts: Mapping[str, Mapping[str, Any]]) -> Table:
    """A table of metrics, a row a part; a part may lack some."""
    names = list(dict.fromkeys(name for metrics in parts.values() for name in metrics))
    table = Table("part", *map(escape, names))
    for part, metrics in parts.items():
        table.add_row(escape(part), *(_number(metrics[name]) if name in metrics else "-" for name in names))
    return table


def _classes(report: EvalReport, console: Console) -> None:
    names = ("precision", "recall", "f1")
    table = Table("class", "samples", *names)
    for entry in report.classes:
        numbers = ("-" if entry[name] is None else f"{entry[name]:.4g}" for name in names)
        table.add_row(escape(entry["class"]), f"{entry['samples']:,}", *numbers)
    console.print(table)
    console.print(f"balanced accuracy (mean of the recalls): {report.balanced_accuracy:.4g}", highlight=False)


def _number(value: Any) -> str:
    return ", ".join(f"{entry:.4g}" for entry in value) if isinstance(value, list) else f"{value:.6g}"


def _predictions(report: PredictReport, console: Console) -> None:
    if report.output is not None:
        console.print(
            f"{escape(report.output)}: {report.samples:,} prediction{'s'[: report.samples != 1]}", highlight=False, soft_wrap=True
        )
        return
    first = report.predictions[0] if report.predictions else {}
    has_classes, kind = "class" in first, "score" if "score" in first else "probability"
    heads = ("input", "id") if "id" in first else ("input",)
    table = Table(*heads, *(("class", kind) if has_classes else ("output",)))
    for row in report.predictions:
        head = [escape(row[name] or "-") for name in heads]
        if not has_classes:
            table.add_row(*head, str(row["output"]))
            continue
        for rank, entry in enumerate(row.get("top", [row])):
            table.add_row(*(head if rank == 0 else [""] * len(head)), escape(entry["class"] or "-"), f"{entry[kind]:.4f}")
    console.print(table)

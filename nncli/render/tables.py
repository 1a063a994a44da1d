"""Reports on a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nncli.config.write import document_to_yaml
from nncli.render.explanations import show_explanation
from nncli.render.networks import show_network
from nncli.render.problems import escape
from nncli.reports.configs import CheckReport, InitReport, SchemaReport, ShowConfigReport
from nncli.reports.explanations import ExplainReport
from nncli.reports.networks import SummaryReport
from nncli.reports.runs import CompletionReport, EvalReport, ExportReport, PlotReport, PredictReport, TrainReport


def show_report(report: object, console: Console) -> None:
    """Print a report for a person."""
    match report:
        case TrainReport():
            _train(report, console)
        case EvalReport():
            console.print(f"{report.checkpoint} on {escape(report.data)}: {report.samples:,} samples", highlight=False)
            console.print(_metrics_table({report.split or "data": report.metrics}))
        case PredictReport():
            _predictions(report, console)
        case CompletionReport():
            console.print(Text(report.text), highlight=False, soft_wrap=True)
        case PlotReport():
            for figure in report.figures:
                console.print(escape(figure), highlight=False, soft_wrap=True)
        case InitReport():
            _examples(report, console)
        case ExplainReport():
            show_explanation(report, console)
        case SchemaReport(schema=schema):
            text = f"{escape(report.output or '')}\n" if schema is None else f"{json.dumps(schema, indent=1, ensure_ascii=False)}\n"
            console.file.write(text)
        case ShowConfigReport():
            # As it is: what is printed can be saved as a config.
            console.file.write(document_to_yaml(report.config) if report.output is None else f"{escape(report.output)}\n")
        case SummaryReport():
            show_network(report, console)
        case ExportReport():
            same = "equal to the bit" if report.largest_difference == 0 else f"within {report.largest_difference:.1g}"
            console.print(
                f"{report.output}  {report.bytes / 1e6:.1f} MB  predictions {same} ({report.compared} random inputs compared)",
                highlight=False,
            )
        case CheckReport():
            for file in report.files:
                counts = [f"{file[kind]} {kind if file[kind] > 1 else kind[:-1]}" for kind in ("errors", "warnings") if file[kind]]
                console.print(f"{escape(file['file'])}: {', '.join(counts) or 'ok'}", highlight=False, soft_wrap=True)
        case _:
            raise TypeError(f"no table for {type(report).__name__}")


def _examples(report: InitReport, console: Console) -> None:
    if report.output is not None:
        console.print(
            f"{escape(report.output)}: train it with `nncli train {escape(report.output)}`", highlight=False, soft_wrap=True
        )
        return
    table = Table("config", "what it is")
    for name, description in report.examples.items():
        table.add_row(name, escape(description))
    console.print(table)


def _train(report: TrainReport, console: Console) -> None:
    console.print(
        f"{report.outcome}: {report.message}, {report.seconds:.1f} s, {report.samples_per_second:,.0f} samples/s",
        highlight=False,
    )
    measured = {part: metrics for part, metrics in report.metrics.items() if metrics is not None}
    if measured:
        console.print(_metrics_table(measured))
    places = {"run": report.run_dir, "best": report.best_checkpoint, "last": report.checkpoint}
    for name, place in places.items():
        if place is not None:
            note = f" (step {report.best_step})" if name == "best" else ""
            console.print(f"{name:<5}{escape(place)}{note}", highlight=False, soft_wrap=True)


def _metrics_table(parts: Mapping[str, Mapping[str, Any]]) -> Table:
    names = list(next(iter(parts.values())))
    table = Table("part", *names)
    for part, metrics in parts.items():
        table.add_row(part, *(_number(metrics[name]) for name in names))
    return table


def _number(value: Any) -> str:
    return ", ".join(f"{entry:.4g}" for entry in value) if isinstance(value, list) else f"{value:.6g}"


def _predictions(report: PredictReport, console: Console) -> None:
    if report.output is not None:
        console.print(f"{escape(report.output)}: {report.samples:,} predictions", highlight=False, soft_wrap=True)
        return
    first = report.predictions[0] if report.predictions else {}
    has_classes, kind = "class" in first, "score" if "score" in first else "probability"
    table = Table("input", *(("class", kind) if has_classes else ("output",)))
    for row in report.predictions:
        if not has_classes:
            table.add_row(escape(row["input"]), str(row["output"]))
            continue
        for rank, entry in enumerate(row.get("top", [row])):
            table.add_row(escape(row["input"]) if rank == 0 else "", escape(entry["class"]), f"{entry[kind]:.4f}")
    console.print(table)

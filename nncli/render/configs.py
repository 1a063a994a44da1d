"""Configs, on a terminal: what is wrong with them, what ships, and what they say in full."""

from __future__ import annotations

import json

from rich.console import Console

from nncli.render.problems import escape
from nncli.reports.base import Report
from nncli.reports.configs import CheckReport, InitReport, SchemaReport, ShowConfigReport


def show(report: Report, console: Console) -> None:
    """Print a report of a command about configs."""
    match report:
        case CheckReport():
            for file in report.files:
                counts = [f"{file[kind]} {kind if file[kind] > 1 else kind[:-1]}" for kind in ("errors", "warnings") if file[kind]]
                console.print(f"{escape(file['file'])}: {', '.join(counts) or 'ok'}", highlight=False, soft_wrap=True)
                for line in file.get("data", ()):
                    console.print(f"  {escape(line)}", highlight=False, soft_wrap=True)
        case InitReport():
            _examples(report, console)
        case SchemaReport(schema=schema):
            text = f"{escape(report.output or '')}\n" if schema is None else f"{json.dumps(schema, indent=1, ensure_ascii=False)}\n"
            console.file.write(text)
        case ShowConfigReport():
            _config(report, console)
        case _:
            raise TypeError(f"nothing shows a {type(report).__name__}")


def _config(report: ShowConfigReport, console: Console) -> None:
    from nncli.config.write import document_to_yaml  # `check` has no use for PyYAML's writer

    # As it is: what is printed can be saved as a config.
    console.file.write(document_to_yaml(report.config) if report.output is None else f"{escape(report.output)}\n")


def _examples(report: InitReport, console: Console) -> None:
    if report.output is not None:
        console.print(
            f"{escape(report.output)}: train it with `nncli train {escape(report.output)}`", highlight=False, soft_wrap=True
        )
        if report.schema is not None:
            line = f"{escape(report.schema)}: with it beside the config, editors complete and check"
            console.print(line, highlight=False, soft_wrap=True)
        return
    from rich.table import Table  # nor for tables

    table = Table("config", "what it is")
    for name, description in report.examples.items():
        table.add_row(name, f"{'Start here: ' if name == report.start else ''}{escape(description)}")
    console.print(table)
    how = "`nncli init NAME` writes one, `nncli init NAME -o FILE` under a name of your own"
    console.print(how, highlight=False, soft_wrap=True)

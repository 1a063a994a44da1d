"""Reports on a terminal: each file of reports has one here of the same name, whose `show` prints them."""

from __future__ import annotations

import importlib

from rich.console import Console

from nncli.reports.base import Report


def show_report(report: Report, console: Console) -> None:
    """Print a report for a person. Only what shows reports of its kind is imported."""
    kind = type(report).__module__.rpartition(".")[2]
    importlib.import_module(f"nncli.render.{kind}").show(report, console)

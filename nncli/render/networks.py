"""A network, layer by layer, on a terminal."""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.table import Table

from nncli.reports import SummaryReport, WeightSummary

_A_LINE: Final = 8
"""Most numbers on a line."""


def show_network(report: SummaryReport, console: Console) -> None:
    """Print the layers with their shapes and parameters, and the weights where they are there."""
    table = Table(show_footer=True)
    table.add_column("layer", footer=report.name)
    table.add_column("type")
    table.add_column("output")
    table.add_column("parameters", justify="right", footer=f"{report.parameters:,}")
    table.add_column("trained", justify="right", footer=f"{report.trained:,}")
    table.add_row("", "input", _shape(report.input_shape), "", "")
    for layer in report.layers:
        table.add_row(layer.name, layer.type, _shape(layer.output_shape), f"{layer.parameters:,}", f"{layer.trained:,}")
    console.print(table)
    for weight in report.weights or ():
        _show_weight(weight, console)


def _shape(shape: tuple[int | None, ...]) -> str:
    return " x ".join("?" if size is None else str(size) for size in shape) or "1 number"


def _show_weight(weight: WeightSummary, console: Console) -> None:
    console.print(f"{weight.name}  {_shape(weight.shape)}", highlight=False, soft_wrap=True, style="bold")
    if weight.values is None:
        figures = "  ".join(f"{name} {value:.6g}" for name, value in weight.statistics.items())
        console.print(f"  {figures}", highlight=False, soft_wrap=True)
    else:
        for line in _rows(weight.values):
            console.print(f"  {line}", highlight=False, soft_wrap=True)


def _rows(values: Any) -> list[str]:
    """The innermost lists of numbers, one a line, in columns."""
    if not isinstance(values, list):
        return [f"{values:.7g}"]
    if not values or not isinstance(values[0], list):
        cells = [f"{value:>13.7g}" for value in values]
        return [" ".join(cells[start : start + _A_LINE]) for start in range(0, len(cells), _A_LINE)]
    return [row for entry in values for row in _rows(entry)]

"""A network, layer by layer, on a terminal."""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.table import Table

from nncli.render.problems import escape
from nncli.reports.networks import LayerSummary, MemorySummary, SummaryReport, WeightSummary

_A_LINE: Final = 8
"""Most numbers on a line."""


def show(report: SummaryReport, console: Console) -> None:
    """Print the layers with their shapes, parameters and arithmetic, the memory, and the weights where they are there."""
    table = Table(show_footer=True)
    table.add_column("layer", footer=escape(report.name), overflow="fold")
    table.add_column("output")
    table.add_column("parameters", justify="right", footer=f"{report.parameters:,}")
    table.add_column("trained", justify="right", footer=f"{report.trained:,}")
    table.add_column("multiply-adds", justify="right", footer=f"{report.multiply_adds:,}")
    table.add_row("input", _shape(report.input_shape), "", "", "")
    for layer in report.layers:
        _add_rows(table, layer, 0)
    console.print(table)
    if report.memory is not None:
        _show_memory(report.memory, console)
    for weight in report.weights or ():
        _show_weight(weight, console)
    if report.plot is not None:
        console.print(escape(report.plot), highlight=False, soft_wrap=True)


def _add_rows(table: Table, layer: LayerSummary, depth: int) -> None:
    numbers = (layer.parameters, layer.trained, layer.multiply_adds)
    table.add_row("  " * depth + _called(layer), _shape(layer.output_shape), *(f"{number:,}" for number in numbers))
    for inner in layer.inside:
        _add_rows(table, inner, depth + 1)


def _called(layer: LayerSummary) -> str:
    """The name of a layer, and its type where that says something else."""
    return escape(layer.name if layer.name.startswith(layer.type) else f"{layer.name} ({layer.type})")


def _show_memory(memory: MemorySummary, console: Console) -> None:
    batch = "a batch of 1 sample" if memory.batch_size == 1 else f"batches of {memory.batch_size:,} samples"
    parts = ("weights", "gradients", "optimizer", "activations")
    amounts = ", ".join(f"{part} {size(getattr(memory, part))}" for part in parts)
    console.print(f"training in {batch} takes about {size(memory.total)} of memory:", highlight=False, soft_wrap=True)
    console.print(f"  {amounts}", highlight=False, soft_wrap=True)
    console.print("  on top of that: the data, and TensorFlow itself (0.5 to 1 GiB)", highlight=False, soft_wrap=True)


def size(count: int) -> str:
    """A number of bytes with the unit that suits it."""
    amount, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{count} B" if unit == "B" else f"{amount:.3g} {unit}" if amount < 1000 else f"{amount:.0f} {unit}"


def _shape(shape: tuple[int | None, ...]) -> str:
    return " x ".join("?" if length is None else str(length) for length in shape) or "1 number"


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

"""Learning curves: how the metrics changed while training."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, Final

from nncli.figures.drawing import BLUE, ORANGE, Drawing, finished, paper, plain_axes

_NO_METRICS: Final = frozenset({"step", "epoch", "learning_rate", "seconds"})
MOST_PANELS: Final = 6
LOGARITHMIC_FROM: Final = 20.0
"""A loss that falls by more than this factor is drawn on a logarithmic scale."""


def draw_curves(records: Sequence[Mapping[str, Any]]) -> Drawing | None:
    """The metrics over the steps, training and validation in one panel; None where there are fewer than two points.

    Args:
        records: the lines of `metrics.jsonl`.
    """
    names = [name for name in dict.fromkeys(name for record in records for name in record) if name not in _NO_METRICS]
    columns = {"step": [record["step"] for record in records]} | {
        name: [_number(record.get(name)) for record in records] for name in names
    }
    panels = list(dict.fromkeys(name.removeprefix("val_") for name in names))
    panels = [panel for panel in panels if _is_drawable(columns.get(panel, ())) or _is_drawable(columns.get(f"val_{panel}", ()))]
    panels = panels[:MOST_PANELS]
    if not panels:
        return None
    figure = paper(5.0 * min(2, len(panels)), 3.4 * -(-len(panels) // 2))
    for index, panel in enumerate(panels, start=1):
        axes = plain_axes(figure, -(-len(panels) // 2), min(2, len(panels)), index)
        _draw_panel(axes, panel, columns)
    return finished("learning_curves", figure, columns.items())


def _draw_panel(axes: Any, name: str, columns: Mapping[str, Sequence[float]]) -> None:
    shown = []
    training, validation = _points(columns, name), _points(columns, f"val_{name}")
    steady = _steady(columns["step"])
    if len(alike := [point for point in training if point[0] in steady]) >= 2:
        training = alike
    for points, label, colour, style in ((training, "training", BLUE, "-"), (validation, "validation", ORANGE, "--")):
        if points:
            marker = "o" if len(points) <= 30 else None
            axes.plot(*zip(*points, strict=True), style, color=colour, label=label, marker=marker, markersize=3, linewidth=1.5)
            shown += [value for _, value in points]
    if min(shown) > 0 and max(shown) > LOGARITHMIC_FROM * min(shown):
        axes.set_yscale("log")
    axes.set_xlabel("step")
    axes.set_ylabel(name, parse_math=False)
    if len(axes.lines) > 1:
        axes.legend(frameon=False)


def _points(columns: Mapping[str, Sequence[float]], name: str) -> list[tuple[float, float]]:
    return [(step, value) for step, value in zip(columns["step"], columns.get(name, ()), strict=False) if value == value]


def _steady(steps: Sequence[float]) -> set[float]:
    """The steps whose training metrics are means over about as many batches as the others'.

    Where an evaluation falls between two lines of the log, or the end of the run soon after one, a mean is that of a batch or two:
    a spike that says nothing. The table beside the picture has it.
    """
    taken = [step - before for before, step in zip([0.0, *steps], steps, strict=False)]
    return {step for step, batches in zip(steps, taken, strict=True) if 2 * batches >= median(taken)}


def _is_drawable(column: Sequence[float]) -> bool:
    return sum(value == value for value in column) >= 2


def _number(value: Any) -> float:
    """A value as a number to draw; NaN for what is none, such as the list of a metric that has one value a class."""
    return float(value) if isinstance(value, int | float) and abs(value) <= sys.float_info.max else math.nan

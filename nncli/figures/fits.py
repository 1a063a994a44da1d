"""What a network makes of numbers: a fitted line, a series, the path of a descent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nncli.figures.drawing import BLUE, GREEN, GREY, ORANGE, Drawing, finished, paper, plain_axes

Vector = NDArray[np.floating]


def draw_fit(x: Vector, y: Vector, line_x: Vector, line_y: Vector) -> Drawing:
    """Points, and the curve that the network draws through them.

    Args:
        x, y: the points, (num_points,) each.
        line_x, line_y: the network's outputs at rising inputs, (num_line_points,) each.
    """
    figure = paper()
    axes = plain_axes(figure)
    axes.scatter(x, y, s=18, color=BLUE, alpha=0.7, label="data", linewidths=0)
    axes.plot(line_x, line_y, color=ORANGE, linewidth=2, label="network")
    axes.set_xlabel("input")
    axes.set_ylabel("target")
    axes.legend(frameon=False)
    columns = {"x": x, "y": y, "line_x": line_x, "line_y": line_y}
    return finished("fit", figure, [(name, column.tolist()) for name, column in columns.items()])


def draw_series(truth: Vector, predicted: Vector) -> Drawing:
    """A series and what the network predicted, point by point: (num_points,) each."""
    figure = paper(8.0, 3.6)
    axes = plain_axes(figure)
    axes.plot(truth, color=BLUE, linewidth=2, label="truth")
    axes.plot(predicted, "--", color=ORANGE, linewidth=1.6, label="predicted")
    axes.set_xlabel("point")
    axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)  # above: a wave leaves no corner free
    columns = {"point": np.arange(len(truth)), "truth": truth, "predicted": predicted}
    return finished("series", figure, [(name, column.tolist()) for name, column in columns.items()])


def draw_descent(positions: Vector, losses: Vector, curve_x: Vector, curve_y: Vector) -> Drawing:
    """The steps of a descent on the curve that it goes down.

    Args:
        positions, losses: where each step stood, and the loss there, (num_steps,) each.
        curve_x, curve_y: the loss at rising positions, (num_curve_points,) each.
    """
    figure = paper()
    axes = plain_axes(figure)
    axes.plot(curve_x, curve_y, color=GREY, linewidth=1.4, label="loss")
    axes.plot(positions, losses, "o-", color=BLUE, markersize=4, linewidth=1, alpha=0.8, label="steps")
    axes.plot(positions[:1], losses[:1], "s", color=ORANGE, markersize=8, label="start")
    axes.plot(positions[-1:], losses[-1:], "D", color=GREEN, markersize=8, label="end")
    axes.set_xlabel("weight")
    axes.set_ylabel("loss")
    axes.legend(frameon=False)
    columns = {"position": positions, "loss": losses, "curve_x": curve_x, "curve_y": curve_y}
    return finished("descent", figure, [(name, column.tolist()) for name, column in columns.items()])

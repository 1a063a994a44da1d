"""A network as a picture: a box for each layer, from the input down, in as many columns as keep it readable."""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from nncli.figures.drawing import BLUE, GREY, paper

Format = Literal["png", "svg"]

_WIDTH: Final = 3.1
_HEIGHT: Final = 0.52
_DOWN: Final = 0.26
_ACROSS: Final = 0.5
_MARGIN: Final = 0.25
_HEADING: Final = 0.45
"""Sizes in inches: a box, the gaps between boxes and between columns, the margin, the line on top."""
MOST_IN_A_COLUMN: Final = 12
_LONGEST: Final = 34
"""Most characters of a line in a box."""
_SHORTEST: Final = 12
"""So many of a name are shown beside the longest type."""


@dataclass(frozen=True, slots=True)
class Box:
    """What a box says.

    Attributes:
        name: of the layer, in bold.
        kind: its type; left out where it says no more than the name.
        shape: of what it gives.
        parameters: how many, in words; empty for none.
        is_trained: whether training changes it, which gives the box its colour.
    """

    name: str
    kind: str
    shape: str
    parameters: str
    is_trained: bool


def draw_network(title: str, boxes: Sequence[Box], picture: Format) -> bytes:
    """Draw a network.

    Args:
        title: the line on top.
        boxes: first to last.
        picture: the file's format.

    Returns:
        The file; the same network gives the same bytes.
    """
    columns = -(-len(boxes) // MOST_IN_A_COLUMN)
    rows = -(-len(boxes) // columns)
    width = 2 * _MARGIN + columns * _WIDTH + (columns - 1) * _ACROSS
    height = 2 * _MARGIN + _HEADING + rows * _HEIGHT + (rows - 1) * _DOWN + (_DOWN if columns > 1 else 0)
    figure = paper(width, height)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.set_axis_off()
    axes.text(_MARGIN, height - _MARGIN, _short(title, columns * (_LONGEST + 4) - 4), va="top", fontsize=10, parse_math=False)
    places = [_place(index, rows, height) for index in range(len(boxes))]
    for box, (left, top) in zip(boxes, places, strict=True):
        _draw_box(axes, box, left, top)
    for index, (before, after) in enumerate(itertools.pairwise(places), start=1):
        _draw_arrow(axes, before, after, is_last=index % rows == 0)
    return _file(figure, picture)


def _place(index: int, rows: int, height: float) -> tuple[float, float]:
    """Left edge and top edge of a box."""
    column, row = divmod(index, rows)
    return _MARGIN + column * (_WIDTH + _ACROSS), height - _MARGIN - _HEADING - row * (_HEIGHT + _DOWN)


def _draw_box(axes: Any, box: Box, left: float, top: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    rounded = "round,pad=0,rounding_size=0.06"
    face, edge = ("#E6F1F8", BLUE) if box.is_trained else ("#FFFFFF", GREY)
    axes.add_patch(
        FancyBboxPatch((left, top - _HEIGHT), _WIDTH, _HEIGHT, boxstyle=rounded, facecolor=face, edgecolor=edge, linewidth=1)
    )
    right, first, second = left + _WIDTH - 0.1, top - 0.17, top - 0.37
    style: dict[str, Any] = {"va": "center", "fontsize": 8.5, "parse_math": False}
    kind = "" if box.name.startswith(box.kind) else box.kind
    axes.text(left + 0.1, first, _short(box.name, max(_SHORTEST, _LONGEST - len(kind))), weight="bold", **style)
    axes.text(right, first, kind, ha="right", color=GREY, **style)
    axes.text(left + 0.1, second, box.shape, **style)
    axes.text(right, second, box.parameters, ha="right", color=GREY, **style)


def _draw_arrow(axes: Any, before: tuple[float, float], after: tuple[float, float], *, is_last: bool) -> None:
    """From the bottom of a box to the top of the next one, which may stand at the top of the next column."""
    x, y, tip_x, tip_y = before[0] + _WIDTH / 2, before[1] - _HEIGHT, after[0] + _WIDTH / 2, after[1]
    line = {"color": GREY, "linewidth": 1, "solid_joinstyle": "miter"}
    if is_last:
        between, low, high = before[0] + _WIDTH + _ACROSS / 2, y - _DOWN / 2, tip_y + _DOWN / 2
        axes.plot([x, x, between, between, tip_x, tip_x], [y, low, low, high, high, tip_y + 0.05], **line)
        y = tip_y + _DOWN / 2
    arrow = {"arrowstyle": "-|>", "color": GREY, "linewidth": 1, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 8}
    axes.annotate("", xy=(tip_x, tip_y), xytext=(tip_x, y), arrowprops=arrow)


def _short(text: str, most: int) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _file(figure: Any, picture: Format) -> bytes:
    from matplotlib import rc_context

    data = io.BytesIO()
    # Text stays text in an SVG; without the salt and the date left out, each file would be another.
    with warnings.catch_warnings(), rc_context({"svg.fonttype": "none", "svg.hashsalt": "nncli"}):
        warnings.simplefilter("ignore", UserWarning)  # a letter that the font lacks
        figure.savefig(data, format=picture, metadata={"Date": None} if picture == "svg" else {"Software": None})
    return data.getvalue()

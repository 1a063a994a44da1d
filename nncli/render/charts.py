"""Small charts of characters, for a terminal."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Final

from rich.text import Text

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a braille character: four rows of two dots."""
_LOGARITHMIC_FROM: Final = 20.0


def sparkline(values: Sequence[float], width: int) -> str:
    """Values as bars of one line, at most `width`, each the mean of those it stands for; a wide range on a logarithmic scale.

    Values that are no finite numbers are left out.
    """
    finite = [value for value in values if math.isfinite(value)]
    if len(finite) < 2:
        return ""
    count = min(width, len(finite))
    bounds = [len(finite) * index // count for index in range(count + 1)]
    means = [sum(finite[low:high]) / (high - low) for low, high in itertools.pairwise(bounds)]
    if min(means) > 0 and max(means) > _LOGARITHMIC_FROM * min(means):
        means = [math.log(mean) for mean in means]
    low, high = min(means), max(means)
    scale = (len(_BLOCKS) - 1) / (high - low) if high > low else 0.0
    return "".join(_BLOCKS[round((mean - low) * scale)] for mean in means)


def two_lines(first: Sequence[float], second: Sequence[float], width: int, height: int) -> Text:
    """Two curves of equal length in one chart of dots: the first blue, the second yellow, white where they meet.

    Args:
        first, second: the values, point by point.
        width, height: of the chart, in characters.
    """
    finite = [value for value in (*first, *second) if math.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    cells = [_cells(values, low, high, width, height) for values in (first, second)]
    text = Text()
    for row in range(height):
        for column in range(width):
            dots = [curve.get((row, column), 0) for curve in cells]
            colour = "white" if all(dots) else "blue" if dots[0] else "yellow"
            text.append(chr(0x2800 + (dots[0] | dots[1])) if any(dots) else " ", style=colour)
        text.append("\n" if row + 1 < height else "")
    return text


def _cells(values: Sequence[float], low: float, high: float, width: int, height: int) -> dict[tuple[int, int], int]:
    """Dots of a curve: (row, column) of a character -> its bits."""
    cells: dict[tuple[int, int], int] = {}
    across, down = 2 * width, 4 * height
    for x in range(across):
        value = values[min(len(values) - 1, x * len(values) // across)] if len(values) else math.nan
        if not math.isfinite(value):
            continue
        y = round((high - value) / ((high - low) or 1.0) * (down - 1))
        place = (y // 4, x // 2)
        cells[place] = cells.get(place, 0) | _DOTS[y % 4][x % 2]
    return cells

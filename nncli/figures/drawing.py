"""What all pictures share: colours, paper, and how they become files."""

from __future__ import annotations

import csv
import io
import logging
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

from nncli.data.predictions import harmless

BLUE: Final = "#0072B2"
ORANGE: Final = "#D55E00"
GREEN: Final = "#009E73"
GREY: Final = "#767676"
"""Colours that colour-blind people tell apart, too. Source: Okabe & Ito, "Color Universal Design", 2008."""
DOTS_PER_INCH: Final = 120


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture.

    Attributes:
        name: of its files, without the ending.
        png: the picture.
        csv: the numbers that it shows, with a line of names.
    """

    name: str
    png: bytes
    csv: str


def paper(width: float = 6.4, height: float = 4.0) -> Any:
    """A new `matplotlib.figure.Figure` of this many inches. It needs no display, and no other figure knows of it."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # its word about building a cache of fonts
    from matplotlib import rcdefaults
    from matplotlib.figure import Figure

    # A `matplotlibrc` in the working directory, which may be anyone's, could have texts set by LaTeX: a program that runs commands.
    rcdefaults()
    return Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")


def plain_axes(figure: Any, *position: int) -> Any:
    """Axes without a frame at the top and at the right, with a light grid."""
    axes = figure.add_subplot(*(position or (1, 1, 1)))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25, linewidth=0.6)
    return axes


def finished(name: str, figure: Any, columns: Iterable[tuple[str, Sequence[Any]]]) -> Drawing:
    """The drawing of a finished figure.

    Args:
        name: what its files are called.
        figure: the figure.
        columns: the numbers that it shows, each with its name; shorter columns end earlier.
    """
    image = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a letter that the font lacks, names too long for their room
        figure.savefig(image, format="png", metadata={"Software": None})  # else the file would name matplotlib's version
    names, values = zip(*columns, strict=True)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(map(harmless, names))
    writer.writerows(map(harmless, row) for row in zip_longest(*values, fillvalue=""))
    return Drawing(name, image.getvalue(), table.getvalue())

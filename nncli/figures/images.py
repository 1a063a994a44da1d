"""Pictures of matrices: who is taken for whom, and what a convolution looks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.figures.drawing import Drawing, finished, paper

MOST_NUMBERED: Final = 20
"""Up to so many classes each field holds its number."""
MOST_FILTERS: Final = 64


def draw_confusion(counts: NDArray[np.int64], class_names: Sequence[str]) -> Drawing:
    """How many samples of each class were taken for which.

    Args:
        counts: (num_classes, num_classes), true class by predicted class.
        class_names: their names.
    """
    size = min(12.0, 2.2 + 0.42 * len(class_names))
    figure = paper(size + 0.8, size)
    axes = figure.add_subplot()
    # Shares of each true class, so that rare classes are seen, too.
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    figure.colorbar(image, ax=axes, label="share of the class")
    if len(class_names) <= MOST_NUMBERED:
        for (row, column), count in np.ndenumerate(counts):
            if count:
                colour = "white" if shares[row, column] > 0.5 else "black"
                axes.text(column, row, f"{count}", ha="center", va="center", color=colour, fontsize=8)
    _name_ticks(axes, class_names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    # Pairs, not a mapping: a class may be called `true`.
    columns = [("true", list(class_names)), *((name, counts[:, column].tolist()) for column, name in enumerate(class_names))]
    return finished("confusion_matrix", figure, columns)


def _name_ticks(axes: Any, class_names: Sequence[str]) -> None:
    if len(class_names) > 50:
        return
    places, shown = range(len(class_names)), [name if len(name) <= 16 else f"{name[:15]}…" for name in class_names]
    long = max(map(len, shown)) > 2
    axes.set_xticks(places, shown, rotation=90 if long else 0, parse_math=False)  # a `$` in a name is a `$`
    axes.set_yticks(places, shown, parse_math=False)


def draw_filters(kernel: NDArray[np.floating]) -> Drawing:
    """The windows of a convolution over images, as images.

    Args:
        kernel: (height, width, channels, filters).
    """
    num_filters = kernel.shape[-1]
    shown = min(num_filters, MOST_FILTERS)
    across = int(np.ceil(np.sqrt(shown)))
    down = -(-shown // across)
    figure = paper(0.9 * across + 0.9, 0.9 * down)
    largest = float(np.abs(kernel).max()) or 1.0
    cells = figure.subplots(down, across, squeeze=False)
    image = None
    for index, axes in enumerate(cells.flat):
        axes.set_axis_off()
        if index < shown:
            # Of several channels the mean: a picture of each would be one too many.
            image = axes.imshow(kernel[..., index].mean(axis=-1), cmap="PuOr", vmin=-largest, vmax=largest)
    figure.colorbar(image, ax=cells, fraction=0.05, pad=0.02)
    indices = np.indices(kernel.shape).reshape(4, -1)
    names = ("row", "column", "channel", "filter", "weight")
    columns = [(name, values.tolist()) for name, values in zip(names, (*indices, kernel.reshape(-1)), strict=True)]
    return finished("filters", figure, columns)

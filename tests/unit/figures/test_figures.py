"""Pictures: each is a PNG of a sensible size, beside it lie exactly its numbers, and equal numbers give equal bytes."""

from __future__ import annotations

import csv
import io
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nncli.data.predictions import harmless
from nncli.figures import curves as curves_module
from nncli.figures import drawing as drawing_module
from nncli.figures.curves import LOGARITHMIC_FROM, MOST_PANELS, draw_curves
from nncli.figures.drawing import DOTS_PER_INCH, Drawing
from nncli.figures.fits import draw_descent, draw_fit, draw_series
from nncli.figures.images import MOST_FILTERS, draw_confusion, draw_filters


def size_of(drawing: Drawing) -> tuple[float, float]:
    """Width and height in inches, of a picture that is a PNG and not blank."""
    with Image.open(io.BytesIO(drawing.png)) as image:
        assert image.format == "PNG"
        assert {"Software", "Creation Time"}.isdisjoint(image.info)
        assert len(image.convert("RGB").getcolors(2**24) or ()) > 2
        return image.width / DOTS_PER_INCH, image.height / DOTS_PER_INCH


def table_of(drawing: Drawing) -> tuple[list[str], list[list[str]]]:
    names, *rows = csv.reader(io.StringIO(drawing.csv))
    return names, rows


def columns_of(drawing: Drawing) -> dict[str, list[float]]:
    """The numbers, column by column, to where each ends."""
    names, rows = table_of(drawing)
    assert len(set(names)) == len(names)
    return {name: [float(row[index]) for row in rows if row[index] != ""] for index, name in enumerate(names)}


RNG = np.random.default_rng(0)
X, Y, LINE = RNG.normal(size=(3, 30))
RECORDS: list[dict[str, Any]] = [
    {
        "step": step,
        "epoch": step / 5,
        "loss": 1 / step,
        "val_loss": 2 / step,
        "accuracy": 0.1 * step,
        "learning_rate": 0.1,
        "seconds": 0.5,
    }
    for step in range(1, 9)
]


def curves(records: list[dict[str, Any]]) -> Drawing:
    found = draw_curves(records)
    assert found is not None
    return found


DRAWINGS: dict[str, Callable[[], Drawing]] = {
    "learning_curves": lambda: curves(RECORDS),
    "fit": lambda: draw_fit(X, Y, np.sort(X), LINE),
    "series": lambda: draw_series(X, Y),
    "descent": lambda: draw_descent(X, Y, np.sort(X), LINE),
    "confusion_matrix": lambda: draw_confusion(np.arange(9).reshape(3, 3), ["a", "b", "c"]),
    "filters": lambda: draw_filters(RNG_FILTERS),
}
RNG_FILTERS = RNG.normal(size=(3, 3, 2, 5)).astype(np.float32)


@pytest.mark.parametrize("name", DRAWINGS)
def test_equal_numbers_give_equal_bytes(name: str) -> None:
    first, again = DRAWINGS[name](), DRAWINGS[name]()
    assert first == again
    assert first.name == name
    width, height = size_of(first)
    assert 1.5 < width < 13 and 1.5 < height < 13


def test_equal_numbers_give_equal_bytes_in_another_process() -> None:
    code = (
        "import hashlib, numpy as np; from nncli.figures.fits import draw_series; "
        "print(hashlib.sha256(draw_series(np.arange(9.0), np.ones(9)).png).hexdigest())"
    )
    import hashlib

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(draw_series(np.arange(9.0), np.ones(9)).png).hexdigest()
    assert done.stderr == ""


def test_pictures_need_no_display_and_leave_nothing_behind() -> None:
    DRAWINGS["fit"]()
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []


# Curves


def test_learning_curves_hold_the_metrics_and_nothing_else() -> None:
    drawing = curves(RECORDS)
    assert columns_of(drawing) == {name: [record[name] for record in RECORDS] for name in ("step", "loss", "val_loss", "accuracy")}
    assert size_of(drawing) == (10.0, 3.4)  # two panels, loss with its validation in one of them


@pytest.mark.parametrize(("names", "inches"), [(1, (5.0, 3.4)), (2, (10.0, 3.4)), (3, (10.0, 6.8)), (9, (10.0, 10.2))])
def test_each_metric_has_a_panel_up_to_the_most(names: int, inches: tuple[float, float]) -> None:
    records = [{"step": step} | {f"m{number}": step * number for number in range(names)} for step in (1, 2)]
    drawing = curves(records)
    assert size_of(drawing) == inches
    assert list(columns_of(drawing)) == ["step", *(f"m{number}" for number in range(names))]


def test_metrics_that_cannot_be_drawn_take_no_panel() -> None:
    lists = {f"list{number}": [0.1, 0.2] for number in range(MOST_PANELS)}
    drawing = curves([{"step": step, **lists, "loss": 1.0 / step} for step in (1, 2)])
    assert size_of(drawing) == (5.0, 3.4)


def test_what_is_no_number_is_a_gap() -> None:
    records: list[dict[str, Any]] = [
        {"step": 1, "loss": math.nan, "iou": [0.5, 0.5], "val_loss": 1.0},
        {"step": 2, "loss": 0.5, "iou": [0.5, 0.6]},
        {"step": 3, "loss": None, "iou": None, "val_loss": math.inf},
        {"step": 4, "loss": 0.25, "val_loss": 0.5},
    ]
    found = columns_of(curves(records))
    nan = math.nan
    expected = {"step": [1, 2, 3, 4], "loss": [nan, 0.5, nan, 0.25], "iou": [nan] * 4, "val_loss": [1, nan, nan, 0.5]}
    assert list(found) == list(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values)


@pytest.mark.parametrize(
    "records",
    [
        [],
        [{"step": 1, "loss": 1.0}],
        [{"step": 1, "loss": 1.0}, {"step": 2, "loss": None}],
        [{"step": 1, "loss": 1.0}, {"step": 2, "val_loss": 1.0}],
        [{"step": 1, "iou": [1.0]}, {"step": 2, "iou": [2.0]}],
        [
            {"step": 1, "epoch": 1.0, "learning_rate": 0.1, "seconds": 1.0},
            {"step": 2, "epoch": 2.0, "learning_rate": 0.1, "seconds": 2.0},
        ],
    ],
)
def test_fewer_than_two_points_are_no_curve(records: list[dict[str, Any]]) -> None:
    assert draw_curves(records) is None


def test_a_metric_of_the_validation_alone_is_drawn() -> None:
    drawing = curves([{"step": 1, "val_accuracy": 0.5}, {"step": 2, "val_accuracy": 0.75}])
    assert columns_of(drawing) == {"step": [1, 2], "val_accuracy": [0.5, 0.75]}


@pytest.mark.parametrize(
    ("loss", "val_loss", "scale"),
    [
        ([LOGARITHMIC_FROM + 0.1, 1.0], [1.0, 1.0], "log"),
        ([LOGARITHMIC_FROM, 1.0], [1.0, 1.0], "linear"),
        ([1.0, 1.0], [1e-3, 1.0], "log"),
        ([5.0, 1.0], [0.1, 1.0], "log"),
        ([1000.0, 0.0], [1.0, 1.0], "linear"),
        ([1000.0, 1.0], [-1.0, 1.0], "linear"),
        ([1000.0, None], [1.0, 1.0], "log"),
    ],
)
def test_what_falls_far_is_drawn_on_a_logarithmic_scale(
    loss: list[Any], val_loss: list[Any], scale: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = []

    def paper(*size: float) -> Any:
        figures.append(drawing_module.paper(*size))
        return figures[-1]

    monkeypatch.setattr(curves_module, "paper", paper)
    curves([{"step": step, "loss": one, "val_loss": two} for step, one, two in zip((1, 2), loss, val_loss, strict=True)])
    (axes,) = figures[0].axes
    assert axes.get_yscale() == scale
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("step", "loss")
    shown = [line.get_xydata().tolist() for line in axes.lines]
    pairs = [
        [[step, value] for step, value in zip((1, 2), column, strict=True) if value is not None] for column in (loss, val_loss)
    ]
    assert shown == pairs
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["training", "validation"]


NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.none() | st.just([1.0])


@settings(max_examples=8, deadline=None)
@given(st.lists(st.fixed_dictionaries({"loss": NUMBERS}, optional={"val_loss": NUMBERS, "é $x^ [m]": NUMBERS}), max_size=6))
def test_any_history_is_drawn_or_has_no_two_points(metrics: list[dict[str, Any]]) -> None:
    records = [{"step": step, **found} for step, found in enumerate(metrics, start=1)]
    drawing = draw_curves(records)
    finite = [
        sum(isinstance(found.get(name), float) and math.isfinite(found[name]) for found in metrics)
        for name in ("loss", "val_loss", "é $x^ [m]")
    ]
    assert (drawing is None) == (max(finite) < 2)
    if drawing is not None:
        size_of(drawing)


# Fits


def test_a_fit_holds_its_points_and_its_line() -> None:
    line = np.linspace(-1, 1, 7, dtype=np.float32)
    assert columns_of(draw_fit(X[:5], Y[:5].astype(np.float32), line, 2 * line)) == {
        "x": X[:5].tolist(),
        "y": Y[:5].astype(np.float32).tolist(),
        "line_x": line.tolist(),
        "line_y": (2 * line).tolist(),
    }


def test_a_series_holds_both_its_lines() -> None:
    assert columns_of(draw_series(X, Y)) == {"point": list(range(30)), "truth": X.tolist(), "predicted": Y.tolist()}


def test_a_descent_holds_its_steps_and_the_curve() -> None:
    curve = np.array([3.0, 2.0, np.nan])
    found = columns_of(draw_descent(X, Y, np.arange(3.0), curve))
    assert {name: found[name] for name in ("position", "loss", "curve_x")} == {
        "position": X.tolist(),
        "loss": Y.tolist(),
        "curve_x": [0, 1, 2],
    }
    np.testing.assert_array_equal(found["curve_y"], curve)


# Matrices


@pytest.mark.parametrize("count", [2, 21, 51])
def test_a_confusion_matrix_holds_its_counts(count: int) -> None:
    counts = np.random.default_rng(count).integers(0, 1000, (count, count))
    counts[0] = 0  # a class that does not occur
    names = [f"class {number}" for number in range(count)]
    drawing = draw_confusion(counts, names)
    header, rows = table_of(drawing)
    assert header == ["true", *names]
    assert rows == [[name, *map(str, row)] for name, row in zip(names, counts.tolist(), strict=True)]
    width, height = size_of(drawing)
    assert width == pytest.approx(height + 0.8, abs=0.02) and height <= 12


@pytest.mark.parametrize(
    "names",
    [
        ["true", "false"],
        ["$", "$x^"],
        ["精度", "🦊"],
        ["\n", ","],
        ["a name that is much longer than there is room for", '"'],
        ["", " "],
        ["=1+1", "-"],
    ],
)
def test_classes_may_have_any_name(names: list[str]) -> None:
    drawing = draw_confusion(np.array([[1, 2], [3, 4]]), names)
    size_of(drawing)
    names = [harmless(name) for name in names]
    assert table_of(drawing) == (["true", *names], [[names[0], "1", "2"], [names[1], "3", "4"]])


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (3, 5, 1, 2), (5, 5, 3, 32), (2, 2, 2, MOST_FILTERS + 6)])
def test_filters_hold_every_weight(shape: tuple[int, ...]) -> None:
    kernel = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    drawing = draw_filters(kernel)
    found = columns_of(drawing)
    assert list(found) == ["row", "column", "channel", "filter", "weight"]
    back = np.full(shape, np.nan, np.float32)
    back[tuple(np.array(found[name], int) for name in ("row", "column", "channel", "filter"))] = found["weight"]
    assert np.array_equal(back, kernel)
    width, height = size_of(drawing)
    assert width <= 9 and height <= 8


def test_filters_of_zeros_are_drawn() -> None:
    size_of(draw_filters(np.zeros((2, 2, 1, 3), np.float32)))


def test_settings_in_the_working_directory_change_no_picture(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\ntext.latex.preamble: \\\\input{evil}\nlines.linewidth: 20\n")
    script = (
        "import hashlib\nfrom nncli.figures.curves import draw_curves\n"
        "print(hashlib.sha256(draw_curves([{'step': n, 'loss': n, '$\\\\frac$': n} for n in (1, 2)]).png).hexdigest())"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True, env=os.environ
        ).stdout
        for folder in (tmp_path, tmp_path.parent)
    ]
    assert found[0] == found[1]

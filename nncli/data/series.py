"""Series cut into windows: those that a network is trained on, and those of a table that somebody brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.arrays import open_file, open_npz
from nncli.data.generated import MAX_VALUES, refuse_too_many
from nncli.data.origin import Origin, check_finite
from nncli.problems import NncliError, Problem, Where, error
from nncli.spec.datasets.generated import Series
from nncli.spec.formula import FormulaError, compute, names_in, parse_formula
from nncli.spec.wording import closest

_OPERATIONS: Final[Mapping[str, Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "negative": np.negative,
    "abs": np.abs,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "square": np.square,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "step": lambda z: (np.asarray(z) >= 0).astype(np.float64),
    "stop_gradient": lambda z: z,
    "maximum": np.maximum,
    "minimum": np.minimum,
}

_NPY_MAGIC: Final = b"\x93NUMPY"
_ZIP_MAGIC: Final = b"PK"


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """The points of a series.

    Attributes:
        names: what a formula may use: `n` and the columns of the file.
        columns: those that are used, float64 `(count,)` each.
        count: how many points there are.
        file: where the columns stand, or None.
    """

    names: tuple[str, ...]
    columns: Mapping[str, NDArray[Any]]
    count: int
    file: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Windows of a table that somebody brings to a trained network.

    Attributes:
        inputs: `(num_windows, length, features)`, float32.
        targets: as those of `read_series`; None where they are not asked for.
        starts: number of the row that each begins at, from 0 on.
        note: what was taken for granted and deserves to be said, or None.
    """

    inputs: NDArray[np.float32]
    targets: NDArray[np.float32] | None
    starts: range
    note: str | None


def read_series(dataset: Series) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Compute a series and cut it into windows.

    Window w covers the points `stride * w` to `stride * w + length - 1`; its targets lie `horizon` points later.

    Returns:
        Inputs `(num_windows, length, features)`; targets `(num_windows, length, outputs)`, or `(num_windows, outputs)` for
        `predict: last`; float32, computed in float64.

    Raises:
        NncliError: NN501 or NN502, the file is at fault; NN402, a formula uses a column that is not there; NN403, it gives no
            finite numbers, or no window fits.
    """
    points = _training_points(dataset)
    inputs, targets = (_stack(getattr(dataset, field), f"dataset.{field}", points) for field in ("inputs", "targets"))
    starts = _starts(dataset, points.count - dataset.horizon)
    if not starts:
        needed = dataset.length + dataset.horizon
        message = f"a window and its targets take {needed} points, the series has {points.count}"
        raise error("NN403", message, "use a smaller `length`, or more points", path="dataset.length")
    if too_many := _too_many(dataset, starts, inputs.shape[1] + targets.shape[1]):
        raise error("NN403", too_many, "use a larger `stride`", path="dataset.stride")
    return _inputs(dataset, inputs, starts), _targets(dataset, targets, starts)


def holds_columns(path: str | Path, dataset: Series) -> bool:
    """Whether a file holds the columns of a series, and not an array of windows: a table, or a `.npz` file of vectors.

    Raises:
        NncliError: NN501 or NN502, it cannot be opened, or is damaged.
    """
    magic = _magic(path)
    if not magic.startswith(_ZIP_MAGIC):
        return not magic.startswith(_NPY_MAGIC)
    used = _used([*dataset.inputs, *dataset.targets])
    with open_npz(path) as archive:
        return bool(used.intersection(archive.names)) and all(len(archive.header(name).shape) == 1 for name in archive.names)


def _magic(path: str | Path) -> bytes:
    with open_file(path) as stream:
        return stream.read(len(_NPY_MAGIC))


def cut_windows(path: str | Path, dataset: Series, *, labelled: bool) -> Windows:
    """Cut a table into windows as the training data were.

    Args:
        path: a CSV, Parquet or JSON lines file, or a `.npz` file of vectors, with the columns that the formulas use.
        dataset: what the network was trained on; its `num_points` is that of its own file alone.
        labelled: whether targets are asked for, too; if not, their columns need not be there, and the last windows are those whose
            targets lie behind the end.

    Raises:
        NncliError: NN501 or NN502, the file is at fault, or has too few rows for a window, or too many.
    """
    file = str(path)
    if dataset.path is None:
        message = "this network's inputs are a function of the point's number alone: no table has columns for them"
        raise error("NN502", message, "give it arrays, `.npy` or `.npz`: (num_samples, length, inputs)", file=file)
    formulas = {"inputs": dataset.inputs, "targets": dataset.targets if labelled else ()}
    used = [text for texts in formulas.values() for text in texts]
    points = _points(file, used)
    if absent := sorted(_used(used) - set(points.names)):
        raise NncliError([_absent(name, points) for name in absent])
    stacked = {field: _stack(texts, f"dataset.{field}", points) for field, texts in formulas.items() if texts}
    starts = _starts(dataset, points.count - (dataset.horizon if labelled else 0))
    if not starts:
        needed, what = (
            (dataset.length + dataset.horizon, "a window and its targets take") if labelled else (dataset.length, "a window takes")
        )
        hint = f"give {needed:,} rows or more that follow each other"
        raise error("NN502", f"{what} {needed:,} rows, the file has {points.count:,}", hint, file=file)
    if too_many := _too_many(dataset, starts, sum(array.shape[1] for array in stacked.values())):
        raise error("NN502", too_many, "give fewer rows at a time", file=file)
    targets = _targets(dataset, stacked["targets"], starts) if labelled else None
    return Windows(
        _inputs(dataset, stacked["inputs"], starts), targets, starts, _note(dataset, points.count, starts, labelled=labelled)
    )


def _note(dataset: Series, count: int, starts: range, *, labelled: bool) -> str | None:
    said = []
    if any("n" in names_in(text) for text in dataset.inputs):
        said.append("the point's number `n` is counted from 0 on in this file")
    rest = count - (starts[-1] + dataset.length)
    if rest and not labelled:
        said.append(
            f"the last {rest:,} of {count:,} rows lie in no window: one of {dataset.length} rows begins every {starts.step} rows; "
            f"leave out the first {rest:,} to be told of the end"
        )
    return "; ".join(said) or None


def _absent(name: str, points: _Points) -> Problem:
    there = [known for known in points.names if known != "n"]
    right = closest(name, there)
    some = ", ".join(f"`{known:.40}`" for known in there[:10])
    hint = f"did you mean `{right}`?" if right else f"the network's windows are cut from it; there are: {some}"
    return Problem("NN502", f"there is no column `{name}`", hint, Where(file=points.file))


def _starts(dataset: Series, num_points: int) -> range:
    """The points that windows begin at, each of which ends among the first `num_points`."""
    return range(0, max(0, num_points - dataset.length + 1), dataset.stride or dataset.length)


def _too_many(dataset: Series, starts: range, width: int) -> str | None:
    """What is to be said where windows take more values than may be."""
    if len(starts) * dataset.length * width <= MAX_VALUES:
        return None
    return f"{len(starts):,} windows of {dataset.length} points take more than {MAX_VALUES:,} values"


def _inputs(dataset: Series, inputs: NDArray[np.float32], starts: range) -> NDArray[np.float32]:
    windows: NDArray[np.float32] = inputs[np.array(starts)[:, np.newaxis] + np.arange(dataset.length)]
    return windows


def _targets(dataset: Series, targets: NDArray[np.float32], starts: range) -> NDArray[np.float32]:
    first = np.array(starts) + dataset.horizon
    is_last = dataset.predict == "last"
    wanted: NDArray[np.float32] = targets[
        first + dataset.length - 1 if is_last else first[:, np.newaxis] + np.arange(dataset.length)
    ]
    return wanted


def _training_points(dataset: Series) -> _Points:
    """The points that a data set has, as many as it asks for."""
    refuse_too_many(dataset.num_points or 0, "dataset.num_points")
    if dataset.path is None:
        assert dataset.num_points is not None
        return _numbered((), {}, dataset.num_points, None)
    points = _points(dataset.path, [*dataset.inputs, *dataset.targets])
    if dataset.num_points is None:
        return points
    if dataset.num_points > points.count:
        message = f"{dataset.num_points} points are asked for, the file has {points.count}"
        raise error("NN403", message, "leave `num_points` out for all of them", path="dataset.num_points")
    columns = {name: column[: dataset.num_points] for name, column in points.columns.items()}
    return _Points(points.names, columns, dataset.num_points, points.file)


def _points(path: str, formulas: Sequence[str]) -> _Points:
    """The points of a file, with the columns that formulas use."""
    if Path(path).suffix.lower() == ".npz" or _magic(path).startswith(_ZIP_MAGIC):
        names, columns, count = _vectors(path)
    else:
        from nncli.data.tables.numbers import read_columns  # pyarrow takes 0.2 s, which other data need not pay

        names, columns, count = read_columns(path, _used(formulas))
    if "n" in names:
        raise error("NN502", "a column is called `n`, which is the number of a point", "give it another name", file=path)
    return _numbered(names, columns, count, path)


def _numbered(names: Sequence[str], columns: Mapping[str, NDArray[Any]], count: int, file: str | None) -> _Points:
    return _Points(("n", *names), {"n": np.arange(count, dtype=np.float64), **columns}, count, file)


def _vectors(path: str) -> tuple[tuple[str, ...], dict[str, NDArray[np.float64]], int]:
    """The vectors of a `.npz` file: their names, themselves, and how many points all of them have."""
    with open_npz(path) as archive:
        arrays = {name: archive.read(name) for name in archive.names}
    for name, array in arrays.items():
        if array.ndim != 1 or not len(array):
            raise error("NN502", f"`{name}` has the shape {array.shape}, but a series is a vector", None, file=path)
    if not arrays:
        raise error("NN502", "the file holds no arrays", None, file=path)
    count = min(map(len, arrays.values()))
    return tuple(arrays), {name: array[:count].astype(np.float64) for name, array in arrays.items()}, count


def _used(formulas: Sequence[str]) -> set[str]:
    """The columns that formulas use."""
    return {name for text in formulas for name in names_in(text)} - {"n"}


def _stack(formulas: Sequence[str], field: str, points: _Points) -> NDArray[np.float32]:
    """The formulas of a field at every point: (num_points, formulas)."""
    values = []
    for index, text in enumerate(formulas):
        path = f"{field}.{index}"
        try:
            formula = parse_formula(text, [name for name in points.names if name.isidentifier()])
        except FormulaError as found:
            raise error("NN402", found.message, found.hint, path=path) from None
        with np.errstate(all="ignore"):
            value = np.asarray(compute(formula, _OPERATIONS, points.columns, float), np.float64)
            series = np.broadcast_to(value, points.count).astype(np.float32)
        origin = Origin(f"`{text:.40}`", path=path) if points.file is None else Origin(f"`{text:.40}`", file=points.file)
        check_finite(series, origin)
        values.append(series)
    return np.stack(values, axis=1)

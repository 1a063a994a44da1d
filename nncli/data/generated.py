"""Data sets that are computed: points about a line, and series cut into windows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.arrays import open_npz
from nncli.data.origin import Origin, check_finite
from nncli.problems import error
from nncli.spec.datasets.generated import Line, Series
from nncli.spec.formula import FormulaError, compute, parse_formula

_NOISE: Final = 0x11E5
"""A number of its own, so that the noise is drawn independently of the splits. Never change it."""
MAX_VALUES: Final = 2**28
"""The most points there may be, and the most values that the windows of a series may have together: 1 GiB of float32."""

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


def read_line(dataset: Line, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Draw the points: x and y, float32 `(num_samples,)`; a pure function of the seed.

    Raises:
        NncliError: NN403, there are too many; NN502, they lie beyond float32.
    """
    _refuse_too_many(dataset.num_samples, "dataset.num_samples")
    generator = np.random.default_rng([seed, _NOISE])
    x = generator.uniform(dataset.low, dataset.high, dataset.num_samples)
    y = dataset.slope * x + dataset.intercept + generator.normal(0.0, dataset.noise, dataset.num_samples)
    with np.errstate(over="ignore"):
        points = x.astype(np.float32), y.astype(np.float32)
    for name, values in zip("xy", points, strict=True):
        check_finite(values, Origin(f"`{name}` of the line", path="dataset"))
    return points


def _refuse_too_many(count: int, path: str) -> None:
    if count > MAX_VALUES:
        raise error("NN403", f"{count:,} points are more than {MAX_VALUES:,}", "use fewer", path=path)


def read_series(dataset: Series) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Compute a series and cut it into windows.

    Window w covers the points `stride * w` to `stride * w + length - 1`; its targets lie `horizon` points later.

    Returns:
        Inputs `(num_windows, length, features)`; targets `(num_windows, length, outputs)`, or `(num_windows, outputs)` for
        `predict: last`; float32, computed in float64.

    Raises:
        NncliError: NN501 or NN502, the file is at fault; NN403, a formula gives no finite numbers, or no window fits.
    """
    columns = _columns(dataset)
    num_points = len(columns["n"])
    inputs, targets = (_stack(dataset, name, columns) for name in ("inputs", "targets"))
    stride = dataset.stride or dataset.length
    num_windows = (num_points - dataset.horizon - dataset.length) // stride + 1
    if num_windows < 1:
        needed = dataset.length + dataset.horizon
        message = f"a window and its targets take {needed} points, the series has {num_points}"
        raise error("NN403", message, "use a smaller `length`, or more points", path="dataset.length")
    if num_windows * dataset.length * (inputs.shape[1] + targets.shape[1]) > MAX_VALUES:
        message = f"{num_windows:,} windows of {dataset.length} points take more than {MAX_VALUES:,} values"
        raise error("NN403", message, "use a larger `stride`", path="dataset.stride")
    rows = np.arange(num_windows)[:, np.newaxis] * stride + np.arange(dataset.length)
    wanted = rows + dataset.horizon
    return inputs[rows], targets[wanted if dataset.predict == "sequence" else wanted[:, -1]]


def _columns(dataset: Series) -> dict[str, NDArray[Any]]:
    columns: dict[str, NDArray[Any]] = {}
    length = math.inf
    _refuse_too_many(dataset.num_points or 0, "dataset.num_points")
    if dataset.path is not None:
        columns = _file_columns(dataset.path)
        if "n" in columns:
            message = "a column is called `n`, which is the number of a point"
            raise error("NN502", message, "give it another name", file=dataset.path)
        length = min(len(column) for column in columns.values())
    if dataset.num_points is not None and dataset.num_points > length:
        message = f"{dataset.num_points} points are asked for, the file has {length}"
        raise error("NN403", message, "leave `num_points` out for all of them", path="dataset.num_points")
    count = int(length) if dataset.num_points is None else dataset.num_points
    return {"n": np.arange(count, dtype=np.float64), **{name: column[:count] for name, column in columns.items()}}


def _file_columns(path: str) -> dict[str, NDArray[Any]]:
    if Path(path).suffix.lower() != ".npz":
        from nncli.data.tables.numbers import read_columns  # pyarrow takes 0.2 s, which other data need not pay

        return read_columns(path)
    with open_npz(path) as archive:
        arrays = {name: archive.read(name) for name in archive.names}
    for name, array in arrays.items():
        if array.ndim != 1 or not len(array):
            raise error("NN502", f"`{name}` has the shape {array.shape}, but a series is a vector", None, file=path)
    if not arrays:
        raise error("NN502", "the file holds no arrays", None, file=path)
    return {name: array.astype(np.float64) for name, array in arrays.items()}


def _stack(dataset: Series, field: str, columns: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
    """The formulas of a field at every point: (num_points, formulas)."""
    values = []
    for index, text in enumerate(getattr(dataset, field)):
        path = f"dataset.{field}.{index}"
        try:
            formula = parse_formula(text, [name for name in columns if name.isidentifier()])
        except FormulaError as found:
            raise error("NN402", found.message, found.hint, path=path) from None
        with np.errstate(all="ignore"):
            value = np.asarray(compute(formula, _OPERATIONS, columns, float), np.float64)
            series = np.broadcast_to(value, len(columns["n"])).astype(np.float32)
        origin = Origin(f"`{text:.40}`", path=path) if dataset.path is None else Origin(f"`{text:.40}`", file=dataset.path)
        check_finite(series, origin)
        values.append(series)
    return np.stack(values, axis=1)

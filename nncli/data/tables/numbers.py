"""The columns of numbers that a series takes from a table, whole."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from nncli.data.tables.files import open_table
from nncli.data.tables.notation import numbers_of
from nncli.data.tables.place import RowPlace
from nncli.problems import error


def read_columns(path: str, used: Collection[str]) -> tuple[tuple[str, ...], dict[str, NDArray[np.float64]], int]:
    """Some columns of a table, as numbers.

    Args:
        path: a CSV, Parquet or JSON lines file.
        used: names of those that are asked for; what the others hold is of no matter.

    Returns:
        The names of all its columns; those of `used` that it has, float64 `(num_rows,)` each; the number of rows.

    Raises:
        NncliError: NN501, the file cannot be opened; NN502, it is no table, has no rows, or a cell that is asked for is
            missing or no number.
    """
    file = open_table(path, None)
    found: dict[str, list[NDArray[np.float64]]] = {name: [] for name in file.names if name in used}
    count = 0
    for batch in file.batches():
        place = RowPlace(path, 1 + count)
        for name, parts in found.items():
            numbers = numbers_of(batch.column(name), name, place, file.notation)
            absent = np.isnan(numbers)
            if bool(absent.any()):
                raise place.error(int(absent.argmax()), f"column `{name}` has no number", "fill it in")
            parts.append(numbers)
        count += batch.num_rows
    if count == 0:
        raise error("NN502", "the table has no rows", file=path)
    return file.names, {name: np.concatenate(parts) for name, parts in found.items()}, count

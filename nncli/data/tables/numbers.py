"""The columns of numbers that a table has, whole, for series."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nncli.data.tables.files import open_table
from nncli.problems import error


def read_columns(path: str) -> dict[str, NDArray[np.float64]]:
    """The columns of a table that hold numbers, by name.

    Args:
        path: a CSV, Parquet or JSON lines file.

    Returns:
        float64 `(num_rows,)` each; columns of text are left out.

    Raises:
        NncliError: NN501, the file cannot be opened; NN502, it is no table, or a number is missing.
    """
    file = open_table(path, None)
    found: dict[str, list[NDArray[np.float64]]] = {name: [] for name in file.names}
    for batch in file.batches():
        for name in tuple(found):
            numbers = file.notation.as_numbers(batch.column(name))
            if numbers is None:
                del found[name]
            else:
                found[name].append(numbers.to_numpy(zero_copy_only=False))
    columns = {name: np.concatenate(parts) for name, parts in found.items() if parts}
    for name, column in columns.items():
        if bool(np.isnan(column).any()):
            row = int(np.isnan(column).argmax())
            raise error("NN502", f"column `{name}` has no number in row {row + 1}", "fill it in", file=path)
    if not columns:
        raise error("NN502", "the table has no columns of numbers", "name the columns in the first line", file=path)
    return columns

"""Tables of numbers in text files."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.arrays import open_file
from nncli.problems import error
from nncli.spec.wording import repeated

MOST_COLUMNS: Final = 10_000
_LONGEST_LINE: Final = 2**20


def read_columns(path: str) -> dict[str, NDArray[Any]]:
    """The columns of a `.csv` file that hold numbers, by name.

    Args:
        path: a file whose first line names the columns.

    Returns:
        float64 `(num_rows,)` each; columns of text are left out.

    Raises:
        NncliError: NN501, the file cannot be opened; NN502, it is no table, or a number is missing.
    """
    import pyarrow as arrow  # 0.1 s, which other data need not pay
    from pyarrow import csv

    with open_file(path) as stream:
        # A line of a megabyte can name half a million columns, each of which takes 15 kB.
        if (num_columns := stream.readline(_LONGEST_LINE).count(b",") + 1) > MOST_COLUMNS:
            raise error("NN502", f"the table has {num_columns:,} columns or more, at most {MOST_COLUMNS:,} are read", file=path)
        stream.seek(0)
        try:
            table = csv.read_csv(stream)
            names = table.column_names
        except arrow.ArrowInvalid as failure:
            raise error("NN502", f"this is no table: {failure}", "separate the columns by commas", file=path) from None
        except UnicodeDecodeError as failure:
            message = f"the names of its columns are no UTF-8 (byte {failure.start})"
            raise error("NN502", message, "save the table as UTF-8", file=path) from None
    if twice := [names[index] for index in repeated(names)]:
        raise error("NN502", f"two columns are called `{twice[0]}`", "give each a name of its own", file=path)
    columns = {}
    for name, column in zip(names, table.columns, strict=True):
        if not (arrow.types.is_integer(column.type) or arrow.types.is_floating(column.type)):
            continue
        if column.null_count:
            row = column.is_null().to_pylist().index(True)
            raise error("NN502", f"column `{name}` has no number in row {row + 1}", "fill it in", file=path)
        columns[name] = np.asarray(column.to_numpy(), np.float64)
    if not columns or not table.num_rows:
        raise error("NN502", "the table has no columns of numbers", "name the columns in the first line", file=path)
    return columns

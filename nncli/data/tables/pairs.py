"""Two columns of a table, such as the files and labels of pictures."""

from __future__ import annotations

from nncli.data.tables.cells import missing, texts_of
from nncli.data.tables.encoding import require_columns
from nncli.data.tables.files import open_table
from nncli.data.tables.place import RowPlace


def read_pairs(path: str, first: str, second: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Two columns of texts, without gaps.

    Args:
        path: a CSV, Parquet or JSON lines file.
        first, second: the columns.

    Raises:
        NncliError: NN501 or NN502, the file is at fault, or a cell is missing.
    """
    file = open_table(path, None)
    require_columns([first, second], file)
    found: dict[str, list[str]] = {first: [], second: []}
    row = 1
    for batch in file.batches():
        place = RowPlace(path, row)
        for name, texts in found.items():
            cells = texts_of(batch.column(name), name, place)
            absent = missing(cells)
            if bool(absent.any()):
                raise place.error(int(absent.argmax()), f"column `{name}` has no entry", "fill it in, or leave the row out")
            texts += cells.to_pylist()
        row += batch.num_rows
    return tuple(found[first]), tuple(found[second])

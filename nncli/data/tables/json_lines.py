"""Tables as JSON lines: an object a row, of numbers, texts, `true`, `false` and null."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import pyarrow
import pyarrow.compute as compute

from nncli.data.characters import MOST_BYTES
from nncli.data.tables.notation import PLAIN
from nncli.data.tables.opening import foreign, open_bytes
from nncli.data.tables.place import RowPlace
from nncli.problems import error

_SAMPLE_ROWS: Final = 1000
_BATCH_ROWS: Final = 4096
_MOST_PLAIN: Final = 10**10
"""From here on pyarrow writes decimal numbers with an exponent, which loses digits of whole ones."""


class JsonLinesFile:
    """A file of JSON lines.

    pyarrow's own reader takes the types of the first block for all, and texts that look like dates for dates; here a cell is what
    it is, wherever it stands.

    Args:
        path: the file.

    Raises:
        NncliError: NN501 or NN502, it cannot be opened, or is something else.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        names: dict[str, None] = {}
        for number, row in enumerate(self._rows()):
            names |= dict.fromkeys(row)
            if number == _SAMPLE_ROWS:
                break
        if not names:
            raise error("NN502", "the table is empty", file=path)
        self.names = tuple(names)
        self.notation = PLAIN
        self.unnamed: frozenset[str] = frozenset()
        self.said = "JSON lines"

    def batches(self, names: str | None = None) -> Iterator[pyarrow.RecordBatch]:
        """All rows; keys that the first 1,000 rows do not have are left out. Numbers that are names are texts."""
        rows: list[Mapping[str, Any]] = []
        first = 1
        for row in self._rows():
            rows.append(row)
            if len(rows) == _BATCH_ROWS:
                yield as_batch(rows, self.names, RowPlace(self.path, first), names)
                first, rows = first + len(rows), []
        if rows:
            yield as_batch(rows, self.names, RowPlace(self.path, first), names)

    def _rows(self) -> Iterator[Mapping[str, Any]]:
        with open_bytes(self.path) as stream, foreign(self.path):
            yield from parse_lines(iter(lambda: stream.readline(MOST_BYTES + 1), b""), self.path)


def parse_lines(lines: Iterable[bytes], file: str, first: int = 1) -> Iterator[Mapping[str, Any]]:
    """The objects of lines; empty lines are left out.

    Args:
        lines: with or without line ends.
        file: what messages call the place.
        first: number of the first line.

    Raises:
        NncliError: NN502, a line is no object.
    """
    for number, line in enumerate(lines, start=first):
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip():
            continue
        if len(line) > MOST_BYTES:
            raise error("NN502", f"line {number:,} has more than {MOST_BYTES:,} bytes", file=file)
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as failure:
            raise error("NN502", f"line {number:,} is no JSON: {failure}", "a row a line: {...}", file=file) from None
        if not isinstance(row, dict):
            raise error("NN502", f"line {number:,} is no object", 'a row a line: {"name": value, ...}', file=file)
        yield row


def as_batch(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], place: RowPlace, names: str | None = None
) -> pyarrow.RecordBatch:
    """Rows as columns: of numbers where there are none but numbers, else of texts. What a number is called when it counts as a text
    does not depend on those beside it.

    Args:
        rows: objects.
        columns: their names; what an object does not have is missing.
        place: where the rows stand.
        names: the column whose cells are names: texts, as Python writes them.

    Raises:
        NncliError: NN502, a cell holds a list or an object.
    """
    cells = {name: [row.get(name) for row in rows] for name in columns}
    if names in cells:
        cells[names] = [cell if isinstance(cell, list | dict) else _text(cell) for cell in cells[names]]
    return pyarrow.record_batch([_column(column, name, place) for name, column in cells.items()], names=list(columns))


def _column(cells: Sequence[Any], name: str, place: RowPlace) -> pyarrow.Array:
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds <= {int, float}:
        largest = max((abs(cell) for cell in cells if type(cell) is int), default=0)
        if kinds == {int} and largest < 2**63:
            return pyarrow.array(cells, pyarrow.int64())
        if kinds != {int} and largest < _MOST_PLAIN:
            return pyarrow.array([None if cell is None else float(cell) for cell in cells], pyarrow.float64())
    for row, cell in enumerate(cells):
        if isinstance(cell, list | dict):
            what = "a list" if isinstance(cell, list) else "an object"
            message = f"column `{name}` holds {what}, a number or a text was expected"
            raise place.error(row, message, "put it into columns of its own")
    # Not-a-number is a missing cell, as in a column of numbers.
    floats = pyarrow.array([cell if type(cell) is float else None for cell in cells], pyarrow.float64(), from_pandas=True)
    written = compute.cast(floats, pyarrow.string()).to_pylist()
    texts = [text if type(cell) is float else _text(cell) for cell, text in zip(cells, written, strict=True)]
    return pyarrow.array(texts, pyarrow.string())


def _text(cell: Any) -> str | None:
    if cell is None:
        return None
    # A text of half a surrogate pair cannot be stored; the replacement keeps it a text.
    return cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else json.dumps(cell)

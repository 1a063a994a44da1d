"""Tables as text, cells between delimiters. pyarrow reads them; what they look like is found here."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
from collections.abc import Iterator
from typing import Any, Final

import pyarrow
import pyarrow.compute as compute
import pyarrow.csv

from nncli.data.characters import decoder, marked
from nncli.data.tables.csv_faults import find_ragged, find_undecodable
from nncli.data.tables.notation import GERMAN, PLAIN, Notation, find_notation
from nncli.data.tables.opening import foreign, open_bytes, require_few
from nncli.problems import NncliError, error
from nncli.spec.datasets.tables import Csv

_SAMPLE_BYTES: Final = 2**18
_SAMPLE_ROWS: Final = 50
_BLOCK_BYTES: Final = 2**21
_DELIMITERS: Final = {",": "`,`", ";": "`;`", "\t": "a tab", "|": "`|`"}
NULLS: Final = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "#N/A", "#NA", "-nan", "-NaN", "<NA>")
"""What stands for a missing cell. Source: pyarrow's default, and pandas's `<NA>`."""


class CsvFile:
    """A `.csv` file.

    Args:
        path: the file.
        dataset: what is said of it.
        in_doubt: how numbers are written, where the file has none that tells.

    Raises:
        NncliError: NN501 or NN502, it cannot be opened, or is no text.
    """

    def __init__(self, path: str, dataset: Csv, in_doubt: Notation = PLAIN) -> None:
        self.path = path
        with open_bytes(path) as stream:
            sample = stream.read(_SAMPLE_BYTES)
        self.encoding = dataset.encoding or _encoding(sample)
        text = self._decode(sample, is_whole=len(sample) < _SAMPLE_BYTES)
        self.delimiter = dataset.delimiter or _delimiter(text)
        rows = _rows(text, self.delimiter)
        if not rows:
            raise error("NN502", "the table is empty", file=path)
        require_few(len(rows[0]), path)
        self.notation = _notation(dataset, _rows(text, self.delimiter, _SAMPLE_BYTES), self.delimiter, in_doubt)
        self.decimal, self.thousands = self.notation.decimal, self.notation.thousands
        self.header = dataset.header if dataset.header is not None else _is_header(rows[0], dataset.target, self.notation)
        names = [name.strip() for name in rows[0]] if self.header else [""] * len(rows[0])
        self.names = tuple(name or f"column_{number}" for number, name in enumerate(names, start=1))
        self.unnamed = frozenset(name for name, own in zip(self.names, names, strict=True) if self.header and not own)
        said = _DELIMITERS.get(self.delimiter, f"`{self.delimiter}`")
        # An empty line is passed over, but where there is one column it is a missing cell, if it stands behind the header.
        self._passes_over = len(self.names) > 1
        before = text[: len(text) - len(text.lstrip("\r\n"))]
        self._num_before = 0 if not self.header else 1 if self._passes_over else 1 + len(before.splitlines())
        self.said = f"CSV, {self.encoding.upper()}, cells between {said}, {'a header' if self.header else 'no header'}"
        if not self.notation.is_plain:
            self.said += f", numbers such as {self.notation.example}"

    def _decode(self, sample: bytes, *, is_whole: bool) -> str:
        """The sample as text, whole lines of it."""
        with foreign(self.path), self._names_line():
            text = decoder(self.encoding).decode(sample, is_whole).removeprefix("\ufeff")
        if "\x00" in text:
            raise error("NN502", "it holds null characters: this is no text", "is it of this type?", file=self.path)
        return text if is_whole else text[: text.rfind("\n") + 1] or text

    def batches(self, names: str | None = None) -> Iterator[pyarrow.RecordBatch]:
        """All rows, every cell a text or missing. Of names, `NA` is one."""
        wrong: list[Any] = []

        def remember(row: Any) -> str:
            wrong.append(row)
            return "skip"

        # Python's own decoder: pyarrow's knows other names of encodings, and leaves UTF-16's mark standing.
        with open_bytes(self.path) as stream, foreign(self.path), self._names_line():
            source: Any = stream
            if self.encoding.lower().replace("_", "-") not in ("utf-8", "utf8", "ascii"):
                source = codecs.EncodedFile(stream, "utf-8", self.encoding)
            options = pyarrow.csv.ReadOptions(
                block_size=_BLOCK_BYTES, column_names=list(self.names), skip_rows_after_names=0, skip_rows=0
            )
            parse = pyarrow.csv.ParseOptions(
                delimiter=self.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=self._passes_over,
                invalid_row_handler=remember,
            )
            convert = pyarrow.csv.ConvertOptions(
                # pyarrow has one list for all columns; to look for nulls behind it takes longer.
                column_types=dict.fromkeys(self.names, pyarrow.string()),
                strings_can_be_null=names is None,
                null_values=list(NULLS),
            )
            num_before = self._num_before
            for batch in pyarrow.csv.open_csv(source, options, parse, convert):
                if wrong:
                    raise self._ragged(wrong[0])
                rows = batch.slice(num_before)
                num_before -= batch.num_rows - rows.num_rows
                if rows.num_rows:
                    yield rows if names is None else _with_nulls(rows, names)

    def _ragged(self, row: Any) -> NncliError:
        """That a row has more or fewer cells than others."""
        there = find_ragged(self.path, self.encoding, self.delimiter, len(self.names), header=self.header)
        which = "a row" if there is None else f"row {there[0]:,} (line {there[1]:,})"
        message = f"{which} has {row.actual_columns} cells, {row.expected_columns} were expected: {row.text[:80]!r}"
        return error("NN502", message, "put cells that hold the delimiter between quotes", file=self.path)

    @contextlib.contextmanager
    def _names_line(self) -> Iterator[None]:
        """Name the line where the file is not encoded as it should be."""
        try:
            yield
        except (UnicodeDecodeError, pyarrow.ArrowInvalid):
            line = find_undecodable(self.path, self.encoding)
            if line is None:
                raise
            hint = "save the table as UTF-8, or state its `encoding`"
            raise error("NN502", f"line {line:,} is no {self.encoding}", hint, file=self.path) from None


def _with_nulls(rows: pyarrow.RecordBatch, names: str) -> pyarrow.RecordBatch:
    """Rows whose missing cells are null; of the column `names` empty ones alone."""
    nulls = {name: pyarrow.array([""] if name == names else NULLS, pyarrow.string()) for name in rows.schema.names}
    columns = [
        compute.if_else(compute.is_in(column, nulls[name]), None, column)
        for name, column in zip(rows.schema.names, rows.columns, strict=True)
    ]
    return pyarrow.record_batch(columns, names=rows.schema.names)


def _encoding(sample: bytes) -> str:
    if (encoding := marked(sample)) is not None:
        return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "windows-1252" if not set(sample) & {0x81, 0x8D, 0x8F, 0x90, 0x9D} else "latin-1"
    return "utf-8"


def _rows(text: str, delimiter: str, most: int = _SAMPLE_ROWS) -> list[list[str]]:
    """The first rows, `most` at most."""
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows += [row] if row else []
            if len(rows) == most:
                break
    except csv.Error:  # a cell of more than 131,072 characters
        pass
    return rows


def _delimiter(text: str) -> str:
    """The delimiter that cuts most rows into as many cells as the first; of several, the one that makes the most cells."""

    def merit(delimiter: str) -> tuple[float, int]:
        rows = _rows(text, delimiter)
        width = len(rows[0]) if rows else 0
        return (sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0.0), width

    best = max(_DELIMITERS, key=merit)
    return best if merit(best)[0] > 0 else ","


def _notation(dataset: Csv, rows: list[list[str]], delimiter: str, in_doubt: Notation) -> Notation:
    """How numbers are written: as is said, or as the cells tell."""
    decimal, thousands = dataset.decimal, dataset.thousands
    if decimal is None and thousands in (".", ","):
        decimal = "," if thousands == "." else "."
    if decimal is None:
        found = PLAIN if delimiter == "," else find_notation(cell for row in rows for cell in row)
        found = in_doubt if found is None else found
        return found if thousands is None else Notation(found.decimal, thousands)
    return Notation(decimal, GERMAN.thousands if decimal == "," and thousands is None else thousands)


def _is_header(row: list[str], target: str, notation: Notation) -> bool:
    """Whether a first row names the columns: it names the target, or holds no number (years may be names of columns)."""
    cells = [cell.strip() for cell in row]
    return target in cells or not any(notation.is_number(cell) for cell in cells)

"""Predictions on disk and as text: CSV, JSON lines, JSON, Parquet and NumPy arrays."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.reports.base import plain

FILE_FORMATS: Final = ("csv", "jsonl", "json", "parquet", "npy")
TEXT_FORMATS: Final = ("csv", "jsonl", "json")
STREAMED: Final = ("csv", "jsonl")
"""Those that can be written row by row."""

Rows = Sequence[Mapping[str, Any]]


def predictions_bytes(file_format: str, rows: Rows, outputs: NDArray[np.float32]) -> bytes:
    """Predictions as the content of a file.

    Args:
        file_format: one of `FILE_FORMATS`.
        rows: a row each, as in `nncli.reports.PredictReport`.
        outputs: the network's outputs, which `npy` holds.
    """
    if file_format == "npy":
        buffer = io.BytesIO()
        np.save(buffer, outputs, allow_pickle=False)
        return buffer.getvalue()
    if file_format == "parquet":
        return _parquet(rows)
    return "".join(text_lines(rows, file_format)).encode()


def text_lines(rows: Rows, text_format: str, *, header: bool = True) -> Iterator[str]:
    """Predictions as text, piece by piece, whole lines with line ends.

    Args:
        rows: a row each.
        text_format: one of `TEXT_FORMATS`.
        header: whether the line that names the columns of a `csv` stands before them.
    """
    if text_format == "jsonl":
        yield from (json.dumps(plain(row), allow_nan=False) + "\n" for row in rows)
    elif text_format == "json":
        yield json.dumps(plain(rows), indent=2, allow_nan=False) + "\n"
    else:
        flat = [_flat(row) for row in rows]
        names = list(flat[0]) if flat else ["input"]
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        if header:
            writer.writerow(map(harmless, names))
        writer.writerows([harmless(row[name]) for name in names] for row in flat)
        yield buffer.getvalue()


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without lists: `output_0`, `class_2`, `probability_2`."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if key == "output":
            values = np.ravel(value).tolist()
            flat |= {"output": values[0]} if len(values) == 1 else {f"output_{index}": entry for index, entry in enumerate(values)}
        elif key == "top":
            for rank, entry in enumerate(value[1:], start=2):
                flat |= {f"{name}_{rank}": part for name, part in entry.items()}
        elif key == "probabilities":
            for name, entry in value.items():
                flat[f"probability_of_{name}"] = entry
        else:
            flat[key] = value
    return {_written(key): _written(value) for key, value in flat.items()}


def _written(value: Any) -> Any:
    """A text as UTF-8 can hold it; what is none of it reads as on the terminal and in JSON."""
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode(errors="backslashreplace").decode()


def harmless(value: Any) -> Any:
    """A cell of a CSV file that neither a spreadsheet nor a terminal acts upon.

    A text that a spreadsheet would take for a formula gets a quote in front; control characters are written as their numbers.
    Those that turn text round stay: right-to-left scripts need some of them, and they act on nothing but the look of a line.

    Source: OWASP, "CSV Injection".
    """
    if not isinstance(value, str):
        return value
    text = value if value.isprintable() else _CONTROLS.sub(lambda found: f"\\x{ord(found.group()):02x}", value)
    return f"'{text}" if value[:1] in _BEGIN_FORMULAS else text


_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BEGIN_FORMULAS: Final = tuple("=+-@\t\r\n＝＋－＠")


def _parquet(rows: Rows) -> bytes:
    import pyarrow
    import pyarrow.parquet

    flat = [_flat(row) for row in rows]
    buffer = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(
        pyarrow.Table.from_pylist(flat or [], schema=None if flat else pyarrow.schema([("input", "string")])), buffer
    )
    return bytes(buffer.getvalue().to_pybytes())

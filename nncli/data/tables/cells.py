"""Cells as numbers or texts, whatever the file's types are."""

from __future__ import annotations

import contextlib
from typing import Any, Final

import numpy as np
import pyarrow
import pyarrow.compute as compute
from numpy.typing import NDArray

from nncli.data.tables.place import RowPlace

_WHOLE: Final = r"^(-?\d+)\.0+$"


def is_text(cells: pyarrow.Array) -> bool:
    """Whether cells are texts."""
    return bool(pyarrow.types.is_string(cells.type) or pyarrow.types.is_large_string(cells.type))


def with_leading_zero(cells: pyarrow.Array) -> str | None:
    """The first text that begins with a 0 and a further digit, as no amount does; None where there is none."""
    if not is_text(cells):
        return None
    found = cells.filter(compute.match_substring_regex(cells, r"^\s*0\d"))
    return str(found[0].as_py()).strip() if len(found) else None


def as_numbers(cells: pyarrow.Array) -> pyarrow.Array | None:
    """Cells as float64, missing ones null; None where one of them is no number."""
    kind = cells.type
    types = pyarrow.types
    if types.is_null(kind) or types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        numbers = compute.cast(cells, pyarrow.float64(), safe=False)
        return compute.if_else(compute.is_nan(numbers), None, numbers)
    if types.is_dictionary(kind):
        return as_numbers(cells.dictionary_decode())
    if not is_text(cells):
        return None
    numbers = _parsed(cells)
    return numbers if numbers is not None else _parsed(_trimmed(cells))  # trimming takes as long as reading, and is seldom needed


def _parsed(texts: pyarrow.Array) -> pyarrow.Array | None:
    try:
        numbers = compute.cast(texts, pyarrow.float64())
    except pyarrow.ArrowInvalid:
        return None
    return compute.if_else(compute.is_nan(numbers), None, numbers)


def _trimmed(texts: pyarrow.Array) -> pyarrow.Array:
    """Texts without blanks around them, null where nothing is left."""
    texts = compute.utf8_trim_whitespace(texts)
    return compute.if_else(compute.equal(texts, ""), None, texts)


def as_texts(cells: pyarrow.Array) -> pyarrow.Array | None:
    """Cells as texts without blanks around them, empty ones null, whole numbers without decimals; None where they are neither
    texts, numbers nor dates.
    """
    kind = cells.type
    types = pyarrow.types
    if types.is_dictionary(kind):
        return as_texts(cells.dictionary_decode())
    if types.is_nested(kind) or types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return None
    try:
        texts = compute.cast(cells, pyarrow.string())
    except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError):
        return None
    if types.is_floating(kind):
        texts = compute.if_else(compute.is_nan(cells), None, texts)
    return compute.replace_substring_regex(_trimmed(texts), pattern=_WHOLE, replacement=r"\1")


def as_times(texts: pyarrow.Array, pattern: str | None) -> pyarrow.Array:
    """Texts as timestamps in microseconds, those with a zone brought to UTC; null where one is none, or is missing.

    Args:
        texts: strings.
        pattern: as `Column.format` says; None: ISO 8601.
    """
    kind = pyarrow.timestamp("us")
    if pattern is not None:
        return compute.strptime(texts, format=pattern, unit="us", error_is_null=True)
    try:
        return compute.cast(texts, kind)
    except pyarrow.ArrowInvalid:
        pass
    return pyarrow.array([_time(text) for text in texts.to_pylist()], kind)


def are_times(texts: pyarrow.Array) -> bool:
    """Whether every text that is not missing is a time as ISO 8601 has it, all with or all without a zone."""
    for kind in (pyarrow.timestamp("us"), pyarrow.timestamp("us", "UTC")):
        with contextlib.suppress(pyarrow.ArrowInvalid):
            compute.cast(texts, kind)
            return True
    return False


def _time(text: str | None) -> int | None:
    if text is None:
        return None
    for kind in (pyarrow.timestamp("us"), pyarrow.timestamp("us", "UTC")):
        try:
            return int(compute.cast(pyarrow.scalar(text), kind).value)
        except pyarrow.ArrowInvalid:
            continue
    return None


def texts_of(cells: pyarrow.Array, name: str, place: RowPlace) -> pyarrow.Array:
    """A column of texts, null where a cell is missing.

    Raises:
        NncliError: NN502, the cells are of a kind that nncli does not read.
    """
    texts = as_texts(cells)
    if texts is None:
        hint = f"leave the column out: `columns: [{{type: ignore, names: {name}}}]`"
        raise place.error(0, f"column `{name}` holds {cells.type}, numbers, texts or dates were expected", hint)
    return texts


def missing(cells: pyarrow.Array) -> NDArray[Any]:
    """Where cells are missing, bool."""
    return np.asarray(compute.is_null(cells).to_numpy(zero_copy_only=False), bool)

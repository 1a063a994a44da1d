"""The encoding of a table as a JSON document, and back. Reading trusts nothing."""

from __future__ import annotations

import math
from typing import Any, Final

from nncli.data.documents import flag, mapping, odd, text, texts
from nncli.data.tables.columns import PARTS, FittedCategory, FittedColumn, FittedDate, FittedNumber, FittedText
from nncli.data.tables.encoding import TableEncoding
from nncli.data.texts import sentences

_MOST_COLUMNS: Final = 100_000
_MOST_CATEGORIES: Final = 1_000_000
_KEYS: Final = frozenset({"type", "columns", "target", "id", "sample_weight", "num_columns", "decimal", "thousands"})


def write_table(encoding: TableEncoding) -> dict[str, Any]:
    """The document of a table's encoding."""
    return {
        "type": encoding.type,
        "columns": [_write_column(column) for column in encoding.columns],
        "target": encoding.target,
        "id": encoding.id,
        "sample_weight": encoding.sample_weight,
        "num_columns": encoding.num_columns,
        "decimal": encoding.decimal,
        "thousands": encoding.thousands,
    }


def _write_column(column: FittedColumn) -> dict[str, Any]:
    fields = {name: getattr(column, name) for name in column.__dataclass_fields__ if name != "type"}
    return {"type": column.type} | {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}


def read_table(data: object) -> TableEncoding:
    """The encoding that a document describes.

    Raises:
        NncliError: NN603, anything in it is odd.
    """
    if isinstance(data, dict):
        data = {"num_columns": None, "decimal": ".", "thousands": None, **data}  # older checkpoints go without
    document = mapping(data, _KEYS, "encoding")
    columns = document["columns"]
    if not isinstance(columns, list) or not 1 <= len(columns) <= _MOST_COLUMNS:
        raise odd("`encoding.columns` is no list of columns")
    read = tuple(_read_column(column, f"encoding.columns[{index}]") for index, column in enumerate(columns))
    names = [column.name for column in read]
    if len(set(names)) < len(names):
        raise odd("`encoding.columns` names a column twice")
    roles = {name: None if document[name] is None else text(document[name], f"encoding.{name}") for name in ("id", "sample_weight")}
    num_columns = document["num_columns"]
    if num_columns is not None and not (type(num_columns) is int and 1 <= num_columns <= _MOST_COLUMNS):
        raise odd("`encoding.num_columns` is no number of columns")
    target = text(document["target"], "encoding.target")
    decimal, thousands = document["decimal"], document["thousands"]
    if decimal not in (".", ",") or not (thousands is None or (isinstance(thousands, str) and len(thousands) == 1)):
        raise odd("`encoding.decimal` or `encoding.thousands` is no such character")
    return TableEncoding(read, target, roles["id"], roles["sample_weight"], num_columns, decimal, thousands)


def _read_column(data: object, what: str) -> FittedColumn:
    kinds: dict[str, Any] = {kind.type: kind for kind in (FittedNumber, FittedCategory, FittedDate, FittedText)}
    kind = kinds.get(str(data.get("type"))) if isinstance(data, dict) else None
    if kind is None:
        raise odd(f"`{what}` is of no known type")
    names = [name for name in kind.__dataclass_fields__ if name != "type"]
    if isinstance(data, dict) and kind is FittedCategory:
        data = {"rare": [], **data}  # older checkpoints go without
    document = mapping(data, frozenset({"type", *names}), what)
    return kind(**{name: _READERS[name](document[name], f"{what}.{name}") for name in names})


def _number(data: object, what: str) -> float:
    if type(data) is not float or not math.isfinite(data):
        raise odd(f"`{what}` is no finite decimal number")
    return data


def _number_or_none(data: object, what: str) -> float | None:
    return None if data is None else _number(data, what)


def _text_or_none(data: object, what: str) -> str | None:
    return None if data is None else text(data, what)


def _categories(data: object, what: str) -> tuple[str, ...]:
    names = texts(data, _MOST_CATEGORIES, what)
    if not names or len(set(names)) < len(names):
        raise odd(f"`{what}` names no category, or one twice")
    return names


def _rare(data: object, what: str) -> tuple[str, ...]:
    return texts(data, _MOST_CATEGORIES, what)


def _parts(data: object, what: str) -> tuple[str, ...]:
    names = texts(data, len(PARTS), what)
    if not set(names) <= set(PARTS):
        raise odd(f"`{what}` names an unknown part of a date")
    return names


_READERS: Final[dict[str, Any]] = {
    "name": text,
    "is_log": flag,
    "fill": _number_or_none,
    "indicator": flag,
    "shift": _number,
    "factor": _number,
    "categories": _categories,
    "one_hot": flag,
    "has_missing": flag,
    "refuses": flag,
    "rare": _rare,
    "format": _text_or_none,
    "parts": _parts,
    "cyclic": flag,
    **sentences.READERS,
}
"""Field of a fitted column -> what reads it."""

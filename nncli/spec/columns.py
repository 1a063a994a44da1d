"""What is done with the columns of a table: how cells become numbers. Fitted on the training part, stored in the checkpoint."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from nncli.spec.base import TypedSpec, refuse
from nncli.spec.sentences import Sentences
from nncli.spec.values import Many, PositiveInt
from nncli.spec.wording import describe, repeated


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _distinct(value: tuple[str, ...]) -> tuple[str, ...]:
    for index in repeated(value):
        refuse("NN204", f"`{value[index]}` stands there twice", at=(index,))
    return value


ColumnNames = Annotated[
    Many[Annotated[str, Field(min_length=1)]],
    BeforeValidator(_listed),
    Field(min_length=1),
    AfterValidator(_distinct),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
"""The name of a column, or a list of them."""


def _fill(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        refuse("NN203", f"expected `mean`, `median`, `error` or a number, received {describe(value)}")
    if isinstance(value, str) and value not in ("mean", "median", "error"):
        refuse("NN205", f"expected `mean`, `median`, `error` or a number, received {describe(value)}")
    return value if isinstance(value, str) else float(value)


Missing = Annotated[
    Literal["mean", "median", "error"] | float,
    BeforeValidator(_fill),
    WithJsonSchema({"anyOf": [{"enum": ["mean", "median", "error"]}, {"type": "number"}]}),
]


class Column(TypedSpec):
    """What is done with some columns of a table."""

    kind: ClassVar[str] = "column"

    names: ColumnNames
    """Which columns: a name, or a list of names."""


class NumberColumn(Column):
    """Columns of amounts. A cell becomes one number, and a second one that says whether it was missing, where asked for."""

    type: Literal["number"] = "number"
    scale: Literal["standardize", "min_max", "robust", "log", "none"] = "standardize"
    """`standardize`: mean 0, deviation 1; `min_max`: 0 to 1; `robust`: less the median, by the range of the middle half; `log`: as
    `standardize`, of sign(x) log(1 + |x|); `none`: as it is."""
    missing: Missing = "mean"
    """What stands for a missing number: the `mean` or the `median` of the others, a number, or `error`: there must be none."""
    indicator: bool | None = None
    """Whether a further number says that the cell was missing; null: where cells of the training part are."""


class CategoryColumn(Column):
    """Columns of names, one of a few in each cell."""

    type: Literal["category"] = "category"
    encode: Literal["one_hot", "index"] = "one_hot"
    """`one_hot`: a 1 and 0s, a number a category; `index`: its number, from 1 on, for an `embedding`."""
    max_categories: PositiveInt = 100
    """Most categories that are told apart, the most frequent ones; others are as unseen ones, but never an `error`."""
    unseen: Literal["own", "error"] = "own"
    """What becomes of a category that the training part does not have: a class of its `own` (0s alone, or the number 0), or an
    `error`."""


class DateColumn(Column):
    """Columns of dates or times."""

    type: Literal["date"] = "date"
    format: str | None = None
    """How they are written, such as `%d.%m.%Y`; null: as ISO 8601 has it, `2026-03-31` or `2026-03-31 14:05:00`."""
    parts: Annotated[Many[Literal["year", "month", "day", "weekday", "hour", "minute", "second"]], Field(min_length=1)] | None = (
        None
    )
    """What of them counts; null: whichever of these vary in the training part."""
    cyclic: bool = True
    """Whether each part but the year becomes a point on a circle (sine and cosine), so that December lies beside January."""


class TextColumn(Sentences, Column):
    """A column of sentences or longer texts, for an `embedding` with `mask_zero: true`: a number a word or a character, 0 where
    there is none. No other columns but such, and categories as an `index`, go together with it.
    """

    type: Literal["text"] = "text"


class IgnoredColumn(Column):
    """Columns that the network is not given."""

    type: Literal["ignore"] = "ignore"

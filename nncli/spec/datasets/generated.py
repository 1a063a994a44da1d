"""Data sets that are computed: points about a line, and series cut into windows."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema, model_validator

from nncli.spec.base import refuse
from nncli.spec.datasets.base import Splittable
from nncli.spec.formula import FormulaError, names_in, parse_formula
from nncli.spec.values import FilePath, Many, NonNegativeFloat, NonNegativeInt, PositiveInt


class Line(Splittable):
    """Points about a straight line: y = slope x + intercept + noise."""

    type: Literal["line"] = "line"
    slope: float
    """Rise of the line."""
    intercept: float = 0.0
    """Its height at x = 0."""
    noise: NonNegativeFloat = 0.0
    """Standard deviation of the normally distributed noise, 0 or more."""
    num_samples: PositiveInt = 100
    """How many points."""
    low: float = 0.0
    """Smallest x that may be drawn."""
    high: float = 1.0
    """The x values are drawn evenly from `low` to `high`."""

    @model_validator(mode="after")
    def _range_is_rising(self) -> Self:
        if self.low >= self.high:
            refuse("NN206", f"`low` ({self.low:g}) must lie below `high` ({self.high:g})", at=("high",))
        return self


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _readable(text: str, info: ValidationInfo) -> str:
    # Which columns a file has is known only when it is read.
    columns = names_in(text) if info.data.get("path", "wrong") is not None else ()
    try:
        parse_formula(text, {"n", *columns})
    except FormulaError as found:
        refuse("NN207", found.message, found.hint, offset=found.column)
    return text


SeriesFormulas = Annotated[
    Many[Annotated[str, AfterValidator(_readable)]],
    BeforeValidator(_listed),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]


class Series(Splittable):
    """A function or the columns of a file, point by point, cut into windows of equal length."""

    type: Literal["series"] = "series"
    is_ordered: ClassVar[bool] = True

    path: FilePath | None = None
    """A table (CSV, Parquet, JSON lines), or a `.npz` file of vectors; null: the series is a function of the point's number."""
    num_points: PositiveInt | None = None
    """How many points there are; null: all of the file's."""
    inputs: SeriesFormulas
    """What is known at each point: a formula, or a list of them, in the point's number `n` (0, 1, ...) and the file's columns."""
    targets: SeriesFormulas
    """What is to be predicted there, in the same way."""
    length: PositiveInt
    """Points of a window."""
    stride: PositiveInt | None = None
    """How many points further the next window begins; null: `length`, so that windows continue each other."""
    horizon: NonNegativeInt = 0
    """How many points later the targets are taken; 1 predicts the next point."""
    predict: Literal["sequence", "last"] = "sequence"
    """Whether there is a target for each point of the window, or for its last point alone."""

    @model_validator(mode="after")
    def _has_an_end(self) -> Self:
        if self.path is None and self.num_points is None:
            refuse("NN202", "`num_points` is missing: how many points has the series?", "add `num_points: ...`, or name a `path`")
        return self

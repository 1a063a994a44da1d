"""What a run measured, as its files tell it, each value checked."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from nncli.problems import error
from nncli.runs.records import read_json, read_lines

Number = Annotated[float, Field(strict=True), BeforeValidator(lambda value: math.nan if value is None else value)]
"""A number of a JSON file, in which null stands for what is none."""
Value = Number | list[Number]
"""What a metric came to: a list where it has a value a class."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A line of the history.

    Attributes:
        step: when it was taken.
        seconds: spent training by then.
        values: metric -> what it came to.
    """

    step: int
    seconds: float
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class FinalReport:
    """Of a run's report what runs are compared by.

    Attributes:
        metrics: `train`, `validation`, `test` -> its metrics; None for a part that does not exist.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="ignore")

    metrics: dict[str, dict[str, Value] | None]


def read_history(run: Path) -> list[Measurement]:
    """The history of a run folder; empty before anything was measured.

    Raises:
        NncliError: NN603, it is damaged; NN604, the disk refuses.
    """
    path = run / "metrics.jsonl"
    records = read_lines(path)
    try:
        measured = [(record["step"], values) for record, values in zip(records, _lines().validate_python(records), strict=True)]
    except ValidationError as problem:
        number, name = problem.errors()[0]["loc"][:2]
        raise error("NN603", f"line {int(number) + 1} is no record of a measurement: `{name}` is no number", file=path) from None
    return [Measurement(step, _seconds(values), values) for step, values in measured]


def read_report(run: Path) -> FinalReport | None:
    """The report of a run folder; None before its end.

    Raises:
        NncliError: NN603, it is damaged; NN604, the disk refuses.
    """
    path = run / "report.json"
    if not path.is_file():
        return None
    try:
        return _report().validate_python(read_json(path))
    except ValidationError as problem:
        name = ".".join(map(str, problem.errors()[0]["loc"][:3]))
        raise error("NN603", f"this is no report of a run: `{name}`: {problem.errors()[0]['msg']}", file=path) from None


def _seconds(values: Mapping[str, Value]) -> float:
    seconds = values.get("seconds", math.nan)
    return seconds if isinstance(seconds, float) and math.isfinite(seconds) else 0.0


@functools.cache
def _lines() -> TypeAdapter[list[dict[str, Value]]]:
    return TypeAdapter(list[dict[str, Value]])


@functools.cache
def _report() -> TypeAdapter[FinalReport]:
    return TypeAdapter(FinalReport)

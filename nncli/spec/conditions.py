"""Conditions such as `test_accuracy >= 0.955`: the grammar of `expect`, `stop_when` and `--fail-under`."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator

from nncli.spec.base import refuse

OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}

_GRAMMAR = re.compile(
    r"\s*(?P<name>[A-Za-z_]\w*)\s*(?P<operator>>=|<=|>|<)\s*(?P<threshold>[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)\s*",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of a metric with a number.

    Attributes:
        name: the metric, such as `test_accuracy`, `val_loss` or `loss`.
        operator: a key of `OPERATORS`.
        threshold: the number, finite.
    """

    name: str
    operator: str
    threshold: float

    def holds(self, value: float) -> bool:
        """Whether `value` meets the condition; NaN never does."""
        return OPERATORS[self.operator](value, self.threshold)

    def __str__(self) -> str:
        return f"{self.name} {self.operator} {self.threshold:.15g}"


def parse_condition(text: str) -> Condition:
    """Read a condition.

    Args:
        text: a metric's name, one of >= <= > <, and a number.

    Raises:
        ValueError: with a message that says what was expected.
    """
    match = _GRAMMAR.fullmatch(text)
    if match is None or not math.isfinite(float(match["threshold"])):
        raise ValueError(f"`{text}` is no condition: expected a metric, one of >= <= > <, and a number")
    return Condition(match["name"], match["operator"], float(match["threshold"]))


def _checked(text: str) -> str:
    try:
        parse_condition(text)
    except ValueError as problem:
        refuse("NN207", str(problem), "for example `test_accuracy >= 0.955`")
    return text


ConditionText = Annotated[str, AfterValidator(_checked)]
"""A condition as a config writes it; `parse_condition` reads it."""

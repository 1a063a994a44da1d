"""What every report has, and how it becomes JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from nncli.problems import Problem

Metrics = Mapping[str, float | list[float]]
"""Metric name -> value; a list for a metric that has a value a class."""


def plain(value: Any) -> Any:
    """JSON values: parts of reports as mappings, tuples as lists, and null for numbers that JSON does not have."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What every report has.

    Attributes:
        problems: warnings, and what makes the command fail after all (a gate, a divergence); not part of the JSON `report`.
    """

    problems: tuple[Problem, ...] = ()

    @property
    def how_to_go_on(self) -> str | None:
        """The command that goes on where this one was interrupted, after saving what it did; None where it came to its end."""
        return None

    def to_json(self) -> dict[str, Any]:
        """The report's own fields as JSON values."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self) if entry.name != "problems"}

"""`--json`: one JSON document for each command, whatever happens."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from nncli.problems import Problem
from nncli.reports import Report

SCHEMA = 1
"""Version of the document's layout."""


def document(command: str, report: Report | None, problems: Iterable[Problem], *, ok: bool) -> str:
    """The document as text, with a line end.

    Args:
        command: the command's name.
        report: what it gave back; None where it failed before it had something to report.
        problems: everything found, errors and warnings.
        ok: whether it did what it was asked to.
    """
    content = {
        "schema": SCHEMA,
        "command": command,
        "status": "ok" if ok else "failed",
        "report": None if report is None else _plain(report.to_json()),
        "problems": [_problem(problem) for problem in problems],
    }
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def _problem(problem: Problem) -> dict[str, Any]:
    where = None
    if problem.where is not None:
        where = {
            entry.name: value
            for entry in fields(problem.where)
            if entry.name != "source_line" and (value := getattr(problem.where, entry.name)) is not None
        }
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "hint": problem.hint,
        "where": where,
    }


def _plain(value: Any) -> Any:
    """JSON values: parts of reports as mappings, tuples as lists, and null for numbers that JSON does not have."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

"""`--json`: one JSON document for each command, whatever happens."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from nncli.problems import Problem
from nncli.reports.base import Report, plain

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
        "report": None if report is None else plain(report.to_json()),
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

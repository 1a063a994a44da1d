"""Problems as annotations of GitHub's workflows: a line each, which GitHub shows beside the line of the file.

Source: docs.github.com, "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

from collections.abc import Iterable

from nncli.problems import Problem
from nncli.render.problems import escape


def as_annotations(problems: Iterable[Problem]) -> str:
    """A line for each problem, with line ends."""
    return "".join(f"{_annotation(problem)}\n" for problem in problems)


def _annotation(problem: Problem) -> str:
    where, properties = problem.where, {"title": problem.code}
    if where is not None and where.file is not None and where.file != "-":
        places = {"file": where.file, "line": where.line, "endLine": where.end_line}
        if where.line == where.end_line and where.line is not None and where.column is not None and where.end_column is not None:
            # GitHub refuses columns of spans over several lines; its last column is one that still belongs to the span.
            places |= {"col": where.column, "endColumn": where.end_column - 1}
        properties = {name: str(value) for name, value in places.items() if value is not None} | properties
    said = [problem.message, *([problem.hint] if problem.hint else [])]
    if where is not None and where.argument is not None:
        said.insert(0, f"argument `{where.argument}`")
    fields = ",".join(f"{name}={_value(value)}" for name, value in properties.items())
    return f"::{problem.severity} {fields}::{_data('; '.join(said))}"


def _data(text: str) -> str:
    return escape(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

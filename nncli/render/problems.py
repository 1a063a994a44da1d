"""Problems on a terminal: message, place, the line with a caret, and the way to mend it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from nncli.problems import Problem, Where

_COLOURS = {"error": "bold red", "warning": "bold yellow"}
_WIDEST_SNIPPET = 160
"""Longest part of a line that is shown, in code points."""


def show_problems(problems: Iterable[Problem], console: Console) -> None:
    """Print problems, one after the other."""
    for problem in problems:
        console.print(problem_text(problem), soft_wrap=True, highlight=False)


def problem_text(problem: Problem) -> Text:
    """One problem, as several lines."""
    text = Text()
    text.append(f"{problem.severity}[{problem.code}]", style=_COLOURS[problem.severity])
    text.append(f": {_one_line(problem.message)}", style="bold")
    where = problem.where
    snippet = None if where is None else _snippet(where)
    if where is not None:
        text.append(f"\n  --> {_one_line(_place(where))}", style="cyan")
    if snippet is not None:
        number, line, start, length = snippet
        gutter = " " * len(number)
        text.append(f"\n{number} | ", style="cyan").append(line)
        text.append(f"\n{gutter} | ", style="cyan").append(" " * start + "^" * length, style=_COLOURS[problem.severity])
        if problem.hint:
            text.append(f" {_one_line(problem.hint)}")
    elif problem.hint:
        text.append(f"\n  {_one_line(problem.hint)}")
    return text


def _place(where: Where) -> str:
    if where.argument is not None:
        return f"argument `{where.argument}`"
    place = where.file or ""
    return f"{place}:{where.line}:{where.column}" if where.line is not None else place


def _snippet(where: Where) -> tuple[str, str, int, int] | None:
    """Line number, the line, and where its caret begins and how long it is, in terminal cells."""
    if where.source_line is None or where.column is None:
        return None
    start = where.column - 1
    same_line = where.end_line is None or where.end_line == where.line
    end = where.end_column - 1 if where.end_column is not None and same_line else len(where.source_line)
    cut = max(0, start - _WIDEST_SNIPPET // 2)
    shown = where.source_line[cut : cut + _WIDEST_SNIPPET]
    before, marked = (_one_line(part) for part in (shown[: start - cut], shown[start - cut : end - cut]))
    return str(where.line or " "), _one_line(shown), _width(before), max(1, _width(marked))


def _one_line(text: str) -> str:
    return escape(text.replace("\t", " ")).replace("\n", "\\n")


def escape(text: str) -> str:
    """Text without control characters but line ends: an escape sequence in a name must not reach the terminal."""
    return "".join(character if character == "\n" or not _is_control(character) else _visible(character) for character in text)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def _visible(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _width(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)

"""What libyaml finds wrong with a text, in words that say how to mend it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import yaml

from nncli.config.tree import Mark, Source
from nncli.problems import Problem

_SAID: Final[tuple[tuple[str, str, str | None], ...]] = (
    ("while scanning a quoted scalar found unexpected end", "this quote is never closed", "close it"),
    ("expected ',' or ']'", "a list needs `,` after each entry and `]` at its end", None),
    ("expected ',' or '}'", "a mapping needs `,` after each entry and `}` at its end", None),
    ("while scanning a simple key could not find", "a line of a mapping without a colon", "write `key: value`"),
    (
        "mapping values are not allowed",
        "a colon that no key can stand before",
        "put a value that holds `: ` in quotes, or check how far this line and the one before are indented",
    ),
    ("block sequence entries are not allowed", "no list can begin here", "begin it on a line of its own"),
    ("did not find expected key", "a line that does not belong to the mapping before it", "check how far it is indented"),
    ("expected '-' indicator", "a line that does not belong to the list before it", "begin it with `-`, or check its indent"),
    ("found character that cannot start any token", "a value cannot begin with this character", "put the value in quotes"),
    ("found unknown escape character", "an unknown escape in double quotes", "write `\\\\` for a backslash, or use single quotes"),
)
"""Part of what libyaml says -> what is meant, and how to mend it. The first four are noticed lines
after the place at fault, which is where they began."""
_BEGAN: Final = 4


def syntax_problem(found: yaml.MarkedYAMLError, source: Source) -> Problem:
    """Turn libyaml's error into a problem.

    Args:
        found: what it raised.
        source: the text that it read.
    """
    said = " ".join(part for part in (found.context, found.problem) if part)
    if "expected <document start>" in said:
        second = "a second document begins here: a config is one"
        return Problem("NN104", second, "remove what follows, and the `...` before it", _mark(found.problem_mark, source).where())
    number = next((index for index, (part, _, _) in enumerate(_SAID) if part in said), None)
    at = _mark(found.problem_mark or found.context_mark, source)
    if source.lines[at.line][at.column : at.column + 1] == "\t":
        return Problem("NN102", "this is not YAML: a tab cannot indent a line", "indent with spaces", at.where())
    if number is None:
        return Problem("NN102", f"this is not YAML: {said}", None, at.where())
    began = found.context_mark
    if number < _BEGAN and began is not None and began.line < at.line:
        at = _mark(began, source)
    message, hint = _SAID[number][1:]
    if any(part in said for part in _ABOUT_LINES):
        hint = _seen_in(source.lines, at.line) or hint
    return Problem("NN102", f"this is not YAML: {message}", hint, at.where())


_ABOUT_LINES: Final = ("could not find", "mapping values", "did not find expected key", "expected '-' indicator")
"""Where the text's lines may tell more than libyaml does."""
_ENTRY: Final = re.compile(r"(?P<indent>[ -]*)(?P<key>[A-Za-z_]\w*)(?P<colon>:?)(?P<space> *)(?P<value>.*)")


def _seen_in(lines: Sequence[str], number: int) -> str | None:
    """What is most likely wrong with a line where libyaml stumbles: its colon, or how far it is indented.

    Args:
        lines: the text.
        number: of the line, from 0.
    """
    before = next((at for at in reversed(range(number)) if lines[at].strip() and not lines[at].lstrip().startswith("#")), None)
    # A value without its colon goes on in the next line, where it is noticed.
    for at in (number, before):
        entry = _ENTRY.fullmatch(lines[at]) if at is not None else None
        if entry is None or not entry["value"] or (entry["colon"] and entry["space"]) or entry["value"][0] in "[({.":
            continue
        right = f"{entry['key']}: {entry['value']}"
        if len(right) <= 60 and ": " not in entry["value"] and (entry["colon"] or entry["space"]):
            line = "" if at == number else f" in line {at + 1}" if at is not None else ""
            return f"write a {'space after the colon' if entry['colon'] else 'colon after the key'}{line}: `{right}`"
    here, there = (_ENTRY.fullmatch(lines[at]) if at is not None else None for at in (number, before))
    if here is None or there is None or not here["colon"] or ": " in here["value"]:
        return None
    column, usual = len(here["indent"]) + 1, len(there["indent"]) + 1
    if column == usual or (column > usual and not there["value"]):
        return None
    begins = f"`{here['key']}` begins in column {column}, `{there['key']}` before it in column {usual}"
    return f"check how far it is indented: {begins}"


def _mark(at: yaml.error.Mark | None, source: Source) -> Mark:
    """One character of the text, the last one where libyaml's mark lies behind the end."""
    line, column = (at.line, at.column) if at is not None else (0, 0)
    if line >= len(source.lines):
        line, column = len(source.lines) - 1, len(source.lines[-1])
    return Mark(source, line, column, line, column + 1)

"""What a code, a type or a part of a config means, on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nncli.render.problems import escape
from nncli.reports.explanations import CodeExplanation, ExplainReport, FieldExplanation, PartExplanation, TypeExplanation
from nncli.spec.describing.words import shown

_INDENT = 4
_EXITS = {1: "an unexpected failure", 2: "config or usage", 3: "data or files", 4: "a gate", 5: "divergence"}


def show(report: ExplainReport, console: Console) -> None:
    """Print everything that is called so."""
    if report.code is not None:
        _code(report.code, console)
    if report.part is not None:
        _part(report.part, console)
    for number, entry in enumerate(report.types):
        if number > 0 or report.part is not None:
            console.print()
        _type(entry, console)
    if len(report.types) > 1:
        kinds = " or ".join(f"--kind {entry.kind}" for entry in report.types)
        console.print(f"\n{kinds} shows one of them", highlight=False)


def _code(code: CodeExplanation, console: Console) -> None:
    _title(code.code, code.title, console)
    _paragraphs(code.meaning, console)
    console.print(f"Exit code: {code.exit_code} ({_EXITS[code.exit_code]})", highlight=False)
    _example("Wrong", code.wrong, console)
    _example("Right", code.right, console)


def _type(entry: TypeExplanation, console: Console) -> None:
    also = [f"also called {', '.join(entry.short_names)}"] if entry.short_names else []
    _title(f"{entry.kind} {entry.name}", ", ".join([entry.keras or "nncli's own", *also]), console)
    _paragraphs(entry.meaning, console)
    _fields(entry.fields, console)
    if entry.example is not None:
        _example("Example", entry.example, console)


def _part(part: PartExplanation, console: Console) -> None:
    _title(part.path, _value(part.value) if part.value is not None else "chosen by name", console)
    _paragraphs(part.meaning, console)
    _fields(part.fields, console)
    if part.types:
        table = Table("type", "what it is")
        for name, sentence in part.types.items():
            table.add_row(name, sentence)
        console.print(table)
        console.print("`nncli explain TYPE` shows the fields of one", highlight=False)


def _title(name: str, note: str, console: Console) -> None:
    _bold_first(name, f" ({note})", console)


def _fields(fields: Iterable[FieldExplanation], console: Console) -> None:
    for field in fields:
        console.print()
        _bold_first(field.name, f": {_value(field)}", console)
        _paragraphs(field.meaning, console, " " * _INDENT)


def _bold_first(name: str, rest: str, console: Console) -> None:
    text = Text(textwrap.fill(name + rest, console.width))
    text.stylize("bold", 0, len(name))
    console.print(text, highlight=False, soft_wrap=True)


def _paragraphs(text: str, console: Console, indent: str = "") -> None:
    for line in text.splitlines():
        wrapped = textwrap.fill(line, console.width, initial_indent=indent, subsequent_indent=indent)
        console.print(wrapped, highlight=False, soft_wrap=True)


def _value(field: FieldExplanation) -> str:
    return f"{field.takes}; required" if field.required else f"{field.takes}; default {shown(field.default)}"


def _example(title: str, text: str, console: Console) -> None:
    console.print(f"\n{title}:\n", highlight=False)
    for line in text.splitlines():
        console.print(f"{' ' * _INDENT}{escape(line)}", highlight=False, soft_wrap=True)

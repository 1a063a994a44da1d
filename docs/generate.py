"""Writes the pages of the documentation that follow from the code. `make docs` runs it; a test compares the pages with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from nncli.cli.main import app
from nncli.explanations.table import EXPLANATIONS
from nncli.problems import CODES
from nncli.render.problems import escape

WIDTH = 100
"""Columns of the help texts."""


def commands() -> str:
    """Every command with its help."""
    group: Any = typer.main.get_command(app)
    parts = ["# Commands\n\nMade by `make docs` from the commands' own help; a test keeps it true.\n"]
    for name, command in _all(group):
        context = command.context_class(command, info_name=f"nncli {name}", terminal_width=WIDTH, max_content_width=WIDTH)
        parts.append(f"## nncli {name}\n\n```text\n{command.get_help(context).rstrip()}\n```\n")
    return "\n".join(parts)


def _all(group: Any, of: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its name, those of a group after the group."""
    for name, command in group.commands.items():
        yield of + name, command
        if hasattr(command, "commands"):
            yield from _all(command, f"{of}{name} ")


def problems() -> str:
    """Every problem code: the exit code that it leads to, what it means, and an example."""
    rows = [f"| [{code}](#{code.lower()}) | {entry.title} | {entry.exit_code} |" for code, entry in CODES.items()]
    head = [
        "# Problem codes",
        "",
        "Made by `make docs` from `nncli/problems.py` and `nncli/explanations`; a test keeps it true.",
        "`nncli explain NN302` prints the same for one code. The code of a problem never changes",
    ]
    head += ["its meaning. A command ends with the lowest exit code of the errors that it met; warnings do not count.", ""]
    parts = [
        f"## {code}\n\n{CODES[code].title[:1].upper()}{CODES[code].title[1:]}. {entry.meaning}\n\n"
        f"Wrong:\n\n{_example(entry.wrong)}\n\nRight:\n\n{_example(entry.right)}\n"
        for code, entry in EXPLANATIONS.items()
    ]
    return "\n".join([*head, "| code | what it means | exit code |", "|---|---|---|", *rows, "", *parts])


def _example(text: str) -> str:
    return f"```{'sh' if text.startswith('nncli ') else 'yaml'}\n{escape(text)}\n```"


PAGES = {"commands.md": commands, "problems.md": problems}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (Path(__file__).parent / name).write_text(page(), encoding="utf-8")

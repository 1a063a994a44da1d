"""Writes the pages of the documentation that follow from the code. `make docs` runs it; a test compares the pages with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from nncli.cli.main import app
from nncli.problems import CODES

WIDTH = 100
"""Columns of the help texts."""


def commands() -> str:
    """Every command with its help."""
    group: Any = typer.main.get_command(app)
    parts = ["# Commands\n\nMade by `make docs` from the commands' own help; a test keeps it true.\n"]
    for name, command in group.commands.items():
        context = command.context_class(command, info_name=f"nncli {name}", terminal_width=WIDTH, max_content_width=WIDTH)
        parts.append(f"## nncli {name}\n\n```text\n{command.get_help(context).rstrip()}\n```\n")
    return "\n".join(parts)


def problems() -> str:
    """Every problem code with the exit code that it leads to."""
    rows = [f"| {code} | {entry.title} | {entry.exit_code} |" for code, entry in CODES.items()]
    head = [
        "# Problem codes",
        "",
        "Made by `make docs` from `nncli/problems.py`; a test keeps it true. The code of a problem never changes",
    ]
    head += ["its meaning. A command ends with the lowest exit code of the errors that it met; warnings do not count.", ""]
    return "\n".join([*head, "| code | what it means | exit code |", "|---|---|---|", *rows, ""])


PAGES = {"commands.md": commands, "problems.md": problems}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (Path(__file__).parent / name).write_text(page(), encoding="utf-8")

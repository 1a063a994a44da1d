"""The command line: arguments in, exit code out. Commands import what they need when they run, so that `--help` is quick."""

from __future__ import annotations

import os
import sys
from typing import Any, Final

import typer

from nncli.cli import configs, networks, training  # noqa: F401  each adds its commands
from nncli.cli.app import app, usage
from nncli.cli.execute import Output

# Typer carries its own click and does not export the base class of its usage errors.
_USAGE_ERROR: Any = typer.BadParameter.__mro__[2]

_ORDER: Final = ("train", "eval", "predict", "export", "summary", "plot", "check", "init")
"""The commands as `--help` lists them: as they are met."""
app.registered_commands.sort(key=lambda command: _ORDER.index(command.callback.__name__ if command.callback else ""))


def main() -> None:
    """Run the command line and leave with its exit code."""
    # What is printed is UTF-8 wherever it goes; a name in a strange encoding must not end a run.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app(standalone_mode=False)
    except _USAGE_ERROR as problem:
        command = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "nncli")
        code = usage(command, problem.format_message(), Output(json="--json" in sys.argv))
    except typer.Abort:
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code or 0)

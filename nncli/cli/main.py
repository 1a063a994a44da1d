"""The command line: arguments in, exit code out. Commands import what they need when they run, so that `--help` is quick."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any, Final

import typer

from nncli.cli import configs, language, networks, runs, training  # noqa: F401  each adds its commands
from nncli.cli.app import app, usage
from nncli.cli.execute import Output, unwritable
from nncli.cli.streams import Unwritable, settle_streams

# Typer carries its own click and does not export the base class of its usage errors.
_USAGE_ERROR: Any = typer.BadParameter.__mro__[2]

_ORDER: Final = ("train", "eval", "predict", "export", "summary", "plot", "check", "init", "explain", "show_config", "schema")
"""The commands as `--help` lists them: as they are met."""
app.registered_commands.sort(key=lambda command: _ORDER.index(command.callback.__name__ if command.callback else ""))


_ALLOCATIONS: Final = 50_000
"""After so many new objects Python looks for garbage; its own default is 700."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    # Making the specs' classes sets off hundreds of collections that find nothing: 15% of the time of a check.
    gc.set_threshold(_ALLOCATIONS)
    # Nobody's plugin looks at configs; to look for plugins Pydantic reads what every installed package says of itself.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    settle_streams()
    try:
        code = app(standalone_mode=False, prog_name="nncli")
        sys.stdout.flush()
    except _USAGE_ERROR as problem:
        code = _explain(problem)
    except typer.Abort:
        code = 130
    except Unwritable as problem:
        code = unwritable(problem)
    sys.exit(code or 0)


def _explain(problem: Any) -> int:
    """Say what is wrong with a command line; without any command, what there is."""
    command = "nncli" if problem.ctx is None else problem.ctx.command_path
    if len(sys.argv) == 1:
        typer.echo(problem.format_message(), err=True)
        return 2
    message = problem.format_message().replace("Value error, ", "")  # what Pydantic puts before it, on Typer's behalf
    return usage(command.removeprefix("nncli").strip(), message, Output(json="--json" in sys.argv))

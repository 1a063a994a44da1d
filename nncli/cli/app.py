"""What all commands hang on, and the problem of a command line that cannot be understood."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from nncli.cli.execute import Output, show_problems
from nncli.problems import Problem, Where

app = typer.Typer(
    name="nncli",
    help="From a YAML file to a trained, checked, exportable Keras network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"nncli {version('nncli')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """From a YAML file to a trained, checked, exportable Keras network."""


def usage(command: str, message: str, output: Output) -> int:
    """Show that a command line cannot be understood, and return the exit code.

    Args:
        command: the command that was called; empty where there is none of that name.
        message: what is wrong.
        output: how to show it.
    """
    where = Where(argument=" ".join(["nncli", *sys.argv[1:]]))
    hint = f"`{' '.join(['nncli', *command.split()])} --help` shows what there is"
    return show_problems(command or "nncli", (Problem("NN606", message, hint, where),), output)


def given(context: typer.Context, *parameters: str) -> list[str]:
    """Those of a command's options that stand on the command line, as they are called there."""
    sources = {name: context.get_parameter_source(name) for name in parameters}
    stated = {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}
    return [max(option.opts, key=len) for option in context.command.params if option.name in stated]

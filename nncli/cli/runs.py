"""The commands about runs that are there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from nncli.cli.app import app, given, usage
from nncli.cli.execute import Output, execute
from nncli.cli.options import Json, Quiet
from nncli.cli.signals import StopRequest
from nncli.reports.base import Report

runs = typer.Typer(rich_markup_mode=None)
app.add_typer(runs, name="runs")

RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)]


@runs.callback(invoke_without_command=True)
def list_all(
    context: typer.Context,
    runs_dir: Annotated[Path, typer.Option("--runs-dir", metavar="DIR", help="Where numbered run folders lie.")] = Path("runs"),
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """List runs; with a command, show, compare or remove them."""
    output = Output(json, quiet)
    if (command := context.invoked_subcommand) is not None:
        if idle := given(context, "runs_dir", "json", "quiet"):
            message = (
                f"{', '.join(idle)} in front of `{command}` would do nothing: options stand behind the command that they are for"
            )
            raise typer.Exit(usage(f"runs {command}", message, output))
        return 0

    def work(stop: StopRequest) -> Report:
        from nncli.commands.past_runs import list_runs

        return list_runs(runs_dir)

    return execute("runs", work, output)


@runs.command()
def show(run: RunPath, json: Json = False, quiet: Quiet = False) -> int:
    """Tell everything about a run."""

    def work(stop: StopRequest) -> Report:
        from nncli.commands.past_runs import show_run

        return show_run(run)

    return execute("runs show", work, Output(json, quiet))


@runs.command()
def diff(
    first: Annotated[Path, typer.Argument(metavar="A", help="A run folder.", show_default=False)],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another one.", show_default=False)],
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Tell how two runs differ: config, surroundings, metrics."""

    def work(stop: StopRequest) -> Report:
        from nncli.commands.runs_diff import diff_runs

        return diff_runs(first, second)

    return execute("runs diff", work, Output(json, quiet))


@runs.command()
def remove(
    paths: Annotated[list[Path], typer.Argument(metavar="RUN", help="Run folders.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Remove runs and all that is in them."""
    output = Output(json, quiet)
    if not yes:
        if not sys.stdin.isatty() or json:
            return usage("runs remove", "nobody is there to be asked: --yes removes without asking", output)
        typer.confirm(f"Remove {', '.join(map(str, paths))}?", abort=True, err=True)

    def work(stop: StopRequest) -> Report:
        from nncli.commands.past_runs import remove_runs

        return remove_runs(paths)

    return execute("runs remove", work, output)

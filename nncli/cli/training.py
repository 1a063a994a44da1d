"""The commands that train, and that draw what was trained."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from nncli.cli.app import app, given, usage
from nncli.cli.execute import Output, error_console, execute
from nncli.cli.options import Debug, Json, Overrides, Quiet, Which
from nncli.cli.signals import StopRequest
from nncli.reports.base import Report


@app.command()
def train(
    context: typer.Context,
    config: Annotated[
        str | None, typer.Argument(metavar="CONFIG", help="A YAML file, or - for standard input.", show_default=False)
    ] = None,
    overrides: Overrides = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The run folder; it must not exist, or be empty.")
    ] = None,
    runs_dir: Annotated[Path, typer.Option("--runs-dir", metavar="DIR", help="Where numbered run folders lie.")] = Path("runs"),
    resume: Annotated[
        str | None,
        typer.Option(
            "--resume",
            metavar="RUN|auto",
            help="Go on with a run, in place of CONFIG. auto: with the newest unfinished run of CONFIG, or a new one."
            " auto with --out: with the run in DIR, or a new one there; a finished one is reported again.",
        ),
    ] = None,
    profile: Annotated[
        Path | None,
        typer.Option("--profile", metavar="DIR", help="Where the time of some seconds of training goes, for TensorBoard."),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Train a network, and leave all about it in a run folder."""
    output = Output(json, quiet, debug)
    if (config is None) == (resume in (None, "auto")):
        return usage("train", "expected CONFIG, --resume RUN, or CONFIG --resume auto", output)
    if config is None and (idle := given(context, "out", "runs_dir")):
        return usage("train", f"--resume RUN goes on in the run's folder, without {', '.join(idle)}", output)
    if config == "-" and resume is not None:
        return usage("train", "--resume auto needs a config in a file", output)

    def work(stop: StopRequest) -> Report:
        from nncli.commands.resume import resume as go_on
        from nncli.commands.train import train as train_config
        from nncli.commands.unfinished import Found, find_unfinished
        from nncli.engine.events import Listener, ignore
        from nncli.engine.profile import Profile
        from nncli.render.problems import escape
        from nncli.render.progress import TrainingProgress

        console, changes = error_console(), overrides or ()
        preview = console.is_terminal and not quiet
        found = Found()
        if config is None:
            assert resume is not None
            found = Found(Path(resume))
        elif resume is not None:
            found = find_unfinished(config, overrides=changes, out=out, runs_dir=runs_dir)
            changes = changes if found.run is None else ()  # they are in the run's config
            if found.run is not None and not quiet:
                what = "going on with {}" if found.report is None else "{} is finished, this is what it came to:"
                console.print(escape(what.format(found.run)), highlight=False, soft_wrap=True)
            if found.report is not None:
                return found.report
        with contextlib.ExitStack() as stack:
            listener: Listener = ignore if quiet else stack.enter_context(TrainingProgress(console))
            if profile is not None:
                listener = stack.enter_context(Profile(profile, listener))
            watch: Any = {"listener": listener, "preview": preview, "should_stop": stop}
            if found.run is not None:
                report = go_on(found.run, overrides=changes, **watch)
            else:
                assert config is not None
                report = train_config(config, overrides=changes, out=out, runs_dir=runs_dir, **watch)
        return replace(report, problems=(*found.problems, *report.problems))

    return execute("train", work, output, patient=True)


@app.command()
def plot(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)],
    which: Which = "best",
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Draw the pictures of a run again."""
    output = Output(json, quiet, debug)

    def work(stop: StopRequest) -> Report:
        from nncli.commands.plot import plot as plot_run

        return plot_run(run, which=which)

    return execute("plot", work, output)

"""The commands that write and check configs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from nncli.cli.app import app, usage
from nncli.cli.execute import Output, execute
from nncli.cli.options import Json, Overrides, Quiet
from nncli.cli.signals import StopRequest
from nncli.reports.base import Report


@app.command()
def init(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Which config.", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="The file to write. [default: NAME.yaml]")] = None,
    from_h5: Annotated[
        Path | None,
        typer.Option("--from-h5", metavar="FILE", help="The config of a network that stock Keras saved as .h5 or .keras."),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the configs that ship.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Write a config to start from, or list those that ship."""
    output = Output(json, quiet)
    if listed and (name is not None or out is not None or from_h5 is not None):
        return usage("init", "--list takes nothing else", output)
    if name is not None and from_h5 is not None:
        return usage("init", "expected either NAME or --from-h5 FILE", output)
    if out is not None and name is None and from_h5 is None:
        return usage("init", "which config? NAME is missing", output)
    if out == Path("-"):
        return usage("init", "a config goes into a file, the schema for editors beside it: `-` is none", output)

    def work(stop: StopRequest) -> Report:
        if from_h5 is not None:
            from nncli.commands.adopt import adopt

            return adopt(from_h5, output=out)
        from nncli.commands.init import init as start_config

        return start_config(name, output=out)

    return execute("init", work, output)


@app.command()
def check(
    configs: Annotated[list[str], typer.Argument(metavar="CONFIG", help="YAML files, folders, or -.", show_default=False)],
    overrides: Overrides = None,
    strict: Annotated[bool, typer.Option("--strict", help="Count warnings as errors.")] = False,
    data: Annotated[bool, typer.Option("--data", help="Read the data, too, and say what looks wrong with them.")] = False,
    form: Annotated[
        Literal["text", "github"],
        typer.Option("--format", metavar="text|github", help="github: print annotations for GitHub's workflows, too."),
    ] = "text",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Find the mistakes in configs. Says everything about them that can be known without training."""
    output = Output(json, quiet)
    if data and "-" in configs:
        return usage("check", "--data reads a config twice, which standard input is not for", output)
    if json and form != "text":
        return usage("check", f"--json and --format {form} exclude each other", output)

    def work(stop: StopRequest) -> Report:
        from nncli.commands.check import check as check_configs

        return check_configs(configs, overrides=overrides or (), strict=strict, data=data)

    def annotate(report: Report) -> None:
        from nncli.render.annotations import as_annotations

        sys.stdout.write(as_annotations(report.problems))

    return execute("check", work, output, annotate if form == "github" else None)

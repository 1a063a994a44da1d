"""The commands that tell of the config language itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nncli.cli.app import app
from nncli.cli.execute import Output, execute
from nncli.cli.options import Json, Overrides, Quiet
from nncli.cli.signals import StopRequest
from nncli.reports.base import Report


@app.command()
def explain(
    topic: Annotated[
        str,
        typer.Argument(
            metavar="CODE|TYPE",
            help="A problem code (NN302), a type (conv2d), its field (conv2d.filters), a part of a config (training.early_stopping)"
            " or a kind (layer).",
            show_default=False,
        ),
    ],
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="Which of several types of one name, such as layer or metric.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Say what a problem code, a type or a part of a config means."""

    def work(stop: StopRequest) -> Report:
        from nncli.commands.explain import explain as explain_topic

        return explain_topic(topic, kind=kind)

    return execute("explain", work, Output(json, quiet))


@app.command("show-config")
def show_config(
    path: Annotated[
        str,
        typer.Argument(metavar="CONFIG|CHECKPOINT", help="A config, -, a .h5 checkpoint or a run folder.", show_default=False),
    ],
    overrides: Overrides = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="The file to write, in place of printing.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Print a config with every default filled in. Every path is absolute."""

    def work(stop: StopRequest) -> Report:
        from nncli.commands.show_config import show_config as fill_in

        return fill_in(path, overrides=overrides or (), output=out)

    return execute("show-config", work, Output(json, quiet))


@app.command()
def schema(
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="The file to write, in place of printing.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Print the JSON Schema of configs, for editors. With it they complete and check configs."""

    def work(stop: StopRequest) -> Report:
        from nncli.commands.schema import schema as make_schema

        return make_schema(out)

    return execute("schema", work, Output(json, quiet))

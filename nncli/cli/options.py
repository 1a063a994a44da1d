"""The options that several commands share."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value of the config, such as training.steps=100. May be repeated."),
]
Json = Annotated[bool, typer.Option("--json", help="Put one JSON document on standard output and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print results and errors only: no progress, no warnings.")]
Debug = Annotated[bool, typer.Option("--debug", help="Let TensorFlow's own log lines through.")]
Which = Annotated[Literal["best", "last"], typer.Option("--checkpoint", metavar="best|last", help="Which weights of a run folder.")]
CheckpointPath = Annotated[
    str,
    typer.Argument(
        metavar="CHECKPOINT", help="A .h5 checkpoint, a run folder, or stock Keras's .h5 or .keras.", show_default=False
    ),
]

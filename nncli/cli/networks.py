"""The commands that take a trained network."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from nncli.cli.app import app, given, usage
from nncli.cli.execute import Output, execute
from nncli.cli.options import CheckpointPath, Debug, Json, Overrides, Quiet, Which
from nncli.cli.signals import StopRequest
from nncli.reports.base import Report


@app.command()
def eval(
    path: CheckpointPath,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            metavar="FILE",
            help="A .npz file with raw x and y, a table, a folder, or mnist or mnist_5k, in place of its own data.",
        ),
    ] = None,
    split: Annotated[
        Literal["train", "validation", "test"] | None,
        typer.Option("--split", metavar="train|validation|test", help="Which part of its own data."),
    ] = None,
    which: Which = "best",
    fail_under: Annotated[
        list[str] | None,
        typer.Option("--fail-under", metavar="CONDITION", help="Exit with 4 unless it holds, e.g. 'accuracy >= 0.9'."),
    ] = None,
    per_class: Annotated[bool, typer.Option("--per-class", help="Report on each class: samples, precision, recall, F1.")] = False,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Measure a trained network on its test part or on other data."""
    output = Output(json, quiet, debug)
    if split is not None and data is not None:
        return usage("eval", "--split names a part of the network's own data, it does not go with --data", output)

    def work(stop: StopRequest) -> Report:
        from nncli.commands.eval import evaluate

        return evaluate(
            path, which=which, data=data, split=split, fail_under=fail_under or (), per_class=per_class, should_stop=stop
        )

    return execute("eval", work, output, patient=True)


@app.command()
def predict(
    context: typer.Context,
    path: CheckpointPath,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT",
            help="Images, texts, .npy or .npz files, raw; tables, cut into windows for a network of a series; or - for "
            "lines: JSON, where it was trained on a table.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE", help="Write .npy (the network's outputs), .csv, .jsonl, .json or .parquet."),
    ] = None,
    text_format: Annotated[
        Literal["table", "csv", "jsonl", "json", "parquet", "npy"] | None,
        typer.Option(
            "--format",
            metavar="table|csv|jsonl|json|parquet|npy",
            help="How to print, or what to write with -o; parquet and npy only there. [default: table on a terminal, else jsonl]",
        ),
    ] = None,
    top_k: Annotated[int, typer.Option("--top-k", min=1, help="How many classes to name for each input.")] = 1,
    prepared: Annotated[
        bool, typer.Option("--prepared", help="The arrays are what the first layer takes: no preprocessing.")
    ] = False,
    prompt: Annotated[
        str | None, typer.Option("--prompt", metavar="TEXT", help="Go on with a text, for networks trained on a `text`.")
    ] = None,
    length: Annotated[int, typer.Option("--length", min=1, help="With --prompt: how many characters or words to add.")] = 40,
    temperature: Annotated[
        float, typer.Option("--temperature", min=0.0, help="With --prompt: 0 takes the most probable, 1 draws, above: more evenly.")
    ] = 1.0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="With --prompt: where the draws start.")] = 0,
    which: Which = "best",
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Predict for images, texts, arrays, tables and series. With --prompt: go on with a text."""
    output = Output(json, quiet, debug)
    if (prompt is None) == (not inputs):
        return usage("predict", "expected either INPUT or --prompt", output)
    if prompt is None and (idle := given(context, "length", "temperature", "seed")):
        return usage("predict", f"{', '.join(idle)}: only with --prompt", output)
    if prompt is not None and (idle := given(context, "out", "text_format", "top_k", "prepared")):
        return usage("predict", f"{', '.join(idle)}: not with --prompt, which prints a text", output)
    if text_format in ("parquet", "npy") and out is None:
        return usage("predict", f"{text_format} needs a file: -o FILE", output)
    if text_format == "table" and out is not None:
        return usage("predict", "a table is for the terminal, it does not go into a file", output)

    if json and inputs == ["-"]:
        return usage("predict", "--json is one document, but lines are answered as they come", output)
    chosen = text_format or ("table" if sys.stdout.isatty() and inputs != ["-"] else "jsonl")
    is_first = True

    def print_rows(rows: Sequence[Mapping[str, Any]]) -> None:
        from nncli.data.predictions import text_lines

        nonlocal is_first
        for line in text_lines(rows, chosen, header=is_first):
            sys.stdout.write(line)
        is_first = False
        if inputs == ["-"]:
            sys.stdout.flush()

    def work(stop: StopRequest) -> Report:
        if prompt is not None:
            from nncli.commands.complete import complete

            return complete(path, prompt, which=which, length=length, temperature=temperature, seed=seed, should_stop=stop)
        from nncli.commands.predict import predict as predict_inputs

        streams = out is None and not json and chosen in ("csv", "jsonl")
        return predict_inputs(
            path,
            inputs or [],
            which=which,
            output=out,
            file_format=text_format,
            top_k=top_k,
            prepared=prepared,
            sink=print_rows if streams else None,
            should_stop=stop,
        )

    def show(report: Report) -> None:
        from nncli.data.predictions import text_lines
        from nncli.render.reports import show_report
        from nncli.render.terminal import Terminal
        from nncli.reports.runs import PredictReport

        if not isinstance(report, PredictReport):
            show_report(report, Terminal())
            return
        if out is not None or chosen == "table":
            show_report(report, Terminal())
        elif chosen == "json":
            for line in text_lines(report.predictions, chosen):
                sys.stdout.write(line)

    return execute("predict", work, output, show, patient=True)


@app.command()
def export(
    path: CheckpointPath,
    export_format: Annotated[
        Literal["h5", "keras"] | None,
        typer.Option(
            "--format", metavar="h5|keras", help="h5: stock Keras's older format; keras: its own. [default: that of FILE, else h5]"
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="The file to write. [default: NAME.FORMAT here]")
    ] = None,
    which: Which = "best",
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Convert a trained network for stock Keras. The result is loaded, and its predictions are compared."""
    output = Output(json, quiet, debug)

    def work(stop: StopRequest) -> Report:
        from nncli.commands.export import export as export_network

        return export_network(path, export_format=export_format, output=out, which=which)

    return execute("export", work, output)


@app.command()
def summary(
    path: Annotated[str, typer.Argument(metavar="CONFIG|CHECKPOINT", help="A config, or what the other commands take.")],
    overrides: Overrides = None,
    weights: Annotated[
        bool, typer.Option("--weights", help="Of a checkpoint: small weights whole, large ones as statistics.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw the network into a new .svg or .png file, too.")
    ] = None,
    which: Which = "best",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Show a network layer by layer. With shapes, parameters, multiply-adds, and the memory that training takes."""
    output = Output(json, quiet)

    def work(stop: StopRequest) -> Report:
        from nncli.commands.summary import summarize

        return summarize(path, overrides=overrides or (), which=which, weights=weights, plot=plot)

    return execute("summary", work, output)

"""Reports on a terminal: names are shown as they are, whatever they look like."""

from __future__ import annotations

import io
import shlex
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from nncli.cli import execute
from nncli.cli.execute import Output, error_console
from nncli.render.reports import show_report
from nncli.reports.base import Report
from nncli.reports.configs import CheckReport, InitReport
from nncli.reports.networks import LayerSummary, SummaryReport, WeightSummary
from nncli.reports.runs import CompletionReport, ExportReport, PlotReport, PredictReport, TrainReport

NAME = "[bold]a[/x] :fox:"


def shown(report: Report, width: int = 100) -> str:
    text = io.StringIO()
    show_report(report, Console(file=text, width=width, color_system=None, markup=False, emoji=False))
    return text.getvalue()


REPORTS: dict[str, Report] = {
    "predictions": PredictReport(
        checkpoint="c",
        samples=1,
        output=None,
        predictions=({"input": NAME, "class": NAME, "probability": 0.5},),
        class_names=(NAME,),
    ),
    "outputs": PredictReport(checkpoint="c", samples=1, output=None, predictions=({"input": NAME, "output": [1.0]},)),
    "file": PredictReport(checkpoint="c", samples=1, output=NAME),
    "completion": CompletionReport(checkpoint="c", prompt="", text=NAME, length=1, temperature=1.0),
    "figures": PlotReport(run_dir="r", figures=(NAME,)),
    "examples": InitReport(examples={"a": NAME}),
    "written": InitReport(examples={"a": "b"}, output=NAME),
    "checked": CheckReport(files=({"file": NAME, "errors": 0, "warnings": 2},)),
}


@pytest.mark.parametrize("what", REPORTS)
def test_names_are_shown_letter_by_letter(what: str) -> None:
    assert NAME in shown(REPORTS[what])


def test_the_command_line_s_own_consoles_read_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    execute._show("check", REPORTS["checked"], (), Output(), 0, None)
    error_console().print(NAME)
    found = capsys.readouterr()
    assert (found.out, found.err) == (f"{NAME}: 2 warnings\n", f"{NAME}\n")


def test_what_was_written_and_where_to_start() -> None:
    written = InitReport(examples={"xor": "b"}, output="c/a.yaml", schema="c/nncli.schema.json")
    assert shown(written) == (
        "c/a.yaml: train it with `nncli train c/a.yaml`\n"
        "c/nncli.schema.json: with it beside the config, editors complete and check\n"
    )
    listed = shown(InitReport(examples={"xor": "b", "mlp": "d"}, start="mlp"))
    assert "│ Start here: d │" in listed and "│ b " in listed and "-o FILE" in listed


INTERRUPTED = TrainReport(
    name="net",
    outcome="interrupted",
    message="stopped after step 1 of 2",
    run_dir="run",
    checkpoint=None,
    best_checkpoint=None,
    steps=1,
    epochs=1.0,
    best_step=0,
    metrics={},
    seconds=1.0,
    samples_per_second=1.0,
    dataset={},
    weights_digest="",
)


def test_the_command_to_go_on_can_be_copied_into_a_shell() -> None:
    for folder in ("runs/xor/001", "my runs/it's $HOME"):
        report = replace(INTERRUPTED, run_dir=folder)
        assert report.how_to_go_on is not None
        assert shlex.split(report.how_to_go_on) == ["nncli", "train", "--resume", folder]
        assert replace(report, outcome="finished").how_to_go_on is None


def test_one_is_no_plural() -> None:
    assert shown(PredictReport(checkpoint="c", samples=1, output="p.csv")) == "p.csv: 1 prediction\n"
    assert shown(PredictReport(checkpoint="c", samples=0, output="p.csv")) == "p.csv: 0 predictions\n"


def exported(**more: Any) -> str:
    report = ExportReport(
        checkpoint="c", format="h5", output="a.h5", bytes=100_000, compared=128, largest_difference=0.0,
        **{"input_shape": (4, 3), "input_dtype": "float32", "preprocessing": (), "num_outputs": 3, "class_names": (), **more},
    )  # fmt: skip
    return shown(report).partition("\n")[2]


def test_an_export_says_how_its_network_is_fed_and_read() -> None:
    steps = (
        {"type": "rescale", "shape": [], "shift": 0.0, "scale": 0.25, "offset": -1.0},
        {"type": "standardize", "shape": [2], "shift": [1.0, 2.5], "scale": [0.5, 3.0], "offset": 0.0},
        {"type": "standardize", "shape": [4, 3], "shift": [[0.0] * 3] * 4, "scale": [[1.0] * 3] * 4, "offset": 0.0},
        {"type": "channels_first"},
        {"type": "reshape", "shape": [4, 3]},
    )
    text = exported(preprocessing=steps, class_names=("cat", "dog", "[red]eel"))
    assert text == (
        "takes    4 x 3 a sample, float32\n"
        "         already prepared, as nncli does it before the network:\n"
        "           1. rescale: (x - 0) * 0.25 + (-1)\n"
        "           2. standardize: (x - [1, 2.5]) * [0.5, 3] + 0\n"
        "           3. standardize: (x - shift) * scale + offset, shift and scale of shape 4 x 3: `--json` has the numbers\n"
        "           4. channels_first: the channels' axis moves to the front\n"
        "           5. reshape to 4 x 3\n"
        "gives    a number a class, in this order: cat, dog, [red]eel\n"
    )


def test_what_an_export_cannot_say_or_need_not() -> None:
    assert exported().endswith("         raw, as the data set stores it: there is no preprocessing\n")
    assert "which its file does not tell" in exported(preprocessing=None)
    one = "gives    one number: how much speaks for class `yes`, and not for `no`\n"
    assert exported(num_outputs=1, class_names=("no", "yes")).endswith(one)
    assert exported(class_names=tuple(map(str, range(1020)))).endswith(" 18, 19, ... and 1,000 more\n")


def weight(name: str, values: object, shape: tuple[int, ...]) -> WeightSummary:
    return WeightSummary(name=name, shape=shape, values=values, statistics={"min": -1.0, "max": 2.5, "mean": 1 / 3, "std": 0.125})


SUMMARY = SummaryReport(
    name="net",
    input_shape=(28, 28, 1),
    layers=(
        LayerSummary(name="dense", type="dense", output_shape=(None, 10), parameters=7850, trained=0),
        LayerSummary(name="flatten", type="flatten", output_shape=(None,), parameters=0, trained=0),
    ),
    parameters=7850,
    trained=0,
    weights=(
        weight("dense/kernel", None, (784, 10)),
        weight("dense/bias", [0.1, -2.0, 3.0], (3,)),
        weight("square", [[[1.0], [2.0]]], (1, 2, 1)),
        weight("many", [float(number) for number in range(10)], (10,)),
        weight("one", 0.5, ()),
        weight("none", [], (0,)),
    ),
)


def test_a_network_layer_by_layer_and_its_weights() -> None:
    table, _, weights = shown(SUMMARY, 80).partition("dense/kernel  784 x 10\n")
    assert ["28 x 28 x 1" in table, "? x 10" in table, table.count("7,850")] == [True, True, 2]
    assert [line.split() for line in weights.splitlines()] == [
        ["min", "-1", "max", "2.5", "mean", "0.333333", "std", "0.125"],
        ["dense/bias", "3"],
        ["0.1", "-2", "3"],
        ["square", "1", "x", "2", "x", "1"],
        ["1"],
        ["2"],
        ["many", "10"],
        ["0", "1", "2", "3", "4", "5", "6", "7"],
        ["8", "9"],
        ["one", "1", "number"],
        ["0.5"],
        ["none", "0"],
    ]


def test_an_export_says_what_a_row_or_a_picture_becomes() -> None:
    columns = [{"type": "number", "name": "age"}, {"type": "category", "name": "[red]port"}]
    assert exported(encoding={"type": "table", "columns": columns}, target_scale=(150.0, 77.5)) == (
        "takes    4 x 3 a sample, float32\n"
        "         a row's columns as numbers, in this order: age (number), [red]port (category)\n"
        "         how each becomes numbers, `--json` has under `encoding`\n"
        "gives    numbers to be scaled to the data's own: y * 77.5 + 150\n"
    )
    assert "dark) to 255 (bright), brought to this size: crop\n" in exported(encoding={"type": "pictures", "fit": "crop"})
    said = exported(encoding={"type": "texts", "words": True, "length": 1000})
    assert "a text's first 1,000 words as numbers, 0 before them and for unknown ones\n" in said

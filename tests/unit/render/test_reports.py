"""Reports on a terminal: names are shown as they are, whatever they look like."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from nncli.cli import execute
from nncli.cli.execute import Output, error_console
from nncli.render.reports import show_report
from nncli.reports.base import Report
from nncli.reports.configs import CheckReport, InitReport
from nncli.reports.networks import LayerSummary, SummaryReport, WeightSummary
from nncli.reports.runs import CompletionReport, PlotReport, PredictReport

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

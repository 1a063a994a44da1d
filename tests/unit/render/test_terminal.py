"""Whatever is printed for people: no text of anyone's acts on the terminal, and Rich's own colours still do."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
from rich.table import Table
from rich.text import Text

from nncli.cli import execute
from nncli.cli.execute import Output
from nncli.data.predictions import FILE_FORMATS, TEXT_FORMATS, harmless, predictions_bytes, text_lines
from nncli.engine.events import Measured, Started, Stepped, Warned
from nncli.problems import Problem, Where
from nncli.render.annotations import as_annotations
from nncli.render.document import document
from nncli.render.progress import TrainingProgress
from nncli.render.reports import show_report
from nncli.render.terminal import Terminal
from nncli.reports.base import Report
from nncli.reports.configs import CheckReport, InitReport
from nncli.reports.networks import LayerSummary, SummaryReport, WeightSummary
from nncli.reports.past_runs import RemovedReport
from nncli.reports.runs import CompletionReport, EvalReport, ExportReport, PlotReport, PredictReport, TrainReport

EVIL = "a\x1b]0;owned\x07\x1b[2J\x9b31m\u202eb"


def harms(text: str) -> set[str]:
    """Characters that a terminal acts upon, but line ends."""
    return set(text) & set("\x1b\x07\x9b\u202e\r\x08")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal whose output is kept in `terminal.file`."""
    monkeypatch.setenv("COLUMNS", "300")
    found = Terminal()
    found.file = io.StringIO()
    return found


def printed(terminal: Terminal) -> str:
    assert isinstance(terminal.file, io.StringIO)
    return terminal.file.getvalue()


def table() -> Table:
    found = Table(EVIL)
    found.add_row(EVIL)
    return found


@pytest.mark.parametrize("make", [lambda: EVIL, lambda: Text(EVIL), table], ids=["string", "text", "table"])
def test_anything_that_is_printed_is_escaped(make: Callable[[], Any], terminal: Terminal) -> None:
    terminal.print(make())
    assert "a\\x1b]0;owned" in printed(terminal)
    assert not harms(printed(terminal))


def test_colours_are_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "80"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    terminal.file = io.StringIO()
    terminal.print(Text("\x1b[2Ja", style="bold"))
    assert printed(terminal) == "\x1b[1m\\x1b[2Ja\x1b[0m\n"


LAYER = LayerSummary(name=EVIL, type="dense", output_shape=(1,), parameters=1, trained=1)
TRAINED: dict[str, Any] = {
    "name": EVIL, "outcome": "interrupted", "message": EVIL, "run_dir": EVIL, "checkpoint": EVIL, "best_checkpoint": EVIL,
    "steps": 1, "epochs": 1.0, "best_step": 1, "metrics": {EVIL: {EVIL: 1.0}}, "seconds": 1.0, "samples_per_second": 1.0,
    "dataset": {}, "weights_digest": "",
}  # fmt: skip
EXPORTED: dict[str, Any] = {
    "checkpoint": EVIL, "format": "h5", "output": EVIL, "bytes": 1, "compared": 1, "largest_difference": 0.0, "input_shape": (1,),
    "input_dtype": "float32", "preprocessing": (), "num_outputs": 2, "class_names": (EVIL, EVIL),
}  # fmt: skip
ROWS = ({"input": EVIL, "class": EVIL, "probability": 0.5},)
REPORTS: dict[str, Report] = {
    "train": TrainReport(**TRAINED),
    "eval": EvalReport(checkpoint=EVIL, data=EVIL, split=None, samples=1, metrics={EVIL: 1.0}, seconds=1.0),
    "predict": PredictReport(checkpoint=EVIL, samples=1, output=None, predictions=ROWS, class_names=(EVIL,)),
    "predict to a file": PredictReport(checkpoint=EVIL, samples=1, output=EVIL),
    "complete": CompletionReport(checkpoint=EVIL, prompt=EVIL, text=EVIL, length=1, temperature=1.0),
    "export": ExportReport(**EXPORTED),
    "plot": PlotReport(run_dir=EVIL, figures=(EVIL,)),
    "check": CheckReport(files=({"file": EVIL, "errors": 0, "warnings": 0},)),
    "init": InitReport(examples={EVIL: EVIL}),
    "summary": SummaryReport(
        name=EVIL, input_shape=(1,), layers=(LAYER,), parameters=1, trained=1, multiply_adds=1, memory=None,
        weights=(WeightSummary(name=EVIL, shape=(1,), values=[1.0], statistics={}),), plot=EVIL,
    ),
    "runs remove": RemovedReport(runs=(EVIL,), bytes=1),
}  # fmt: skip


@pytest.mark.parametrize("what", REPORTS)
def test_no_report_acts(what: str, terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    show_report(REPORTS[what], terminal)
    assert "owned" in printed(terminal)
    assert not harms(printed(terminal))
    execute._show(what, REPORTS[what], (), Output(), 0, None)
    out, err = capsys.readouterr()
    assert not harms(out + err)
    assert not harms(document(what, REPORTS[what], (), ok=True))


def test_no_problem_acts_or_looks_like_several(terminal: Terminal) -> None:
    said = f"{EVIL}\n::error::owned\nerror[NN101]: owned"
    problem = Problem("NN603", said, said, Where(file=said))
    text = as_annotations([problem]) + document("check", None, [problem], ok=False)
    execute.show_problems("check", (problem,), Output())
    with TrainingProgress(terminal) as progress:
        progress(Warned((problem,)))
    assert not harms(printed(terminal) + text)
    assert len(printed(terminal).splitlines()) == 3, "message, place and hint"
    assert len(as_annotations([problem]).splitlines()) == 1


def test_no_metric_acts_while_training(terminal: Terminal) -> None:
    with TrainingProgress(terminal) as progress:
        progress(Started(0, 2, 1, 1, 1))
        progress(Measured(1, 1.0, {EVIL: 1.0}, 0.1, 1.0, True))
        progress(Stepped(2, 0.5))
    assert not harms(printed(terminal))


def test_no_bug_s_traceback_acts(capsys: pytest.CaptureFixture[str]) -> None:
    def work(stop: object) -> Report:
        raise KeyError(EVIL)

    assert execute.execute("check", work, Output()) == 1
    assert "Traceback" in (err := capsys.readouterr().err)
    assert not harms(err)


@pytest.mark.parametrize("kind", TEXT_FORMATS)
def test_no_printed_prediction_acts(kind: str) -> None:
    text = "".join(text_lines(ROWS, kind))
    assert "owned" in text
    assert not set(text) & set("\x1b\x07\x9b\r")


@pytest.mark.parametrize("kind", [kind for kind in FILE_FORMATS if kind != "npy"])
def test_a_name_that_is_not_utf8_goes_into_every_file(kind: str) -> None:
    rows = [{"input": os.fsdecode(b"bad\xff.png"), "class": os.fsdecode(b"caf\xe9"), "probability": 0.5}]
    data = predictions_bytes(kind, rows, np.zeros((1, 1), np.float32))
    text = str(pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist()[0]) if kind == "parquet" else data.decode()
    told = text.replace("\\\\", "\\")
    assert "bad\\udcff.png" in told
    assert "caf\\udce9" in told


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\\x0d=1"),
        ("\n=1", "'\n=1"),
        ("＝1", "'＝1"),
        ("a=1", "a=1"),
        ("", ""),
        (-1.5, -1.5),
        (7, 7),
        (EVIL, "a\\x1b]0;owned\\x07\\x1b[2J\\x9b31m\u202eb"),
    ],
)
def test_no_cell_is_a_formula(value: Any, cell: Any) -> None:
    assert harmless(value) == cell
    rows = list(csv.reader(io.StringIO("".join(text_lines([{"input": value, "class": "b"}], "csv")))))
    assert json.loads(next(iter(text_lines([{"input": value}], "jsonl"))))["input"] == value
    assert rows == [["input", "class"], [str(cell), "b"]]

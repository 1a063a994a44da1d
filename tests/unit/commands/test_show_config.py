"""`nncli show-config`: what it prints means the same, wherever it is saved."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from nncli.commands.show_config import show_config
from nncli.config.load import load_config
from nncli.config.write import to_yaml
from nncli.data.prepare import prepare
from nncli.problems import Problem
from nncli.render.reports import show_report
from nncli.reports.base import plain
from nncli.reports.configs import ShowConfigReport
from nncli.spec.datasets.tables import Table
from nncli.spec.experiment import Experiment

Refused = Callable[..., Problem]

ROOT = Path(__file__).parents[3]
CONFIGS = sorted([*(ROOT / "configs").glob("*.yaml"), *(ROOT / "tests/configs/valid").rglob("*.yaml")])
XOR = ROOT / "configs" / "xor.yaml"


def printed(report: ShowConfigReport) -> str:
    text = io.StringIO()
    show_report(report, Console(file=text, width=20, color_system=None))
    return text.getvalue()


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_what_is_shown_means_the_same_elsewhere(path: Path, tmp_path: Path) -> None:
    experiment = load_config(path).experiment
    report = show_config(path)
    (tmp_path / "saved.yaml").write_text(printed(report), encoding="utf-8")
    saved = load_config(tmp_path / "saved.yaml").experiment
    if isinstance(experiment.dataset, Table):  # what is left to the table is written out
        own, other = (prepare(dataset, seed=0) for dataset in (experiment.dataset, saved.dataset))
        assert own.preparation == other.preparation
        assert np.array_equal(own.train.inputs[:], other.train.inputs[:])
        saved = saved.model_copy(update={"dataset": experiment.dataset})
    assert saved == experiment
    assert printed(show_config(tmp_path / "saved.yaml")) == printed(report)
    show_config(path, output=tmp_path / "written.yaml")
    assert (tmp_path / "written.yaml").read_text(encoding="utf-8") == printed(report)
    assert (
        Experiment.model_validate(json.loads(json.dumps(plain(report.config)))).model_copy(update={"dataset": experiment.dataset})
        == experiment
    )


def test_what_a_table_makes_of_its_defaults_is_shown(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("age;born;name;y\n" + "".join(f"{n or ''};20{n:02}-01-01;N{n};{n % 2}\n" for n in range(20)))
    text = (ROOT / "configs" / "iris_csv.yaml").read_text().replace("data/iris.csv, target: species", "a.csv, target: y")
    (tmp_path / "a.yaml").write_text(text)
    report = show_config(tmp_path / "a.yaml")
    dataset = report.config["dataset"]
    assert [dataset[key] for key in ("delimiter", "header", "encoding", "targets")] == [";", True, "utf-8", "classes"]
    columns = {column["names"][0]: {**column, "names": len(column["names"])} for column in dataset["columns"]}
    assert columns == {
        "age": {"type": "number", "names": 1, "scale": "standardize", "missing": "mean", "indicator": True},
        "born": {"type": "date", "names": 1, "format": None, "parts": ["year", "weekday"], "cyclic": True},
        "name": {"type": "ignore", "names": 1},
    }
    assert [problem.message for problem in report.problems] == [
        "column `name` holds texts of which most occur only once: it is left out"
    ]
    (tmp_path / "a.csv").unlink()
    (problem,) = show_config(tmp_path / "a.yaml").problems
    assert (problem.code, problem.severity) == ("NN501", "warning")


def test_every_default_is_there() -> None:
    config = show_config(XOR).config
    assert set(config) == set(Experiment.model_fields)
    assert config["training"]["best"] == {"monitor": "val_loss", "mode": "auto"}
    assert show_config(XOR, overrides=["seed=7"]).config["seed"] == 7


def test_of_a_run_and_of_a_checkpoint(tmp_path: Path, untrained: Any, refused: Refused) -> None:
    experiment = load_config(XOR).experiment
    run = tmp_path / "run"
    (run / "checkpoints").mkdir(parents=True)
    (run / "manifest.json").write_text("{}")
    (run / "config.yaml").write_text(to_yaml(experiment))
    checkpoint = untrained(XOR)
    renamed = checkpoint.rename(checkpoint.with_suffix(".HDF5"))
    for path in (run, renamed):
        report = show_config(path)
        assert (report.name, Experiment.model_validate(report.config)) == ("xor", experiment)
        assert refused(show_config, path, overrides=["seed=1"]).code == "NN606"


def test_what_cannot_be_shown(tmp_path: Path, refused: Refused) -> None:
    assert refused(show_config, tmp_path / "none.yaml").code == "NN107"
    assert refused(show_config, tmp_path / "none.h5").code == "NN603"
    assert refused(show_config, tmp_path).code == "NN603"
    assert refused(show_config, XOR, overrides=["sed=1"]).code == "NN201"
    (tmp_path / "mine.yaml").write_text("mine")
    assert refused(show_config, XOR, output=tmp_path / "mine.yaml").code == "NN601"
    assert (tmp_path / "mine.yaml").read_text() == "mine"

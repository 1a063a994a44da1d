"""`nncli check --data`: what looks wrong with data that could be trained on, and what is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nncli.commands import configs
from nncli.commands.check import check
from nncli.data import outline
from nncli.data.looks import look
from nncli.data.prepare import prepare
from nncli.problems import Where
from nncli.reports.configs import CheckReport
from nncli.spec.choice import OneOf

Check = Callable[..., CheckReport]

CONFIG = """\
name: table
dataset: {{type: {type}, path: {path}, target: y, test: 0.25{more}}}
model: {{layers: [{first}{{type: dense, units: {units}, activation: softmax}}]}}
optimizer: adam
loss: sparse_categorical_crossentropy
"""


@pytest.fixture
def checked(tmp_path: Path) -> Check:
    """`checked(columns)` writes a table and looks at it."""

    def look(columns: dict[str, Any], *, more: str = "", first: str = "", units: int = 2) -> CheckReport:
        names = list(columns)
        rows = ["" if row is None else row for row in zip(*columns.values(), strict=True)]
        lines = [",".join(names), *(",".join("" if cell is None else str(cell) for cell in row) for row in rows)]
        (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
        (tmp_path / "t.yaml").write_text(CONFIG.format(type="csv", path="t.csv", more=more, first=first, units=units))
        return check([tmp_path / "t.yaml"], data=True)

    return look


def columns(count: int = 80, **more: Any) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {"a": rng.normal(size=count).round(4), "y": ["no", "yes"] * (count // 2), **more}


def test_good_data_are_said_to_be_what_they_are(checked: Check, tmp_path: Path) -> None:
    report = checked(columns())
    assert report.problems == ()
    assert report.files[0]["data"] == [
        f"{tmp_path / 't.csv'}: CSV, UTF-8, cells between `,`, a header, 2 columns",
        "samples of 1: 60 for train, 20 for test; 2 classes, with training samples: no (30), yes (30)",
    ]


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "missing": (columns(b=[None, 2.5, 1, None] * 20), "NN502", "column `b` has 40 missing cells of 80, the first in row 1"),
    "constant": (columns(b=[7] * 80), "NN502", "the same in every training sample: `b`"),
    "duplicate": (columns(b=columns()["a"]), "NN502", "`b` is the same as `a` in every training sample"),
    "target": (columns(b=[5, 6] * 40), "NN502", "`b` alone tells the target"),
    "target by name": (columns(b=["n", "j"] * 40), "NN502", "`b is j` alone tells the target"),
    "one number far away": (
        columns(b=[1e20, *np.random.default_rng(1).normal(size=79).round(4)]),
        "NN502",
        "one number of `b` is so far from all others",
    ),
    "twice": (
        {"a": [1, 1, 2, 2, 3, 3] * 20, "y": ["no", "yes"] * 60},
        "NN504",
        "30 of 30 samples of the test part have inputs that",
    ),
    "imbalance": (
        columns(240) | {"y": ["no"] * 225 + ["yes"] * 15},
        "NN502",
        "class `no` has 169 training samples, class `yes` 11",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_looks_wrong_is_said(what: str, checked: Check) -> None:
    data, code, message = WRONG[what]
    report = checked(data)
    assert [problem.severity for problem in report.problems] == ["warning"] * len(report.problems)
    found = [problem for problem in report.problems if problem.message.startswith(message)]
    assert [problem.code for problem in found] == [code], report.problems
    assert found[0].where is not None and str(found[0].where.file).endswith("t.csv")


def test_a_class_of_one_sample_is_said(checked: Check) -> None:
    report = checked(columns() | {"y": ["no", "yes"] * 39 + ["no", "rare"]}, units=3)
    assert "class `rare` has one sample" in [problem.message for problem in report.problems]


def test_a_scale_far_from_what_the_first_layer_takes_is_said(checked: Check) -> None:
    raw = ", columns: [{type: number, names: a, scale: none}]"
    large = columns() | {"a": columns()["a"] * 1000}
    (problem,) = checked(large, more=raw).problems
    assert problem.message.startswith("the prepared inputs have the mean ")
    assert checked(large, more=raw, first="{type: batch_normalization}, ").problems == ()
    assert checked(large).problems == ()


def test_numbers_to_predict_that_are_far_from_0_are_said(checked: Check, tmp_path: Path) -> None:
    prices = columns() | {"y": np.random.default_rng(2).normal(3e5, 1e5, size=80).round(2)}
    checked(prices)
    config = tmp_path / "t.yaml"
    text = config.read_text().replace("sparse_categorical_crossentropy", "mse").replace("units: 2, activation: softmax", "units: 1")
    config.write_text(text.replace("metrics: [accuracy]", ""))
    (problem,) = check([config], data=True).problems
    assert problem.message.startswith("the numbers to predict have the mean ") and problem.severity == "warning"
    assert problem.hint == "set `dataset.scale_target: true`"
    config.write_text(config.read_text().replace("target: y", "target: y, scale_target: true"))
    assert check([config], data=True).problems == ()


def test_what_cannot_be_trained_on_is_an_error(checked: Check) -> None:
    report = checked(columns(b=[1, 2, "inf", 4] * 20))
    assert [(problem.severity, problem.message[:30]) for problem in report.problems] == [
        ("error", "row 3: column `b` holds inf, b")
    ]
    assert report.files[0]["errors"] == 1


def test_a_large_table_is_read_only_where_asked_for(checked: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outline, "LARGE", 100)
    assert checked(columns()).problems == ()
    (problem,) = check([tmp_path / "t.yaml"]).problems
    assert (problem.code, problem.severity, problem.message) == ("NN501", "warning", "the table is too large to be looked at here")
    (tmp_path / "t.yaml").write_text((tmp_path / "t.yaml").read_text().replace("target: y", "target: yy"))
    assert [problem.code for problem in check([tmp_path / "t.yaml"]).problems] == ["NN402"]


@pytest.mark.parametrize("name", ["digits", "diabetes_regression", "lstm_sine", "iris_csv", "review_mood"])
def test_configs_that_ship_have_sound_data(name: str) -> None:
    path = Path(configs.__file__).parents[2] / "configs" / f"{name}.yaml"
    assert [problem.code for problem in check([path], data=True).problems] == []


TEXTS = """\
name: texts
dataset: {type: text_folder, path: texts, length: 4, test: 0.25}
model: {layers: [{type: embedding, input_dim: %d, output_dim: 2}, flatten, {type: dense, units: 3, activation: softmax}]}
optimizer: adam
loss: sparse_categorical_crossentropy
"""


def test_what_looks_wrong_with_texts_is_said(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "many.txt").write_text("the same line\n" * 40)
    (tmp_path / "texts" / "few.txt").write_text("another line\nand one more\n")
    (tmp_path / "texts" / "one.txt").write_text("lonely\n")
    (tmp_path / "t.yaml").write_text(TEXTS % 100)
    report = check([tmp_path / "t.yaml"], data=True)
    assert report.files[0]["data"] == [
        "a line a text; 7 kinds of words",
        "samples of 4: 32 for train, 11 for test; 3 classes, with training samples: few (1), many (30), one (1)",
    ]
    assert {problem.severity for problem in report.problems} == {"warning"}
    assert [problem.message for problem in report.problems] == [
        "class `one` has one sample",
        "class `many` has 30 training samples, class `few` 1",
        "10 of 11 samples of the test part have inputs that the training part has, too",
    ]
    (tmp_path / "t.yaml").write_text(TEXTS % 7)
    for data in (False, True):
        (problem,) = [problem for problem in check([tmp_path / "t.yaml"], data=data).problems if problem.severity == "error"]
        assert (problem.code, problem.message) == (
            "NN403",
            "the data hold numbers up to 7, `embedding` has 7 places, from 0 on",
        )


OVERLAPS = {
    "image_folder": "remove files that appear twice",
    "lines": "remove lines that appear twice",
    "files": "remove files that appear twice",
    "inline": "remove samples that appear twice",
    "csv": "remove rows that appear twice, or keep them together: `group`",
}


@pytest.mark.parametrize("kind", OVERLAPS)
def test_the_way_out_of_an_overlap_fits_the_kind_of_data(kind: str, tmp_path: Path) -> None:
    fields: dict[str, Any] = {"test": 0.5}
    if kind == "image_folder":
        for name in ("a/0", "a/1", "b/0", "b/1"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            Image.new("RGB", (2, 2)).save(tmp_path / f"{name}.png")
    elif kind == "lines":
        for name in "ab":
            (tmp_path / f"{name}.txt").write_text("the same\nthe same\n")
    elif kind == "files":
        for name in ("a/0", "a/1", "b/0", "b/1"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / f"{name}.txt").write_text("the same")
    elif kind == "inline":
        fields = {"inputs": [[0.0], [0.0]], "targets": [0, 1], "test_samples": {"inputs": [[0.0]], "targets": [0]}}
    else:
        fields |= {"target": "y", "path": str(tmp_path / "t.csv")}
        (tmp_path / "t.csv").write_text("x,y\n" + "1,a\n1,b\n" * 4)
    dataset = {"type": {"lines": "text_folder", "files": "text_folder"}.get(kind, kind), "path": str(tmp_path)} | fields
    if kind == "inline":
        del dataset["path"]
    splits = prepare(OneOf("dataset").resolve(dataset), seed=0)
    (hint,) = [problem.hint for problem in look(splits, (), Where(path="dataset"), is_scaled=True) if problem.code == "NN504"]
    assert hint == OVERLAPS[kind]


def test_whole_numbers_that_are_amounts_are_said_to_be_so(checked: Check, tmp_path: Path) -> None:
    checked(columns(y=[1, 2, 3, 4] * 20))
    config = (tmp_path / "t.yaml").read_text().replace("units: 2, activation: softmax", "units: 1")
    (tmp_path / "t.yaml").write_text(config.replace("sparse_categorical_crossentropy", "mse"))
    hints = [problem.hint or "" for problem in check([tmp_path / "t.yaml"], data=True).problems]
    assert any(hint.endswith("; where they are amounts, say so: `targets: numbers`") for hint in hints)

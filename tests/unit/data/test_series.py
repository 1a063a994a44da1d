"""Series that somebody brings to a trained network: the same windows as training cuts, to the bit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncli.data import series as module
from nncli.data.inputs import read_inputs
from nncli.data.prepare import load_evaluation, prepare
from nncli.data.preprocessing import Preparation
from nncli.data.series import cut_windows, read_series
from nncli.problems import Problem
from nncli.spec.datasets.generated import Series

Refused = Callable[..., Problem]
FIELDS: dict[str, Any] = {
    "inputs": ["temp", "wind / 3"],
    "targets": "temp",
    "length": 4,
    "stride": 3,
    "horizon": 2,
    "predict": "last",
}
GENERATOR = np.random.default_rng(0)
COLUMNS = {"wind": GENERATOR.normal(size=20), "temp": GENERATOR.normal(size=20)}


def series(path: str | None, **fields: Any) -> Series:
    return Series.model_validate({**FIELDS, "path": path, **fields})


def write(folder: Path, kind: str, columns: dict[str, Any]) -> str:
    """A file of columns; the name of one that is packed or not does not tell what it is."""
    path = folder / f"new.{kind}"
    rows = [dict(zip(columns, map(float, row), strict=True)) for row in zip(*columns.values(), strict=True)]
    if kind == "npz":
        np.savez(path, **columns)
    elif kind == "parquet":
        pyarrow.parquet.write_table(pyarrow.table(columns), path)
    elif kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        path.write_text("".join(",".join(map(repr, row)) + "\n" for row in [*(tuple(row.values()) for row in rows)]))
        path.write_text(",".join(columns) + "\n" + path.read_text())
    return str(path)


def trained(folder: Path, **fields: Any) -> tuple[Series, Preparation]:
    dataset = series(write(folder, "csv", COLUMNS), preprocess=["standardize"], **fields)
    return dataset, prepare(dataset, seed=0).preparation


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "npz"])
def test_a_table_is_cut_into_the_windows_of_training_and_those_whose_targets_lie_ahead(kind: str, tmp_path: Path) -> None:
    dataset, preparation = trained(tmp_path)
    own = prepare(dataset, seed=0).train
    path = write(tmp_path, kind, COLUMNS | {"more": np.zeros(20)})
    raw = read_inputs([path], preparation, dataset=dataset)
    # 20 rows: windows begin at 0, 3, ..., 15 where nothing has to lie behind them, to 12 where a target has to.
    assert raw.names == tuple(f"{path}[{start}]" for start in (0, 3, 6, 9, 12, 15))
    assert len(own) == 5
    assert preparation.inputs(raw.inputs)[:5].tobytes() == np.asarray(own.inputs[:]).tobytes()
    last = np.stack([COLUMNS["temp"], COLUMNS["wind"] / 3], axis=1)[15:19].astype(np.float32)
    assert raw.inputs[5].tobytes() == last.tobytes()
    samples, notes = load_evaluation(path, preparation, dataset)
    assert np.asarray(samples.inputs[:]).tobytes() == np.asarray(own.inputs[:]).tobytes()
    assert np.asarray(samples.targets[:]).tobytes() == np.asarray(own.targets[:]).tobytes()
    assert [note.message for note in notes] == ["5 of 5 samples equal ones that the network was trained on"]


@settings(deadline=None)
@given(
    count=st.integers(1, 40),
    length=st.integers(1, 8),
    stride=st.none() | st.integers(1, 8),
    horizon=st.integers(0, 6),
    predict=st.sampled_from(["sequence", "last"]),
)
def test_any_windows_are_those_of_training(
    count: int, length: int, stride: int | None, horizon: int, predict: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    path = write(folder, "npz", {name: column.repeat(2)[:count] for name, column in COLUMNS.items()})
    dataset = series(path, length=length, stride=stride, horizon=horizon, predict=predict)
    if count >= length:
        windows = cut_windows(path, dataset, labelled=False)
        assert windows.targets is None
        step = stride or length
        assert list(windows.starts) == [start for start in range(0, count, step) if start + length <= count]
    if count >= length + horizon:
        inputs, targets = read_series(dataset)
        assert windows.inputs[: len(inputs)].tobytes() == inputs.tobytes()
        labelled = cut_windows(path, dataset, labelled=True)
        assert labelled.inputs.tobytes() == inputs.tobytes()
        assert labelled.targets is not None and labelled.targets.tobytes() == targets.tobytes()


def test_the_target_need_not_be_there_nor_all_of_it(tmp_path: Path) -> None:
    dataset, preparation = trained(tmp_path, inputs="wind", targets="temp")
    alone = tmp_path / "alone.csv"
    alone.write_text("wind,temp,day\n" + "".join(f"{row},,monday\n" for row in range(4)))
    raw = read_inputs([alone], preparation, dataset=dataset)
    assert (raw.names, raw.inputs.reshape(-1).tolist(), raw.notes) == ((f"{alone}[0]",), [0, 1, 2, 3], ())


def test_arrays_of_windows_are_still_taken(tmp_path: Path) -> None:
    dataset, preparation = trained(tmp_path)
    windows = np.arange(16, dtype=np.float32).reshape(2, 4, 2)
    np.save(tmp_path / "x.npy", windows)
    np.savez(tmp_path / "xy.npz", x=windows, y=np.zeros((2, 1)), temp=np.zeros(3))
    raw = read_inputs([tmp_path / "x.npy", tmp_path / "xy.npz", write(tmp_path, "csv", COLUMNS)], preparation, dataset=dataset)
    assert raw.inputs[:4].tobytes() == 2 * windows.tobytes()
    assert raw.names[3:6] == (f"{tmp_path / 'xy.npz'}[1]", f"{tmp_path / 'new.csv'}[0]", f"{tmp_path / 'new.csv'}[3]")
    assert len(load_evaluation(tmp_path / "xy.npz", preparation, dataset)[0]) == 2


def test_what_is_taken_for_granted_is_said(tmp_path: Path) -> None:
    dataset, preparation = trained(tmp_path, inputs=["temp", "n"], stride=None, length=6)
    (note,) = read_inputs([write(tmp_path, "csv", COLUMNS)], preparation, dataset=dataset).notes
    assert note.severity == "warning"
    assert note.message == (
        "the point's number `n` is counted from 0 on in this file; the last 2 of 20 rows lie in no window: one of 6 rows begins "
        "every 6 rows; leave out the first 2 to be told of the end"
    )


BAD = {
    "a column is missing": ("temp,wnd\n1,2\n", "there is no column `wind`", "did you mean `wnd`?"),
    "another is missing": (
        "wind,b\n1,2\n",
        "there is no column `temp`",
        "the network's windows are cut from it; there are: `wind`, `b`",
    ),
    "too few rows": (
        "temp,wind\n" + "1,2\n" * 3,
        "a window takes 4 rows, the file has 3",
        "give 4 rows or more that follow each other",
    ),
    "no rows": ("temp,wind\n", "the table has no rows", None),
    "a text": ("temp,wind\n1,2\n1,calm\n", "row 2: column `wind` holds 'calm', a number was expected", None),
    "a gap": ("temp,wind\n1,2\n,2\n", "row 2: column `temp` has no number", "fill it in"),
    "infinity": ("temp,wind\n1,2\ninf,2\n", "row 2: column `temp` holds inf, but every number must be finite", "replace the value"),
    "n": ("temp,wind,n\n1,2,3\n", "a column is called `n`, which is the number of a point", "give it another name"),
    "nothing": ("", "the file is empty", None),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_table_is_a_problem(what: str, tmp_path: Path, refused: Refused) -> None:
    dataset, preparation = trained(tmp_path)
    text, message, hint = BAD[what]
    (tmp_path / "bad.csv").write_text(text)
    problem = refused(read_inputs, [tmp_path / "bad.csv"], preparation, dataset=dataset)
    assert (problem.code, problem.message, problem.hint) == ("NN502", message, hint)
    assert problem.where is not None and problem.where.file == str(tmp_path / "bad.csv")


def test_a_measurement_takes_targets(tmp_path: Path, refused: Refused) -> None:
    dataset, preparation = trained(tmp_path, inputs="wind", targets="temp")
    problem = refused(load_evaluation, write(tmp_path, "jsonl", {"wind": np.arange(9)}), preparation, dataset)
    assert (problem.code, problem.message) == ("NN502", "there is no column `temp`")
    problem = refused(load_evaluation, write(tmp_path, "jsonl", {"wind": np.arange(5), "temp": np.arange(5)}), preparation, dataset)
    assert problem.message == "a window and its targets take 6 rows, the file has 5"


def test_more_values_than_memory_holds_are_refused(tmp_path: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, preparation = trained(tmp_path)
    path = write(tmp_path, "csv", COLUMNS)
    monkeypatch.setattr(module, "MAX_VALUES", 6 * 4 * 2)
    assert len(read_inputs([path], preparation, dataset=dataset).names) == 6
    monkeypatch.setattr(module, "MAX_VALUES", 6 * 4 * 2 - 1)
    problem = refused(read_inputs, [path], preparation, dataset=dataset)
    assert (problem.code, problem.message) == ("NN502", "6 windows of 4 points take more than 47 values")


def test_a_function_of_the_point_takes_no_table(tmp_path: Path, refused: Refused) -> None:
    dataset = series(None, inputs="sin(n)", targets="cos(n)", num_points=50)
    preparation = prepare(dataset, seed=0).preparation
    problem = refused(read_inputs, [write(tmp_path, "csv", COLUMNS)], preparation, dataset=dataset)
    assert problem.message.startswith("this network's inputs are a function of the point's number alone")

"""What `predict` does before TensorFlow starts, and what it makes of what the network says."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest

from nncli.commands import predict as module
from nncli.commands.predict import describe_outputs, predict
from nncli.data.predictions import predictions_bytes
from nncli.data.prepare import prepare
from nncli.data.rows import RawRows
from nncli.data.tables.columns import FittedNumber
from nncli.data.tables.encoding import TableEncoding
from nncli.spec.datasets.generated import Series
from nncli.spec.experiment import Experiment
from tests.unit.commands.conftest import Refused


@pytest.mark.parametrize("name", [None, "out.npy", "out.parquet", "out.csv", "out.json"])
def test_where_no_row_comes_nothing_is_predicted(
    name: str | None, tmp_path: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoding = TableEncoding((FittedNumber("a", False, 0.0, False, 0.0, 1.0),), "y", None, None, ())
    # It has no evaluator: whoever asks for one fails.
    trained = SimpleNamespace(
        preparation=SimpleNamespace(encoding=encoding),
        experiment=SimpleNamespace(dataset=None),
        require_memory=lambda num_samples: None,
    )
    monkeypatch.setattr(module, "load_trained", lambda path, which: trained)
    monkeypatch.setattr(module, "require_sizes", lambda trained: None)
    with open("/dev/null", "rb") as nothing:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=nothing))
        told = refused(predict, "run", ["-"], output=None if name is None else tmp_path / name)
    assert (told.code, told.message) == ("NN502", "there are no rows to predict from")
    assert told.where is not None
    assert told.where.file == "-"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("top_k", [1, 2])
@pytest.mark.parametrize("kind", ["csv", "jsonl", "json", "parquet"])
def test_no_class_is_named_where_the_network_says_no_number(kind: str, top_k: int) -> None:
    """Whichever row is the first: its keys are those of the others, too."""
    experiment = Experiment.model_validate(
        {
            "name": "tiny",
            "dataset": {"type": "inline", "inputs": [0], "targets": [0]},
            "model": {"layers": [{"type": "dense", "units": 2, "activation": "softmax"}]},
            "optimizer": "adam",
            "loss": "sparse_categorical_crossentropy",
        }
    )
    encoding = TableEncoding((FittedNumber("a", False, 0.0, False, 0.0, 1.0),), "y", None, None, ())
    trained: Any = SimpleNamespace(preparation=SimpleNamespace(encoding=encoding, class_names=("no", "yes")), experiment=experiment)
    outputs = np.array([[np.nan, np.nan], [0.25, 0.75], [np.inf, 0.0]], np.float32)
    rows = describe_outputs(trained, outputs, RawRows(np.zeros((3, 1)), ("a", "b", "c")), top_k)
    assert [row["class"] for row in rows] == [None, "yes", None]
    assert rows[1]["probabilities"] == {"no": 0.25, "yes": 0.75}
    told = module._NoAnswers()
    told.add(outputs[:2], ("a", "b"))
    told.add(outputs[2:], ("c",))
    (note,) = told.notes()
    assert (note.code, note.severity) == ("NN505", "warning")
    assert note.message == "inputs of which the network says nothing, but NaN or infinity: 2, of which this is the first"
    assert note.where is not None and note.where.file == "a"
    data = predictions_bytes(kind, rows, outputs)
    if kind == "csv":
        assert [row["class"] for row in csv.DictReader(io.StringIO(data.decode()))] == ["", "yes", ""]
    elif kind == "parquet":
        assert pyarrow.parquet.read_table(pyarrow.BufferReader(data))["class"].to_pylist() == [None, "yes", None]
    else:
        found = json.loads(data) if kind == "json" else [json.loads(line) for line in data.splitlines()]
        assert [row["class"] for row in found] == [None, "yes", None]
        assert found[0]["probability"] is None and found[0]["probabilities"] == {"no": None, "yes": None}
        assert top_k == 1 or found[0]["top"] == [{"class": None, "probability": None}] * 2


def test_numbers_are_answers() -> None:
    told = module._NoAnswers()
    told.add(np.zeros((2, 1), np.float32), ("a", "b"))
    assert told.notes() == []


def test_a_network_of_a_series_is_asked_about_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new.csv").write_text("v\n1\n2\n3\n4\n5\n")
    fields = {"inputs": "v", "targets": "v", "length": 2, "stride": 2, "horizon": 1, "predict": "last"}
    dataset = Series.model_validate({"path": str(tmp_path / "new.csv"), **fields})
    evaluator = SimpleNamespace(predictions=lambda inputs: [np.asarray(inputs).sum(axis=1)])
    trained = SimpleNamespace(
        path=tmp_path / "best.h5",
        preparation=prepare(dataset, seed=0).preparation,
        experiment=SimpleNamespace(dataset=dataset, model=SimpleNamespace(numbers=None), loss=SimpleNamespace(type="mse")),
        require_memory=lambda num_samples: None,
        evaluator=lambda: evaluator,
    )
    monkeypatch.setattr(module, "load_trained", lambda path, which: trained)
    monkeypatch.setattr(module, "require_sizes", lambda trained: None)
    report = predict("run", [tmp_path / "new.csv"])
    name = str(tmp_path / "new.csv")
    assert report.predictions == ({"input": f"{name}[0]", "output": [3.0]}, {"input": f"{name}[2]", "output": [7.0]})
    assert [note.message[:45] for note in report.problems] == ["the last 1 of 5 rows lie in no window: one of"]

"""What `predict` does before TensorFlow starts."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from nncli.commands import predict as module
from nncli.commands.predict import predict
from nncli.data.tables.columns import FittedNumber
from nncli.data.tables.encoding import TableEncoding
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

"""Arrays in `.npy` files of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncli.data.lazy import LazyInputs
from nncli.data.outline import outline
from nncli.data.prepare import prepare
from nncli.spec.choice import OneOf
from tests.unit.data.conftest import Refused

RNG = np.random.default_rng(0)
X, Y = RNG.integers(0, 256, (40, 3, 2), np.uint8), np.arange(40) % 4


def dataset(folder: Path, inputs: Any = X, targets: Any = Y, **fields: Any) -> Any:
    np.save(folder / "x.npy", inputs)
    np.save(folder / "y.npy", targets)
    return OneOf("dataset").resolve({"type": "npy", "inputs": str(folder / "x.npy"), "targets": str(folder / "y.npy")} | fields)


@pytest.mark.parametrize("inputs", [X, np.asfortranarray(X), X.astype(">f8"), X[:, 0, 0].astype(np.int64)])
def test_files_are_read_into_memory_or_onto_the_disk(inputs: Any, tmp_path: Path) -> None:
    spec = dataset(tmp_path, inputs, test=0.25, class_names=list("abcd"))
    splits, streamed, known = prepare(spec, seed=0), prepare(spec, seed=0, memory=10), outline(spec)
    assert isinstance(streamed.train.inputs, LazyInputs)
    assert np.array_equal(splits.train.inputs[:], streamed.train.inputs[:])
    assert splits.preparation.class_names == known.class_names == tuple("abcd")
    assert (known.num_train, known.num_test, known.input_shape) == (30, 10, splits.preparation.input_shape)
    assert sorted(map(float, splits.train.inputs[:].ravel())) == sorted(
        map(float, np.delete(inputs.reshape(40, -1), _held(inputs, splits), axis=0).ravel())
    )


def _held(inputs: Any, splits: Any) -> list[int]:
    rows = {bytes(row) for row in np.ascontiguousarray(splits.test.inputs[:]).reshape(10, -1)}
    ready = inputs.reshape(40, -1).astype(splits.preparation.input_dtype)
    return [index for index, row in enumerate(ready) if bytes(row) in rows]


def test_numbers_to_predict_and_weights(tmp_path: Path) -> None:
    np.save(tmp_path / "w.npy", np.arange(40))
    splits = prepare(dataset(tmp_path, targets=Y / 2, sample_weight=str(tmp_path / "w.npy")), seed=0)
    assert splits.train.targets.tolist() == (Y / 2)[:, None].tolist()
    assert splits.train.sample_weight is not None and splits.train.sample_weight.tolist() == list(range(40))


def test_bad_files_are_a_problem(tmp_path: Path, refused: Refused) -> None:
    assert (
        refused(prepare, dataset(tmp_path, targets=Y[:-1]), seed=0).message
        == "the array has 40 samples, but the array has 39 targets"
    )
    spec = dataset(tmp_path, np.where(X[3, 1, 1] == X, np.nan, X))
    assert refused(prepare, spec, seed=0).code == refused(prepare, spec, seed=0, memory=10).code == "NN502"
    (tmp_path / "x.npy").write_bytes(b"no array")
    for call in (outline, lambda spec: prepare(spec, seed=0)):
        problem = refused(call, spec)
        assert (problem.code, problem.where.file) == ("NN502", str(tmp_path / "x.npy"))  # type: ignore[union-attr]

"""Samples that stay on disk: what comes of them is what comes of samples in memory."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncli.data import on_disk
from nncli.data.arrays import open_npz
from nncli.data.lazy import LazyInputs
from nncli.data.on_disk import Selection, chunks, gathered, is_on_disk, select, spool
from nncli.data.prepare import prepare
from nncli.problems import Problem
from nncli.spec.datasets.arrays import Npz
from nncli.spec.datasets.base import Dataset
from nncli.spec.datasets.images import Mnist5k

Refused = Callable[..., Problem]
rng = np.random.default_rng(1)


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_disk, "CHUNK_ROWS", 7)


ARRAYS = [
    rng.integers(0, 256, (20, 3, 2), np.uint8),
    np.asfortranarray(rng.normal(size=(20, 3))),
    rng.normal(size=(20, 3)).astype(">f4"),
    np.arange(20, dtype=np.int64),
    np.zeros((0, 4), np.float32),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
@pytest.mark.parametrize("store", [np.savez, np.savez_compressed])
def test_an_array_of_a_file_is_the_same_on_disk(array: np.ndarray, store: Any, tmp_path: Path) -> None:
    store(tmp_path / "a.npz", a=array)
    with open_npz(tmp_path / "a.npz") as archive:
        found, expected = archive.spool("a"), archive.read("a")
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    assert np.array_equal(found[:], expected)
    assert is_on_disk(found) == (array.size > 0)


def test_numbers_that_are_not_finite_are_found_where_they_stand(tmp_path: Path, refused: Refused) -> None:
    array = np.zeros((20, 2), np.float32)
    array[17, 1] = np.nan
    np.savez(tmp_path / "a.npz", a=array)
    with open_npz(tmp_path / "a.npz") as archive:
        problem = refused(archive.spool, "a")
        assert problem == refused(archive.read, "a")
    assert problem.message == "`a` holds nan at [17, 1], but every number must be finite"


@pytest.mark.parametrize("at", [-30, -60])
def test_damage_is_noticed(at: int, tmp_path: Path, refused: Refused) -> None:
    np.savez(tmp_path / "a.npz", a=np.arange(4000))
    data = bytearray((tmp_path / "a.npz").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "a.npz").write_bytes(data)
    with open_npz(tmp_path / "a.npz") as archive:
        problem = refused(archive.spool, "a")
    assert (problem.code, problem.message) == ("NN502", "array `a` cannot be read: Bad CRC-32 for file 'a.npy'")


def test_a_full_disk_is_a_problem(monkeypatch: pytest.MonkeyPatch, refused: Refused) -> None:
    class Full:
        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None: ...

        def write(self, _: Any) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", Full)
    problem = refused(spool, [np.zeros(4)], (4,), np.dtype(np.float64))
    assert problem.code == "NN604"
    assert problem.message == "the samples cannot be laid down in a temporary file: No space left on device"
    assert problem.hint is not None
    assert "TMPDIR" in problem.hint


def test_some_rows_of_some_rows() -> None:
    array = spool([np.arange(40).reshape(20, 2)], (20, 2), np.dtype(np.int64))
    first = np.array([3, 1, 19, 7, 7, 0, 2, 5, 11])
    some = select(select(array, first), np.array([8, 0, 2]))
    assert isinstance(some, Selection)
    assert (some.shape, some.dtype, len(some)) == ((3, 2), np.int64, 3)
    assert some[:].tolist() == array[:][[11, 3, 19]].tolist()
    assert some[np.array([2, 2])].tolist() == array[:][[19, 19]].tolist()
    assert np.concatenate(list(chunks(select(array, first)))).tolist() == array[:][first].tolist()
    assert [len(chunk) for chunk in chunks(array)] == [7, 7, 6]


@given(
    rows=st.lists(st.integers(0, 49), max_size=60),
    width=st.integers(1, 5),
    gap=st.sampled_from([0, 1, 40, 1000]),
    most=st.sampled_from([1, 64, 100, 10_000]),
)
def test_rows_in_any_order_are_those_of_the_array(rows: list[int], width: int, gap: int, most: int) -> None:
    array = np.arange(50 * width, dtype=np.int32).reshape(50, width)
    found = spool([array], array.shape, array.dtype)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(on_disk, "_GAP_BYTES", gap)
        patch.setattr(on_disk, "_READ_BYTES", most)
        taken = found[np.array(rows, np.intp)]
    assert taken.dtype == array.dtype
    assert np.array_equal(taken, array[rows] if rows else array[:0])


@pytest.mark.parametrize("part", [slice(None), slice(3, 7), slice(7, 3), slice(-4, None), slice(18, 99), slice(0, 0)])
def test_a_slice_of_rows_is_that_of_the_array(part: slice) -> None:
    array = np.arange(20.0)
    found = spool([array], (20,), array.dtype)
    assert np.array_equal(found[part], array[part])
    assert np.array_equal(found.as_column()[part], array[part, np.newaxis])


def test_a_disk_that_fails_later_is_a_problem(monkeypatch: pytest.MonkeyPatch, refused: Refused) -> None:
    found = spool([np.arange(20)], (20,), np.dtype(np.int64))
    monkeypatch.setattr(os, "preadv", lambda *_: 0)
    problem = refused(found.__getitem__, slice(None))
    assert problem.code == "NN604"
    assert problem.message == "the samples cannot be read from a temporary file: it is shorter than it was"


@pytest.mark.parametrize("memory", [None, 36, 35])
def test_rows_that_come_piece_by_piece_begin_at_a_border(memory: int | None) -> None:
    parts = [np.ones((2, 3), np.float32), np.zeros((1, 3), np.float32)]
    found = gathered(iter(parts), (3, 3), np.dtype(np.float32), memory)
    assert found[:].tolist() == [[1.0] * 3, [1.0] * 3, [0.0] * 3]
    assert is_on_disk(found) == (memory == 35)
    assert is_on_disk(found) or (found.ctypes.data % 64 == 0 and found.flags.c_contiguous)
    assert gathered(iter([]), (0, 3), np.dtype(np.int32), None).shape == (0, 3)


def npz(path: Path, **changes: Any) -> Npz:
    images = rng.integers(0, 256, (40, 4, 4, 1), np.uint8)
    arrays = {"x_train": images, "y_train": np.arange(40) % 4, "x_test": images[:9], "y_test": np.arange(9) % 4}
    arrays |= {key: changes.pop(key) for key in tuple(changes) if key.startswith(("x_", "y_", "sample_"))}
    np.savez_compressed(path / "data.npz", **arrays)
    return Npz.model_validate({"path": str(path / "data.npz")} | changes)


STANDARD = {"preprocess": ["standardize"], "validation": 0.2}
CASES: dict[str, Callable[[Path], Dataset]] = {
    "shares": lambda path: npz(path, preprocess=["rescale"], validation=0.25),
    "standardized": lambda path: npz(path, **STANDARD),
    "by channel": lambda path: npz(path, preprocess=["rescale", {"type": "standardize", "per": "channel"}, "flatten"]),
    "wide": lambda path: npz(
        path, x_train=rng.normal(size=(40, 3)), x_test=rng.normal(size=(5, 3)), y_test=np.arange(5) % 4, **STANDARD
    ),
    "own range": lambda path: npz(path, x_train=rng.normal(size=(40, 3)), x_test=np.ones((9, 3)), preprocess=["rescale"]),
    "a vector": lambda path: npz(path, x_train=np.arange(40), x_test=np.arange(9), y_train=np.ones(40), y_test=np.ones(9)),
    "weights": lambda path: npz(path, sample_weight_train=np.arange(40.0), validation=0.25),
    "digits": lambda path: Mnist5k.model_validate({"preprocess": ["rescale"], "validation": 0.1}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_data_set_that_does_not_fit_is_prepared_as_one_that_does(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "digits":
        monkeypatch.setattr(on_disk, "CHUNK_ROWS", 999)
    dataset = CASES[name](tmp_path)
    expected, found = prepare(dataset, seed=3), prepare(dataset, seed=3, memory=100)
    assert found.preparation == expected.preparation
    assert found.fingerprint == expected.fingerprint
    for part in ("train", "validation", "test"):
        a, b = getattr(found, part), getattr(expected, part)
        assert (a is None) == (b is None)
        if a is None:
            continue
        assert isinstance(a.inputs, LazyInputs)
        assert is_on_disk(a.inputs.stored)
        assert (a.inputs.shape, a.inputs.dtype) == (b.inputs.shape, b.inputs.dtype)
        assert a.inputs[:].tobytes() == b.inputs[:].tobytes()
        assert np.array_equal(a.targets[:], b.targets[:])
        assert a.sample_weight is b.sample_weight is None or np.array_equal(a.sample_weight, b.sample_weight)


def test_a_data_set_that_fits_stays_in_memory(tmp_path: Path) -> None:
    splits = prepare(npz(tmp_path), seed=0, memory=40 * 16 + 9 * 16)
    assert isinstance(splits.train.inputs, LazyInputs)
    assert not is_on_disk(splits.train.inputs.stored)


def test_an_overflow_is_named_by_its_sample(tmp_path: Path, refused: Refused) -> None:
    inputs = np.ones((40, 2))
    inputs[33] = 1e300
    problem = refused(prepare, npz(tmp_path, x_train=inputs, x_test=np.ones((9, 2))), seed=0, memory=10)
    assert problem.message == "`x_train` holds numbers too large for float32 in sample 33"

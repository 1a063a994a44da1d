"""Sets in Keras's cache: read as Keras reads them, held to their hash, refused when they are something else."""

from __future__ import annotations

import gzip
import hashlib
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncli.data.outline import outline
from nncli.data.prepare import prepare
from nncli.data.sets import cached, fashion, words
from nncli.spec.choice import OneOf
from tests.unit.data.conftest import Refused


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    return tmp_path / "datasets"


def idx(array: np.ndarray[Any, Any]) -> bytes:
    """An array as its authors store it."""
    head = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(head + array.tobytes(), mtime=0)


def test_fashion_is_read(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fashion, "_PARTS", {"train": 20, "t10k": 10})
    rng = np.random.default_rng(0)
    expected = {}
    (cache / "fashion-mnist").mkdir()
    for name, count in (("train", 20), ("t10k", 10)):
        pixels, labels = rng.integers(0, 256, (count, 28, 28), np.uint8), np.arange(count, dtype=np.uint8) % 10
        (cache / "fashion-mnist" / f"{name}-images-idx3-ubyte.gz").write_bytes(idx(pixels))
        (cache / "fashion-mnist" / f"{name}-labels-idx1-ubyte.gz").write_bytes(idx(labels))
        expected[name] = pixels, labels
    splits = prepare(OneOf("dataset").resolve("fashion_mnist"), seed=0)  # type: ignore[arg-type]
    assert splits.test is not None
    for part, (pixels, labels) in zip((splits.train, splits.test), expected.values(), strict=True):
        assert np.array_equal(part.inputs[:][..., 0], pixels) and np.array_equal(part.targets, labels)
    assert splits.preparation.class_names[9] == "ankle_boot"


FOUR, FIVE = idx(np.zeros(4, np.uint8)), idx(np.zeros(5, np.uint8))


@pytest.mark.parametrize(
    ("data", "code"), [(None, "NN503"), (b"", "NN502"), (b"no gzip", "NN502"), (FIVE, "NN502"), (FOUR[:-5], "NN502")]
)
def test_other_files_are_refused(data: bytes | None, code: str, cache: Path, refused: Refused) -> None:
    if data is not None:
        (cache / "file.gz").write_bytes(data)
    assert refused(fashion._read, cache / "file.gz", (4,)).code == code


@pytest.mark.parametrize("name", ["boston_housing", "california_housing"])
def test_houses_are_read(name: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    constant = "BOSTON" if name == "boston_housing" else "CALIFORNIA"
    dataset: Any = OneOf("dataset").resolve({"type": name, "test": 0.2, "preprocess": ["standardize"]})
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(dataset.num_samples, dataset.num_features)), rng.random(dataset.num_samples)
    np.savez(cache / f"{name}.npz", x=x, y=y)
    monkeypatch.setattr(
        cached,
        constant,
        replace(getattr(cached, constant), sha256=hashlib.sha256((cache / f"{name}.npz").read_bytes()).hexdigest()),
    )
    splits = prepare(dataset, seed=0)
    assert splits.test is not None
    together = np.concatenate([splits.train.targets, splits.test.targets])[:, 0]
    np.testing.assert_allclose(np.sort(together), np.sort(y), rtol=1e-6)
    known = outline(dataset)
    assert (known.input_shape, known.num_train, known.num_test) == (
        splits.preparation.input_shape, len(splits.train), len(splits.test)
    )  # fmt: skip


def test_a_file_of_other_bytes_is_left_alone(cache: Path, refused: Refused) -> None:
    (cache / "boston_housing.npz").write_bytes(b"mine")
    dataset: Any = OneOf("dataset").resolve("boston_housing")
    assert refused(prepare, dataset, seed=0).code == "NN503"
    assert (cache / "boston_housing.npz").read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_texts_are_read_as_keras_reads_them(name: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras itself is the oracle: its own loader, and its own padding."""
    import keras

    rng = np.random.default_rng(0)
    texts = np.empty(30, object)
    texts[:] = [rng.integers(1, 50, rng.integers(1, 9)).tolist() for _ in range(30)]
    labels = np.arange(30) % (2 if name == "imdb" else 46)
    parts = {"x_train": texts[:20], "y_train": labels[:20], "x_test": texts[20:], "y_test": labels[20:]}
    np.savez(cache / f"{name}.npz", **(parts if name == "imdb" else {"x": texts, "y": labels}))  # type: ignore[arg-type]
    constant = name.upper()
    digest = hashlib.sha256((cache / f"{name}.npz").read_bytes()).hexdigest()
    monkeypatch.setattr(words, constant, replace(getattr(words, constant), sha256=digest))
    loader = getattr(keras.datasets, name)
    monkeypatch.setattr(f"keras.src.datasets.{name}.get_file", lambda *_, **__: str(cache / f"{name}.npz"))
    found = words.read(OneOf("dataset").resolve({"type": name, "length": 6, "num_words": 40}))  # type: ignore[arg-type]
    theirs = loader.load_data(num_words=40, **({} if name == "imdb" else {"test_split": 0.0}))
    for own, (inputs, targets) in zip(found.values(), theirs, strict=False):
        padded = keras.utils.pad_sequences(inputs, 6)
        expected = sorted((*row, target) for row, target in zip(padded.tolist(), targets.tolist(), strict=True))
        assert sorted((*row, target) for row, target in zip(own.inputs[:].tolist(), own.targets.tolist(), strict=True)) == expected


def test_a_pickle_that_acts_is_refused(cache: Path) -> None:
    class Acting:
        def __reduce__(self) -> Any:
            return print, ("acted",)

    import pickle

    head = io.BytesIO()
    np.save(head, np.array([[1], [2, 3]], object), allow_pickle=True)
    data = head.getvalue()
    with pytest.raises(pickle.UnpicklingError, match="which no list needs"):
        words._lists(data[: data.index(b"\x80")] + pickle.dumps(Acting()), cache)

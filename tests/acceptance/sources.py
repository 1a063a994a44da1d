"""One of each source of data, small: raw files, the config's part, and by other means what a network is given and should say."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pyarrow.parquet
import pytest
from numpy.typing import NDArray
from PIL import Image

from nncli.data.sets import cached, cifar, fashion, mnist, words
from nncli.data.texts.windows import UNKNOWN
from nncli.spec.datasets import cifar_names
from nncli.spec.datasets.images import FashionMnist
from nncli.spec.datasets.words import Imdb, Reuters
from tests.unit.data.test_cached import idx
from tests.unit.data.test_cifar import as_images, as_python_3, fill, ten

Array = NDArray[Any]
Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Source:
    """A data set, and what somebody brings to the network that was trained on it.

    Attributes:
        dataset: the config's part.
        bring: the raw file or folder to predict from.
        labelled: the raw file or folder to measure on: the same rows with their targets.
        inputs: these rows as the first layer is to be given them.
        targets: theirs: class numbers, or numbers to predict, as the loss is to be given them.
        names: of the classes; empty where numbers are predicted.
        first: the layers before the last one, which is dense.
        scale: mean and deviation of the numbers to predict.
        ids: what rows are called.
        is_test: whether they are the test part of the data set itself.
    """

    dataset: dict[str, Any]
    bring: Path
    labelled: Path
    inputs: Array
    targets: Array
    names: Sequence[str] = ()
    first: Sequence[Any] = ()
    scale: tuple[float, float] = (0.0, 1.0)
    ids: Sequence[str] | None = None
    is_test: bool = False


FLAT = ("flatten",)
RANDOM = np.random.default_rng


def embedded(count: int) -> tuple[Any, ...]:
    """Layers that take the mean of the words that there are."""
    return {"type": "embedding", "input_dim": count, "output_dim": 3, "mask_zero": True}, "global_average_pooling1d"


def arrays(place: Path, dataset: dict[str, Any], inputs: Array, targets: Array, **more: Any) -> Source:
    """A source whose raw rows come as arrays, which no step of the preparation changes."""
    (place / "raw").mkdir()
    np.save(place / "raw" / "new.npy", inputs)
    np.savez(place / "raw" / "new.npz", x=inputs, y=targets)
    return Source(dataset, place / "raw" / "new.npy", place / "raw" / "new.npz", inputs, targets, **more)


def pixels(place: Path, dataset: dict[str, Any], inputs: Array, targets: Array, names: Sequence[str]) -> Source:
    """A source of pictures as arrays, whose values are brought to 0 to 1."""
    found = arrays(place, dataset | {"preprocess": ["rescale"]}, inputs, targets, names=names, first=FLAT)
    return replace(found, inputs=inputs / 255)


def _table(kind: str, *, amounts: bool = False) -> Callable[[Path, Patch], Source]:
    def make(place: Path, patch: Patch) -> Source:
        random = RANDOM(1)
        values = random.normal(size=(30, 2)).round(3) * [1, 50]
        target = values @ [3, 0.1] + 40
        labels = ["left" if x < 0 else "right" for x in values[:, 0]]
        rows = [
            {"key": f"0{number}", "a": a, "b": b, "target": y if amounts else label}
            for number, ((a, b), y, label) in enumerate(zip(values.tolist(), target.tolist(), labels, strict=True))
        ]
        for path, part in (("data/train", rows[:22]), ("data/test", rows[22:]), ("raw/labelled", rows[22:])):
            write_table(kind, place / f"{path}.{kind}", part)
        write_table(kind, place / f"raw/new.{kind}", [{name: row[name] for name in ("key", "a", "b")} for row in rows[22:]])
        dataset = {
            "type": kind,
            "path": str(place / f"data/train.{kind}"),
            "test_path": str(place / f"data/test.{kind}"),
            "target": "target",
            "id": "key",
        }
        train, new = values[:22], values[22:]
        scale = (float(target[:22].mean()), float(target[:22].std())) if amounts else (0.0, 1.0)
        return Source(
            dataset | ({"scale_target": True} if amounts else {}),
            place / f"raw/new.{kind}",
            place / f"raw/labelled.{kind}",
            (new - train.mean(axis=0)) / train.std(axis=0),
            ((target[22:] - scale[0]) / scale[1])[:, None] if amounts else np.array([int(x >= 0) for x in new[:, 0]]),
            names=() if amounts else ("left", "right"),
            scale=scale,
            ids=[row["key"] for row in rows[22:]],
            is_test=True,
        )

    return make


def write_table(kind: str, path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    if kind == "json_lines":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif kind == "parquet":
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    else:
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def _npz(place: Path, patch: Patch) -> Source:
    random = RANDOM(2)
    x, y = random.normal(size=(30, 2, 2)).astype(np.float32), np.arange(30) % 2
    np.savez(place / "data" / "set.npz", x_train=x[:20], y_train=y[:20], x_test=x[20:], y_test=y[20:])
    dataset = {"type": "npz", "path": str(place / "data" / "set.npz"), "class_names": ["no", "yes"]}
    return arrays(place, dataset, x[20:], y[20:], names=("no", "yes"), first=FLAT, is_test=True)


def _npy(place: Path, patch: Patch) -> Source:
    x, y = RANDOM(3).normal(size=(30, 3)), np.arange(30) % 2
    for name, array in (("x", x), ("y", y)):
        np.save(place / "data" / f"{name}.npy", array)
    dataset = {"type": "npy", "inputs": str(place / "data/x.npy"), "targets": str(place / "data/y.npy"), "test": 0.2}
    return arrays(place, dataset, x, y, names=("0", "1"))


def _inline(place: Path, patch: Patch) -> Source:
    x, y = RANDOM(4).normal(size=(12, 3)), RANDOM(5).normal(size=(12, 2))
    held = {"inputs": x[8:].tolist(), "targets": y[8:].tolist()}
    dataset = {"type": "inline", "inputs": x[:8].tolist(), "targets": y[:8].tolist(), "test_samples": held}
    return arrays(place, dataset, x[8:], y[8:], is_test=True)


def _line(place: Path, patch: Patch) -> Source:
    x = RANDOM(6).random((10, 1))
    return arrays(place, {"type": "line", "slope": 2.0, "intercept": 1.0, "num_samples": 30, "test": 0.2}, x, 2 * x + 1)


def _series(kind: str, predict: str) -> Callable[[Path, Patch], Source]:
    def make(place: Path, patch: Patch) -> Source:
        u, v = RANDOM(7).normal(size=(2, 42)).round(4)
        path, bring = place / "data" / f"series.{kind}", place / "raw" / f"new.{kind}"
        bring.parent.mkdir()
        for file, count in ((path, 42), (bring, 37)):  # 9 windows, and a point to be predicted behind the last one
            if kind == "npz":
                np.savez(file, u=u[:count], v=v[:count])
            else:
                file.write_text("u,v\n" + "".join(f"{a},{b}\n" for a, b in zip(u[:count], v[:count], strict=True)))
        dataset = {"type": "series", "path": str(path), "inputs": ["u", "v"], "targets": "v", "length": 4, "horizon": 1}
        rows = np.arange(9)[:, None] * 4 + np.arange(4)
        inputs, targets = np.stack([u, v], axis=1)[rows], v[rows + 1][..., None]
        is_last = predict == "last"
        more: dict[str, Any] = {"first": FLAT} if is_last else {}
        dataset |= {"predict": predict, "test": 0.3}
        return Source(dataset, bring, bring, inputs, targets[:, -1] if is_last else targets, **more)

    return make


def _pictures(table: bool) -> Callable[[Path, Patch], Source]:
    def make(place: Path, patch: Patch) -> Source:
        random = RANDOM(8)
        dark, bright = random.integers(0, 100, (12, 6, 5), np.uint8), random.integers(120, 256, (12, 6, 5), np.uint8)
        lines = []
        for name, pictures in (("bright", bright), ("dark", dark)):
            for number, picture in enumerate(pictures):
                is_new = number >= 8
                folder = place / ("raw/new" if is_new else "data/pictures") / ("" if table and not is_new else name)
                folder.mkdir(parents=True, exist_ok=True)
                file = f"{name}{number:02}.png"
                Image.fromarray(picture).save(folder / file)
                lines += [] if is_new else [f"{file},{name}\n"]
        (place / "data" / "labels.csv").write_text("file,label\n" + "".join(lines))
        dataset: dict[str, Any] = {"type": "image_folder", "path": str(place / "data/pictures"), "channels": 1, "test": 0.25}
        if table:
            dataset["table"] = str(place / "data/labels.csv")
        return Source(
            dataset | {"preprocess": ["rescale"]},
            place / "raw/new",
            place / "raw/new",
            np.concatenate([bright[8:], dark[8:]]) / 255,
            np.repeat([0, 1], 4),
            names=("bright", "dark"),
            first=FLAT,
        )

    return make


WORDS = ("dull", "film", "fine", "night")
SAID = {
    "down": ["dull film", "dull night film", "a dull dull", "film dull"],
    "up": ["fine film", "fine fine night", "a fine", "fine"],
}


def _texts(by_line: bool) -> Callable[[Path, Patch], Source]:
    def make(place: Path, patch: Patch) -> Source:
        learnt = {"down": ["dull film night", "dull", "film dull"] * 3, "up": ["fine film night", "fine", "film fine"] * 3}
        for folder, texts in (("data/texts", learnt), ("data/test", SAID), ("raw/new", SAID)):
            for label, lines in texts.items():
                path = place / folder / (f"{label}.txt" if by_line else label)
                path.parent.mkdir(parents=True, exist_ok=True)
                if by_line:
                    path.write_text("\n".join(lines))
                    continue
                path.mkdir()
                for number, line in enumerate(lines):
                    (path / f"{number}.txt").write_text(line)
        numbered = [
            [WORDS.index(word) + 1 if word in WORDS else 0 for word in text.split()] for part in SAID.values() for text in part
        ]
        dataset = {"type": "text_folder", "path": str(place / "data/texts"), "test_path": str(place / "data/test"), "length": 4}
        return Source(
            dataset,
            place / "raw/new",
            place / "raw/new",
            np.array([[0] * (4 - len(row)) + row for row in numbered]),
            np.repeat([0, 1], 4),
            names=("down", "up"),
            first=embedded(5),
            is_test=True,
        )

    return make


TEXT = "the cat sat on the mat and the rat sat on the cat "


def _text(place: Path, patch: Patch) -> Source:
    (place / "data" / "book.txt").write_text(TEXT)
    names = (UNKNOWN, *sorted(set(TEXT)))
    numbers = np.array([names.index(character) for character in TEXT], np.int32)
    rows = np.arange(20)[:, None] + np.arange(5)
    dataset = {"type": "text", "path": str(place / "data/book.txt"), "length": 5, "test": 0.2}
    return arrays(place, dataset, numbers[rows], numbers[rows[:, -1] + 1], names=names, first=embedded(len(names)))


def _learn(name: str) -> Callable[[Path, Patch], Source]:
    def make(place: Path, patch: Patch) -> Source:
        from sklearn import datasets

        inputs, targets = getattr(datasets, f"load_{name}")(return_X_y=True, **({"scaled": False} if name == "diabetes" else {}))
        inputs = inputs.reshape(-1, 8, 8, 1) if name == "digits" else inputs
        chosen = RANDOM(9).permutation(len(inputs))[:20]
        names = {
            "iris": ("setosa", "versicolor", "virginica"),
            "wine": ("class_0", "class_1", "class_2"),
            "breast_cancer": ("malignant", "benign"),
            "digits": tuple("0123456789"),
            "diabetes": (),
        }[name]
        wanted = targets[chosen] if names else targets[chosen][:, None]
        more = {"first": FLAT} if name == "digits" else {}
        return arrays(place, {"type": name, "test": 0.2}, inputs[chosen].astype(np.float32), wanted, names=names, **more)

    return make


def cache_of(place: Path, patch: Patch) -> Path:
    """The folder of a cache of Keras's own, without a network."""
    patch.setenv("KERAS_HOME", str(place / "data"))
    patch.setattr("nncli.data.sets.download.download", None)
    (place / "data" / "datasets").mkdir()
    return place / "data" / "datasets"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _mnist(place: Path, patch: Patch) -> Source:
    cache, random = cache_of(place, patch), RANDOM(10)
    x, y = random.integers(0, 256, (30, 28, 28), np.uint8), np.arange(30, dtype=np.uint8) % 10
    np.savez(cache / "mnist.npz", x_train=x[:20], y_train=y[:20], x_test=x[20:], y_test=y[20:])
    patch.setattr(mnist, "SHA256", sha256(cache / "mnist.npz"))
    found = pixels(place, {"type": "mnist"}, x[20:, ..., None], y[20:], tuple("0123456789"))
    return replace(found, is_test=True)


def _fashion(place: Path, patch: Patch) -> Source:
    folder, random = cache_of(place, patch) / "fashion-mnist", RANDOM(11)
    folder.mkdir()
    patch.setattr(fashion, "_PARTS", {"train": 20, "t10k": 10})
    x, y = random.integers(0, 256, (30, 28, 28), np.uint8), np.arange(30, dtype=np.uint8) % 10
    for name, part in (("train", slice(20)), ("t10k", slice(20, 30))):
        (folder / f"{name}-images-idx3-ubyte.gz").write_bytes(idx(x[part]))
        (folder / f"{name}-labels-idx1-ubyte.gz").write_bytes(idx(y[part]))
    names = FashionMnist().class_names
    return replace(pixels(place, {"type": "fashion_mnist"}, x[20:, ..., None], y[20:], names), is_test=True)


def _cifar10(place: Path, patch: Patch) -> Source:
    tables = ten()
    fill(cifar.CIFAR10, cache_of(place, patch), tables, as_python_3)
    test = tables["test_batch"]
    found = pixels(place, {"type": "cifar10"}, as_images(test[b"data"]), np.array(test[b"labels"]), cifar_names.CIFAR10)
    return replace(found, is_test=True)


def _cifar100(place: Path, patch: Patch) -> Source:
    flat, fine = RANDOM(12).integers(0, 256, (20, 3072), np.uint8), [5 * number for number in range(20)]
    part = {b"data": flat, b"fine_labels": fine, b"coarse_labels": list(range(20))}
    fill(cifar.CIFAR100, cache_of(place, patch), {"train": part, "test": part}, as_python_3)
    found = pixels(place, {"type": "cifar100"}, as_images(flat), np.array(fine), cifar_names.CIFAR100_FINE)
    return replace(found, is_test=True)


def _numbered(name: str) -> Callable[[Path, Patch], Source]:
    def make(place: Path, patch: Patch) -> Source:
        path, random = cache_of(place, patch) / f"{name}.npz", RANDOM(13)
        texts = np.empty(40, object)
        texts[:] = [random.integers(4, 12, random.integers(1, 6)).tolist() for _ in range(40)]
        labels = np.arange(40) % 2
        parts = {"x_train": texts[:30], "y_train": labels[:30], "x_test": texts[30:], "y_test": labels[30:]}
        np.savez(path, **(parts if name == "imdb" else {"x": texts, "y": labels}))
        patch.setattr(words, name.upper(), replace(getattr(words, name.upper()), sha256=sha256(path)))
        # Keras's beginning is 1, and 3 is added to each number of a word; those from `num_words` on are 2.
        rows = [[1, *(word + 3 for word in text)][-4:] for text in texts[30:]]
        inputs = np.array([[0] * (4 - len(row)) + [number if number < 12 else 2 for number in row] for row in rows])
        dataset = {"type": name, "length": 4, "num_words": 12} | ({"test": 0.2} if name == "reuters" else {})
        names = (Imdb if name == "imdb" else Reuters)().class_names
        return replace(arrays(place, dataset, inputs, labels[30:], names=names, first=embedded(12)), is_test=name == "imdb")

    return make


def _houses(name: str) -> Callable[[Path, Patch], Source]:
    def make(place: Path, patch: Patch) -> Source:
        path, random = cache_of(place, patch) / f"{name}.npz", RANDOM(14)
        x, y = random.normal(size=(40, 13 if name == "boston_housing" else 8)).astype(np.float32), random.random(40)
        np.savez(path, x=x, y=y)
        constant = "BOSTON" if name == "boston_housing" else "CALIFORNIA"
        patch.setattr(cached, constant, replace(getattr(cached, constant), sha256=sha256(path)))
        return arrays(place, {"type": name, "test": 0.2}, x[:10], y[:10, None])

    return make


SOURCES: dict[str, Callable[[Path, Patch], Source]] = {
    "csv": _table("csv"),
    "csv_amounts": _table("csv", amounts=True),
    "parquet": _table("parquet"),
    "json_lines": _table("json_lines"),
    "npz": _npz,
    "npy": _npy,
    "inline": _inline,
    "line": _line,
    "series_csv": _series("csv", "sequence"),
    "series_npz": _series("npz", "last"),
    "image_folder": _pictures(table=False),
    "image_folder_table": _pictures(table=True),
    "text_folder_files": _texts(by_line=False),
    "text_folder_lines": _texts(by_line=True),
    "text": _text,
    **{name: _learn(name) for name in ("iris", "wine", "breast_cancer", "digits", "diabetes")},
    "mnist": _mnist,
    "fashion_mnist": _fashion,
    "cifar10": _cifar10,
    "cifar100": _cifar100,
    **{name: _numbered(name) for name in ("imdb", "reuters")},
    **{name: _houses(name) for name in ("boston_housing", "california_housing")},
}
"""By type, and where a type has several forms, by those: what makes one in a folder, with `data` there for what is trained on."""

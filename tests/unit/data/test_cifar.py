"""CIFAR: caches as Keras leaves them, and what else may lie there; no network beyond this machine."""

from __future__ import annotations

import hashlib
import io
import pickle
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncli.data.outline import outline
from nncli.data.prepare import prepare
from nncli.data.sets import cifar
from nncli.data.sets.cifar import CIFAR10, CIFAR100, Archive
from nncli.problems import Problem
from nncli.spec.datasets import cifar_names
from nncli.spec.datasets.images import Cifar10, Cifar100, ImageDataset

Refused = Callable[..., Problem]

rng = np.random.default_rng(0)


class Python2Pickler(pickle._Pickler):  # type: ignore[misc, name-defined]
    """Writes texts and bytes as Python 2 wrote them, as which the archives were published."""

    dispatch = dict(pickle._Pickler.dispatch)  # type: ignore[attr-defined]

    def save_string(self, value: bytes | str) -> None:
        data = value.encode("latin1") if isinstance(value, str) else value
        self.write(b"T" + len(data).to_bytes(4, "little") + data)
        self.memoize(value)

    dispatch[bytes] = dispatch[str] = save_string


def as_python_2(table: Any) -> bytes:
    stream = io.BytesIO()
    Python2Pickler(stream, protocol=2).dump(table)
    named = stream.getvalue().replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    return named.replace(b"\x89\x88\x87R", b"K\x00K\x01\x87R")  # dtype('u1', 0, 1): NumPy had no booleans there


def as_python_3(table: Any) -> bytes:
    return pickle.dumps(table, protocol=4)


def images(count: int) -> np.ndarray:
    return rng.integers(0, 256, (count, 3072), dtype=np.uint8)


def fill(archive: Archive, folder: Path, tables: dict[str, dict[bytes, Any]], dump: Callable[[Any], bytes] = as_python_2) -> None:
    inner = folder / archive.folder / archive.inner
    inner.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        (inner / name).write_bytes(dump(table))


@pytest.fixture
def datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a cache of its own, and no way to the network."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr("nncli.data.sets.download.CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(cifar, "CIFAR10", replace(CIFAR10, url="http://127.0.0.1:1/cifar-10.tar.gz"))
    monkeypatch.setattr(cifar, "CIFAR100", replace(CIFAR100, url="http://127.0.0.1:1/cifar-100.tar.gz"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    folder = tmp_path / "keras" / "datasets"
    folder.mkdir(parents=True)
    return folder


def ten(per_file: int = 4) -> dict[str, dict[bytes, Any]]:
    names = (*CIFAR10.train, CIFAR10.test)
    return {
        name: {
            b"data": images(per_file),
            b"labels": [(number + index) % 10 for index in range(per_file)],
            b"batch_label": name.encode(),
        }
        for number, name in enumerate(names)
    }


def as_images(flat: np.ndarray) -> np.ndarray:
    """Pixel by pixel: red, green and blue lie 1,024 values apart, row after row."""
    return np.array(
        [[[[image[1024 * c + 32 * y + x] for c in range(3)] for x in range(32)] for y in range(32)] for image in flat], np.uint8
    )


@pytest.mark.parametrize("dump", [as_python_2, as_python_3])
def test_cifar10_is_read_from_keras_s_cache(dump: Any, datasets: Path) -> None:
    tables = ten()
    fill(CIFAR10, datasets, tables, dump)
    splits = prepare(Cifar10(), seed=0)
    train = [tables[name] for name in CIFAR10.train]
    assert np.array_equal(splits.train.inputs[:], as_images(np.concatenate([table[b"data"] for table in train])))
    assert splits.train.targets.tolist() == [label for table in train for label in table[b"labels"]]
    assert splits.test is not None
    assert np.array_equal(splits.test.inputs[:], as_images(tables["test_batch"][b"data"]))
    assert splits.test.targets.tolist() == tables["test_batch"][b"labels"]
    assert splits.preparation.class_names == cifar_names.CIFAR10
    assert (splits.preparation.raw_shape, splits.preparation.raw_dtype) == ((32, 32, 3), "uint8")


@pytest.mark.parametrize(
    ("mode", "key", "names"),
    [("fine", b"fine_labels", cifar_names.CIFAR100_FINE), ("coarse", b"coarse_labels", cifar_names.CIFAR100_COARSE)],
)
def test_cifar100_is_read_by_kind_or_by_group(mode: Any, key: bytes, names: tuple[str, ...], datasets: Path) -> None:
    tables: dict[str, dict[bytes, Any]] = {
        part: {b"data": images(5), b"fine_labels": [0, 99, 50, 7, 7 + at], b"coarse_labels": [0, 19, 10, 3, 3 + at]}
        for at, part in enumerate(("train", "test"))
    }
    fill(CIFAR100, datasets, tables)
    splits = prepare(Cifar100(label_mode=mode, labels="one_hot"), seed=0)
    assert splits.test is not None
    for part, found in (("train", splits.train), ("test", splits.test)):
        assert np.array_equal(found.inputs[:], as_images(tables[part][b"data"]))
        assert np.array_equal(found.targets, np.eye(len(names))[tables[part][key]])
    assert splits.preparation.class_names == names


def test_the_names_are_those_of_the_archives() -> None:
    """Counts, order and no repetition; that each number has its name, the archives alone could show."""
    assert (len(cifar_names.CIFAR10), len(cifar_names.CIFAR100_FINE), len(cifar_names.CIFAR100_COARSE)) == (10, 100, 20)
    for names in (cifar_names.CIFAR10, cifar_names.CIFAR100_FINE, cifar_names.CIFAR100_COARSE):
        assert len(set(names)) == len(names)
        assert list(names) == sorted(names)


@pytest.mark.parametrize(
    ("dataset", "classes"), [(Cifar10(), 10), (Cifar100(), 100), (Cifar100(label_mode="coarse"), 20)], ids=["10", "100", "groups"]
)
def test_the_outline_needs_no_files(dataset: ImageDataset, classes: int, datasets: Path) -> None:
    found = outline(dataset)
    assert (found.input_shape, found.target_shape, found.num_classes) == ((32, 32, 3), (), classes)
    assert (found.num_train, found.num_validation, found.num_test) == (50_000, 0, 10_000)
    assert list(datasets.iterdir()) == []


def test_its_own_input_as_the_target(datasets: Path) -> None:
    fill(CIFAR10, datasets, ten())
    dataset = Cifar10.model_validate({"target": "input", "preprocess": ["rescale"]})
    splits = prepare(dataset, seed=0)
    assert splits.train.targets[:].tobytes() == splits.train.inputs[:].tobytes()
    assert outline(dataset).target_shape == splits.preparation.target_shape == (32, 32, 3)


# Files that are missing or foreign


def test_offline_the_digits_that_need_no_network_are_named(datasets: Path, refused: Refused) -> None:
    for dataset, url in ((Cifar10(), "http://127.0.0.1:1/cifar-10.tar.gz"), (Cifar100(), "http://127.0.0.1:1/cifar-100.tar.gz")):
        problem = refused(prepare, dataset, seed=0)
        assert problem.code == "NN503"
        assert problem.message.startswith(f"{url} could not be downloaded: ")
        assert "`dataset: mnist_5k`" in (problem.hint or "")
    assert list(datasets.iterdir()) == []


def test_a_missing_file_is_a_problem(datasets: Path, refused: Refused) -> None:
    tables = ten()
    del tables["data_batch_3"]
    fill(CIFAR10, datasets, tables)
    problem = refused(prepare, Cifar10(), seed=0)
    assert (problem.code, problem.message) == ("NN501", "there is no such file")
    assert problem.where is not None
    assert problem.where.file == str(datasets / CIFAR10.folder / CIFAR10.inner / "data_batch_3")


def bad(data: bytes, datasets: Path) -> Path:
    fill(CIFAR10, datasets, ten())
    path = datasets / CIFAR10.folder / CIFAR10.inner / "data_batch_1"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("cut", [0, 1, 10, 300, 5000, -1])
def test_a_truncated_pickle_is_a_problem(cut: int, datasets: Path, refused: Refused) -> None:
    path = bad(as_python_2(ten()["test_batch"])[:cut], datasets)
    problem = refused(prepare, Cifar10(), seed=0)
    assert problem.code == "NN502"
    assert problem.message.startswith("this is no file of CIFAR: ") or problem.message == "the file is empty"
    assert problem.where is not None and problem.where.file == str(path)


class Calls:
    """Pickled, it is the call of a function."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


def global_call(module: str, name: str, argument: str) -> bytes:
    return f"c{module}\n{name}\n(V{argument}\ntR.".encode()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("posix", "system"),
        ("builtins", "eval"),
        ("builtins", "exec"),
        ("__builtin__", "eval"),
        ("subprocess", "check_output"),
        ("numpy", "load"),
        ("numpy.core.multiarray", "scalar"),
        ("nncli.data.sets.cifar", "os.system"),
        ("numpy", "ndarray.tofile"),
        ("_codecs", "encode"),
    ],
)
def test_a_pickle_that_would_act_is_refused_and_nothing_runs(
    module: str, name: str, datasets: Path, refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    argument = "touch ran" if name in ("system", "check_output") else "open('ran', 'w')"
    path = bad(global_call(module, name, argument), datasets)
    problem = refused(prepare, Cifar10(), seed=0)
    assert (problem.code, problem.message) == (
        "NN502",
        f"this is no file of CIFAR: it names `{module}.{name}`, which no array needs",
    )
    assert problem.where is not None and problem.where.file == str(path)
    assert not (tmp_path / "ran").exists()


def test_a_call_hidden_among_the_labels_is_refused(datasets: Path, refused: Refused, tmp_path: Path) -> None:
    import os

    table = {b"data": images(1), b"labels": [Calls(os.system, f"touch {tmp_path / 'ran'}")]}
    bad(pickle.dumps(table, protocol=4), datasets)
    assert refused(prepare, Cifar10(), seed=0).message.endswith("system`, which no array needs")
    assert not (tmp_path / "ran").exists()


GOOD_LABELS = [0, 1, 2]
WRONG: dict[str, Any] = {
    "a list": [1, 2, 3],
    "no labels": {b"data": images(3)},
    "fine labels": {b"data": images(3), b"fine_labels": GOOD_LABELS},
    "narrow": {b"data": images(3)[:, :-1], b"labels": GOOD_LABELS},
    "a vector": {b"data": images(3)[0], b"labels": GOOD_LABELS},
    "fewer labels": {b"data": images(3), b"labels": GOOD_LABELS[:2]},
    "no images": {b"data": images(0), b"labels": []},
    "floats": {b"data": images(3).astype(np.float32), b"labels": GOOD_LABELS},
    "objects": {b"data": images(3).astype(object), b"labels": GOOD_LABELS},
    "no array": {b"data": b"x" * 3072, b"labels": GOOD_LABELS},
    "negative": {b"data": images(3), b"labels": [0, 1, -1]},
    "large": {b"data": images(3), b"labels": [0, 1, 100]},
    "fractions": {b"data": images(3), b"labels": [0, 1, 0.5]},
    "texts": {b"data": images(3), b"labels": ["0", "1", "2"]},
    "ragged": {b"data": images(3), b"labels": [0, 1, [2]]},
}


@pytest.mark.parametrize("what", WRONG)
def test_other_content_is_a_problem(what: str, datasets: Path, refused: Refused) -> None:
    path = bad(as_python_3(WRONG[what]), datasets)
    problem = refused(prepare, Cifar10(), seed=0)
    assert problem.code == "NN502"
    assert problem.message.startswith("this is no file of CIFAR: ")
    assert problem.where is not None and problem.where.file == str(path)


def test_a_class_that_cifar10_does_not_have_is_a_problem(datasets: Path, refused: Refused) -> None:
    bad(as_python_2({b"data": images(3), b"labels": [0, 1, 10]}), datasets)
    problem = refused(prepare, Cifar10(), seed=0)
    assert problem.code == "NN502"
    assert "11 classes, but there are 10 class names" in problem.message


def test_a_file_that_is_too_large_is_not_read(datasets: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cifar, "MAX_BATCH_BYTES", 1000)
    fill(CIFAR10, datasets, ten())
    assert refused(prepare, Cifar10(), seed=0).message == "this is no file of CIFAR: more than 1,000 bytes"


# Unpacking


def packed(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return stream.getvalue()


GOOD = packed({f"{CIFAR10.inner}/{name}": as_python_2(table) for name, table in ten().items()})


@pytest.fixture
def place(datasets: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """`place(data)` puts an archive where it is unpacked from; its bytes, or those of `right`, are what CIFAR-10 has."""

    def write(data: bytes, right: bytes | None = None) -> Path:
        sha256 = hashlib.sha256(data if right is None else right).hexdigest()
        monkeypatch.setattr(cifar, "CIFAR10", replace(cifar.CIFAR10, sha256=sha256))
        path = datasets / f"{CIFAR10.folder}.tar.gz"
        path.write_bytes(data)
        return path

    return write


def test_an_archive_is_unpacked_once(place: Any, datasets: Path) -> None:
    archive = place(GOOD)
    first = prepare(Cifar10(), seed=0)
    archive.unlink()
    assert prepare(Cifar10(), seed=0).fingerprint == first.fingerprint
    assert [path.name for path in datasets.iterdir()] == [CIFAR10.folder]


@pytest.mark.parametrize(
    "data",
    [
        b"no archive",
        b"",
        GOOD[:3000],
        GOOD[:-20],
        packed({"../../outside": b"1"}),
        packed({"outside": b"1", f"{CIFAR10.inner}/../../../outside": b"1"}),
    ],
    ids=["foreign", "empty", "truncated", "no end", "upwards", "upwards, second"],
)
def test_an_archive_that_cannot_be_unpacked_leaves_nothing(data: bytes, place: Any, datasets: Path, refused: Refused) -> None:
    archive = place(data)
    problem = refused(prepare, Cifar10(), seed=0)
    assert problem.code == "NN503"
    assert problem.message.startswith("the archive cannot be unpacked: ")
    assert problem.where is not None and problem.where.file == str(archive)
    assert list(datasets.iterdir()) == [archive]
    assert archive.read_bytes() == data
    assert not list(datasets.parent.parent.rglob("outside"))


def test_an_archive_of_other_bytes_is_left_alone(place: Any, datasets: Path, refused: Refused) -> None:
    other = packed({"dear": b"to someone"})
    archive = place(other, right=GOOD)
    wrong, right = (hashlib.sha256(data).hexdigest()[:12] for data in (other, GOOD))
    problem = refused(prepare, Cifar10(), seed=0)
    assert (problem.code, problem.message) == (
        "NN503",
        f"the archive cannot be unpacked: its SHA-256 is {wrong}..., not {right}...",
    )
    assert list(datasets.iterdir()) == [archive]


POINTER = b"cnumpy\ndtype\nX\x01\x00\x00\x00O\x85R"
"""An array of objects, whose bytes NumPy takes for addresses."""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (b"\x80\x02cnumpy\nndarray\n(K\x01\x85" + POINTER + b"C\x08AAAAAAAAtR.", "it holds an array of the type 'O'"),
        (b"\x80\x02" + POINTER + b".", "it holds an array of the type 'O'"),
        (b"\x80\x02cnumpy\nndarray\n(K\x01\x85t\x81.", "it holds NEWOBJ None, which no array needs"),
        (b"\x80\x02cnumpy\nndarray\nJ\xff\xff\xff\x7f\x85\x85R.", "'NoneType' object is not callable"),
        (b"\x80\x02Nr\xff\xff\xff\x7f.", "it holds LONG_BINPUT 2147483647, which no array needs"),
        (b"\x80\x05\x96" + bytes([1]) + bytes(7) + b"a.", "it holds BYTEARRAY8 bytearray(b'a'), which no array needs"),
        (b"\x80\x02\x8b\x01\x00\x00\x00a.", "it holds LONG4 97, which no array needs"),
        (b"\x80\x02Pid\n.", "it holds PERSID 'id', which no array needs"),
        (b"\x80\x02\x82\x01.", "it holds EXT1 1, which no array needs"),
        (b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n(tR(K\x01K\x01\x85NNC\x01atb.", "it holds an array of something else"),
    ],
    ids=["memory", "objects", "made", "allocated", "memo", "buffer", "number", "persistent", "extension", "no dtype"],
)
def test_a_pickle_that_asks_numpy_for_memory_is_refused(code: bytes, said: str, datasets: Path, refused: Refused) -> None:
    bad(code, datasets)
    problem = refused(prepare, Cifar10(), seed=0)
    assert problem.code == "NN502"
    assert problem.message.startswith(f"this is no file of CIFAR: {said}")


def test_labels_that_hold_each_other_are_refused(datasets: Path, refused: Refused) -> None:
    laughs: list[Any] = [0]
    for _ in range(40):
        laughs = [laughs, laughs]
    bad(as_python_2({b"data": images(2), b"labels": laughs}), datasets)
    assert refused(prepare, Cifar10(), seed=0).message == "this is no file of CIFAR: labels that are no class numbers"

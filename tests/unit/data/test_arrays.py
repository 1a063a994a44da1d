"""NumPy's files: what is good is read exactly, what is bad is a problem that names the file."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nncli.data import arrays
from nncli.data.arrays import open_npz, read_npy
from nncli.problems import NncliError, Problem

Refused = Callable[..., Problem]


def read_all(path: str | Path) -> dict[str, np.ndarray]:
    with open_npz(path) as archive:
        return {name: archive.read(name) for name in archive.names}


def npy(array: Any, version: tuple[int, int] | None = None) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asarray(array), version=version)
    return buffer.getvalue()


def header(text: str) -> bytes:
    body = text.encode("latin1")
    return b"\x93NUMPY\x01\x00" + len(body).to_bytes(2, "little") + body


GOOD = [
    np.arange(12, dtype=np.uint8).reshape(3, 4),
    np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    np.arange(5, dtype=">i4"),
    np.array([True, False]),
    np.array(3.5, dtype=np.float16),
    np.zeros((0, 4)),
]


@pytest.mark.parametrize("array", GOOD, ids=lambda array: f"{array.dtype}{array.shape}")
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_come_back_exactly(array: np.ndarray, save: Any, tmp_path: Path) -> None:
    save(tmp_path / "a.npz", a=array)
    np.save(tmp_path / "a.npy", array)
    for found in (read_all(tmp_path / "a.npz")["a"], read_npy(tmp_path / "a.npy")):
        assert found.dtype == array.dtype.newbyteorder("=")
        assert found.dtype.isnative
        assert found.shape == array.shape
        assert np.array_equal(found, array)
    with open_npz(tmp_path / "a.npz") as archive:
        assert archive.header("a") == arrays.Header(array.shape, array.dtype.newbyteorder("="))


def test_version_2_of_the_format_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(npy([1, 2], version=(2, 0)))
    assert read_npy(tmp_path / "a.npy").tolist() == [1, 2]


BAD_NPY = {
    "foreign": (b"hello", "not a NumPy .npy file, or a damaged one: "),
    "magic alone": (b"\x93NUMPY\x01\x00", "not a NumPy .npy file, or a damaged one: "),
    "truncated": (npy(np.arange(1000))[:-10], "the file is truncated: 8128 bytes declared, 8118 stored"),
    "longer": (npy(np.arange(10)) + b"more", "the file is damaged: 208 bytes declared, 212 stored"),
    "objects": (npy(np.array([0])).replace(b"'<i8'", b"'|O' "), "the file holds Python objects, but numbers were expected"),
    "text": (npy(np.array(["ab"])), "the file holds text, but numbers were expected"),
    "complex": (npy(np.array([1j])), "the file holds complex numbers, but numbers were expected"),
    "records": (npy(np.zeros(2, dtype=[("a", "i4")])), "the file holds records, but numbers were expected"),
    "long double": (
        npy(np.zeros(2, dtype=np.longdouble)),
        "the file holds numbers of type float128, but numbers were expected",
    ),
    "sub-array": (header("{'descr': ('<i4', (3,)), 'fortran_order': False, 'shape': (2,), }"), "the file holds "),
    "huge": (
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"),
        "the file declares more than 8 GiB",
    ),
    "negative": (
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 5), }"),
        "the file declares the impossible shape (-1, 5)",
    ),
    "deep": (header("(" * 5000), "not a NumPy .npy file, or a damaged one: "),
    "version 3": (npy(np.arange(3), version=(3, 0)), "the file is in version 3.0 of NumPy's format"),
    "not finite": (npy(np.array([[0, 1], [np.nan, 2]])), "the array holds nan at [1, 0], but every number must be finite"),
    "empty": (b"", "the file is empty"),
}


@pytest.mark.parametrize("what", BAD_NPY)
def test_a_bad_npy_file_is_a_problem(what: str, tmp_path: Path, refused: Refused) -> None:
    content, message = BAD_NPY[what]
    if what == "long double" and np.dtype(np.longdouble).itemsize != 16:
        pytest.skip("float128 is this platform's affair")
    path = tmp_path / "bad.npy"
    path.write_bytes(content)
    problem = refused(read_npy, path)
    assert problem.code == "NN502"
    assert problem.message.startswith(message)
    assert problem.where is not None
    assert problem.where.file == str(path)


def test_texts_are_to_be_numbered(tmp_path: Path, refused: Refused) -> None:
    np.save(tmp_path / "words.npy", np.array(["cat", "dog"]))
    assert "numpy.unique(y, return_inverse=True)" in (refused(read_npy, tmp_path / "words.npy").hint or "")


@pytest.mark.parametrize("what", ["truncated", "objects", "text", "huge", "not finite", "longer", "foreign"])
def test_a_bad_array_in_a_npz_file_is_a_problem(what: str, tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "bad.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", BAD_NPY[what][0])
    problem = refused(read_all, path)
    assert problem.code == "NN502"
    assert "`x`" in problem.message


def test_missing_files_and_folders_are_problems(tmp_path: Path, refused: Refused) -> None:
    for read in (read_npy, read_all):
        assert refused(read, tmp_path / "none").message == "there is no such file"
        assert refused(read, tmp_path).message == "this is a folder or a device, but a data file was expected"
        assert refused(read, "/dev/zero").code == "NN501"
        assert refused(read, "a\0b").code == "NN501"
    assert refused(read_npy, tmp_path / "none").code == "NN501"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_problem(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.zeros(1))
    path.chmod(0)
    assert refused(read_npy, path).message == "the file cannot be opened: Permission denied"


def test_a_zip_that_is_packed_otherwise_or_lies_about_its_size_is_refused(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("x.npy", npy(np.zeros(9)))
    assert "packed in a way that NumPy does not write" in refused(read_all, path).message
    np.savez_compressed(path, x=np.zeros(10**6))
    content = path.read_bytes()
    size = (8 * 10**6 + 128).to_bytes(4, "little")
    assert content.count(size)
    path.write_bytes(content.replace(size, (10**9).to_bytes(4, "little")))
    assert f"expands more than 100 times, from {len(content):,} to 1,000,000,000 bytes" in refused(read_all, path).message


def test_a_zip_that_expands_beyond_the_cap_is_refused(tmp_path: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "MAX_BYTES", 2**20)
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=np.zeros(10**6))
    assert "the file expands to more than" in refused(read_all, path).message


def test_a_flipped_bit_in_the_values_is_noticed(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, x=np.arange(1000))
    content = bytearray(path.read_bytes())
    content[4000] ^= 1
    path.write_bytes(content)
    assert "`x` cannot be read: Bad CRC-32" in refused(read_all, path).message


def _fuzz_seed() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, x=np.arange(6.0).reshape(2, 3), y=np.array([0, 1]))
    return buffer.getvalue()


def _packed_seed() -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, x=np.arange(6.0).reshape(2, 3))
    return buffer.getvalue()


edits = st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=4), st.integers(0, 4)), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("seed", "read"),
    [(_fuzz_seed(), read_all), (_packed_seed(), read_all), (npy(np.arange(6.0)), read_npy)],
    ids=["npz", "packed", "npy"],
)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=edits, cut=st.none() | st.integers(0, 700))
def test_changed_bytes_give_arrays_or_a_problem_and_nothing_else(
    seed: bytes, read: Any, edits: Any, cut: int | None, tmp_path: Path
) -> None:
    content = bytearray(seed)
    for place, new, gone in edits:
        start = place % (len(content) + 1)
        content[start : start + gone] = new
    path = tmp_path / "fuzz"
    path.write_bytes(content[:cut])
    try:
        read(path)
    except NncliError as failure:
        assert all(problem.where is not None and problem.where.file == str(path) for problem in failure.problems)

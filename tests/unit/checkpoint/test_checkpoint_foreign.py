"""Files that are no checkpoint: the message says what they are."""

from __future__ import annotations

import errno
import io
import os
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nncli.checkpoint import read
from nncli.checkpoint.contents import Checkpoint
from nncli.checkpoint.read import read_checkpoint
from nncli.checkpoint.write import checkpoint_bytes, weights_bytes
from nncli.problems import Problem, Where

HINT = "name a run folder, or a checkpoint in it, such as `checkpoints/best.h5`"


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("metadata.json", "{}")
    return buffer.getvalue()


def hdf5() -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["measurements"] = np.arange(3)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"name: cnn_mnist\nseed: 0\n", "text"),
        ("Gewichte: schöne\r\n".encode(), "text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
        (zipped(), "a zip archive, as `.keras` and `.npz` files are"),
        (b"\x93NUMPY\x01\0", "a NumPy array"),
        (b"\x1f\x8b\x08\0", "a gzip file"),
        (b"\x89HDF\r\n\x1a", "a file of another kind"),
        (bytes(1000), "a file of another kind"),
        (hdf5(), "an HDF5 file that another program wrote"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_of_another_kind_is_named(data: bytes, what: str, tmp_path: Path, refused: Any) -> None:
    path = tmp_path / "best.h5"
    path.write_bytes(data)
    expected = Problem("NN603", f"this is no checkpoint of nncli, but {what}", HINT, Where(file=str(path)))
    assert refused(read_checkpoint, path) == expected


def test_a_network_of_stock_keras_is_named(tiny: Checkpoint, tmp_path: Path, refused: Any) -> None:
    path = tmp_path / "exported.h5"
    path.write_bytes(weights_bytes(tiny.weights))
    what = "a network that stock Keras saved, without what nncli has to know about it"
    assert refused(read_checkpoint, path).message == f"this is no checkpoint of nncli, but {what}"


@pytest.mark.parametrize("name", ["none.h5", "file/none.h5", "none/none.h5", "dangling.h5", "a\0b"])
def test_a_missing_file_is_said_to_be_missing(name: str, tmp_path: Path, refused: Any) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling.h5").symlink_to("nowhere")
    expected = Problem("NN603", "there is no such checkpoint", "`nncli train CONFIG` makes one", Where(file=str(tmp_path / name)))
    assert refused(read_checkpoint, tmp_path / name) == expected


def test_what_holds_no_bytes_is_named(tmp_path: Path, refused: Any) -> None:
    problem = refused(read_checkpoint, tmp_path)
    assert problem == Problem(
        "NN603", "this is a folder, but a checkpoint is a file", "name its `checkpoints/best.h5`", Where(file=str(tmp_path))
    )
    (tmp_path / "empty.h5").touch()
    assert refused(read_checkpoint, tmp_path / "empty.h5").message == "this is no usable checkpoint: the file is empty"
    os.mkfifo(tmp_path / "pipe.h5")
    for path in (tmp_path / "pipe.h5", "/dev/zero"):
        assert refused(read_checkpoint, path).message == "this is no usable checkpoint: it is no file but a device or a pipe"


def test_a_disk_that_refuses_is_a_problem_of_its_own(tmp_path: Path, refused: Any) -> None:
    (tmp_path / "loop.h5").symlink_to("loop.h5")
    problem = refused(read_checkpoint, tmp_path / "loop.h5")
    assert (problem.code, problem.message) == ("NN604", f"the checkpoint cannot be read: {os.strerror(errno.ELOOP)}")
    assert refused(read_checkpoint, tmp_path / ("x" * 256)).message == "the checkpoint cannot be read: File name too long"


def test_a_file_beyond_all_measure_is_not_read(
    tiny: Checkpoint, tmp_path: Path, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "huge.h5"
    with path.open("wb") as file:
        file.truncate(2**40)
    message = "this is no usable checkpoint: it has 1,099,511,627,776 bytes; at most 68,719,476,736 are read"
    assert refused(read_checkpoint, path).message == message
    path.write_bytes(checkpoint_bytes(tiny))
    monkeypatch.setattr(read, "MAX_FILE", path.stat().st_size)
    read_checkpoint(path)


def test_a_link_to_a_checkpoint_is_read(tiny: Checkpoint, parts: Any, tmp_path: Path) -> None:
    (tmp_path / "best.h5").write_bytes(checkpoint_bytes(tiny))
    (tmp_path / "link.h5").symlink_to("best.h5")
    assert parts(read_checkpoint(tmp_path / "link.h5")) == parts(tiny)


def test_a_file_that_is_mostly_holes_is_not_read(tmp_path: Path, refused: Any) -> None:
    path = tmp_path / "best.h5"
    with path.open("wb") as file:
        file.write(b"\x89HDF\r\n\x1a\n" + bytes(4096))
        file.truncate(2**33)
    if 512 * path.stat().st_blocks > 2**30:
        pytest.skip("this disk has no holes")
    assert refused(read_checkpoint, path).message.startswith(
        "this is no usable checkpoint: it has 8,589,934,592 bytes, of which only"
    )


def test_of_a_large_file_that_is_something_else_only_the_beginning_is_read(tmp_path: Path, refused: Any) -> None:
    path = tmp_path / "film.h5"
    with path.open("wb") as file:
        file.write(b"\x1aE\xdf\xa3")
        file.truncate(2**35)
    assert refused(read_checkpoint, path).message == "this is no checkpoint of nncli, but a file of another kind"

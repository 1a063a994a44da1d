"""Making a file that must not exist."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from nncli.problems import NncliError, error
from nncli.runs.atomic import NO_LINKS
from nncli.runs.disk import disk_problems, make_folders, sync_folder, write_all
from nncli.runs.temporary import temporary, temporary_name, written_beside


def require_new(path: Path) -> None:
    """Check, before anything is computed, that a file can be made at `path`.

    Raises:
        NncliError: NN601, something is there already; NN604, its folder is not, or the disk refuses to tell.
    """
    with disk_problems(path):
        is_there, has_folder = path.exists() or path.is_symlink(), path.parent.is_dir()
    if is_there:
        raise error("NN601", "the file exists already, and nothing is overwritten", "choose another name, or remove it", file=path)
    if not has_folder:
        raise error("NN604", "its folder does not exist", "make the folder first", file=path)


def write_new(path: Path, data: bytes) -> None:
    """Make a file, whole or not at all, that must not exist.

    Raises:
        NncliError: NN601, it has come into being meanwhile; NN604, the disk refuses.
    """
    with disk_problems(path):
        try:
            with written_beside(path, data) as beside:
                _give_name(beside, path)
        except FileExistsError:
            raise _exists(path) from None
        sync_folder(path.parent)


@contextlib.contextmanager
def writing_new(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Make a file part by part that must not exist; it is there under its name once it is whole, or not at all.

    Yields:
        What adds some bytes.

    Raises:
        NncliError: NN601, it has come into being meanwhile; NN604, the disk refuses.
    """
    with contextlib.ExitStack() as stack:
        with disk_problems(path):
            beside = stack.enter_context(temporary(path, "file"))
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            stack.callback(os.close, descriptor)

        def add(data: bytes) -> None:
            with disk_problems(path):
                write_all(descriptor, data)

        yield add
        with disk_problems(path):
            os.fsync(descriptor)
            try:
                _give_name(beside, path)
            except FileExistsError:
                raise _exists(path) from None
            sync_folder(path.parent)


def write_new_folder(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Make a folder with files, whole or not at all, that must not exist.

    Args:
        path: the folder; those above it are made.
        files: path in the folder, and content, each.

    Raises:
        NncliError: NN604, the disk refuses, or something has come into being there meanwhile.
    """
    with disk_problems(path, "made"):
        make_folders(path.parent)
        beside = temporary_name(path.parent, "folder")
        shutil.rmtree(beside, ignore_errors=True)
        try:
            for name, data in files:
                file = beside / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
            os.rename(beside, path)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        sync_folder(path.parent)


def _exists(path: Path) -> NncliError:
    return error("NN601", "the file exists already, and nothing is overwritten", "choose another name", file=path)


def _give_name(beside: Path, path: Path) -> None:
    """Call a file `path`, unless another is called so."""
    try:
        os.link(beside, path)  # unlike a rename, a link never replaces a file
    except OSError as problem:
        if problem.errno not in NO_LINKS:
            raise
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))  # takes the name, if it is free
        try:
            os.replace(beside, path)
        except BaseException:
            path.unlink()
            raise

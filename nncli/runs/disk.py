"""The disk: what it refuses as a problem, and what it has to be told for files and names to outlast a power failure."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from nncli.problems import error


@contextlib.contextmanager
def disk_problems(path: Path, what: str = "written", hint: str | None = None) -> Iterator[None]:
    """Tell what the disk refuses within as a problem of `path`.

    Args:
        path: the file or folder.
        what: what it cannot be: `written`, `made`, `removed`.
        hint: how to mend it.

    Raises:
        NncliError: NN604.
    """
    try:
        yield
    except OSError as problem:
        raise error("NN604", f"cannot be {what}: {problem.strerror or problem}", hint, file=path) from None


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of `data`, in as many parts as the system takes it."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_file(path: Path) -> None:
    """Make the content of a file durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: without it a rename may be lost with the power."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return  # one may write into it, but not read it
    try:
        os.fsync(descriptor)
    except OSError as problem:
        if problem.errno != errno.EINVAL:  # the answer of file systems that sync no folders
            raise
    finally:
        os.close(descriptor)


def make_folders(folder: Path) -> None:
    """Make a folder and those above it, as far as they are not there, and their names durable."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:  # a file is in the way
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from None
    for path in missing:
        sync_folder(path.parent)

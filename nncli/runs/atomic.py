"""Putting a file on disk whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nncli.problems import NncliError, error

_NO_LINKS: Final = frozenset([errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS])
"""What file systems answer that give a file one name only: FAT, some network drives."""


def write_atomically(path: Path, data: bytes, *, previous: Path | None = None) -> None:
    """Replace the file at `path` by `data`, so that a crash at any instant leaves either the old file or the new one.

    Args:
        path: the file.
        data: its new content.
        previous: where the old file, if there is one, stands from then on.

    Raises:
        NncliError: NN604, the disk is full, read-only or gone; the file is then still the old one or, where only the folder
            could not be synced, the new one.
    """
    try:
        with _beside(path, data) as beside:
            if previous is not None:
                _keep_as(path, previous)  # at the last moment: until the next call both names are one file
            os.replace(beside, path)
        sync_folder(path.parent)
    except OSError as problem:
        raise _unwritable(path, problem, "free some room, or choose another folder with --out") from None


def append(path: Path, data: bytes) -> None:
    """Add to the end of a file, which is made if there is none. A crash may leave a part of it.

    Raises:
        NncliError: NN604, the disk refuses; a part may be there.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            _write(descriptor, data)
        finally:
            os.close(descriptor)
    except OSError as problem:
        raise _unwritable(path, problem) from None


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _keep_as(path: Path, previous: Path) -> None:
    """Let the file at `path`, if there is one, stand at `previous`, too, in place of what stood there. Neither is ever missing."""
    try:
        with _temporary(previous, "link") as beside:
            os.link(path, beside, follow_symlinks=False)
            os.replace(beside, previous)
    except FileNotFoundError:
        pass  # there is no such file yet
    except OSError as problem:
        if problem.errno not in _NO_LINKS:
            raise
        with _beside(previous, path.read_bytes(), "link") as beside:
            os.replace(beside, previous)


def move(path: Path, target: Path) -> None:
    """Let the file at `path` take the place of the one at `target`.

    Raises:
        NncliError: NN604, the disk refuses; both files are then intact.
    """
    try:
        os.replace(path, target)
        sync_folder(target.parent)
    except OSError as problem:
        raise _unwritable(target, problem) from None


def remove(path: Path) -> None:
    """Remove a file, if there is one.

    Raises:
        NncliError: NN604, the disk refuses.
    """
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as problem:
        raise _unwritable(path, problem) from None


def require_new(path: Path) -> None:
    """Check, before anything is computed, that a file can be made at `path`.

    Raises:
        NncliError: NN601, something is there already; NN604, its folder is not, or the disk refuses to tell.
    """
    try:
        is_there, has_folder = path.exists() or path.is_symlink(), path.parent.is_dir()
    except OSError as problem:
        raise _unwritable(path, problem) from None
    if is_there:
        raise error("NN601", "the file exists already, and nothing is overwritten", "choose another name, or remove it", file=path)
    if not has_folder:
        raise error("NN604", "its folder does not exist", "make the folder first", file=path)


def write_new(path: Path, data: bytes) -> None:
    """Make a file, whole or not at all, that must not exist.

    Raises:
        NncliError: NN601, it has come into being meanwhile; NN604, the disk refuses.
    """
    try:
        with _beside(path, data) as beside:
            _give_name(beside, path)
        sync_folder(path.parent)
    except FileExistsError:
        raise error("NN601", "the file exists already, and nothing is overwritten", "choose another name", file=path) from None
    except OSError as problem:
        raise _unwritable(path, problem) from None


def _give_name(beside: Path, path: Path) -> None:
    """Call a file `path`, unless another is called so."""
    try:
        os.link(beside, path)  # unlike a rename, a link never replaces a file
    except OSError as problem:
        if problem.errno not in _NO_LINKS:
            raise
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))  # takes the name, if it is free
        try:
            os.replace(beside, path)
        except BaseException:
            path.unlink()
            raise


def _unwritable(path: Path, problem: OSError, hint: str | None = None) -> NncliError:
    return error("NN604", f"cannot be written: {problem.strerror or problem}", hint, file=path)


@contextlib.contextmanager
def _beside(path: Path, data: bytes, kind: str = "file") -> Iterator[Path]:
    """A file with `data`, synced, beside `path`; gone afterwards, whatever happens."""
    with _temporary(path, kind) as beside:
        # O_EXCL does not follow a link that somebody has put there.
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            _write(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        yield beside


@contextlib.contextmanager
def _temporary(path: Path, kind: str) -> Iterator[Path]:
    """A free name of a kind of its own beside `path`; free again afterwards, whatever happens."""
    # Its length does not depend on the file's, whose name may be as long as the file system allows.
    beside = path.with_name(f".nncli-{os.getpid()}-{kind}.tmp")
    # A process that was killed may have left one; in a container even its number comes back.
    beside.unlink(missing_ok=True)
    try:
        yield beside
    finally:
        with contextlib.suppress(OSError):  # what went wrong before is what counts
            beside.unlink(missing_ok=True)


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


def remove_leftovers(folder: Path) -> None:
    """Remove what writers left behind that were killed. Only for a folder that no other process writes to."""
    with contextlib.suppress(OSError):
        for leftover in folder.glob(".*.tmp"):
            leftover.unlink()

"""Putting a file on disk whole, or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from nncli.problems import error


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the file at `path` by `data`, so that a crash at any instant leaves either the old file or the new one.

    Raises:
        NncliError: NN604, the disk is full, read-only or gone; the old file is then intact.
    """
    try:
        with _beside(path, data) as beside:
            os.replace(beside, path)
        sync_folder(path.parent)
    except OSError as problem:
        hint = "free some room, or choose another folder with --out"
        raise error("NN604", f"cannot be written: {problem.strerror or problem}", hint, file=path) from None


def require_new(path: Path) -> None:
    """Check, before anything is computed, that a file can be made at `path`.

    Raises:
        NncliError: NN601, something is there already; NN604, its folder is not.
    """
    if path.exists() or path.is_symlink():
        raise error("NN601", "the file exists already, and nothing is overwritten", "choose another name, or remove it", file=path)
    if not path.parent.is_dir():
        raise error("NN604", "its folder does not exist", "make the folder first", file=path)


def write_new(path: Path, data: bytes) -> None:
    """Make a file, whole or not at all, that must not exist.

    Raises:
        NncliError: NN601, it has come into being meanwhile; NN604, the disk refuses.
    """
    try:
        with _beside(path, data) as beside:
            os.link(beside, path)  # unlike a rename, a link never replaces a file
        sync_folder(path.parent)
    except FileExistsError:
        raise error("NN601", "the file exists already, and nothing is overwritten", "choose another name", file=path) from None
    except OSError as problem:
        raise error("NN604", f"cannot be written: {problem.strerror or problem}", file=path) from None


@contextlib.contextmanager
def _beside(path: Path, data: bytes) -> Iterator[Path]:
    """A file with `data`, synced, beside `path`; gone afterwards, whatever happens."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    # A process that was killed may have left one; in a container even its number comes back.
    beside.unlink(missing_ok=True)
    try:
        # O_EXCL does not follow a link that somebody has put there.
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield beside
    finally:
        with contextlib.suppress(OSError):  # what went wrong before is what counts
            beside.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: without it a rename may be lost with the power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_leftovers(folder: Path) -> None:
    """Remove what writers left behind that were killed. Only for a folder that no other process writes to."""
    with contextlib.suppress(OSError):
        for leftover in folder.glob(".*.tmp"):
            leftover.unlink()

"""Names for what is being made, until it is whole: nothing else has such a name, so that what is left behind is known by it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nncli.runs.disk import write_all

TEMPORARY: Final = ".nncli-*.tmp"
"""What such names look like."""


def temporary_name(folder: Path, kind: str) -> Path:
    """A name in a folder that no other process takes, one a kind."""
    # Its length does not depend on the file's, whose name may be as long as the file system allows.
    return folder / f".nncli-{os.getpid()}-{kind}.tmp"


@contextlib.contextmanager
def temporary(path: Path, kind: str) -> Iterator[Path]:
    """A free name of a kind of its own beside `path`, for a file; free again afterwards, whatever happens."""
    beside = temporary_name(path.parent, kind)
    # A process that was killed may have left one; in a container even its number comes back.
    beside.unlink(missing_ok=True)
    try:
        yield beside
    finally:
        with contextlib.suppress(OSError):  # what went wrong before is what counts
            beside.unlink(missing_ok=True)


@contextlib.contextmanager
def written_beside(path: Path, data: bytes, kind: str = "file") -> Iterator[Path]:
    """A file with `data`, synced, beside `path`; gone afterwards, whatever happens."""
    with temporary(path, kind) as beside:
        # O_EXCL does not follow a link that somebody has put there.
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        yield beside


def leftovers(folder: Path) -> list[Path]:
    """What is being made in a folder, or was left behind by processes that were killed."""
    with contextlib.suppress(OSError):
        return sorted(folder.glob(TEMPORARY))
    return []


def remove_leftovers(folder: Path) -> None:
    """Remove the files that killed processes left behind. Only for a folder that no other process writes to."""
    for leftover in leftovers(folder):
        with contextlib.suppress(OSError):
            leftover.unlink()

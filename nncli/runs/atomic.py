"""Putting a file on disk whole, or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

from nncli.runs.disk import disk_problems, sync_folder, write_all
from nncli.runs.temporary import temporary, written_beside

NO_LINKS: Final = frozenset([errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS])
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
    with disk_problems(path, hint="free some room, or choose another folder with --out"):
        with written_beside(path, data) as beside:
            if previous is not None:
                _keep_as(path, previous)  # at the last moment: until the next call both names are one file
            os.replace(beside, path)
        sync_folder(path.parent)


def append(path: Path, data: bytes) -> None:
    """Add to the end of a file, which is made if there is none. A crash may leave a part of it. A link is not followed.

    Raises:
        NncliError: NN604, the disk refuses; a part may be there.
    """
    with disk_problems(path):
        is_new = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o666)
        try:
            write_all(descriptor, data)
        finally:
            os.close(descriptor)
        if is_new:
            sync_folder(path.parent)


def _keep_as(path: Path, previous: Path) -> None:
    """Let the file at `path`, if there is one, stand at `previous`, too, in place of what stood there. Neither is ever missing."""
    try:
        with temporary(previous, "link") as beside:
            os.link(path, beside, follow_symlinks=False)
            os.replace(beside, previous)
    except FileNotFoundError:
        pass  # there is no such file yet
    except OSError as problem:
        if problem.errno not in NO_LINKS:
            raise
        with written_beside(previous, path.read_bytes(), "link") as beside:
            os.replace(beside, previous)


def move(path: Path, target: Path) -> None:
    """Let the file at `path` take the place of the one at `target`.

    Raises:
        NncliError: NN604, the disk refuses; both files are then intact.
    """
    with disk_problems(target):
        os.replace(path, target)
        sync_folder(target.parent)


def remove(path: Path) -> None:
    """Remove a file, if there is one.

    Raises:
        NncliError: NN604, the disk refuses.
    """
    with disk_problems(path):
        path.unlink(missing_ok=True)

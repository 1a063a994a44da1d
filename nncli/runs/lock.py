"""One process a run folder: a lock that dies with its process."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final

from nncli.problems import error

LOCK: Final = ".lock"
"""The file that a process holds which uses the folder."""


def lock(folder: Path) -> int:
    """Take a run folder for this process.

    Returns:
        A descriptor; the lock lasts until it is closed.

    Raises:
        NncliError: NN602, another process has it; NN604, the disk refuses.
    """
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    except OSError as problem:
        raise error("NN604", f"the run folder cannot be written: {problem.strerror}", file=folder) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        os.close(descriptor)
        if isinstance(problem, BlockingIOError):
            raise error("NN602", "another process is using this run folder", "wait for it, or stop it", file=folder) from None
        raise error("NN604", f"the run folder cannot be locked: {problem.strerror}", file=folder) from None
    return descriptor


def is_locked(folder: Path) -> bool:
    """Whether a process has the folder now. Nothing is made or changed."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False  # nobody ever had it, or nobody may look
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False

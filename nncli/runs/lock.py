"""One process a run folder: a lock that dies with its process."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Final

from nncli.problems import error

LOCK: Final = ".lock"
"""The file that a process holds which uses the folder."""
_PATIENCE_SECONDS: Final = 0.5
"""Who asks whether a folder is in use holds it for an instant: so long is tried before it counts as in use."""
_PAUSE_SECONDS: Final = 0.01


def lock(folder: Path) -> int:
    """Take a run folder for this process.

    Returns:
        A descriptor; the lock lasts until it is closed.

    Raises:
        NncliError: NN602, another process has it; NN604, the disk refuses.
    """
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while (descriptor := _attempt(folder)) is None:
        if time.monotonic() > give_up:
            raise error("NN602", "another process is using this run folder", "wait for it, or stop it", file=folder)
        time.sleep(_PAUSE_SECONDS)
    return descriptor


def _attempt(folder: Path) -> int | None:
    """Take the lock, if nobody has it."""
    path = folder / LOCK
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    except OSError as problem:
        raise error("NN604", f"the run folder cannot be written: {problem.strerror}", file=folder) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Meanwhile the run may have been removed, and a new one have taken its name.
        if os.path.samestat(os.fstat(descriptor), os.lstat(path)):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except OSError as problem:
        os.close(descriptor)
        raise error("NN604", f"the run folder cannot be locked: {problem.strerror}", file=folder) from None
    os.close(descriptor)
    return None


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

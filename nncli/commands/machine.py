"""What the machine has."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_GROUP_LIMITS: Final = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Files in which Linux keeps how much a container may use, of both versions of control groups."""


def installed_memory() -> int | None:
    """Bytes of memory that this process may use at most; None where the system does not say."""
    try:
        found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    except (ValueError, OSError):
        return None
    for path in _GROUP_LIMITS:
        try:
            limit = Path(path).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            continue
        found += [int(limit)] if limit.isdigit() else []
    return min(found) if min(found) > 0 else None


def free_memory() -> int | None:
    """Bytes of memory that this process may still take, what the system keeps of files among them; None where it does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        (kilobytes,) = (int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError):
        return None
    return min(1024 * kilobytes, installed_memory() or 1024 * kilobytes)

"""Removing a run folder, and nothing that is not of the run."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Final

from nncli.problems import error
from nncli.runs.atomic import sync_folder
from nncli.runs.lock import lock

_OWN: Final = re.compile(
    r"\.lock|\.nncli-[^/]*\.tmp|config\.yaml|manifest\.json|metrics\.jsonl|report\.json"
    r"|checkpoints/((best|last)(\.previous)?\.h5|\.nncli-[^/]*\.tmp)|figures/[^/]+\.(png|csv)|figures/\.nncli-[^/]*\.tmp"
)
"""The paths of what nncli puts into a run folder."""


def foreign_files(run: Path) -> list[str]:
    """The paths in a run folder of files and links that nncli did not put there."""
    paths = [str(path.relative_to(run)) for path in sorted(run.rglob("*")) if path.is_symlink() or not path.is_dir()]
    return [path for path in paths if (run / path).is_symlink() or not _OWN.fullmatch(path)]


def remove_run(run: Path) -> int:
    """Remove a run folder that nobody uses; returns how many bytes its files took.

    It loses its name first, so that no part of it is ever taken for a run.

    Raises:
        NncliError: NN602, a process uses it; NN604, the disk refuses.
    """
    descriptor = lock(run)
    try:
        size = sum(path.lstat().st_size for path in run.rglob("*") if not path.is_dir())
        doomed = run.with_name(f".nncli-{os.getpid()}-removed.tmp")
        os.replace(run, doomed)
        sync_folder(run.parent)
        shutil.rmtree(doomed)
    except OSError as problem:
        raise error("NN604", f"cannot be removed: {problem.strerror or problem}", file=run) from None
    finally:
        os.close(descriptor)
    return size

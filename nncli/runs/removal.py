"""Removing run folders, and nothing that is not of a run."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from nncli.problems import NncliError, Problem, error
from nncli.runs.disk import disk_problems, sync_folder
from nncli.runs.folder import require_run
from nncli.runs.lock import lock
from nncli.runs.own_files import foreign_files
from nncli.runs.temporary import temporary_name


def remove_folders(runs: Sequence[Path]) -> int:
    """Remove run folders that nobody uses, all or none of them; returns how many bytes their files took.

    They lose their names first, so that no part of one is ever taken for a run.

    Args:
        runs: no two of them the same folder; a link stands for what it points to.

    Raises:
        NncliError: for each that stays: NN603, it is no run; NN602, it is in use; NN601, it holds files that are not nncli's;
            NN604, the disk refuses.
    """
    with contextlib.ExitStack() as held:
        problems = list[Problem]()
        for run in runs:
            try:
                require_run(run)
                held.callback(os.close, lock(run))
                _require_own(run)
            except NncliError as failure:
                problems += failure.problems
        if problems:
            raise NncliError(problems)
        size = sum(path.lstat().st_size for run in runs for path in run.rglob("*") if not path.is_dir())
        for run, doomed in _without_names(runs):
            with disk_problems(run, "removed"):
                shutil.rmtree(doomed)
    return size


def _require_own(run: Path) -> None:
    if foreign := foreign_files(run):
        message = f"it holds what nncli did not put there: {', '.join(foreign[:5])}{', ...' if len(foreign) > 5 else ''}"
        raise error("NN601", message, "move that elsewhere first", file=run)


def _without_names(runs: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Take their names from all of these folders, or from none; returns each with where it lies then."""
    moved = list[tuple[Path, Path]]()
    try:
        for number, run in enumerate(runs):
            with disk_problems(run, "removed"):
                folder = run.resolve()
                doomed = temporary_name(folder.parent, f"removed-{number}")
                os.replace(folder, doomed)
                moved.append((folder, doomed))
                sync_folder(folder.parent)
    except BaseException:
        for folder, doomed in moved:
            with contextlib.suppress(OSError):  # what went wrong before is what counts
                os.replace(doomed, folder)
        raise
    return moved

"""Making a run folder: whole or not at all, under a name that nothing has."""

from __future__ import annotations

import contextlib
import errno
import os
import shlex
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nncli.problems import NncliError, error
from nncli.runs.atomic import write_atomically
from nncli.runs.disk import make_folders, sync_folder
from nncli.runs.lock import LOCK, is_locked, lock
from nncli.runs.manifest import MANIFEST
from nncli.runs.own_files import is_unmade
from nncli.runs.temporary import leftovers, remove_leftovers, temporary_name

_MOST_RUNS: Final = 100_000
_FORGOTTEN_SECONDS: Final = 3600
"""A folder that is being made for so long is no longer being made."""


def make_folder(name: str, files: Mapping[str, bytes], *, out: Path | None, runs_dir: Path) -> tuple[Path, int]:
    """Make a run folder and take its lock.

    It is made beside its place under another name and moved there, so that no run is ever there in part. Where `out` is an empty
    folder, which may be another disk's, it is filled where it is, `manifest.json` last; what a process left there that was killed
    on the way counts as nothing.

    Args:
        name: the experiment's; the folder is `runs_dir/name/NNN` with the next free number.
        files: path in the folder -> content.
        out: the folder itself, in place of a numbered one; it may exist only if it is empty.
        runs_dir: where the numbered folders lie.

    Returns:
        The folder, and the descriptor of its lock.

    Raises:
        NncliError: NN601, `out` exists and holds something; NN602, another process fills it; NN604, the disk refuses.
    """
    try:
        if out is None:
            return _make_beside(runs_dir / name, None, files)
        require_free(out)
        if out.is_dir():
            return out, _fill(out, files)
        return _make_beside(out.parent, out, files)
    except FileExistsError as problem:
        raise _taken(out or Path(problem.filename)) from None
    except OSError as problem:
        raise error("NN604", f"no run folder can be made: {problem.strerror or problem}", file=out or runs_dir) from None


def require_free(out: Path) -> None:
    """Check, before anything is computed, that `out` can become a run folder: that it is not there, or empty, or was to become one.

    Raises:
        NncliError: NN601, something is there; NN604, the disk refuses to tell.
    """
    try:
        is_free = not any(out.iterdir()) or (is_unmade(out) and not is_locked(out)) if out.is_dir() else not os.path.lexists(out)
    except OSError as problem:
        raise error("NN604", f"no run folder can be made: {problem.strerror or problem}", file=out) from None
    if not is_free:
        raise _taken(out)


def _taken(out: Path) -> NncliError:
    what = "the run folder exists already" if out.is_dir() else "a file stands in the run folder's place"
    hint = f"choose another folder, go on with it (`--resume {shlex.quote(str(out))}`), or leave --out away for a numbered one"
    return error("NN601", f"{what}, and nothing is overwritten", hint, file=out)


def _make_beside(parent: Path, out: Path | None, files: Mapping[str, bytes]) -> tuple[Path, int]:
    """Make the folder `out`, or one with the next free number in `parent`."""
    make_folders(parent)
    _remove_forgotten(parent)
    beside = temporary_name(parent, "run")
    shutil.rmtree(beside, ignore_errors=True)  # in a container the number of a killed process comes back
    try:
        beside.mkdir()
        descriptor = _fill(beside, files)
        try:
            path = _claim_number(parent) if out is None else _claim(out)
            try:
                os.replace(beside, path)  # onto the empty folder that was just made
            except BaseException:
                path.rmdir()
                raise
            sync_folder(parent)
        except BaseException:
            os.close(descriptor)
            raise
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return path, descriptor


def _fill(folder: Path, files: Mapping[str, bytes]) -> int:
    """Take the lock of a folder that is free and put files into it; if that fails it is empty again."""
    had_lock = (folder / LOCK).exists()
    descriptor = lock(folder)
    try:
        if not (is_unmade(folder) if had_lock else os.listdir(folder) == [LOCK]):
            if not had_lock:
                (folder / LOCK).unlink()
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder))  # another process was faster
        try:
            for place in {(folder / name).parent for name in files}:
                remove_leftovers(place)
            for name in sorted(files, key=lambda name: name == MANIFEST):
                path = folder / name
                path.parent.mkdir(exist_ok=True)
                write_atomically(path, files[name])
            sync_folder(folder)
        except BaseException:
            _remove_files(folder, files)
            raise
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _remove_files(folder: Path, files: Mapping[str, bytes]) -> None:
    with contextlib.suppress(OSError):  # what went wrong before is what counts
        for name in (*files, LOCK):
            (folder / name).unlink(missing_ok=True)
        for parent in {(folder / name).parent for name in files} - {folder}:
            parent.rmdir()


def _claim(path: Path) -> Path:
    path.mkdir()
    return path


def _claim_number(folder: Path) -> Path:
    numbers = [int(entry.name) for entry in folder.iterdir() if entry.name.isdecimal()]
    taken = [number for number in numbers if number < _MOST_RUNS]  # others are no runs, but dates and the like
    for number in range(max(taken, default=0) + 1, _MOST_RUNS):
        with contextlib.suppress(FileExistsError):  # another process was faster
            return _claim(folder / f"{number:03d}")
    raise error("NN601", f"there are {_MOST_RUNS:,} runs already", "remove some", file=folder)


def _remove_forgotten(parent: Path) -> None:
    """Remove what processes left behind that were killed while they made a folder."""
    with contextlib.suppress(OSError):
        for entry in leftovers(parent):
            if entry.is_dir() and time.time() - entry.stat().st_mtime > _FORGOTTEN_SECONDS and not is_locked(entry):
                shutil.rmtree(entry, ignore_errors=True)

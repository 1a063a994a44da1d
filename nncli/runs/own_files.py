"""What of a folder is nncli's, so that nobody else's file is ever written over or removed."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from nncli.runs.lock import LOCK
from nncli.runs.manifest import MANIFEST
from nncli.runs.temporary import TEMPORARY

_FIGURES: Final = ("confusion_matrix", "descent", "filters", "fit", "learning_curves", "series")
_FIRST: Final = (LOCK, TEMPORARY, "config.yaml", "checkpoints/last.h5", f"checkpoints/{TEMPORARY}")
"""What lies in a run folder before its manifest does."""
_OWN: Final = (
    *_FIRST,
    MANIFEST,
    "metrics.jsonl",
    "report.json",
    *(f"checkpoints/{name}.h5" for name in ("best", "best.previous", "last.previous")),
    *(f"figures/{name}.{kind}" for name in _FIGURES for kind in ("csv", "png")),
    f"figures/{TEMPORARY}",
)


def foreign_files(run: Path) -> list[str]:
    """The paths in a run folder of files and links that nncli did not put there."""
    return _others(run, _OWN)


def is_unmade(folder: Path) -> bool:
    """Whether a folder holds nothing but the first files of a run that is being made there, or was when its process was killed."""
    # Without the lock's file they may be anybody's: a `config.yaml` of one's own, say.
    return (folder / LOCK).is_file() and not _others(folder, _FIRST)


def _others(folder: Path, patterns: Iterable[str]) -> list[str]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir()]
    names = [(str(path.relative_to(folder)), path.is_symlink()) for path in paths]
    return [name for name, is_link in names if is_link or not any(_fits(name, pattern) for pattern in patterns)]


def _fits(name: str, pattern: str) -> bool:
    return name.count("/") == pattern.count("/") and fnmatch.fnmatchcase(name, pattern)  # whose * takes a / too

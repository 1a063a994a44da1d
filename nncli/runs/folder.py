"""The run folder: where everything about one training run lies. Made atomically, never shared, never overwritten."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nncli.problems import error
from nncli.runs.atomic import append, move, remove, write_atomically
from nncli.runs.creation import make_folder
from nncli.runs.disk import disk_problems, sync_file, sync_folder
from nncli.runs.lock import lock
from nncli.runs.manifest import MANIFEST
from nncli.runs.records import document_bytes, line_bytes, lines_up_to, read_lines
from nncli.runs.temporary import remove_leftovers


class RunFolder:
    """A run's folder, locked for this process until it is closed.

    `config.yaml` (resolved), `manifest.json` (what the run depends on, its state), `metrics.jsonl` (a line each time metrics were
    measured), `report.json`, `checkpoints/`.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._lock = descriptor
        self._metrics = path / "metrics.jsonl"

    @classmethod
    def create(cls, name: str, files: Mapping[str, bytes], *, out: Path | None = None, runs_dir: Path = Path("runs")) -> RunFolder:
        """Make a new run folder; arguments and errors as for `make_folder`."""
        return cls(*make_folder(name, files, out=out, runs_dir=runs_dir))

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Open the folder of an earlier run to go on with it.

        Raises:
            NncliError: NN603, it is no run folder, or a part of it is a link to somewhere else; NN602, another process is using it.
        """
        require_run(path)
        folder = cls(path, lock(path))
        for place in (path, path / "checkpoints", path / "figures"):
            remove_leftovers(place)
        return folder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        os.close(self._lock)

    def checkpoint(self, name: str) -> Path:
        """Path of the checkpoint `best` or `last`, or of the one before it, such as `last.previous`."""
        return self.path / "checkpoints" / f"{name}.h5"

    def write_checkpoint(self, name: str, data: bytes) -> Path:
        """Put a checkpoint on disk; the former one stays, as `last.previous` or `best.previous`."""
        path = self.checkpoint(name)
        if name == "last":
            self._sync_metrics()  # the history up to a checkpoint is never behind it, not even when the power fails
        write_atomically(path, data, previous=self.checkpoint(f"{name}.previous"))
        return path

    def go_on(self, config: str, manifest: Mapping[str, Any], *, history: list[bytes], restored: Sequence[str] = ()) -> None:
        """Make the folder that of a run which goes on. Wherever this is cut short, it can be done again.

        Args:
            config: the run's config from now on.
            manifest: its manifest.
            history: the lines of `metrics.jsonl` that count.
            restored: `last` and `best`, where the checkpoint before takes its place; `last` first, which says what best there is.

        Raises:
            NncliError: NN604, the disk refuses.
        """
        self.write_json(MANIFEST, manifest)
        remove(self.path / "report.json")
        write_atomically(self.path / "config.yaml", config.encode())
        for name in restored:
            move(self.checkpoint(f"{name}.previous"), self.checkpoint(name))
        write_atomically(self._metrics, b"".join(history))

    def history(self, step: int, count: int) -> list[bytes]:
        """The lines of `metrics.jsonl` up to a step; arguments and errors as for `lines_up_to`."""
        return lines_up_to(self._metrics, step, count)

    def write_json(self, name: str, document: Mapping[str, Any]) -> Path:
        """Put a JSON document into the folder, as `manifest.json` or `report.json`; what is no number becomes null."""
        path = self.path / name
        write_atomically(path, document_bytes(document))
        return path

    def append_metrics(self, record: Mapping[str, Any]) -> None:
        """Add a line to `metrics.jsonl`; what is no number becomes null."""
        append(self._metrics, line_bytes(record))

    def read_metrics(self) -> list[dict[str, Any]]:
        """The records of `metrics.jsonl`."""
        return read_lines(self._metrics)

    def write_figure(self, name: str, png: bytes, csv: str) -> Path:
        """Put a picture into `figures/`, and the numbers that it shows beside it."""
        folder = self.path / "figures"
        _refuse_links(self.path)
        with disk_problems(folder, "made"):
            folder.mkdir(exist_ok=True)
            sync_folder(self.path)
        write_atomically(folder / f"{name}.csv", csv.encode())
        write_atomically(folder / f"{name}.png", png)
        return folder / f"{name}.png"

    def _sync_metrics(self) -> None:
        with disk_problems(self._metrics), contextlib.suppress(FileNotFoundError):  # where nothing was measured yet
            sync_file(self._metrics)


def _refuse_links(run: Path) -> None:
    """Refuse a run whose parts lie elsewhere, to be read and to be written: no other folder is taken for a part of it.

    A link to a file is replaced.
    """
    for name in ("checkpoints", "figures"):
        if (run / name).is_symlink():
            hint = "put the folder itself in its place: the parts of a run lie in it; the run itself may lie behind a link"
            raise error("NN603", f"its `{name}` is a link to somewhere else", hint, file=run)


def is_run(path: Path) -> bool:
    """Whether `path` is a run folder."""
    return (path / MANIFEST).is_file() and (path / "checkpoints").is_dir()


def require_run(path: Path) -> None:
    """Check that `path` is a run folder.

    Raises:
        NncliError: NN603, it is not, or a part of it is a link to somewhere else; NN604, the disk refuses to tell.
    """
    try:
        if is_run(path):
            _refuse_links(path)
            return
        what = "this is a file, but a run is a folder" if path.exists() else "there is no such folder"
        what = "this is no run folder: it has no manifest and checkpoints" if path.is_dir() else what
        newest = _newest_run(path) if path.is_dir() else None
    except OSError as problem:
        raise error("NN604", f"cannot be read: {problem.strerror or problem}", file=path) from None
    hint = "`nncli train CONFIG` prints the folder of its run" if newest is None else f"the newest run in it is `{newest}`"
    raise error("NN603", what, hint, file=path)


def _newest_run(folder: Path) -> Path | None:
    """The run of the highest number in the folder of a name."""
    runs = [entry for entry in folder.iterdir() if entry.name.isdecimal() and is_run(entry)]
    return max(runs, key=lambda run: int(run.name), default=None)

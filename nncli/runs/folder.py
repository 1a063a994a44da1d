"""The run folder: where everything about one training run lies. Made atomically, never shared, never overwritten."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from nncli.problems import NncliError, error
from nncli.reports.base import plain
from nncli.runs.atomic import keep_as, remove_leftovers, sync_folder, write_atomically

_MOST_RUNS: Final = 100_000


class RunFolder:
    """A run's folder, locked for this process until it is closed.

    `config.yaml` (resolved), `manifest.json` (what the run depends on, its state), `metrics.jsonl` (a line each time metrics were
    measured), `report.json`, `checkpoints/`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = _lock(path)
        self._metrics = path / "metrics.jsonl"

    @classmethod
    def create(cls, name: str, *, out: Path | None = None, runs_dir: Path = Path("runs")) -> RunFolder:
        """Make a new run folder.

        Args:
            name: the experiment's; the folder is `runs_dir/name/NNN` with the next free number.
            out: the folder itself, in place of a numbered one; it may exist only if it is empty.
            runs_dir: where the numbered folders lie.

        Raises:
            NncliError: NN601, `out` exists and holds something; NN604, the disk refuses.
        """
        try:
            path = _numbered(runs_dir / name) if out is None else _named(out)
            (path / "checkpoints").mkdir()
            sync_folder(path)
        except FileExistsError as problem:
            raise _taken(out or Path(problem.filename)) from None
        except OSError as problem:
            raise error("NN604", f"no run folder can be made: {problem.strerror or problem}", file=out or runs_dir) from None
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Open the folder of an earlier run to go on with it.

        Raises:
            NncliError: NN603, it is no run folder; NN602, another process is using it.
        """
        require_run(path)
        folder = cls(path)
        remove_leftovers(path)
        remove_leftovers(path / "checkpoints")
        return folder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        os.close(self._lock)

    def checkpoint(self, name: str) -> Path:
        """Path of the checkpoint `best` or `last`."""
        return self.path / "checkpoints" / f"{name}.h5"

    def write_checkpoint(self, name: str, data: bytes) -> Path:
        """Put a checkpoint on disk; the former `last` stays as `last.previous`."""
        path = self.checkpoint(name)
        if name == "last":
            keep_as(path, path.with_name("last.previous.h5"))
            self._sync_metrics()  # the history up to a checkpoint is never behind it, not even when the power fails
        write_atomically(path, data)
        return path

    def write_json(self, name: str, document: Mapping[str, Any]) -> Path:
        """Put a JSON document into the folder, as `manifest.json` or `report.json`; what is no number becomes null."""
        path = self.path / name
        write_atomically(path, (_dumps(document, indent=2) + "\n").encode())
        return path

    def write_config(self, text: str) -> None:
        """Put the resolved config into the folder."""
        write_atomically(self.path / "config.yaml", text.encode())

    def append_metrics(self, record: Mapping[str, Any]) -> None:
        """Add a line to `metrics.jsonl`; what is no number becomes null."""
        try:
            with self._metrics.open("a", encoding="utf-8") as file:
                file.write(_dumps(record) + "\n")
        except OSError as problem:
            raise error("NN604", f"cannot be written: {problem.strerror or problem}", file=self._metrics) from None

    def read_metrics(self) -> list[dict[str, Any]]:
        """The records of `metrics.jsonl`."""
        return read_lines(self._metrics)

    def write_figure(self, name: str, png: bytes, csv: str) -> Path:
        """Put a picture into `figures/`, and the numbers that it shows beside it."""
        folder = self.path / "figures"
        try:
            folder.mkdir(exist_ok=True)
        except OSError as problem:
            raise error("NN604", f"cannot be made: {problem.strerror or problem}", file=folder) from None
        write_atomically(folder / f"{name}.csv", csv.encode())
        write_atomically(folder / f"{name}.png", png)
        return folder / f"{name}.png"

    def _sync_metrics(self) -> None:
        try:
            with self._metrics.open("rb") as file:
                os.fsync(file.fileno())
        except FileNotFoundError:
            pass  # nothing was measured yet
        except OSError as problem:
            raise error("NN604", f"cannot be written: {problem.strerror or problem}", file=self._metrics) from None

    def cut_metrics(self, step: int) -> None:
        """Drop the lines of `metrics.jsonl` that were measured after `step`, and a last line that a crash cut short.

        Raises:
            NncliError: NN603, the file is damaged; NN604, the disk refuses.
        """
        kept = [line for line in read_lines(self._metrics) if line["step"] <= step]
        write_atomically(self._metrics, "".join(_dumps(line) + "\n" for line in kept).encode())


def _dumps(document: Mapping[str, Any], indent: int | None = None) -> str:
    """JSON of a document. It has no NaN and no infinity: they become null."""
    return json.dumps(plain(document), indent=indent, allow_nan=False)


def is_run(path: Path) -> bool:
    """Whether `path` is a run folder."""
    return (path / "manifest.json").is_file() and (path / "checkpoints").is_dir()


def require_run(path: Path) -> None:
    """Check that `path` is a run folder.

    Raises:
        NncliError: NN603, it is not; NN604, the disk refuses to tell.
    """
    try:
        if is_run(path):
            return
        what = "this is a file, but a run is a folder" if path.exists() else "there is no such folder"
        what = "this is no run folder: it has no manifest and checkpoints" if path.is_dir() else what
    except OSError as problem:
        raise error("NN604", f"cannot be read: {problem.strerror or problem}", file=path) from None
    raise error("NN603", what, "`nncli train CONFIG` prints the folder of its run", file=path)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON document of a run folder.

    Raises:
        NncliError: NN603, it is missing or damaged; NN604, the disk refuses.
    """
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise error("NN603", "the run has no such file", file=path) from None
    except OSError as problem:
        raise error("NN604", f"cannot be read: {problem.strerror or problem}", file=path) from None
    except (ValueError, RecursionError) as problem:
        raise error("NN603", f"this is no JSON that can be read: {problem}", file=path) from None
    if not isinstance(document, dict):
        raise error("NN603", "this is no document of a run", file=path)
    return document


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The records of a `metrics.jsonl`; a last line that was cut short is left out.

    Raises:
        NncliError: NN603, another line is no record; NN604, the disk refuses.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []  # nothing was measured yet
    except OSError as problem:
        raise error("NN604", f"cannot be read: {problem.strerror or problem}", file=path) from None
    records = []
    for number, line in enumerate(lines[:-1], start=1):  # after the last line's end there is nothing, or a line cut short
        try:
            record = json.loads(line)
            if type(record["step"]) is not int:  # a boolean is an instance of int
                raise TypeError
        except (ValueError, KeyError, TypeError, RecursionError):
            raise error("NN603", f"line {number} is no record of a measurement", "remove the line", file=path) from None
        records.append(record)
    return records


def require_free(out: Path) -> None:
    """Check, before anything is computed, that `out` can become a run folder: that it is not there, or empty.

    Raises:
        NncliError: NN601, something is there; NN604, the disk refuses to tell.
    """
    try:
        is_taken = any(out.iterdir()) if out.is_dir() else out.exists() or out.is_symlink()
    except OSError as problem:
        raise error("NN604", f"no run folder can be made: {problem.strerror or problem}", file=out) from None
    if is_taken:
        raise _taken(out)


def _taken(out: Path) -> NncliError:
    what = "the run folder exists already" if out.is_dir() else "a file stands in the run folder's place"
    hint = f"choose another folder, go on with it (`--resume {out}`), or leave --out away for a numbered one"
    return error("NN601", f"{what}, and nothing is overwritten", hint, file=out)


def _named(out: Path) -> Path:
    require_free(out)
    out.mkdir(parents=True, exist_ok=True)
    return out


def _numbered(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [int(entry.name) for entry in folder.iterdir() if entry.name.isdecimal()]
    taken = [number for number in numbers if number < _MOST_RUNS]  # others are no runs, but dates and the like
    for number in range(max(taken, default=0) + 1, _MOST_RUNS):
        path = folder / f"{number:03d}"
        try:
            path.mkdir()  # fails if another process was faster
        except FileExistsError:
            continue
        return path
    raise error("NN601", f"there are {_MOST_RUNS:,} runs already", "remove some", file=folder)


def _lock(path: Path) -> int:
    """A lock that dies with its process."""
    try:
        descriptor = os.open(path / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    except OSError as problem:
        raise error("NN604", f"the run folder cannot be written: {problem.strerror}", file=path) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        os.close(descriptor)
        if isinstance(problem, BlockingIOError):
            raise error("NN602", "another process is using this run folder", "wait for it, or stop it", file=path) from None
        raise error("NN604", f"the run folder cannot be locked: {problem.strerror}", file=path) from None
    return descriptor

"""The JSON files of a run folder: documents, and the lines of its history."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from nncli.problems import error
from nncli.reports.base import plain

MOST_BYTES: Final = 2**28
"""Most bytes of one file that are read: a history of a million lines."""


def document_bytes(document: Mapping[str, Any]) -> bytes:
    """The content of a file such as `manifest.json`; what is no number becomes null."""
    return (_dumps(document, indent=2) + "\n").encode()


def line_bytes(record: Mapping[str, Any]) -> bytes:
    """A line of `metrics.jsonl`; what is no number becomes null."""
    return (_dumps(record) + "\n").encode()


def _dumps(document: Mapping[str, Any], indent: int | None = None) -> str:
    """JSON of a document. It has no NaN and no infinity: they become null."""
    return json.dumps(plain(document), indent=indent, allow_nan=False)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON document of a run folder.

    Raises:
        NncliError: NN603, it is missing or damaged; NN604, the disk refuses.
    """
    try:
        document = json.loads(_content(path))
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
    lines = _lines(path)
    records = [_record(line) for line in lines]
    if None in records:
        raise error("NN603", f"line {records.index(None) + 1} is no record of a measurement", file=path)
    return [record for record in records if record is not None]


def lines_up_to(path: Path, step: int, count: int) -> list[bytes]:
    """The lines of a `metrics.jsonl` that tell of what was measured up to `step`. What stands behind them may be anything: it was
    written when the power failed, perhaps.

    Args:
        path: the file.
        step: the step of the last of them; -1: there are none.
        count: how many they are.

    Raises:
        NncliError: NN603, these are not all there; NN604, the disk refuses.
    """
    records = [_record(line) for line in _lines(path)]
    good = records[: records.index(None)] if None in records else records
    kept = [record for record in good if record is not None and record["step"] <= step]
    if len(kept) != count or (kept and kept[-1]["step"] != step):
        message = f"{len(kept)} of the {count} measurements up to step {step} are there"
        raise error("NN603", message, "bring the file back, or train anew", file=path)
    return [line_bytes(record) for record in kept]


def _content(path: Path) -> bytes:
    """The bytes of a file; a run may be anyone's, and a pipe or a device in it would be read for ever."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no file but a device or a pipe")
        if status.st_size > MOST_BYTES:
            raise OSError(errno.EFBIG, f"it has more than {MOST_BYTES:,} bytes")
        return file.read()


def _lines(path: Path) -> list[bytes]:
    """The lines of a file that end."""
    try:
        return _content(path).split(b"\n")[:-1]
    except FileNotFoundError:
        return []  # nothing was measured yet
    except OSError as problem:
        raise error("NN604", f"cannot be read: {problem.strerror or problem}", file=path) from None


def _record(line: bytes) -> dict[str, Any] | None:
    """The measurement that a line tells of; None where it tells of none."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    # A boolean is an instance of int.
    return record if isinstance(record, dict) and type(record.get("step")) is int else None

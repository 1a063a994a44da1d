"""The JSON files of a run folder: documents, and the lines of its history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nncli.problems import error
from nncli.reports.base import plain


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

"""Trains and resumes a run again and again, each time with another call of the system failing."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.faults.armed import Disk, Fault
from tests.faults.courses import bits

BUDGET = ["--set", "training.steps=12", "--set", "training.checkpoint_every.steps=4", "--set", "training.evaluate_every.steps=5"]


def nncli(*arguments: str | Path, output: Path) -> int:
    """Run `nncli` in this process; returns its exit code."""
    from nncli.cli.main import main

    sys.argv = ["nncli", *map(str, arguments)]
    with output.open("a") as file, contextlib.redirect_stdout(file), contextlib.redirect_stderr(file):
        try:
            main()
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else 1
    raise AssertionError("the command line ends with an exit code")


def sweep(config: Path, folder: Path, errors: Iterable[int], pace: int, offset: int) -> None:
    """Let every `pace`th call fail, from the one of number `offset` on; `folder/outcomes.json` tells what became of each.

    Args:
        config: what is trained.
        folder: for the runs.
        errors: the errors in turn.
        pace, offset: which calls.
    """
    reference, outcomes, kinds = folder / "reference", list[dict[str, Any]](), list(errors)
    disk = Disk(reference, None)
    assert nncli("train", config, "--out", reference, *BUDGET, output=folder / "log") == 0
    disk.work()
    expected = bits(reference)
    for number in range(offset, len(disk.calls), pace):
        out, log = folder / str(number), folder / f"{number}.log"
        fault = Fault(number, kinds[number // pace % len(kinds)], part=number // pace % 2 == 0)
        failing = Disk(out, fault)
        code = nncli("train", config, "--out", out, *BUDGET, output=log)
        failing.work()
        said = log.read_text()
        # As a script would: whatever is there is gone on with; where nothing is, it begins.
        again = nncli("train", config, "--out", out, "--resume", "auto", *BUDGET, output=log)
        same = {part: value == expected[part] for part, value in bits(out).items()} if again == 0 or code == 0 else {}
        failed = failing.calls[number] if number < len(failing.calls) else None
        outcomes.append({"number": number, "call": failed, "code": code, "said": said, "again": again, "same": same})
        outcomes[-1]["leftovers"] = [str(path) for path in out.rglob(".nncli-*.tmp")]
    (folder / "outcomes.json").write_text(json.dumps({"calls": disk.calls, "outcomes": outcomes}))

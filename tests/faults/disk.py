"""Trains and resumes runs again and again, each time with another call of the system failing."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from tests.faults.armed import Disk, Fault
from tests.faults.courses import bits

INTERVALS: Final = ["--set", "training.checkpoint_every.steps=4", "--set", "training.evaluate_every.steps=5"]
SHORT: Final = [*INTERVALS, "--set", "training.steps=12"]
MORE: Final = ["--set", "training.steps=16", "--set", "training.figures=true"]
OCCASIONS: Final = ("a new run", "one that goes on", "one that is given more steps, and pictures")


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


class Sweep:
    """Lets calls of the system fail, and goes on afterwards as a script would.

    Args:
        config: what is trained.
        folder: for the runs.
        occasion: one of `OCCASIONS`.
    """

    def __init__(self, config: Path, folder: Path, occasion: str) -> None:
        self._config, self._folder, self._log = config, folder, folder / "log"
        self._is_new, self._gets_more = occasion == OCCASIONS[0], occasion == OCCASIONS[2]
        self._before = folder / "before"
        if not self._is_new:
            assert nncli("train", config, "--out", self._before, *SHORT, output=self._log) == 0
        if occasion == OCCASIONS[1]:  # as if the process had been killed: the state before the end is the last one
            checkpoints = self._before / "checkpoints"
            (checkpoints / "last.previous.h5").replace(checkpoints / "last.h5")
            (self._before / "report.json").unlink()
        reference = folder / "reference"
        self.calls = self._disturbed(reference, None)[1]
        self._expected = bits(reference)

    def _start(self, out: Path, output: Path) -> int:
        if self._is_new:
            return nncli("train", self._config, "--out", out, *SHORT, output=output)
        return nncli("train", "--resume", out, *(MORE if self._gets_more else []), output=output)

    def _disturbed(self, out: Path, fault: Fault | None) -> tuple[int, list[str]]:
        """The exit code, and the calls until then."""
        if not self._is_new:
            shutil.copytree(self._before, out)
        disk = Disk(out, fault)
        code = self._start(out, out.with_suffix(".log"))
        disk.work()
        return code, disk.calls

    def fail(self, fault: Fault) -> dict[str, Any]:
        """What became of a run in which a call failed."""
        out = self._folder / str(fault.number)
        log = out.with_suffix(".log")
        code, calls = self._disturbed(out, fault)
        said = log.read_text()
        again = self._supervised(out, log) if self._is_new else self._start(out, log)
        is_over = again == 0 or "this run is finished" in log.read_text()
        same = {part: value == self._expected[part] for part, value in bits(out).items()} if is_over else {}
        return {
            "number": fault.number,
            "call": calls[fault.number] if fault.number < len(calls) else None,
            "code": code,
            "said": said,
            "again": again,
            "same": same,
            "leftovers": [str(path) for path in out.rglob(".nncli-*")],
        }

    def _supervised(self, out: Path, log: Path) -> int:
        return nncli("train", self._config, "--out", out, "--resume", "auto", *SHORT, output=log)


def sweep(config: Path, folder: Path, occasion: str, errors: Iterable[int], pace: int, offset: int) -> None:
    """Let every `pace`th call fail, from the one of number `offset` on; `folder/outcomes.json` tells what became of each.

    Args:
        config: what is trained.
        folder: for the runs.
        occasion: one of `OCCASIONS`.
        errors: the errors in turn.
        pace, offset: which calls.
    """
    swept, kinds = Sweep(config, folder, occasion), list(errors)
    outcomes = []
    for number in range(offset, len(swept.calls), pace):
        turn = number // pace
        outcomes.append(swept.fail(Fault(number, kinds[turn % len(kinds)], part=turn % 2 == 0)))
    (folder / "outcomes.json").write_text(json.dumps({"calls": swept.calls, "outcomes": outcomes}))

"""Killed at any instant and resumed, a run ends in the bits of the one that nothing disturbed."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.armed import Fault, run, start, wait_for
from tests.faults.courses import NETWORKS, Course, assert_same
from tests.whole import WHOLE

Undisturbed = Callable[[str], Course]
NAMES = list(NETWORKS)
INSTANTS = range(40) if WHOLE else range(2)
CALLS = range(20) if WHOLE else range(1)
SIGNALS = range(20) if WHOLE else range(1)


def interrupt(course: Course, out: Path, chance: random.Random, number: int) -> int:
    """Start or resume a run and send it a signal at a random instant of its life; returns its exit code."""
    arguments = ["--resume", str(out)] if out.exists() else [str(course.config), "--out", str(out)]
    began = not out.exists()
    process = start("train", *arguments, output=out.parent / "log")
    if began:
        wait_for(out)
    # Not to its very end: a run that is a little faster than the undisturbed one would be over.
    time.sleep(chance.uniform(0, 0.8 * (course.seconds if began else course.startup + course.seconds)))
    if process.is_alive():
        assert process.pid is not None
        os.kill(process.pid, number)
    process.join(120)
    assert process.exitcode is not None
    return process.exitcode


def finish(out: Path) -> None:
    """Resume a run until it has come to its end."""
    log = out.parent / "log"
    code = run("train", "--resume", out, output=log)
    if code == 2:
        assert "this run is finished" in log.read_text(), log.read_text()
    else:
        assert code == 0, log.read_text()


@pytest.mark.parametrize("number", INSTANTS)
def test_killed_at_a_random_instant(number: int, undisturbed: Undisturbed, tmp_path: Path) -> None:
    """Every third run is killed twice, or as often as it takes."""
    chance, course, out = random.Random(number), undisturbed(NAMES[number % len(NAMES)]), tmp_path / "run"
    for _ in range(1 + (number % 3 == 0)):
        assert interrupt(course, out, chance, signal.SIGKILL) in (-signal.SIGKILL, 0, 2)
    finish(out)
    assert_same(out, course)


@pytest.mark.parametrize("number", CALLS)
def test_killed_while_it_writes(number: int, undisturbed: Undisturbed, tmp_path: Path) -> None:
    """At a call of the system, or in the middle of one: of a checkpoint, the history, the report, the folder itself."""
    chance, course, out = random.Random(1000 + number), undisturbed(NAMES[number % len(NAMES)]), tmp_path / "run"
    fault, log = Fault(chance.randrange(10, 250), part=number % 2 == 0), tmp_path / "log"
    arguments = [course.config, "--out", out, "--resume", "auto"]
    assert run("train", *arguments, output=log, fault=fault) in (-signal.SIGKILL, 0), log.read_text()
    if number % 3 == 0 and out.exists():
        resumed = run("train", "--resume", out, output=log, fault=Fault(chance.randrange(5, 60), part=True))
        assert resumed in (-signal.SIGKILL, 0, 2), log.read_text()
    if not (out / "manifest.json").exists():
        assert run("train", *arguments, output=log) == 0, log.read_text()
    else:
        finish(out)
    assert_same(out, course)


@pytest.mark.parametrize(("asked", "expected"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 143)])
def test_asked_to_stop_at_random_instants(asked: int, expected: int, undisturbed: Undisturbed, tmp_path: Path) -> None:
    chance, stopped = random.Random(2000 + asked), 0
    for number in SIGNALS:
        course, out = undisturbed(NAMES[number % len(NAMES)]), tmp_path / str(number) / "run"
        out.parent.mkdir()
        code, log = interrupt(course, out, chance, asked), out.parent / "log"
        assert code in (expected, 0), log.read_text()
        if code == expected:
            stopped += 1
            assert f"to go on: nncli train --resume {out}" in log.read_text()
        finish(out)
        assert_same(out, course)
    assert stopped >= len(SIGNALS) / 2, "a run that takes no notice of signals comes to the same end"

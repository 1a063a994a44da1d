"""Processes, measured from outside and by what they tell of themselves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""As a user has it, whose packages are installed with their bytecode."""


class Failed(Exception):
    """A process ended with an error; its message is the last that it wrote."""


@dataclass(frozen=True)
class Run:
    """What one process took.

    Attributes:
        wall: seconds from start to end.
        peak: largest resident memory, MiB.
        told: the JSON document on its standard output.
    """

    wall: float
    peak: float
    told: Mapping[str, Any]

    @property
    def step(self) -> float:
        """Milliseconds a step, the first interval left out, which holds the compilation: the median over the others."""
        marks = self.told["marks"]
        return 1000 * median((later[1] - sooner[1]) / (later[0] - sooner[0]) for sooner, later in pairwise(marks))

    @property
    def training(self) -> float:
        """Seconds of all steps, compilation and all that happens between them included."""
        return float(self.told["marks"][-1][1])

    @property
    def accuracy(self) -> float | None:
        """Share of the test samples that were classed right."""
        value = self.told.get("accuracy")
        return None if value is None else float(value)


def run(command: list[str]) -> Run:
    """Run a command to its end.

    Args:
        command: what to run; it writes one JSON document to standard output.

    Raises:
        Failed: it ended with an error.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, cwd=ROOT, env=ENVIRONMENT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            told = (err.read() or out.read()).decode(errors="replace").strip().splitlines() or ["no message"]
            raise Failed(f"exit code {process.returncode}: {told[-1][:200]}")
        return Run(wall, usage.ru_maxrss / 1024, json.loads(out.read()))


def wall(*arguments: str) -> float:
    """Seconds of a whole Python process."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT, env=ENVIRONMENT
    )
    return time.perf_counter() - began


def seconds_to_line(command: list[str], beginning: str) -> float:
    """Seconds from the start of a command until it writes a line to standard error that begins with `beginning`."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT, env=ENVIRONMENT, text=True)
    assert process.stderr is not None
    found = next((time.perf_counter() - began for line in process.stderr if line.startswith(beginning)), None)
    process.stderr.read()
    process.wait()
    if found is None:
        raise Failed(f"{' '.join(command)} wrote no line that begins with {beginning!r}")
    return found

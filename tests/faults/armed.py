"""A process of nncli's command line in which calls of the system can be made to fail, or to be its last.

Processes are forked from one that has imported TensorFlow but not used it: starting it takes most of the time of a short run.
"""

from __future__ import annotations

import errno
import itertools
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

ROOMS = ("atomic", "creation", "folder", "lock")
"""The modules of `nncli.runs` that change the disk."""
CALLS = ("open", "write", "fsync", "replace", "link", "unlink", "mkdir", "rmdir")
PRELOADED = ["keras", "tensorflow", "matplotlib.figure", "nncli.cli.main", "nncli.engine.train", "nncli.commands.resume"]


@dataclass(frozen=True)
class Fault:
    """What happens at a call of the system.

    Attributes:
        number: the call, counted from 0.
        error: the error that it ends with; None: the process is killed there.
        part: whether a call that writes has written half by then.
    """

    number: int
    error: int | None = None
    part: bool = False


class _System:
    """`os` as a module sees it whose calls are counted; one of them goes wrong."""

    def __init__(self, calls: itertools.count[int], fault: Fault, log: list[str]) -> None:
        self._calls, self._fault, self._log = calls, fault, log

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._counted(name, real) if name in CALLS else real

    def _counted(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self._log.append(name)
            if next(self._calls) != self._fault.number:
                return real(*arguments, **named)
            if self._fault.part and name == "write":
                descriptor, data = arguments
                real(descriptor, data[: len(data) // 2])
            if self._fault.error is None:
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(self._fault.error, os.strerror(self._fault.error or errno.EIO))

        return call


def arm(fault: Fault) -> list[str]:
    """From now on calls of nncli that change the disk are counted from 0; returns the list that their names are added to."""
    import importlib

    calls, log = itertools.count(), list[str]()
    for room in ROOMS:
        importlib.import_module(f"nncli.runs.{room}").os = _System(calls, fault, log)  # type: ignore[attr-defined]
    return log


def _nncli(arguments: Sequence[str], output: str, fault: Fault | None) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    if fault is not None:
        arm(fault)
    from nncli.cli.main import main

    sys.argv = ["nncli", *arguments]
    try:
        main()
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended.code if isinstance(ended.code, int) else 1)


def start(*arguments: str | Path, output: Path, fault: Fault | None = None) -> BaseProcess:
    """Start `nncli` with these arguments; what it prints is added to a file."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    process = context.Process(target=_nncli, args=(list(map(str, arguments)), str(output), fault))
    process.start()
    return process


def run(*arguments: str | Path, output: Path, fault: Fault | None = None) -> int:
    """Run `nncli` to its end; returns its exit code, or minus the signal that killed it."""
    process = start(*arguments, output=output, fault=fault)
    process.join(300)
    assert process.exitcode is not None, f"{arguments} took more than 300 s"
    return process.exitcode

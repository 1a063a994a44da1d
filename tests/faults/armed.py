"""A process of nncli's command line in which calls of the system can be made to fail, or to be its last.

Processes are forked from one that has imported TensorFlow but not used it: starting it takes most of the time of a short run.
"""

from __future__ import annotations

import errno
import functools
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

_REAL = {name: getattr(os, name) for name in ("open", "write", "fsync", "replace", "link", "unlink", "mkdir", "rmdir", "close")}
"""The functions of `os` through which nncli changes the disk, as they are without a fault."""
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


class Disk:
    """The calls that change something in a folder are counted, and those in what is made beside it; one of them goes wrong.

    Args:
        folder: the run's.
        fault: what goes wrong; None: nothing.
    """

    def __init__(self, folder: Path, fault: Fault | None) -> None:
        self.calls: list[str] = []
        self._folder, self._fault = folder.resolve(), fault
        self._descriptors: set[int] = set()
        for name in _REAL:
            setattr(os, name, functools.partial(self._call, name))

    def work(self) -> None:
        """From now on nothing is counted, and nothing goes wrong."""
        for name, real in _REAL.items():
            setattr(os, name, real)

    def _call(self, name: str, target: Any, *arguments: Any, **named: Any) -> Any:
        if name == "close":
            self._descriptors.discard(target)
        elif self._counts(target):
            self.calls.append(name)
            if self._fault is not None and len(self.calls) - 1 == self._fault.number:
                self._go_wrong(self._fault, name, target, arguments)
        result = _REAL[name](target, *arguments, **named)
        if name == "open" and self._counts(target):
            self._descriptors.add(result)
        return result

    def _counts(self, target: Any) -> bool:
        if isinstance(target, int):
            return target in self._descriptors
        path = os.path.relpath(os.fspath(target), self._folder.parent)
        first = path.partition(os.sep)[0]
        return first == self._folder.name or first.startswith(".nncli-")

    def _go_wrong(self, fault: Fault, name: str, target: Any, arguments: Any) -> None:
        if fault.part and name == "write":
            _REAL["write"](target, arguments[0][: len(arguments[0]) // 2])
        if fault.error is None:
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(fault.error, os.strerror(fault.error or errno.EIO))


def _nncli(arguments: Sequence[str], output: Path, fault: Fault | None) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    if fault is not None:
        Disk(output.parent / "run", fault)
    from nncli.cli.main import main

    sys.argv = ["nncli", *arguments]
    try:
        main()
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended.code if isinstance(ended.code, int) else 1)


def start(*arguments: str | Path, output: Path, fault: Fault | None = None) -> BaseProcess:
    """Start `nncli` with these arguments.

    Args:
        arguments: those of the command line.
        output: the file that what it prints is added to.
        fault: what goes wrong in the folder `run` beside that file.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    process = context.Process(target=_nncli, args=(list(map(str, arguments)), output, fault))
    process.start()
    return process


def run(*arguments: str | Path, output: Path, fault: Fault | None = None) -> int:
    """Run `nncli` to its end; returns its exit code, or minus the signal that killed it."""
    process = start(*arguments, output=output, fault=fault)
    process.join(300)
    assert process.exitcode is not None, f"{arguments} took more than 300 s"
    return process.exitcode


def wait_for(run_dir: Path) -> None:
    """Wait until a run is there."""
    deadline = time.monotonic() + 120
    while not (run_dir / "manifest.json").exists():
        assert time.monotonic() < deadline, "the run never began"
        time.sleep(0.005)

"""A process that runs commands of nncli, each file's in a copy of itself, and tells all that the copy did.

Started once for the whole corpus, it has imported nncli and nothing of TensorFlow. For each line of its input, a JSON document of a
folder and commands, it forks; the child runs the commands in the folder under an audit hook. Its answer is a line, too.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import json
import os
import pkgutil
import resource
import signal
import sys
import sysconfig
from typing import Any

import typer

MOST_SECONDS = 20
MOST_ADDRESSES = 8 * 2**30
"""What a child may ask for at most, so that a bomb that goes off ends in a failed test and not in a dead machine."""
CHANGES = (
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.chown", "os.truncate", "os.utime",
    "shutil.", "tempfile.",
)  # fmt: skip
PROCESSES = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.startfile", "pty.")
CONNECTIONS = ("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.")
CODE = ("exec", "compile", "marshal.loads", "code.__new__", "pickle.find_class", "ctypes.", "cpython.run_", "builtins.input")
IN_ORDER = (
    "<frozen importlib._bootstrap>", "/typing.py", "/dataclasses.py", "/inspect.py", "/collections/__init__.py", "/ast.py",
)  # fmt: skip
"""What makes code of nncli's own modules and annotations, and trees of formulas and of NumPy's headers, which are not run."""
OWN = tuple(
    os.path.realpath(place) + os.sep
    for place in (sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"), os.path.join(os.getcwd(), "nncli"))
)
SYSTEM = ("/proc/", "/sys/", "/dev/null", "/etc/localtime", "/usr/share/zoneinfo/")
"""What Python and nncli ask the system for: how much memory there is, the time zone."""


class Watch:
    """An audit hook that takes notes."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.read: list[str] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            self._open(*arguments)
        elif event == "import":
            if arguments[0].partition(".")[0] in ("tensorflow", "keras", "torch", "jax"):
                self.seen.append(f"import {arguments[0]}")
        elif event.startswith((*CHANGES, *PROCESSES, *CONNECTIONS)) or (event.startswith(CODE) and not self._is_in_order()):
            self.seen.append(f"{event} {arguments!r:.200}")

    def _open(self, path: Any, mode: Any, flags: int) -> None:
        if isinstance(path, int):
            return
        name = os.fsdecode(path)
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND):
            self.seen.append(f"open {name} for writing")
        elif not os.path.realpath(name).startswith((*OWN, *SYSTEM)):
            self.read.append(name)

    def _is_in_order(self) -> bool:
        """Whether somebody has code made, or run, who does so whatever the file is."""
        frame = sys._getframe(2)
        while frame is not None and not frame.f_code.co_filename.endswith(IN_ORDER):
            frame = frame.f_back
        return frame is not None


def run(commands: list[list[str]]) -> list[dict[str, Any]]:
    """Run commands one after the other, and tell of each how it ended and what it printed."""
    from nncli.cli.main import main

    told = []
    for arguments in commands:
        sys.argv = ["nncli", *arguments]
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        code: Any = "no exit"
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
            except SystemExit as ended:
                code = ended.code
        told.append({"code": code, "out": out.buffer.getvalue().decode(), "err": err.buffer.getvalue().decode()})
    return told


def child(task: dict[str, Any], answer: int) -> None:
    """What the copy does."""
    signal.alarm(MOST_SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))
    os.chdir(task["folder"])
    watch = Watch()
    code = compile(task["code"], "<a test of the watch>", "exec")
    sys.addaudithook(watch)
    told = run(task["commands"])
    if task["code"]:
        exec(code, {})
    seen, read = list(watch.seen), list(watch.read)
    os.write(answer, json.dumps({"told": told, "seen": seen, "read": read}).encode())


def serve() -> None:
    """Answer until there are no more tasks."""
    import nncli
    from nncli.cli.app import app

    for module in pkgutil.walk_packages(nncli.__path__, "nncli."):
        if module.name not in ("nncli.__main__", "nncli.keras_objects"):
            importlib.import_module(module.name)
    assert "tensorflow" not in sys.modules
    typer.main.get_command = functools.cache(typer.main.get_command)  # which takes longer than most commands
    typer.main.get_command(app)
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        task = json.loads(line)
        path = task["answer"]
        pid = os.fork()
        if pid == 0:
            try:
                child(task, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC))
            except BaseException as failure:
                print(f"the child failed: {failure!r}", file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        _, status, used = os.wait4(pid, 0)
        answers.write(json.dumps({"status": status, "kilobytes": used.ru_maxrss, "seconds": used.ru_utime + used.ru_stime}) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve()

"""The process that runs the corpus."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a file's commands.

    Attributes:
        results: of each its exit code, standard output and standard error.
        seen: what was done that no command does to a file that it refuses.
        read: files that were opened, but those of Python and nncli themselves.
        megabytes: the most that was in memory.
    """

    results: list[dict[str, Any]]
    seen: list[str]
    read: list[str]
    megabytes: float


Run = Callable[..., Told]


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """`run(folder, commands)`: what nncli does when it is run in a folder; `code` is Python to be run after it."""
    answer = tmp_path_factory.mktemp("answers") / "answer.json"
    home = tmp_path_factory.mktemp("home")
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1", "COLUMNS": "400", "HOME": str(home)}
    environment.pop("KERAS_HOME", None)
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.hostile.watched"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    assert server.stdin is not None
    assert server.stdout is not None

    def ask(folder: Path, commands: Sequence[Sequence[str]], code: str = "") -> Told:
        answer.unlink(missing_ok=True)
        task = {"folder": str(folder), "commands": [list(command) for command in commands], "code": code, "answer": str(answer)}
        print(json.dumps(task), file=server.stdin, flush=True)
        ended = json.loads(server.stdout.readline())
        assert ended["status"] == 0, f"ended by signal or exit status {ended['status']}: a crash, or more than 20 s"
        told = json.loads(answer.read_bytes())
        kilobytes = ended["kilobytes"] / (1024 if sys.platform == "darwin" else 1)
        return Told(told["told"], told["seen"], told["read"], kilobytes / 1024)

    yield ask
    server.stdin.close()
    assert server.wait(timeout=60) == 0
    server.stdout.close()

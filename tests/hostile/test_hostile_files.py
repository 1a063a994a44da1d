"""Files made to do harm: each is refused with a clear problem, and nothing that it wants is done.

What is said of each stands in `refusals.txt`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from tests.hostile.corpus import CASES

REFUSALS: Final = Path(__file__).with_name("refusals.txt")
MOST_MEGABYTES: Final = 500


def expected() -> dict[str, str]:
    """Name of a case -> what is said of it."""
    parts = re.split(r"^== (.*)\n", REFUSALS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


EXPECTED: Final = expected()


def said(commands: Sequence[Sequence[str]], results: Sequence[dict[str, Any]], folder: Path) -> str:
    """Exit codes and standard errors; commands that say the same stand together. How well something packs, each version of zlib and
    zstd says for itself.
    """
    groups: dict[str, list[str]] = {}
    for command, result in zip(commands, results, strict=True):
        text = f": exit {result['code']}\n{result['err']}".replace(str(folder), "FOLDER")
        text = re.sub(r"(?<=times, from )[\d,]+", "N", text)
        groups.setdefault(text, []).append(command[0])
    return "".join(f"{', '.join(names)}{text}" for text, names in groups.items())


def snapshot(folder: Path) -> dict[str, Any]:
    """All files of a folder: type, time of the last change, content."""
    paths = sorted(folder.rglob("*"))
    return {path.name: (path.lstat().st_mode, path.lstat().st_mtime_ns, path.is_file() and path.read_bytes()) for path in paths}


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_is_refused_and_nothing_else_is_done(name: str, tmp_path: Path, run: Any) -> None:
    case = CASES[name]
    files = case.files()
    for file, data in files.items():
        (tmp_path / file).write_bytes(data)
    os.mkfifo(tmp_path / "pipe")  # whoever opens it, by Python or by C, waits for ever
    (tmp_path / "secret.txt").write_text("nobody's business", encoding="utf-8")
    before = snapshot(tmp_path)

    told = run(tmp_path, case.commands)

    assert {result["code"] for result in told.results} <= {2, 3}
    assert said(case.commands, told.results, tmp_path) == EXPECTED[name]
    printed = "".join(result["out"] + result["err"] for result in told.results)
    assert not set(printed) & set("\x1b\x07\r\u202e")
    assert told.seen == [], "no code, process, connection, file for writing, and no TensorFlow"
    assert {os.path.realpath(tmp_path / path) for path in told.read} <= {os.path.realpath(tmp_path / file) for file in files}
    assert snapshot(tmp_path) == before
    assert told.megabytes < MOST_MEGABYTES


def test_what_is_said_is_said_of_a_case() -> None:
    assert list(EXPECTED) == list(CASES)


@pytest.mark.parametrize(
    "code",
    [
        "open('made', 'w')",
        "__import__('os').mkdir('made')",
        "__import__('os').system('true')",
        "__import__('subprocess').run(['true'])",
        "__import__('socket').socket()",
        "__import__('ctypes').CDLL(None)",
        "try: import jax\nexcept ImportError: ...",
        "__import__('pickle').loads(b'cos\\nsystem\\n.')",
        "__import__('marshal').loads(b'N')",
        "eval('1')",
    ],
)
def test_the_watch_sees_what_a_file_might_do(code: str, tmp_path: Path, run: Any) -> None:
    """Were it blind, all of the above would pass."""
    told = run(tmp_path, [], code)
    assert told.seen != []


def test_the_watch_sees_what_is_read(tmp_path: Path, run: Any) -> None:
    (tmp_path / "secret.txt").touch()
    assert run(tmp_path, [], "open('secret.txt').close()").read == ["secret.txt"]

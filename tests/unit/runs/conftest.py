"""What the tests of the runs' room share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nncli.problems import NncliError, Problem

Refused = Callable[..., Problem]
NAMES = ("open", "write", "fsync", "replace", "link", "unlink", "mkdir", "rmdir")
"""The functions of `os` through which nncli changes the disk."""


@pytest.fixture
def refused() -> Refused:
    """`refused(call, *arguments)` is the single problem that the call raises."""

    def only_problem(call: Callable[..., Any], *arguments: Any, **named: Any) -> Problem:
        with pytest.raises(NncliError) as caught:
            call(*arguments, **named)
        (problem,) = caught.value.problems
        return problem

    return only_problem


class Disk:
    """Watches the calls of `os` that change the disk, and lets one of them fail."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._fails: Callable[[int, str], BaseException | None] = lambda number, name: None

    def watch(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.calls.append(name)
            if (failure := self._fails(len(self.calls) - 1, name)) is not None:
                raise failure
            return real(*arguments, **named)

        return call

    def fail_at(self, number: int, failure: BaseException) -> None:
        """From now on the call of this number, counted from 0, raises."""
        self.calls, self._fails = [], lambda call, name: failure if call == number else None

    def fail_always(self, failed: str, code: int) -> None:
        """From now on every call of this function is refused by the system."""
        self._fails = lambda call, name: OSError(code, os.strerror(code)) if name == failed else None

    def work(self) -> None:
        """From now on nothing fails."""
        self.calls, self._fails = [], lambda number, name: None


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """A disk that may fail."""
    found = Disk()
    for name in NAMES:
        monkeypatch.setattr(os, name, found.watch(name, getattr(os, name)))
    return found


@pytest.fixture
def listing() -> Callable[[Path], dict[str, bytes | None]]:
    """`listing(folder)`: everything in a folder, with the content of files."""

    def everything(folder: Path) -> dict[str, bytes | None]:
        return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}

    return everything

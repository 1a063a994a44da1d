"""What fuzzing begins with, and what it once found: none of it breaks a reader any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS, seeds

KEPT = sorted(Path(__file__).with_name("kept").rglob("*-*"))


@pytest.mark.parametrize("target", TARGETS)
def test_sound_files_break_no_reader(target: str) -> None:
    for data in seeds(target):
        TARGETS[target](data)


def test_what_was_found_breaks_no_reader() -> None:
    for path in KEPT:
        TARGETS[path.parent.name](path.read_bytes())

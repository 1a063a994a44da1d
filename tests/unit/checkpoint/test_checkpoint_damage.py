"""A file that was cut short, changed or mixed up is a problem that names it: never another value, never a traceback."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nncli.checkpoint.contents import Checkpoint
from nncli.checkpoint.read import read_checkpoint
from nncli.checkpoint.write import checkpoint_bytes
from nncli.problems import NncliError, Where


@pytest.fixture
def good(tiny: Checkpoint) -> bytes:
    return checkpoint_bytes(tiny)


@pytest.fixture
def is_refused(tmp_path: Path) -> Any:
    """Whether a file of these bytes is refused as the room documents it."""
    path = tmp_path / "damaged.h5"

    def judge(data: bytes | bytearray) -> bool:
        path.write_bytes(data)
        try:
            read_checkpoint(path)
        except NncliError as failure:
            return [(problem.code, problem.where) for problem in failure.problems] == [("NN603", Where(file=str(path)))]
        return False

    return judge


def test_a_file_cut_short_anywhere_is_refused(good: bytes, is_refused: Any) -> None:
    lengths = {*range(120), *random.Random(0).sample(range(len(good)), 300), *range(len(good) - 40, len(good))}
    assert [length for length in sorted(lengths) if not is_refused(good[:length])] == []


def test_a_file_with_more_at_its_end_is_refused(good: bytes, is_refused: Any) -> None:
    assert [more for more in (b"\0", b"\n", bytes(512), good) if not is_refused(good + more)] == []


def test_no_byte_can_be_changed(good: bytes, is_refused: Any) -> None:
    generator = random.Random(1)
    positions = {*range(100), *generator.sample(range(len(good)), 500)}
    for position in sorted(positions):
        changed = bytearray(good)
        changed[position] ^= generator.choice([1, 128, 255, generator.randrange(1, 256)])
        assert is_refused(changed), position


def test_no_sector_can_be_lost_or_swapped(good: bytes, is_refused: Any) -> None:
    sectors = [good[start : start + 512] for start in range(0, len(good), 512)]
    for number, sector in enumerate(sectors):
        for other in (bytes(len(sector)), b"\xff" * len(sector), sectors[number - 1]):
            mixed = b"".join([*sectors[:number], other, *sectors[number + 1 :]])
            assert mixed == good or is_refused(mixed), number


def test_two_checkpoints_cannot_be_mixed(good: bytes, tiny: Checkpoint, is_refused: Any) -> None:
    other = checkpoint_bytes(replace(tiny, run={"threads": 2, "step": 4}))
    assert len(other) == len(good)
    assert all(is_refused(good[:place] + other[place:]) for place in range(512, len(good), 512) if good[:place] != other[:place])


def test_what_is_wrong_is_said(good: bytes, tmp_path: Path, refused: Any) -> None:
    path = tmp_path / "last.h5"
    changed = bytearray(good)
    changed[len(good) // 2] ^= 1
    path.write_bytes(changed)
    message = "this is no usable checkpoint: its bytes do not match its checksum: it was cut short, changed or damaged"
    problem = refused(read_checkpoint, path)
    assert (problem.message, problem.hint) == (message, None)
    path.write_bytes(good[: len(good) // 2])
    assert refused(read_checkpoint, path).message == "this is no usable checkpoint: its HDF5 structure is damaged (OSError)"


def test_the_state_before_is_pointed_out_where_there_is_one(good: bytes, tmp_path: Path, refused: Any) -> None:
    (tmp_path / "last.previous.h5").write_bytes(good)
    for name in ("last.h5", "best.h5"):
        (tmp_path / name).write_bytes(good[:-1])
    hint = "an older state lies beside it: to go on from there, rename `last.previous.h5` to `last.h5`"
    assert refused(read_checkpoint, tmp_path / "last.h5").hint == hint
    assert refused(read_checkpoint, tmp_path / "best.h5").hint is None

"""A checkpoint of which a byte has changed is refused, or the one before it takes its place and that is said."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from nncli.commands.loading import load_trained
from nncli.problems import NncliError
from tests.faults.armed import Fault, run, start, wait_for
from tests.faults.courses import Course, assert_same


def damage(path: Path, chance: random.Random) -> None:
    """Change one byte of a file."""
    data = bytearray(path.read_bytes())
    position = chance.randrange(len(data))
    data[position] ^= chance.randrange(1, 256)
    path.unlink()  # another name of the file keeps what it had
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["best", "last"])
def test_every_changed_byte_is_noticed(name: str, undisturbed: Callable[[str], Course], tmp_path: Path) -> None:
    """At 150 random positions of each file, and at each of the first 600: those are HDF5's own."""
    source, path = undisturbed("averaged").run / "checkpoints" / f"{name}.h5", tmp_path / f"{name}.h5"
    chance, whole = random.Random(name), source.read_bytes()
    for position in [*(chance.randrange(len(whole)) for _ in range(150)), *range(600)]:
        data = bytearray(whole)
        data[position] ^= chance.randrange(1, 256)
        path.write_bytes(data)
        with pytest.raises(NncliError) as caught:
            load_trained(path)
        assert [problem.code for problem in caught.value.problems] == ["NN603"], position


@pytest.fixture
def killed(undisturbed: Callable[[str], Course], tmp_path: Path) -> tuple[Course, Path]:
    """A run that was killed after some checkpoints, and the one that it has to equal."""
    course, out = undisturbed("averaged"), tmp_path / "run"
    fault = Fault(number=120)
    assert run("train", course.config, "--out", out, output=tmp_path / "log", fault=fault) == -signal.SIGKILL
    return course, out


def test_a_damaged_state_gives_way_to_the_one_before(killed: tuple[Course, Path], tmp_path: Path) -> None:
    course, out = killed
    damage(out / "checkpoints" / "last.h5", random.Random(1))
    log = tmp_path / "resumed"
    assert run("train", "--resume", out, output=log) == 0, log.read_text()
    said = log.read_text()
    assert "warning[NN603]: this is no usable checkpoint: " in said
    assert "; the run goes on from the state before it, that of step " in said
    assert_same(out, course)


def test_where_both_are_damaged_nothing_is_trained(killed: tuple[Course, Path], tmp_path: Path) -> None:
    _, out = killed
    for name in ("last", "last.previous"):
        damage(out / "checkpoints" / f"{name}.h5", random.Random(2))
    before = {path: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file() and path.suffix != ".tmp"}
    log = tmp_path / "resumed"
    assert run("train", "--resume", out, output=log) == 3, log.read_text()
    assert "error[NN603]" in log.read_text()
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("command", ["eval", "predict", "export", "train"])
def test_no_command_uses_a_damaged_best(command: str, killed: tuple[Course, Path], tmp_path: Path) -> None:
    course, out = killed
    damage(out / "checkpoints" / "best.h5", random.Random(3))
    more = {
        "eval": [out],
        "predict": [out, course.config.with_suffix(".npz")],
        "export": [out, "-o", tmp_path / "model.h5"],
        "train": ["--resume", out],
    }
    log = tmp_path / "said"
    assert run(command, *more[command], output=log) == 3, log.read_text()
    assert "error[NN603]: this is no usable checkpoint: " in log.read_text()
    assert not (tmp_path / "model.h5").exists()


def test_a_vanished_folder_ends_the_run(undisturbed: Callable[[str], Course], tmp_path: Path) -> None:
    """Whoever removes the folder of a run that goes on is told what is missing; nothing is made in its place."""
    course, out, log = undisturbed("averaged"), tmp_path / "run", tmp_path / "log"
    process = start("train", course.config, "--set", "training.steps=1000000", "--out", out, output=log)
    wait_for(out)
    out.rename(tmp_path / "elsewhere")
    process.join(120)
    assert process.exitcode == 3, log.read_text()
    assert "error[NN604]: cannot be written: No such file or directory" in log.read_text()
    assert not out.exists()

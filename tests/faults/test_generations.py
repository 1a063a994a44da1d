"""What a run goes on from, whatever was lost: its commands called in this process, and cut short where a kill would cut them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from nncli.commands.resume import resume
from nncli.commands.train import train
from nncli.engine.events import Event, Measured, Warned
from nncli.problems import NncliError
from nncli.reports.runs import TrainReport
from nncli.runs.manifest import read_manifest
from tests.faults.courses import bits, write_config
from tests.whole import WHOLE

STEPS = 40
SET = ["training.evaluate_every.steps=10", "training.log_every.steps=10", "training.checkpoint_every.steps=10"]


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generations")


@pytest.fixture(scope="module")
def config(folder: Path) -> Path:
    return write_config(folder, "small", STEPS)


@pytest.fixture(scope="module")
def short(config: Path, folder: Path) -> Path:
    """A finished run."""
    train(config, overrides=SET, out=folder / "short")
    return folder / "short"


@pytest.fixture(scope="module")
def long(config: Path, folder: Path) -> Path:
    """The run of more steps that nothing disturbed."""
    train(config, overrides=[*SET, "training.steps=70"], out=folder / "long")
    return folder / "long"


@pytest.fixture(scope="module")
def half(config: Path, folder: Path) -> Path:
    """A run that was stopped at step 20."""
    out = folder / "half"
    assert train_until(2, config, SET, out).outcome == "interrupted"
    return out


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[Path], Path]:
    def make(run: Path) -> Path:
        return Path(shutil.copytree(run, tmp_path / "run"))

    return make


def train_until(number: int, config: Path, overrides: Sequence[str], out: Path) -> TrainReport:
    """Train until so many measurements are taken, however long they take to reach the disk."""
    measured = list[Event]()

    def listen(event: Event) -> None:
        if isinstance(event, Measured):
            measured.append(event)

    return train(config, overrides=overrides, out=out, listener=listen, should_stop=lambda: len(measured) >= number)


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()  # the two generations may be one file with two names
    path.write_bytes(data)


def refused(run: Path, *overrides: str) -> str:
    with pytest.raises(NncliError) as caught:
        resume(run, overrides=overrides)
    (problem,) = caught.value.problems
    return f"{problem.code} {problem.message}"


def finished(run: Path, *overrides: str) -> TrainReport:
    report = resume(run, overrides=overrides)
    assert report.outcome == "finished"
    return report


MORE = "training.steps=70"


def cut(number: int, patch: pytest.MonkeyPatch, run: Path) -> None:
    """Let the process end at a rename or removal in the run folder."""
    calls = 0
    real = {name: getattr(os, name) for name in ("replace", "unlink")}

    def call(name: str, path: Any, *arguments: Any, **named: Any) -> Any:
        nonlocal calls
        if str(path).startswith(str(run)):
            calls += 1
            if calls > number:
                raise Killed
        return real[name](path, *arguments, **named)

    for name in real:
        patch.setattr(os, name, lambda *arguments, name=name, **named: call(name, *arguments, **named))


@pytest.mark.parametrize("number", range(0, 24) if WHOLE else (4, 9))
@pytest.mark.parametrize("again", [[], [MORE]], ids=["as it is", "with the steps"])
def test_a_run_that_is_killed_while_it_is_given_more_steps_gets_them(
    number: int, again: Sequence[str], short: Path, long: Path, copy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copy(short)
    with monkeypatch.context() as patch:
        cut(number, patch, run)
        with pytest.raises(Killed):
            resume(run, overrides=[MORE])
    try:
        resume(run, overrides=again)
    except NncliError as failure:
        assert "this run is finished" in str(failure), "killed before anything was changed"
        assert not again
        resume(run, overrides=[MORE])
    if "70" not in (run / "config.yaml").read_text():
        resume(run, overrides=[MORE])  # it was reported anew, as it had been, and is given the steps now
    assert bits(run) == bits(long)


def test_a_damaged_newest_state_is_replaced_before_anything_is_written(
    half: Path, short: Path, copy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, told = copy(half), list[Event]()
    damage(run / "checkpoints" / "last.h5")
    for number in range(0, 12, 1 if WHOLE else 5):
        with monkeypatch.context() as patch:
            cut(number, patch, run)
            with pytest.raises(Killed):
                resume(run)
    report = resume(run, listener=told.append)
    assert (report.outcome, bits(run)) == ("finished", bits(short))
    assert told[0] == Warned(report.problems[: len(told[0].problems)]), "what is wrong is told before the first step"


@pytest.mark.parametrize("more", [[], [MORE]], ids=["as it is", "more steps"])
def test_a_finished_run_whose_last_state_is_damaged_ends_again(more: list[str], short: Path, long: Path, copy: Any) -> None:
    run = copy(short)
    damage(run / "checkpoints" / "last.h5")
    (problem,) = finished(run, *more).problems
    assert problem.message.endswith("the run goes on from the state before it, that of step 40")
    assert bits(run) == bits(long if more else short)


def test_a_state_that_the_disk_no_longer_gives_is_passed_over(
    half: Path, short: Path, copy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copy(half)
    real = Path.open

    def opened(path: Path, *arguments: Any, **named: Any) -> Any:
        if path == run / "checkpoints" / "last.h5" and path.stat().st_ino == inode:
            raise OSError(5, "Input/output error")
        return real(path, *arguments, **named)

    inode = (run / "checkpoints" / "last.h5").stat().st_ino
    monkeypatch.setattr(Path, "open", opened)
    assert finished(run).problems[0].message.startswith("the checkpoint cannot be read: Input/output error; the run goes on")
    assert bits(run) == bits(short)


def test_the_best_weights_are_those_of_their_step_in_either_generation(half: Path, short: Path, copy: Any) -> None:
    run = copy(half)
    best = run / "checkpoints" / "best.h5"
    shutil.copy(best, run / "checkpoints" / "best.previous.h5")
    damage(best)
    finished(run)
    assert bits(run) == bits(short)
    run = Path(shutil.copytree(half, run.with_name("other")))
    best = run / "checkpoints" / "best.h5"
    damage(best)
    (run / "checkpoints" / "best.previous.h5").unlink(missing_ok=True)
    assert refused(run).startswith("NN603")
    shutil.copy(short / "checkpoints" / "last.h5", best)
    assert refused(run).startswith("NN603 the best weights, those of step")


def test_measurements_that_are_gone_are_missed(half: Path, copy: Any) -> None:
    run = copy(half)
    (run / "metrics.jsonl").unlink()
    assert refused(run) == "NN603 0 of the 2 measurements up to step 20 are there"


@pytest.mark.parametrize("place", ["dataset", "model"])
def test_weights_to_start_from_cannot_be_slipped_in(place: str, half: Path, short: Path, copy: Any) -> None:
    message = refused(copy(half), f"model.weights_from={short}/checkpoints/best.h5")
    assert message.startswith("NN602 `model.weights_from` cannot change within a run: it was null")


@pytest.mark.parametrize(
    ("watched", "is_free"),
    [
        ("training.best.monitor=accuracy", False),
        ("training.reduce_lr_on_plateau={monitor: loss, mode: min}", False),
        ("training.stop_when=['accuracy > 0.999']", False),
        ("training.stop_when=['loss < 0.0001']", True),
        ("training.best.monitor=val_accuracy", True),
    ],
)
def test_the_history_s_interval_is_free_where_nothing_hangs_on_it(
    watched: str, is_free: bool, config: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    train_until(1, config, [*SET, watched], run)
    if is_free:
        finished(run, "training.log_every.steps=5")
        assert len((run / "metrics.jsonl").read_text().splitlines()) > STEPS // 10
    else:
        assert refused(run, "training.log_every.steps=5").startswith("NN602 `training.log_every.steps` cannot change within a run")


def test_a_run_that_stopped_early_at_the_end_that_its_budget_forced_goes_on_with_more(config: Path, tmp_path: Path) -> None:
    early = [
        *("training.early_stopping={monitor: val_loss, patience: 1, min_delta: 100}", "training.evaluate_every.steps=25"),
        *("training.log_every.steps=25", "training.reduce_lr_on_plateau=null"),
    ]
    assert train(config, overrides=[*early, "training.steps=35"], out=tmp_path / "short").outcome == "stopped_early"
    whole = train(config, overrides=[*early, MORE], out=tmp_path / "long")
    assert (whole.outcome, whole.steps) == ("stopped_early", 50)
    assert resume(tmp_path / "short", overrides=[MORE]).steps == 50
    assert bits(tmp_path / "short") == bits(tmp_path / "long")
    assert "ended by early stopping" in refused(tmp_path / "short", "training.steps=100")


def test_without_a_validation_part_the_last_weights_are_the_best_after_a_kill_too(config: Path, tmp_path: Path) -> None:
    plain = [
        *("dataset.validation=0", "training.early_stopping=null", "training.reduce_lr_on_plateau=null"),
        *("training.best=null", f"training.steps={STEPS}"),
    ]
    reports = [train(config, overrides=plain, out=tmp_path / name) for name in ("whole", "killed")]
    manifest = tmp_path / "killed" / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "state": "trained"}))
    assert [*(report.best_step for report in reports), finished(tmp_path / "killed").best_step] == [STEPS] * 3
    assert bits(tmp_path / "killed") == bits(tmp_path / "whole")


def test_another_machine_is_told_of_each_time(half: Path, copy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = copy(half)
    with monkeypatch.context() as patch:
        patch.setattr("nncli.commands.resume.machine", lambda: {"system": "A", "processor": "B", "cpu": "C"})
        report = resume(run, should_stop=lambda: True)
    assert report.outcome == "interrupted" and "-> C" in report.problems[0].message
    assert "-> C" in finished(run).problems[0].message, "though this is the machine on which it began"
    assert read_manifest(run).moves[0].endswith("-> A")

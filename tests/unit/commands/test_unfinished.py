"""The run that `--resume auto` finds, without a network in any of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nncli.commands.past_runs import remove_runs
from nncli.commands.unfinished import Found, find_unfinished
from nncli.problems import Problem, Where, exit_code
from nncli.reports.base import plain
from nncli.reports.runs import TrainReport

Refused = Callable[..., Problem]
REPORT = TrainReport(
    name="tiny",
    outcome="finished",
    message="all 30 steps are done",
    run_dir="where/it/was",
    checkpoint="where/it/was/checkpoints/last.h5",
    best_checkpoint=None,
    steps=30,
    epochs=30.0,
    best_step=20,
    metrics={"train": {"loss": 0.25}, "validation": {"loss": 0.5}, "test": None},
    seconds=75.2,
    samples_per_second=1.5,
    dataset={"type": "inline", "train": 3, "validation": 1, "test": 0},
    weights_digest="ab" * 32,
)


def test_the_newest_unfinished_run_of_the_very_config(make: Callable[..., Path], config: Path, tmp_path: Path) -> None:
    runs_dir = tmp_path / "runs"
    assert find_unfinished(config, runs_dir=runs_dir) == Found()
    first, second = make(state="interrupted"), make(state="running")
    make(state="finished", report=plain(REPORT)), make(state="diverged"), make(("seed=4",), state="interrupted")
    assert find_unfinished(config, runs_dir=runs_dir) == Found(second)
    assert find_unfinished(config, overrides=["seed=5"], runs_dir=runs_dir) == Found()
    remove_runs([second])
    assert find_unfinished(config, runs_dir=runs_dir) == Found(first)
    assert find_unfinished(config, overrides=["training.threads=1"], runs_dir=runs_dir) == Found(first)
    assert find_unfinished(config, overrides=["training.threads=2"], runs_dir=runs_dir) == Found()


def damage_manifest(run: Path) -> str:
    (run / "manifest.json").write_text("{")
    return "NN603"


def of_another_version(run: Path) -> str:
    with (run / "config.yaml").open("a") as file:
        file.write("new_key: 1\nnewer_key: 2\n")
    return "NN201"


def without_config(run: Path) -> str:
    (run / "config.yaml").unlink()
    return "NN107"


def unreadable(run: Path) -> str:
    (run / "manifest.json").unlink()
    (run / "manifest.json").symlink_to("x" * 300)
    return "NN604"


@pytest.mark.parametrize("damage", [damage_manifest, of_another_version, without_config, unreadable])
def test_a_run_that_cannot_be_looked_into_is_told_and_passed_over(
    damage: Callable[[Path], str], make: Callable[..., Path], config: Path, tmp_path: Path
) -> None:
    whole, bad = make(state="interrupted"), make(state="interrupted")
    code = damage(bad)
    (bad.parent / "notes").touch()
    found = find_unfinished(config, runs_dir=tmp_path / "runs")
    assert found.run == whole
    (problem,) = found.problems
    assert (problem.code, problem.severity, problem.where) == (code, "warning", Where(file=str(bad)))
    assert problem.message.startswith("this run cannot be looked into and is passed over: ")
    remove_runs([whole])
    assert find_unfinished(config, runs_dir=tmp_path / "runs") == Found(problems=found.problems), "one more run, and that is said"


def test_a_folder_of_ones_own(make: Callable[..., Path], config: Path, tmp_path: Path, refused: Refused) -> None:
    run = make(state="interrupted")
    assert find_unfinished(config, out=run) == Found(run)
    assert find_unfinished(config, out=tmp_path / "new") == Found()
    problem = refused(find_unfinished, config, overrides=["seed=5"], out=run)
    assert (problem.code, problem.message) == ("NN602", "this is the run of another config")
    damage_manifest(run)
    assert refused(find_unfinished, config, out=run).code == "NN603", "it is the one that was asked for"


def test_the_finished_run_of_a_folder_of_ones_own_is_reported_again(
    make: Callable[..., Path], config: Path, tmp_path: Path, refused: Refused
) -> None:
    moved = tmp_path / "elsewhere"
    shutil.move(make(state="finished", report=plain(REPORT)), moved)
    report = find_unfinished(config, out=moved).report
    assert report is not None
    places = {"run_dir": str(moved), "checkpoint": f"{moved}/checkpoints/last.h5"}
    assert plain(report) == plain(REPORT) | places
    (moved / "report.json").write_text('{"metrics": {}}')
    assert refused(find_unfinished, config, out=moved).message == "this is no report of a training: `name`: Field required"
    (moved / "report.json").unlink()
    assert refused(find_unfinished, config, out=moved).message == "the run has no such file"


@pytest.mark.parametrize(("condition", "code"), [("val_loss < 0.1", 4), ("val_loss < 0.9", 0)])
def test_a_gate_that_it_did_not_pass_stays_shut(condition: str, code: int, make: Callable[..., Path], config: Path) -> None:
    overrides = (f'expect=["{condition}"]',)
    run = make(overrides, state="finished", report=plain(REPORT))
    report = find_unfinished(config, overrides=overrides, out=run).report
    assert report is not None
    assert exit_code(report.problems) == code


@pytest.mark.parametrize(
    ("overrides", "changes"),
    [
        ((), {"state": "trained"}),
        (("training.steps=60",), {"state": "finished"}),  # written into its config by hand, when it had come to its end
        (("training.epochs=40",), {"state": "finished"}),
    ],
)
def test_a_run_with_steps_to_go_is_not_finished(
    overrides: tuple[str, ...], changes: dict[str, Any], make: Callable[..., Path], config: Path
) -> None:
    run = make(overrides, report=plain(REPORT), **changes)
    assert find_unfinished(config, overrides=overrides, out=run) == Found(run)

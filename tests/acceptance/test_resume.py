"""Runs that go on: with more steps, or by themselves. How they come to stop is a matter of the faults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

TIMED = ("seconds", "samples_per_second", "run_dir", "checkpoint", "best_checkpoint")
MORE = ["--set", "training.evaluate_every.steps=50", "--set", "training.log_every.steps=40"]
LONG, SHORT = ["--set", "training.steps=300"], ["--set", "training.steps=170"]


def told(run: Path) -> tuple[list[Any], dict[str, Any]]:
    """History and report of a run, times and places aside."""
    history = [{**json.loads(line), "seconds": 0} for line in (run / "metrics.jsonl").read_text().splitlines()]
    report = json.loads((run / "report.json").read_text())
    return history, {key: value for key, value in report.items() if key not in TIMED}


@pytest.fixture(scope="module")
def done(one_process: Any, xor_config: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The folder, and what each command came to."""
    folder = tmp_path_factory.mktemp("resume")
    train = ["train", xor_config, *MORE]
    commands = {
        "long": [*train, *LONG, "--out", "long"],
        "short": [*train, *SHORT, "--out", "short"],
        "finished": ["train", "--resume", "short"],
        "changed": ["train", "--resume", "short", *LONG, "--set", "seed=3", "--set", "loss=mae"],
        "fewer": ["train", "--resume", "short", "--set", "training.steps=5"],
        "more": ["train", "--resume", "short", *LONG, "--json"],
        "as it is": ["train", "--resume", "short"],
        "auto, first": [*train, *SHORT, "--resume", "auto", "--json"],
        "auto, again": [*train, *SHORT, "--resume", "auto", "--json"],
        "auto, its own folder": [*train, *LONG, "--resume", "auto", "--out", "short"],
        "auto, its own folder, as JSON": [*train, *LONG, "--resume", "auto", "--out", "short", "--json"],
        "auto, another's folder": [*train, *SHORT, "--resume", "auto", "--out", "long"],
        "runs": ["runs", "--json"],
        "diff": ["runs", "diff", "long", "short", "--json"],
    }
    return folder, dict(zip(commands, one_process(list(commands.values()), cwd=folder)(), strict=True))


def test_more_steps_are_as_if_they_had_been_there_from_the_start(done: tuple[Path, Any]) -> None:
    folder, outcomes = done
    assert outcomes["more"].returncode == 0, outcomes["more"].stderr
    assert told(folder / "short") == told(folder / "long")
    difference = json.loads(outcomes["diff"].stdout)["report"]
    assert difference["config"] == difference["surroundings"] == difference["metrics"] == []
    assert difference["same_weights"] is True


@pytest.mark.parametrize("name", ["finished", "as it is"])
def test_a_finished_run_has_nothing_to_go_on_with(name: str, done: tuple[Path, Any]) -> None:
    outcome = done[1][name]
    assert outcome.returncode == 2
    assert outcome.stderr.startswith("error[NN602]: this run is finished: there is nothing to go on with\n")


def test_who_repeats_a_command_until_it_ends_with_0_gets_the_0_and_the_report(done: tuple[Path, Any]) -> None:
    _, outcomes = done
    again = outcomes["auto, its own folder"]
    assert (again.returncode, again.stderr) == (0, "short is finished, this is what it came to:\n")
    assert again.stdout.startswith("finished: all 300 steps are done")
    reports = [json.loads(outcomes[name].stdout)["report"] for name in ("more", "auto, its own folder, as JSON")]
    assert reports[0] == reports[1]


def test_what_would_change_the_bits_is_refused_with_both_values(done: tuple[Path, Any]) -> None:
    _, outcomes = done
    assert outcomes["changed"].returncode == 2
    assert "`seed` cannot change within a run: it was 0, now it is 3" in outcomes["changed"].stderr
    assert (
        "`loss` cannot change within a run: it was `mean_squared_error`, now it is `mean_absolute_error`"
        in outcomes["changed"].stderr
    )
    assert outcomes["fewer"].returncode == 2
    assert "error[NN602]: the run has 170 steps, it cannot go on with 5\n" in outcomes["fewer"].stderr


def test_without_an_unfinished_run_a_new_one_begins(done: tuple[Path, Any]) -> None:
    _, outcomes = done
    runs = [json.loads(outcomes[name].stdout)["report"]["run_dir"] for name in ("auto, first", "auto, again")]
    assert runs == ["runs/xor/001", "runs/xor/002"]
    assert [run["state"] for run in json.loads(outcomes["runs"].stdout)["report"]["runs"]] == ["finished", "finished"]
    other = outcomes["auto, another's folder"]
    assert (other.returncode, other.stderr.partition("\n")[0]) == (2, "error[NN602]: this is the run of another config")

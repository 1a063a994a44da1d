"""What may change when a run goes on, and what may not: each refusal with the key, both values and its place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from nncli.commands.continuing import allowed
from nncli.config.load import load_config
from nncli.problems import NncliError

CONFIG = """\
name: tiny
dataset: {type: series, path: a.csv, inputs: [x], targets: [x], length: 3}
model:
  layers:
    - {type: dense, units: 4, activation: relu}
    - {type: dense, units: 1}
optimizer: {type: adam, learning_rate: 0.1}
loss: mse
training: {steps: 30, evaluate_every: {steps: 10}, early_stopping: {patience: 3}}
"""


def refusals(tmp_path: Path, overrides: Sequence[str], total_steps: int = 30) -> list[tuple[str, str | None]]:
    """The message and the place of each refusal."""
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    try:
        allowed(load_config(path, overrides), load_config(path).experiment, total_steps, 30)
    except NncliError as failure:
        assert {problem.code for problem in failure.problems} == {"NN602"}
        return [(problem.message, problem.where and problem.where.argument) for problem in failure.problems]
    return []


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["training.steps=40"],
        ["training.epochs=9"],
        ["training.log_every={epochs: 1}"],
        ["training.checkpoint_every={steps: 5}"],
        ["training.figures=false"],
        ["expect=[loss < 1]"],
        ["dataset.path=elsewhere/a.csv"],
    ],
)
def test_what_touches_no_bit_may_change(overrides: list[str], tmp_path: Path) -> None:
    assert refusals(tmp_path, overrides, total_steps=40 if overrides and "training." in overrides[0] else 30) == []


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed=1", "`seed` cannot change within a run: it was 0, now it is 1"),
        ("optimizer=sgd", "`optimizer` cannot change within a run: it was `adam`, now it is `sgd`"),
        ("optimizer.learning_rate=0.2", "`optimizer.learning_rate` cannot change within a run: it was 0.1, now it is 0.2"),
        ("model.layers.0.units=5", "`model.layers.0.units` cannot change within a run: it was 4, now it is 5"),
        ("model.layers.1=null", "`model.layers.1` cannot change within a run: it was `dense`, now it is not there"),
        ("training.evaluate_every.steps=5", "`training.evaluate_every.steps` cannot change within a run: it was 10, now it is 5"),
        ("training.batch_size=full", '`training.batch_size` cannot change within a run: it was 32, now it is "full"'),
        ("training.early_stopping=null", "`training.early_stopping` cannot change within a run: it was a mapping, now it is null"),
        ("training.best.monitor=loss", '`training.best.monitor` cannot change within a run: it was "val_loss", now it is "loss"'),
        ("name=other", '`name` cannot change within a run: it was "tiny", now it is "other"'),
        ("dataset.length=4", "`dataset.length` cannot change within a run: it was 3, now it is 4"),
    ],
)
def test_what_touches_the_bits_may_not(override: str, message: str, tmp_path: Path) -> None:
    removed = override.endswith("=null")  # then the place is where it would stand in the file
    assert refusals(tmp_path, [override]) == [(message, None if removed else override)]


def test_all_that_is_wrong_at_once_and_steps_only_upwards(tmp_path: Path) -> None:
    found = refusals(tmp_path, ["seed=1", "training.steps=20", "loss=mae"], total_steps=20)
    assert [message.partition(":")[0] for message, _ in found] == [
        "`loss` cannot change within a run",
        "`seed` cannot change within a run",
        "the run has 30 steps, it cannot go on with 20",
    ]
    assert refusals(tmp_path, ["training.epochs=1"], total_steps=4)[0][1] == "training.epochs=1"

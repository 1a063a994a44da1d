"""The trainer's state inside a checkpoint: what it wrote it takes back, anything odd is NN603."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncli.engine.state import TrainerState
from nncli.engine.watch import Watch
from nncli.problems import Problem

STEPS = st.integers(0, 2**40)
VALUES = st.none() | st.floats(allow_nan=False)
WATCHES = st.builds(Watch, best=VALUES, waited=STEPS, cooldown=STEPS)
STATES = st.builds(
    TrainerState,
    step=STEPS,
    best_value=VALUES,
    best_step=st.none() | STEPS,
    measured_step=st.just(-1) | STEPS,
    early_stopping=WATCHES,
    plateau=WATCHES,
    last_metrics=st.dictionaries(st.text(), st.floats(allow_nan=False) | st.lists(st.floats(allow_nan=False), max_size=3)),
    seconds=st.floats(0, 1e9),
    stop_met=st.booleans(),
    finished=st.sampled_from([None, "finished", "stopped_early", "stop_when"]),
)


@given(state=STATES)
def test_a_state_comes_back_from_the_checkpoint_s_text(state: TrainerState) -> None:
    assert TrainerState.from_json(json.loads(json.dumps(state.to_json()))) == state


def test_what_is_left_out_is_as_at_the_start() -> None:
    assert TrainerState.from_json({}) == TrainerState()
    assert TrainerState.from_json({"step": 3, "plateau": {"waited": 1}}) == TrainerState(step=3, plateau=Watch(waited=1))


def test_a_loss_that_is_no_number_is_remembered() -> None:
    state = TrainerState.from_json(json.loads(json.dumps(TrainerState(last_metrics={"loss": float("nan")}).to_json())))
    assert state.last_metrics["loss"] != state.last_metrics["loss"]


@pytest.mark.parametrize(
    "odd",
    [
        {"step": -1},
        {"step": True},
        {"step": 1.0},
        {"step": "3"},
        {"step": None},
        {"step": [3]},
        {"best_step": -1},
        {"best_step": False},
        {"best_value": "0.5"},
        {"best_value": True},
        {"measured_step": "never"},
        {"measured_step": 0.5},
        {"early_stopping": None},
        {"early_stopping": []},
        {"early_stopping": {"waited": -1}},
        {"early_stopping": {"waited": True}},
        {"early_stopping": {"waited": 1, "more": 1}},
        {"plateau": {"cooldown": 0.5}},
        {"plateau": {"best": "0.5"}},
        {"last_metrics": []},
        {"last_metrics": None},
        {"seconds": -0.5},
        {"seconds": "1"},
        {"seconds": float("nan")},
        {"stop_met": 1},
        {"stop_met": "true"},
        {"finished": "interrupted"},
        {"finished": True},
        {"unknown": 1},
        {"step": 3, "Step": 3},
        {"last_metrics": {"loss": {1, 2}}},
        [],
        "state",
        3,
        None,
    ],
    ids=str,
)
def test_an_odd_state_is_refused(odd: Any, refused: Any) -> None:
    assert refused(TrainerState.from_json, odd) == Problem("NN603", "the trainer's state in the checkpoint is damaged")


@pytest.mark.parametrize("kind", [list, dict])
def test_a_state_nested_10000_deep_is_refused(kind: type, refused: Any) -> None:
    value: Any = 0
    for _ in range(10_000):
        value = [value] if kind is list else {"a": value}
    for name in ("last_metrics", "plateau", "step"):
        assert refused(TrainerState.from_json, {name: value}).code == "NN603"

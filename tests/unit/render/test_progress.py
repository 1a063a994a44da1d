"""What is told while a network is trained, where there is no terminal and where there is one."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from nncli.checkpoint.contents import Weights
from nncli.engine.events import Ended, Event, Measured, Measuring, Previewed, Reason, Started, Stepped
from nncli.render import progress
from nncli.render.progress import TrainingProgress

STARTED = Started(0, 100, 10, 32, 5)
MEASURING = [Measuring("train", 32, 3200), Measuring("train", 3200, 3200)]


def measured(step: int, loss: float) -> Measured:
    return Measured(step, step / 10, {"loss": loss, "val_loss": 2 * loss}, 0.1, 1.0, improved=True)


def ended(reason: Reason, step: int) -> Ended:
    return Ended(reason, "so", step, 1.0, Weights("{}", "3", {}), step)


def told(*events: Event, seconds: float, monkeypatch: pytest.MonkeyPatch, terminal: bool = False) -> list[str]:
    monkeypatch.setattr(progress, "PLAIN_SECONDS", seconds)
    text = io.StringIO()
    with TrainingProgress(Console(file=text, width=100, color_system=None, force_terminal=terminal)) as listener:
        for event in (STARTED, *events):
            listener(event)
    return [line for line in text.getvalue().splitlines()[1:] if line]


def test_a_step_that_was_told_is_not_told_again_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = told(measured(10, 0.5), Stepped(14, 0.25), ended("interrupted", 14), seconds=0.0, monkeypatch=monkeypatch)
    assert lines[0].startswith("step 10/100  epoch 1/10  loss 0.5  val_loss 1")
    assert lines[1].startswith("step 14/100  epoch 2/10  loss 0.25  val_loss 1")
    assert len(lines) == 2


def test_the_end_is_told_with_its_own_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = told(measured(10, 0.5), Stepped(14, 0.25), ended("interrupted", 14), seconds=1e9, monkeypatch=monkeypatch)
    assert len(lines) == 1 and lines[0].startswith("step 14/100  epoch 2/10  loss 0.25")


def test_a_run_without_a_step_has_no_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(ended("diverged", 3), seconds=0.0, monkeypatch=monkeypatch) == []


def test_the_last_pass_over_the_data_is_told_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = told(measured(100, 0.5), ended("finished", 100), *MEASURING, seconds=0.0, monkeypatch=monkeypatch)
    assert lines[1:] == [
        "measuring the best weights on train: 32 of 3,200 samples",
        "measuring the best weights on train: 3,200 of 3,200 samples",
    ]
    assert len(told(*MEASURING, seconds=1e9, monkeypatch=monkeypatch)) == 0


def test_a_terminal_shows_the_last_pass_and_forgets_it() -> None:
    text = io.StringIO()
    with TrainingProgress(Console(file=text, width=100, color_system=None, force_terminal=True)) as listener:
        for event in (STARTED, measured(100, 0.5), Previewed(np.arange(3, dtype=np.float32), np.ones(3, np.float32)), *MEASURING):
            listener(event)
        assert listener._live is not None
        listener._live.refresh()
        assert "measuring the best weights on train: 3,200 of 3,200 samples" in text.getvalue()
    last = text.getvalue().rpartition("100/100")[2]
    assert "measuring" not in last and "predicted" in last

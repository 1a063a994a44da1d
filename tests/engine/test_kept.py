"""What a run that diverges leaves: the last state and the best weights whose loss is a finite number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nncli.checkpoint.contents import Weights
from nncli.engine.events import Saved, Snapshot, Stepped
from nncli.engine.kept import Kept


def snapshot(step: int, value: float = 0.0) -> Snapshot:
    return Snapshot(step, Weights("{}", "3", {"dense": (("kernel", np.array([value], np.float32)),)}), {"step": step})


def steps(kept: Kept) -> tuple[int, int]:
    return kept.last.step, kept.best.step


def sound_up_to(largest: float) -> Callable[[Weights], bool]:
    return lambda weights: bool(weights.layers["dense"][0][1][0] <= largest)


def test_what_is_on_offer_counts_once_it_is_confirmed() -> None:
    kept = Kept(snapshot(0), None)
    assert kept.offer(snapshot(3)) and kept.offer_best(snapshot(2))
    assert steps(kept) == (0, 0), "without a best the last ones count"
    assert kept.confirm() is True
    assert steps(kept) == (3, 2)
    assert kept.confirm() is False, "nothing new is on offer"
    assert kept.offer_best(snapshot(4)) and kept.confirm() is False, "the last state is the old one"
    assert steps(kept) == (3, 4)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_are_never_taken(value: float) -> None:
    kept = Kept(snapshot(0), None)
    assert not kept.offer(snapshot(1, value)) and not kept.offer_best(snapshot(1, value))
    assert not kept.confirm()
    assert steps(kept) == (0, 0)


@pytest.mark.parametrize(
    ("last", "best", "expected", "counts"),
    [(1.0, 2.0, (5, 4), True), (9.0, 2.0, (0, 4), False), (1.0, 9.0, (5, 1), True), (9.0, 9.0, (0, 1), False)],
)
def test_where_no_step_follows_each_is_judged(last: float, best: float, expected: tuple[int, int], counts: bool) -> None:
    kept = Kept(snapshot(0), snapshot(1))
    kept.offer_best(snapshot(4, best))
    kept.offer(snapshot(5, last))
    assert kept.settle(sound_up_to(3.0)) is counts
    assert steps(kept) == expected


def test_the_best_is_written_once() -> None:
    kept = Kept(snapshot(0), snapshot(0))
    assert kept.saved() == Saved(snapshot_of(kept, 0), None), "it is on disk already"
    kept.offer_best(snapshot(3))
    kept.confirm()
    first, second = kept.saved(), kept.saved()
    assert first.best is not None and first.best.step == 3
    assert second.best is None


def snapshot_of(kept: Kept, step: int) -> Snapshot:
    assert kept.last.step == step
    return kept.last


def test_without_a_best_the_last_weights_are_written_as_both() -> None:
    kept = Kept(snapshot(0), None)
    assert [kept.saved().best is not None for _ in range(2)] == [True, True]
    best = kept.saved().best
    assert best is not None and best.state is None, "the best are weights alone"


LINEAR = [{"type": "dense", "units": 3, "kernel_initializer": "ones"}]
LEAP = {"type": "sgd", "learning_rate": 1e30}


def flawed(lab: Any, network_of: Any, optimizer: Any = LEAP, validation: int = 37, **training: Any) -> tuple[Any, Any]:
    """A linear network that leaps away, and its data."""
    network = network_of(LINEAR, (4,), optimizer)
    training = {"steps": 9, "evaluate_every": {"steps": 1}, **training}
    experiment = lab.experiment(network, loss="mse", metrics=[], training=training)
    return experiment, lab.splits(network, one_hot=True, validation=validation)


def loss_of(trainer: Any, weights: Weights) -> float:
    """The loss of weights on all training samples."""
    trainer.evaluator.assign(weights)
    return float(trainer.evaluator.evaluate(trainer.splits.train)["loss"])


def require_good(lab: Any, trainer: Any, course: Any) -> None:
    """Hold a run that diverged to the rule."""
    assert course.ended.reason == "diverged"
    assert course.ended.message == f"the loss or a weight is no longer a finite number after step {course.ended.step}"
    assert np.isfinite(loss_of(trainer, course.last.weights))
    assert np.isfinite(loss_of(trainer, course.best))
    lab.checkpoint(course.last, trainer)  # a checkpoint of weights that are no numbers could not be read


MONITORED = {"default": {}, "loss": {"best": {"monitor": "loss"}}}
"""The metric `loss` of the step that ruins the weights is that of the batch before the ruin: the smallest of all."""


@pytest.mark.parametrize("best", MONITORED)
@pytest.mark.parametrize(("budget", "validation"), [(1, 0), (1, 37), (2, 37), (9, 0)])
def test_a_leap_leaves_the_weights_before_it(budget: int, validation: int, best: str, lab: Any, run: Any, network_of: Any) -> None:
    experiment, splits = flawed(
        lab, network_of, validation=validation, steps=budget, checkpoint_every={"steps": 1}, **MONITORED[best]
    )
    if not validation:
        splits = replace(splits, validation=None)
    lab.call_size(50)
    trainer = lab.trainer(experiment, splits, mode="update")
    course = run(trainer)
    require_good(lab, trainer, course)
    assert course.ended.step == min(budget, 2), "the leap itself is the first step, its loss is that of the next"
    assert course.last.step == 0
    assert course.last.weights.digest() == course.best.digest()
    assert not [event for event in course.events[:-2] if isinstance(event, Saved)], "the leap was due, but never good"


def spoilt(splits: Any, row: int, value: float) -> Any:
    """The same data with one training sample of a single value."""
    inputs = splits.train.inputs.copy()
    inputs[row] = value
    return replace(splits, train=replace(splits.train, inputs=inputs))


@pytest.mark.parametrize(("mode", "value"), [("loop", 1e30), ("update", np.nan)])
def test_a_loss_that_is_no_number_in_the_middle_of_a_call_ends_it_there(
    mode: str, value: float, lab: Any, run: Any, network_of: Any
) -> None:
    at_the_end = {"log_every": {"steps": 22}, "evaluate_every": {"steps": 22}}
    training = {"batch_size": 1, "steps": 22, "order": "sequential", "checkpoint_every": {"steps": 3}, **at_the_end}
    experiment, splits = flawed(lab, network_of, {"type": "sgd", "learning_rate": 0.01}, **training)
    lab.call_size(50)
    trainer = lab.trainer(experiment, spoilt(splits, 10, value), mode=mode)
    course = run(trainer)
    assert course.ended.reason == "diverged"
    assert course.ended.step == 11, "the step of the spoilt sample is the last"
    assert [event.step for event in course.events if isinstance(event, Stepped)] == [1, 3, 6, 9], "it was in the middle of a call"
    assert [event.last.step for event in course.events if isinstance(event, Saved)] == [3, 6, 9]
    # What was saved is what a run that ends there has.
    shorter = flawed(lab, network_of, {"type": "sgd", "learning_rate": 0.01}, **training | {"steps": 9})[0]
    assert run(lab.trainer(shorter, splits, mode=mode)).last.weights.digest() == course.last.weights.digest()


def test_an_update_that_overflows_is_seen_in_the_weights(lab: Any, run: Any, network_of: Any) -> None:
    """Where the loss of the very last step is finite and only its update is not."""
    steep = {"type": "sgd", "learning_rate": 3e38, "weight_decay": 3e38}
    for budget in (1, 3):
        experiment, splits = flawed(lab, network_of, steep, steps=budget, checkpoint_every={"steps": 1})
        trainer = lab.trainer(experiment, splits, mode="update")
        course = run(trainer)
        require_good(lab, trainer, course)
        assert course.ended.step == 1, "the state due after it was no number"
        assert course.last.step == 0


def test_an_interruption_right_after_the_leap_saves_what_was_good(lab: Any, interrupted: Any, network_of: Any, run: Any) -> None:
    experiment, splits = flawed(lab, network_of)
    undisturbed = run(lab.trainer(experiment, splits, mode="update"))
    first, second = interrupted(experiment, splits, [1], mode="update")
    assert first.ended.reason == "interrupted" and first.last.step == 0
    assert second.ended.reason == "diverged"
    for part, value in undisturbed.bits().items():
        assert second.bits()[part] == value, part


def test_a_best_that_was_good_outlives_the_leap(lab: Any, run: Any, network_of: Any) -> None:
    """The rate leaps at the fifth update; the best of the four steps before it stays."""
    rate = {"type": "piecewise_constant_decay", "boundaries": [4], "values": [0.01, 1e30]}
    experiment, splits = flawed(lab, network_of, {"type": "sgd", "learning_rate": rate}, checkpoint_every={"steps": 2})
    trainer = lab.trainer(experiment, splits, mode="update")
    course = run(trainer)
    require_good(lab, trainer, course)
    improved = [event for event in course.measured if event.improved and np.isfinite(event.metrics["val_loss"])]
    saved = [event for event in course.events if isinstance(event, Saved)]
    assert saved[-1].last.step == 4
    best = min(improved, key=lambda event: event.metrics["val_loss"])
    trainer.evaluator.assign(course.best)
    assert trainer.evaluator.evaluate(splits.validation)["loss"] == best.metrics["val_loss"]
    assert [event.best.step for event in saved if event.best is not None][-1] == best.step


@pytest.mark.parametrize("size", [1, 3, 50])
def test_an_asked_for_checkpoint_is_of_its_very_step(size: int, lab: Any, run: Any, network_of: Any) -> None:
    training = {"steps": 11, "log_every": {"steps": 4}, "evaluate_every": {"steps": 4}, "checkpoint_every": {"steps": 3}}
    experiment, splits = flawed(lab, network_of, {"type": "adam"}, **training)
    lab.call_size(size)
    course = run(lab.trainer(experiment, splits, mode="update"))
    saved = [event for event in course.events if isinstance(event, Saved)]
    assert [event.last.step for event in saved] == [3, 6, 9, 11, 11], "at the end before what that brings about, and after"
    assert [event.last.state["step"] for event in saved] == [3, 6, 9, 11, 11]
    for event in saved[:-2]:
        follower = course.events[course.events.index(event) - 1]
        assert follower.step > event.last.step, "it waits for a loss that was computed with it"
        if size == 50:
            shorter = flawed(lab, network_of, {"type": "adam"}, **training | {"steps": event.last.step})[0]
            assert run(lab.trainer(shorter, splits, mode="update")).last.weights.digest() == event.last.weights.digest()

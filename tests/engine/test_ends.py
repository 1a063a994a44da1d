"""How a run ends, and what it says about it; what changes its course on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nncli.engine.events import Measured, Saved, Started
from nncli.problems import NncliError
from nncli.spec.conditions import parse_condition
from nncli.spec.meaning import find_mistakes
from nncli.spec.outline import Outline

CLASSES = Outline((4,), (), "index", 3, ("0", "1", "2"), 22, 37, 40)
DECAY = {"type": "cosine_decay", "initial_learning_rate": 0.01, "decay_steps": 10}


@pytest.fixture
def course_of(lab: Any, run: Any) -> Callable[..., Any]:
    """`course_of(training, ...)`: the course of the small dense network, 6 steps an epoch."""

    def course(training: dict[str, Any], *, should_stop: Any = lambda: False, network: Any = "mlp", **parts: Any) -> Any:
        experiment = lab.experiment(network, training=training, **parts)
        return run(lab.trainer(experiment, lab.splits(network), mode="update", should_stop=should_stop))

    return course


def steps(course: Any) -> list[int]:
    return [event.step for event in course.measured]


@pytest.mark.parametrize(
    ("training", "total"),
    [({"steps": 7}, 7), ({"epochs": 2}, 12), ({"epochs": 1, "batch_size": 22}, 1), ({"epochs": 3, "batch_size": "full"}, 3)],
)
def test_the_budget_is_kept_to_the_step(training: dict[str, Any], total: int, course_of: Any) -> None:
    course = course_of(training | {"evaluate_every": {"steps": 100}})
    assert (course.ended.reason, course.ended.step) == ("finished", total)
    assert course.ended.message == f"all {total} steps are done"
    assert steps(course)[-1] == total, "the end always measures"
    assert (course.last.step, course.last.state["finished"]) == (total, "finished")
    [started] = [event for event in course.events if isinstance(event, Started)]
    assert (started.step, started.total_steps, started.num_parameters) == (0, total, 43)


@pytest.mark.parametrize("patience", [0, 1, 3])
def test_early_stopping_ends_after_its_patience(patience: int, course_of: Any) -> None:
    """An accuracy that is to fall below 0 never improves after the first time."""
    stopping = {"monitor": "val_accuracy", "patience": patience, "min_delta": 2.0}
    course = course_of({"steps": 50, "evaluate_every": {"steps": 2}, "early_stopping": stopping})
    waited = max(1, patience)
    assert (course.ended.reason, course.ended.step) == ("stopped_early", 2 + 2 * waited)
    assert course.ended.message == f"`val_accuracy` has not improved for {waited} evaluation{'s' if waited > 1 else ''}"
    assert course.last.state["finished"] == "stopped_early"


def test_early_stopping_looks_at_evaluations_alone(course_of: Any) -> None:
    stopping = {"monitor": "loss", "patience": 2, "min_delta": 100.0}
    course = course_of(
        {"steps": 50, "evaluate_every": {"steps": 5}, "log_every": {"steps": 1}, "early_stopping": stopping},
    )
    assert (course.ended.reason, course.ended.step) == ("stopped_early", 15)
    assert steps(course) == list(range(1, 16))


@pytest.mark.parametrize("size", [1, 50])
def test_a_condition_on_the_loss_ends_the_run_at_the_first_step_that_meets_it(
    size: int, lab: Any, run: Any, course_of: Any
) -> None:
    each = course_of({"steps": 9, "log_every": {"steps": 1}, "evaluate_every": {"steps": 9}})
    losses = [event.metrics["loss"] for event in each.measured]
    first = next(index for index in range(1, 9) if losses[index] < min(losses[:index]))
    condition = f"loss <= {losses[first]:.9g}"
    lab.call_size(size)
    course = course_of({"steps": 9, "evaluate_every": {"steps": 9}, "stop_when": ["loss < 0", condition]})
    assert (course.ended.reason, course.ended.step) == ("stop_when", first + 1)
    assert course.ended.message == f"a condition of `stop_when` is met (loss < 0, {condition})"
    assert steps(course) == [first + 1], "its end is measured"
    assert "val_loss" in course.measured[-1].metrics
    assert course.last.state["stop_met"] is True


def test_a_condition_on_a_metric_is_held_against_each_measurement(course_of: Any) -> None:
    free = course_of({"steps": 30, "evaluate_every": {"steps": 3}})
    values = [event.metrics["val_loss"] for event in free.measured]
    assert values == sorted(values, reverse=True), "or the test asks for too much"
    condition = f"val_loss <= {values[4]!r}"
    course = course_of({"steps": 30, "evaluate_every": {"steps": 3}, "log_every": {"steps": 1}, "stop_when": [condition]})
    assert (course.ended.reason, course.ended.step) == ("stop_when", 15)
    assert course.ended.message == f"a condition of `stop_when` is met ({condition})"
    assert parse_condition(condition).holds(course.measured[-1].metrics["val_loss"])


def test_the_plateau_lowers_the_rate_of_the_next_step_and_of_all_that_follow(course_of: Any) -> None:
    plateau = {"monitor": "val_loss", "patience": 2, "factor": 0.5, "min_delta": 100.0, "cooldown": 1, "min_lr": 0.003}
    course = course_of(
        {"steps": 12, "evaluate_every": {"steps": 1}, "reduce_lr_on_plateau": plateau},
        optimizer={"type": "sgd", "learning_rate": 0.02},
    )
    # The first evaluation is the best; every second one after it lowers the rate: the cooldown ends with the evaluation after.
    expected = [0.02] * 2 + [0.01] * 2 + [0.005] * 2 + [0.003] * 6
    assert [event.learning_rate for event in course.measured] == pytest.approx(expected, rel=1e-6)
    free = course_of({"steps": 12, "evaluate_every": {"steps": 1}}, optimizer={"type": "sgd", "learning_rate": 0.02})
    losses = [[event.metrics["loss"] for event in run.measured] for run in (course, free)]
    assert losses[0][:4] == losses[1][:4], "the rate after step 3 is that of step 4, whose loss was there before"
    assert losses[0][4] != losses[1][4]


def test_a_plateau_and_a_schedule_are_refused_before_training(lab: Any) -> None:
    adam = {"type": "adam", "learning_rate": DECAY}
    for optimizer, expected in ((adam, ["NN403"]), ("adam", [])):
        experiment = lab.experiment("mlp", optimizer=optimizer, training={"reduce_lr_on_plateau": {}})
        found = find_mistakes(experiment, CLASSES)
        assert [mistake.code for mistake in found] == expected
        assert all(mistake.path == ("training", "reduce_lr_on_plateau") for mistake in found)


@pytest.mark.parametrize("optimizer", ["adam", {"type": "adam", "use_ema": True}])
def test_no_steps_measure_the_weights_as_they_are(optimizer: Any, lab: Any, run: Any) -> None:
    experiment = lab.experiment("mlp", optimizer=optimizer, training={"steps": 0})
    trainer = lab.trainer(experiment, lab.splits("mlp"))
    before = trainer.learner.capture_weights().digest()
    course = run(trainer)
    assert (course.ended.reason, course.ended.message, course.ended.step) == ("finished", "all 0 steps are done", 0)
    assert course.last.weights.digest() == course.best.digest() == before
    [measured] = course.measured
    assert set(measured.metrics) == {"val_loss", "val_accuracy"}, "no batch was seen"


@pytest.mark.parametrize("optimizer", ["sgd", "muon", {"type": "adamw", "use_ema": True, "gradient_accumulation_steps": 2}])
def test_no_steps_need_no_weights_to_train(optimizer: Any, lab: Any, run: Any, network_of: Any) -> None:
    network = network_of(["flatten", {"type": "activation", "activation": "softmax"}], (3,), optimizer)
    trainer = lab.trainer(lab.experiment(network, training={"steps": 0}), lab.splits(network))
    course = run(trainer)
    assert course.ended.reason == "finished"
    assert np.isfinite(course.measured[0].metrics["val_loss"])
    assert lab.checkpoint(course.last, trainer).weights.layers == {"flatten": (), "activation": ()}
    with pytest.raises(NncliError) as caught:
        lab.trainer(lab.experiment(network, training={"steps": 1}), lab.splits(network))
    assert [problem.code for problem in caught.value.problems] == ["NN403"]


def test_a_wish_to_stop_before_the_first_step(lab: Any, run: Any) -> None:
    trainer = lab.trainer(lab.experiment("mlp"), lab.splits("mlp"), mode="update", should_stop=lambda: True)
    before = trainer.learner.capture_weights().digest()
    course = run(trainer)
    assert (course.ended.reason, course.ended.message) == ("interrupted", "stopped after step 0 of 12")
    assert [type(event) for event in course.events] == [Started, Saved, type(course.ended)]
    assert course.last.step == 0 and course.last.state["finished"] is None
    assert course.last.weights.digest() == before


class StopAt:
    """Wants to stop from the `count`th time on that it is asked, counted from step `step`."""

    def __init__(self, step: int, count: int) -> None:
        self.step, self.left, self.trainer = step, count, None

    def __call__(self) -> bool:
        state = getattr(self.trainer, "state", None)
        if state is not None and state.step >= self.step:
            self.left -= 1
        return self.left <= 0


@pytest.mark.parametrize(("total", "step"), [(12, 6), (12, 12), (0, 0)])
def test_a_wish_to_stop_in_the_middle_of_an_evaluation(total: int, step: int, lab: Any, run: Any) -> None:
    """The evaluation is taken back, and done after the resumption: at a step between, at the last one, and without any."""
    experiment = lab.experiment("mlp", training={"steps": total, "checkpoint_every": {"steps": 6}})
    splits = lab.splits("mlp")
    whole = run(lab.trainer(experiment, splits, mode="update"))
    stop = StopAt(step, 1)  # asked first between the two batches of the evaluation
    trainer = lab.trainer(experiment, splits, mode="update", should_stop=stop)
    stop.trainer = trainer
    lab.call_size(6)
    first = run(trainer)
    assert (first.ended.reason, first.ended.message) == ("interrupted", f"stopped after step {step} of {total}")
    assert [event.step for event in first.measured] == [earlier for earlier in steps(whole) if earlier < step]
    assert first.last.step == step and first.last.state["finished"] is None
    second = run(lab.trainer(experiment, splits, mode="update", resume=lab.checkpoint(first.last, trainer)))
    assert [*first.measured, *second.measured] == whole.measured
    assert second.bits() == whole.bits()


@pytest.mark.parametrize("ending", ["stopped_early", "stop_when"])
def test_an_end_that_is_met_by_the_evaluation_after_a_resumption(ending: str, lab: Any, run: Any) -> None:
    condition = (
        {"early_stopping": {"monitor": "val_loss", "min_delta": 100.0}}
        if ending == "stopped_early"
        else {"stop_when": ["loss > 0"]}
    )
    experiment = lab.experiment("mlp", training={"steps": 12, "evaluate_every": {"steps": 3}, **condition})
    splits = lab.splits("mlp")
    whole = run(lab.trainer(experiment, splits, mode="update"))
    assert whole.ended.reason == ending
    stop = StopAt(whole.ended.step, 1)
    trainer = lab.trainer(experiment, splits, mode="update", should_stop=stop)
    stop.trainer = trainer
    first = run(trainer)
    assert first.ended.reason == "interrupted"
    second = run(
        lab.trainer(experiment, splits, mode="update", resume=lab.checkpoint(first.last, trainer), should_stop=lambda: False)
    )
    assert (second.ended.reason, second.ended.message) == (ending, whole.ended.message)
    assert not [event for event in second.events if isinstance(event, Measured) and event.step > whole.ended.step]
    assert second.last.weights.digest() == whole.last.weights.digest()


def test_a_run_that_ended_goes_nowhere_when_it_is_resumed(lab: Any, run: Any) -> None:
    experiment, splits = lab.experiment("mlp_averaged", training={"steps": 6}), lab.splits("mlp_averaged")
    trainer = lab.trainer(experiment, splits, mode="update")
    whole = run(trainer)
    again = run(lab.trainer(experiment, splits, mode="update", resume=lab.checkpoint(whole.last, trainer)), whole.best)
    assert again.measured == []
    assert again.bits() == whole.bits()
    assert again.ended.message == whole.ended.message

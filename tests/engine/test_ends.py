"""How a run ends, and what it says about it; what changes its course on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nncli.engine.events import Ended, Saved, Started
from nncli.problems import NncliError
from nncli.spec.conditions import parse_condition
from nncli.spec.meaning import find_mistakes
from nncli.spec.outline import Outline

CLASSES = Outline((4,), (), "index", 3, ("0", "1", "2"), 22, 37, 40)
DECAY = {"type": "cosine_decay", "initial_learning_rate": 0.01, "decay_steps": 10}


SGD = {"type": "sgd", "learning_rate": 0.02}
LAYER = {"type": "dense", "units": 3, "activation": "softmax"}


@pytest.fixture
def single(network_of: Any) -> Any:
    """A network of a single layer: 6 steps an epoch, its evaluation two batches."""
    return network_of([LAYER], (4,), SGD, num_samples=24)


@pytest.fixture
def course_of(lab: Any, run: Any, single: Any) -> Callable[..., Any]:
    """`course_of(training, ...)`: the course of the network of a single layer, measured with its evaluations alone."""

    def course(training: dict[str, Any], **parts: Any) -> Any:
        training = {"log_every": training.get("evaluate_every", {"epochs": 1})} | training
        return run(lab.trainer(lab.experiment(single, metrics=[], training=training, **parts), lab.splits(single), mode="update"))

    return course


def steps(course: Any) -> list[int]:
    return [event.step for event in course.measured]


@pytest.mark.parametrize(
    ("training", "total"),
    [({"steps": 7}, 7), ({"epochs": 2}, 12), ({"epochs": 1, "batch_size": 24}, 1), ({"epochs": 3, "batch_size": "full"}, 3)],
)
def test_the_budget_is_kept_to_the_step(training: dict[str, Any], total: int, course_of: Any) -> None:
    course = course_of(training | {"evaluate_every": {"steps": 100}})
    assert (course.ended.reason, course.ended.step) == ("finished", total)
    assert course.ended.message == f"all {total} steps are done"
    assert steps(course)[-1] == total, "the end always measures"
    assert (course.last.step, course.last.state["finished"]) == (total, "finished")
    [started] = [event for event in course.events if isinstance(event, Started)]
    assert (started.step, started.total_steps, started.num_parameters) == (0, total, 15)


@pytest.mark.parametrize("patience", [0, 1, 3])
def test_early_stopping_ends_after_its_patience(patience: int, course_of: Any) -> None:
    """A loss that is to fall below 0 never improves after the first time."""
    stopping = {"monitor": "val_loss", "patience": patience, "min_delta": 100.0}
    course = course_of({"steps": 50, "evaluate_every": {"steps": 2}, "early_stopping": stopping})
    waited = max(1, patience)
    assert (course.ended.reason, course.ended.step) == ("stopped_early", 2 + 2 * waited)
    assert course.ended.message == f"`val_loss` has not improved for {waited} evaluation{'s' if waited > 1 else ''}"
    assert course.last.state["finished"] == "stopped_early"


def test_early_stopping_looks_at_evaluations_alone(course_of: Any) -> None:
    stopping = {"monitor": "loss", "patience": 2, "min_delta": 100.0}
    course = course_of({"steps": 50, "evaluate_every": {"steps": 5}, "log_every": {"steps": 1}, "early_stopping": stopping})
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
    assert min(values[:4]) > values[4], "or the test asks for too much"
    condition = f"val_loss <= {values[4]!r}"
    course = course_of({"steps": 30, "evaluate_every": {"steps": 3}, "log_every": {"steps": 1}, "stop_when": [condition]})
    assert (course.ended.reason, course.ended.step) == ("stop_when", 15)
    assert course.ended.message == f"a condition of `stop_when` is met ({condition})"
    assert parse_condition(condition).holds(course.measured[-1].metrics["val_loss"])


def test_the_plateau_lowers_the_rate_of_the_next_step_and_of_all_that_follow(course_of: Any) -> None:
    plateau = {"monitor": "val_loss", "patience": 2, "factor": 0.5, "min_delta": 100.0, "cooldown": 1, "min_lr": 0.003}
    course = course_of({"steps": 12, "evaluate_every": {"steps": 1}, "reduce_lr_on_plateau": plateau})
    # The first evaluation is the best; every second one after it lowers the rate: the cooldown ends with the evaluation after.
    expected = [0.02] * 2 + [0.01] * 2 + [0.005] * 2 + [0.003] * 6
    assert [event.learning_rate for event in course.measured] == pytest.approx(expected, rel=1e-6)
    free = course_of({"steps": 12, "evaluate_every": {"steps": 1}})
    losses = [[event.metrics["loss"] for event in run.measured] for run in (course, free)]
    assert losses[0][:4] == losses[1][:4], "the rate after step 3 is that of step 4, whose loss was there before"
    assert losses[0][4] != losses[1][4]


def test_a_plateau_and_a_schedule_are_refused_before_training(lab: Any, single: Any) -> None:
    adam = {"type": "adam", "learning_rate": DECAY}
    for optimizer, expected in ((adam, ["NN403"]), ("adam", [])):
        experiment = lab.experiment(single, optimizer=optimizer, training={"reduce_lr_on_plateau": {}})
        found = find_mistakes(experiment, CLASSES)
        assert [mistake.code for mistake in found] == expected
        assert all(mistake.path == ("training", "reduce_lr_on_plateau") for mistake in found)


@pytest.mark.parametrize("optimizer", ["adam", {"type": "adam", "use_ema": True}])
def test_no_steps_measure_the_weights_as_they_are(optimizer: Any, lab: Any, run: Any, single: Any) -> None:
    experiment = lab.experiment(single, optimizer=optimizer, training={"steps": 0})
    trainer = lab.trainer(experiment, lab.splits(single))
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


def test_a_wish_to_stop_before_the_first_step(lab: Any, run: Any, single: Any) -> None:
    trainer = lab.trainer(lab.experiment(single), lab.splits(single), mode="update", should_stop=lambda: True)
    before = trainer.learner.capture_weights().digest()
    course = run(trainer)
    assert (course.ended.reason, course.ended.message) == ("interrupted", "stopped after step 0 of 12")
    assert [type(event) for event in course.events] == [Started, Saved, Ended]
    assert course.last.step == 0 and course.last.state["finished"] is None
    assert course.last.weights.digest() == before


LONGER = {
    "averaged": ({"use_ema": True, "ema_momentum": 0.5}, {}),
    "watched": (
        {},
        {
            "reduce_lr_on_plateau": {"monitor": "val_loss", "patience": 1, "min_delta": 100.0},
            "early_stopping": {"monitor": "val_loss", "patience": 9},
        },
    ),
}


@pytest.mark.parametrize("total", [7, 8, 12])
@pytest.mark.parametrize("name", LONGER)
def test_a_run_that_is_given_more_steps_is_the_run_that_had_them_from_the_start(
    name: str, total: int, lab: Any, run: Any, network_of: Any
) -> None:
    """Whether or not the former end was one at which metrics were due: that of step 7 happens in the short run alone."""
    optimizer, watched = LONGER[name]
    network = network_of([LAYER], (4,), SGD | optimizer, num_samples=24)
    intervals = {"log_every": {"steps": 4}, "evaluate_every": {"steps": 2}}
    splits = lab.splits(network)
    trainers = [
        lab.trainer(lab.experiment(network, training={"steps": steps, **intervals, **watched}), splits, mode="update")
        for steps in (total, 15)
    ]
    short, whole = map(run, trainers)
    saved = [event for event in short.events if isinstance(event, Saved)]
    before_the_end, after_it = saved[-2].last, saved[-1].last
    assert (before_the_end.state["finished"], after_it.state["finished"]) == (None, "finished")
    best = saved[-2].best.weights if before_the_end.state["best_step"] is not None else None
    resume = lab.checkpoint(before_the_end, trainers[0])
    longer = run(lab.trainer(trainers[1].experiment, splits, mode="update", resume=resume), best)
    kept = [event for event in short.measured if event.step <= before_the_end.state["measured_step"]]
    assert [*kept, *longer.measured] == whole.measured
    assert longer.bits() == whole.bits()


def stopped_in_evaluation(lab: Any, run: Any, experiment: Any, splits: Any, step: int) -> tuple[Any, Any]:
    """The course of a run that is stopped between the two batches of the evaluation after `step`, and that of its resumption."""
    trainer: Any = None
    trainer = lab.trainer(experiment, splits, mode="update", should_stop=lambda: trainer is not None and trainer.state.step >= step)
    first = run(trainer)
    assert first.ended.reason == "interrupted"
    assert first.ended.message == f"stopped after step {step} of {trainer.plan.total_steps}"
    assert first.last.step == step and first.last.state["finished"] is None
    return first, run(lab.trainer(experiment, splits, mode="update", resume=lab.checkpoint(first.last, trainer)))


@pytest.mark.parametrize(("total", "step"), [(12, 6), (12, 12), (0, 0)])
def test_an_evaluation_that_was_stopped_is_done_after_the_resumption(
    total: int, step: int, lab: Any, run: Any, single: Any
) -> None:
    """At a step between, at the last one, and without any."""
    training = {"steps": total, "log_every": {"steps": 6}, "evaluate_every": {"steps": 6}}
    experiment, splits = lab.experiment(single, training=training), lab.splits(single)
    whole = run(lab.trainer(experiment, splits, mode="update"))
    first, second = stopped_in_evaluation(lab, run, experiment, splits, step)
    assert [event.step for event in first.measured] == [earlier for earlier in steps(whole) if earlier < step]
    assert [*first.measured, *second.measured] == whole.measured
    assert second.bits() == whole.bits()


@pytest.mark.parametrize(
    ("condition", "step"),
    [({"early_stopping": {"monitor": "val_loss", "min_delta": 100.0}}, 6), ({"stop_when": ["loss > 0"]}, 1)],
    ids=["stopped_early", "stop_when"],
)
def test_an_end_can_be_met_by_the_first_evaluation_after_a_resumption(
    condition: dict[str, Any], step: int, lab: Any, run: Any, single: Any
) -> None:
    training = {"steps": 12, "log_every": {"steps": 3}, "evaluate_every": {"steps": 3}, **condition}
    experiment, splits = lab.experiment(single, training=training), lab.splits(single)
    whole = run(lab.trainer(experiment, splits, mode="update"))
    assert whole.ended.step == step
    _, second = stopped_in_evaluation(lab, run, experiment, splits, step)
    assert (second.ended.reason, second.ended.message) == (whole.ended.reason, whole.ended.message)
    assert steps(second) == [step]
    assert second.last.weights.digest() == whole.last.weights.digest()


def test_a_run_that_ended_goes_nowhere_when_it_is_resumed(lab: Any, run: Any, network_of: Any) -> None:
    network = network_of([LAYER], (4,), SGD | {"use_ema": True, "ema_momentum": 0.5}, num_samples=24)
    experiment, splits = lab.experiment(network, training={"steps": 6}), lab.splits(network)
    trainer = lab.trainer(experiment, splits, mode="update")
    whole = run(trainer)
    again = run(lab.trainer(experiment, splits, mode="update", resume=lab.checkpoint(whole.last, trainer)), whole.best)
    assert [type(event) for event in again.events] == [Started, Ended], "all of it is on disk"
    assert (again.ended.reason, again.ended.message) == (whole.ended.reason, whole.ended.message)
    assert again.best.digest() == whole.best.digest()
    trainer.evaluator.assign(whole.best)
    best = trainer.evaluator.evaluate(splits.validation)["loss"]
    assert best == whole.last.state["best_value"], "the averages compete with the weights that they take the place of"


class Wish:
    """A wish to stop that somebody has at a question, and does not give up."""

    def __init__(self, number: float) -> None:
        self.number, self.asked = number, 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.asked > self.number


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ({}, "finished"),
        ({"early_stopping": {"monitor": "val_loss", "min_delta": 100.0, "patience": 2}}, "stopped_early"),
        ({"stop_when": ["val_loss < 1.4"]}, "stop_when"),
    ],
)
def test_wherever_a_run_of_averaged_weights_is_stopped_it_comes_to_the_same_end(
    end: dict[str, Any], reason: str, lab: Any, run: Any, network_of: Any
) -> None:
    """At its last questions: between its steps, in its evaluations, and in that of the averages, which are the best here."""
    network = network_of([LAYER], (4,), SGD | {"learning_rate": 2.0, "use_ema": True, "ema_momentum": 0.8}, num_samples=24)
    intervals = {"log_every": {"steps": 4}, "evaluate_every": {"steps": 4}}
    experiment = lab.experiment(network, training={"steps": 15, **intervals, **end})
    splits, patient = lab.splits(network), Wish(np.inf)
    whole = run(lab.trainer(experiment, splits, mode="update", should_stop=patient))
    assert (whole.ended.reason, whole.best.digest()) == (reason, whole.last.weights.digest()), "the averages win"
    stopped = set()
    for number in range(patient.asked - 6, patient.asked):
        trainer = lab.trainer(experiment, splits, mode="update", should_stop=Wish(number))
        first = run(trainer)
        if first.ended.reason == "interrupted":
            stopped.add(first.last.step)
            best = {event.best.step: event.best.weights for event in first.events if isinstance(event, Saved) and event.best}
            resume = lab.checkpoint(first.last, trainer)
            first = run(lab.trainer(experiment, splits, mode="update", resume=resume), best.get(resume.state["best_step"]))
        assert first.bits() == whole.bits(), number
    assert len(stopped) > 1 and max(stopped) == whole.ended.step

"""Training: a generator of events. The caller writes and shows them; nothing here prints or touches the disk."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nncli.checkpoint.contents import Checkpoint, Weights
from nncli.data.samples import Splits
from nncli.engine.build import build, build_network, input_dtype
from nncli.engine.evaluate import Evaluator, build_metrics, metric_value, shortest
from nncli.engine.events import Ended, Event, Measured, Saved, Snapshot, Started, Stepped
from nncli.engine.loop import Objective, StepLoop
from nncli.engine.order import DataOrder
from nncli.engine.plan import Mode, Plan
from nncli.engine.state import (
    TrainerState,
    architecture,
    assign_variables,
    assign_weights,
    capture_variables,
    capture_weights,
    training_variables,
)
from nncli.engine.transfer import take_weights
from nncli.engine.watch import is_better, watch_early_stopping, watch_plateau
from nncli.spec.conditions import parse_condition
from nncli.spec.experiment import Experiment

CALL_SECONDS: Final = 0.2
"""How long one call into TensorFlow is meant to last: short enough to stop and to show progress, long enough to cost nothing."""
SAVE_SECONDS: Final = 10.0
"""How long a checkpoint that nobody asked for waits after the last one was written."""


class Trainer:
    """One run of training, from its first step or from a checkpoint.

    Args:
        experiment: the config.
        splits: the prepared data.
        plan: batches, budget and intervals.
        mode: which part of a step is compiled.
        resume: the checkpoint to go on from; None: start.
        weights_from: the checkpoint that `model.weights_from` names, already read; None: the initializers' weights.
        should_stop: asked between calls; a true answer saves and ends the training.

    Raises:
        NncliError: NN603, the checkpoint does not fit the network; NN403, there is nothing to train.
    """

    def __init__(
        self,
        experiment: Experiment,
        splits: Splits,
        plan: Plan,
        mode: Mode,
        *,
        resume: Checkpoint | None = None,
        weights_from: Checkpoint | None = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.experiment, self.splits, self.plan, self.should_stop = experiment, splits, plan, should_stop
        training, preparation = experiment.training, splits.preparation
        self.network = build_network(
            experiment.model,
            name=experiment.name,
            input_shape=preparation.input_shape,
            precision=training.precision,
            batch_size=plan.batch_size if experiment.model.is_stateful else None,
            seed=experiment.seed,
        )
        self.architecture = architecture(self.network)
        if weights_from is not None and resume is None:
            assert experiment.model.weights_from is not None
            take_weights(self.network, weights_from.weights, partial=experiment.model.weights_from.partial)
        optimizer = build(experiment.optimizer)
        optimizer.build(self.network.trainable_variables)
        metrics = build_metrics(experiment, self.network.output_shape[1:], preparation.target_shape)
        self.objective = Objective(build(experiment.loss), optimizer, metrics, _class_weights(experiment, preparation.class_names))
        conditions = [parse_condition(text) for text in training.stop_when]
        self._loss_conditions = [condition for condition in conditions if condition.name == "loss"]
        self._other_conditions = [(condition.name, condition) for condition in conditions if condition.name != "loss"]
        self.loop = StepLoop(
            self.network,
            self.objective,
            replace(splits.train, inputs=splits.train.inputs.astype(input_dtype(experiment.model), copy=False)),
            plan,
            DataOrder(plan, training.order, experiment.seed),
            mode,
            self._loss_conditions,
        )
        self.variables = training_variables(self.network, self.objective, self.loop)
        self.evaluator = Evaluator(
            experiment,
            input_shape=preparation.input_shape,
            target_shape=preparation.target_shape,
            should_stop=should_stop,
        )
        self.state = TrainerState()
        if resume is not None:
            assert resume.state is not None
            self.state = TrainerState.from_json(resume.state)
            assign_weights(self.network, resume.weights)
            assign_variables(self.variables, resume.variables)
        self._best: Snapshot | None = None
        self._best_is_saved = True
        self._reason: str | None = None
        self._stop_met = False
        self._began = time.monotonic()
        self._last_good: Snapshot

    def run(self, best: Weights | None = None) -> Iterator[Event]:
        """Train to the end of the budget, or until something ends it earlier.

        Args:
            best: the best weights so far, where the run goes on from a checkpoint that had some.

        Yields:
            `Started`; then `Stepped`, `Measured` and `Saved` as they come; `Ended` last.
        """
        state, plan = self.state, self.plan
        if best is not None and state.best_step is not None:
            self._best = Snapshot(state.best_step, best)
        yield Started(state.step, plan.total_steps, plan.steps_per_epoch, plan.batch_size, self.network.count_params())
        self._began = time.monotonic() - state.seconds
        self._last_good = self._snapshot()
        reason = yield from self._train()
        if reason in ("finished", "stopped_early", "stop_when"):
            state.finished = reason
            self._average_weights()
        state.seconds = time.monotonic() - self._began
        if reason != "diverged":
            self._last_good = self._snapshot()
        yield self._saved()
        best_weights = self._best.weights if self._best is not None else self._last_good.weights
        yield Ended(reason, self._explain(reason), state.step, state.seconds, best_weights)

    def _train(self) -> Generator[Event, None, str]:
        """Step until something ends the training; returns why."""
        state, plan = self.state, self.plan
        if self._is_unmeasured():  # a new run of no steps, or one that was interrupted before it could measure
            yield from self._measure()
        num_steps, last_saved = 1, time.monotonic()
        while state.step < plan.total_steps and state.finished is None:
            if self.should_stop():
                return "interrupted"
            start, began = state.step, time.perf_counter()
            end = min(plan.next_stop(start), start + min(num_steps, self.loop.capacity))
            state.step, loss = self.loop.run(start, end)
            num_steps = _next_size(num_steps, state.step - start, time.perf_counter() - began)
            if not math.isfinite(loss):
                return "diverged"
            yield Stepped(state.step, self.loop.mean_loss())
            self._stop_met = any(condition.holds(loss) for condition in self._loss_conditions)
            if self._stop_met or self._is_unmeasured():
                yield from self._measure()
            if self._reason is not None or state.step == plan.total_steps:
                break
            if plan.is_due(state.step, plan.checkpoint_every) and not self.should_stop():
                snapshot = self._snapshot()
                if not _is_finite(snapshot.weights):
                    return "diverged"
                self._last_good = snapshot
                if plan.checkpoint_asked or time.monotonic() - last_saved >= SAVE_SECONDS:
                    yield self._saved()
                    last_saved = time.monotonic()
        if self._is_unmeasured():
            return "interrupted"  # in the middle of the last evaluation
        return self._reason or state.finished or "finished"

    def _is_unmeasured(self) -> bool:
        """Whether the metrics are due now and not yet taken."""
        step, plan = self.state.step, self.plan
        due = plan.is_due(step, plan.log_every) or plan.is_due(step, plan.evaluate_every)
        return due and self.state.measured_step != step and (step > 0 or plan.total_steps == 0)

    def _measure(self) -> Iterator[Event]:
        """Take the metrics, and act on them; nothing happens where an evaluation is interrupted."""
        state, plan = self.state, self.plan
        metrics = {"loss": self.loop.mean_loss()} | {name: metric_value(metric) for name, metric in self.objective.metrics.items()}
        if state.step == 0:
            metrics = {}  # no batch was seen yet
        evaluates = plan.is_due(state.step, plan.evaluate_every) or self._stop_met
        if evaluates and self.splits.validation is not None:
            self.evaluator.assign_from(self.network)
            measured = self.evaluator.evaluate(self.splits.validation)
            if measured is None:
                return
            metrics |= {f"val_{name}": value for name, value in measured.items()}
        self.loop.reset()
        state.measured_step, state.last_metrics = state.step, metrics
        state.seconds = time.monotonic() - self._began
        improved = evaluates and self._consider(metrics)
        if evaluates:
            self._watch(metrics)
        if self._stop_met or any(name in metrics and condition.holds(metrics[name]) for name, condition in self._other_conditions):
            self._reason = "stop_when"
        rate = shortest(np.asarray(self.objective.optimizer.learning_rate))
        yield Measured(state.step, state.step / plan.steps_per_epoch, metrics, rate, state.seconds, improved)

    def _consider(self, metrics: Mapping[str, float]) -> bool:
        """Keep the weights if they are the best so far; returns whether they are."""
        best, state = self.experiment.training.best, self.state
        value = metrics.get(best.monitor)
        if value is None or not is_better(value, state.best_value, best.monitor, best.mode):
            return False
        state.best_value, state.best_step = value, state.step
        self._best = Snapshot(state.step, capture_weights(self.network, self.architecture))
        self._best_is_saved = False
        return True

    def _watch(self, metrics: Mapping[str, float]) -> None:
        """Let early stopping and the learning rate's plateau see the metrics."""
        training, optimizer = self.experiment.training, self.objective.optimizer
        if (stopping := training.early_stopping) is not None and watch_early_stopping(self.state.early_stopping, stopping, metrics):
            self._reason = self._reason or "stopped_early"
        if (plateau := training.reduce_lr_on_plateau) is not None and watch_plateau(self.state.plateau, plateau, metrics):
            optimizer.learning_rate.assign(max(float(optimizer.learning_rate) * plateau.factor, plateau.min_lr))

    def _average_weights(self) -> None:
        """Put the weights' moving average in their place where the optimizer keeps one; it competes for the best, too."""
        optimizer = self.objective.optimizer
        if not optimizer.use_ema:
            return
        optimizer.finalize_variable_values(self.network.trainable_variables)
        if self.splits.validation is not None:
            self.evaluator.assign_from(self.network)
            measured = self.evaluator.evaluate(self.splits.validation) or {}
            self._consider({f"val_{name}": value for name, value in measured.items()})

    def _snapshot(self) -> Snapshot:
        self.state.seconds = time.monotonic() - self._began
        weights = capture_weights(self.network, self.architecture)
        return Snapshot(self.state.step, weights, self.state.to_json(), capture_variables(self.variables))

    def _saved(self) -> Saved:
        """The event that puts the last good state on disk, and the best weights where the disk has older ones."""
        best = self._best if self._best is not None else self._last_good
        is_new = not self._best_is_saved or self._best is None
        self._best_is_saved = True
        return Saved(self._last_good, Snapshot(best.step, best.weights) if is_new else None)

    def _explain(self, reason: str) -> str:
        state, training = self.state, self.experiment.training
        match reason:
            case "finished":
                return f"all {self.plan.total_steps} steps are done"
            case "stopped_early":
                assert training.early_stopping is not None
                return f"`{training.early_stopping.monitor}` has not improved for {state.early_stopping.waited} evaluations"
            case "stop_when":
                return f"a condition of `stop_when` is met ({', '.join(training.stop_when)})"
            case "diverged":
                return f"the loss is no longer a finite number after step {state.step}"
            case _:
                return f"interrupted after step {state.step} of {self.plan.total_steps}"


def _class_weights(experiment: Experiment, class_names: Sequence[str]) -> NDArray[np.float32] | None:
    named = experiment.training.class_weight
    if named is None:
        return None
    return np.array([named.get(name, 1.0) for name in class_names], np.float32)


def _next_size(num_steps: int, done: int, seconds: float) -> int:
    """How many steps the next call takes, so that it lasts about `CALL_SECONDS`; at most four times as many as this one."""
    if done < num_steps:
        return num_steps  # cut short by something due: no measure of the speed
    return max(1, int(num_steps * min(4.0, CALL_SECONDS / max(seconds, 1e-6))))


def _is_finite(weights: Weights) -> bool:
    return all(bool(np.isfinite(array).all()) for arrays in weights.layers.values() for _, array in arrays)

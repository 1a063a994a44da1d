"""Training: a generator of events. The caller writes and shows them; nothing here prints or touches the disk."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Final, Literal

import numpy as np

from nncli.checkpoint.contents import Checkpoint, Weights
from nncli.data.samples import Splits
from nncli.engine.calls import next_size
from nncli.engine.evaluate import BATCH_SIZE, Evaluator
from nncli.engine.events import Ended, Event, Measured, Reason, Snapshot, Started, Stepped
from nncli.engine.kept import Kept
from nncli.engine.learner import Learner
from nncli.engine.plan import Plan
from nncli.engine.rules import Mode
from nncli.engine.state import TrainerState
from nncli.engine.watch import is_better, require_scalars, watch_early_stopping, watch_plateau
from nncli.spec.accuracy import improves_upwards
from nncli.spec.conditions import parse_condition
from nncli.spec.experiment import Experiment
from nncli.spec.training import Best, EarlyStopping, ReduceLROnPlateau

SAVE_SECONDS: Final = 10.0
"""How long a checkpoint that nobody asked for waits after the last one was written."""


class Trainer:
    """One run of training, from its first step or from a checkpoint: what happens when.

    Args:
        experiment: the config.
        splits: the prepared data.
        plan: batches, budget and intervals.
        mode: which part of a step is compiled.
        resume: the checkpoint to go on from; None: start.
        weights_from: the checkpoint that `model.weights_from` names, already read; None: the initializers' weights.
        should_stop: asked between calls; a true answer saves and ends the training. It must stay true.

    Raises:
        NncliError: NN603, the checkpoint does not fit the network; NN403, there is nothing to train; NN303 and NN401, Keras cannot
            compute a part of it; NN402, a metric that is watched has one value a class.
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
        began = time.monotonic()
        self.experiment, self.splits, self.plan, self.should_stop = experiment, splits, plan, should_stop
        conditions = [parse_condition(text) for text in experiment.training.stop_when]
        self._conditions = [condition for condition in conditions if condition.name != "loss"]
        on_loss = [condition for condition in conditions if condition.name == "loss"]
        self.learner = Learner(experiment, splits, plan, mode, on_loss, weights_from if resume is None else None)
        self.loop = self.learner.loop
        self.evaluator = Evaluator(
            experiment,
            input_shape=splits.preparation.input_shape,
            target_shape=splits.preparation.target_shape,
            should_stop=should_stop,
        )
        require_scalars(experiment, self.evaluator.metrics)
        self.state = TrainerState()
        if resume is not None:
            assert resume.state is not None
            self.state = TrainerState.from_json(resume.state)
            self.learner.restore(resume)
        self._reason: Reason | None = None
        self._began = began - self.state.seconds
        """When training would have begun, had it never been interrupted; to build and compile is a part of it."""
        self._kept: Kept

    def run(self, best: Weights | None = None) -> Iterator[Event]:
        """Train to the end of the budget, or until something ends it earlier.

        Args:
            best: the best weights so far, where the run goes on from a checkpoint that had some.

        Yields:
            `Started`; then `Stepped`, `Measured` and `Saved` as they come; `Ended` last.
        """
        state, plan = self.state, self.plan
        num_parameters = self.learner.network.count_params()
        yield Started(state.step, plan.total_steps, plan.steps_per_epoch, plan.batch_size, num_parameters)
        if state.finished is not None and not self._has_to_average():  # it had come to its end, and all of it is on disk
            weights, step = (self.learner.capture_weights(), None) if best is None else (best, state.best_step)
            yield Ended(state.finished, self._explain(state.finished), state.step, state.seconds, weights, step or state.step)
            return
        known = Snapshot(state.best_step, best) if best is not None and state.best_step is not None else None
        self._kept = Kept(self.snapshot(), known)
        reason: Reason = state.finished or (yield from self._train())
        if reason == "interrupted":
            self._keep()
        elif reason != "diverged":
            reason = self._finish(reason)
        state.seconds = time.monotonic() - self._began
        yield self._kept.saved()
        kept = self._kept.best
        yield Ended(reason, self._explain(reason), state.step, state.seconds, kept.weights, kept.step)

    def _finish(self, reason: Literal["finished", "stopped_early", "stop_when"]) -> Reason:
        """Bring the run to its end, where the weights' moving average takes their place; returns how it ended."""
        state = self.state
        is_kept = state.step == self.plan.total_steps and not state.stop_met and state.finished is None
        state.finished = reason
        if self._has_to_average():
            # Should somebody ask to stop meanwhile, the state of before is the last one: that before the end, if it is kept.
            if not is_kept and not self._keep():
                return "diverged"
            if not self._average_weights():
                return "interrupted"
        return reason if self._keep() else "diverged"

    def _train(self) -> Generator[Event, None, Reason]:
        """Step until something ends the training; returns why."""
        state, plan = self.state, self.plan
        if self._is_unmeasured():  # a new run of no steps, or one that was interrupted before it could measure
            yield from self._measure()
        num_steps, last_saved = 1, time.monotonic()
        while state.step < plan.total_steps and self._reason is None:
            if self.should_stop():
                return "interrupted"
            start, began = state.step, time.perf_counter()
            end = min(plan.next_stop(start), start + min(num_steps, self.loop.capacity))
            done = self.loop.run(start, end)
            state.step = done.step
            if state.step - start == num_steps:  # else cut short by something due: no measure of the speed
                num_steps = next_size(num_steps, time.perf_counter() - began)
            is_finite = math.isfinite(done.loss)
            is_renewed = (is_finite or state.step > start + 1) and self._kept.confirm()  # the first step took the weights on offer
            if not is_finite:
                return "diverged"
            yield Stepped(state.step, done.mean_loss)
            if is_renewed and (plan.checkpoint_asked or time.monotonic() - last_saved >= SAVE_SECONDS):
                yield self._kept.saved()
                last_saved = time.monotonic()
            state.stop_met = done.stop_met
            if state.step == plan.total_steps and not state.stop_met:
                # A run that is given more steps later goes on from here: what the end brings about did not happen to it.
                if not self._keep():
                    return "diverged"
                yield self._kept.saved()
            if self._is_unmeasured():
                yield from self._measure()
            if self._reason is not None or state.step == plan.total_steps:
                break
            is_due = plan.is_due(state.step, plan.checkpoint_every) and not self.should_stop()
            if is_due and not self._kept.offer(self.snapshot()):
                return "diverged"
        if self._is_unmeasured():
            return "interrupted"  # in the middle of the last evaluation
        return self._reason or "finished"

    def _is_unmeasured(self) -> bool:
        """Whether the metrics are due now and not yet taken."""
        state, plan = self.state, self.plan
        due = state.stop_met or plan.is_due(state.step, plan.log_every) or plan.is_due(state.step, plan.evaluate_every)
        return due and state.measured_step != state.step and (state.step > 0 or plan.total_steps == 0)

    def _measure(self) -> Iterator[Event]:
        """Take the metrics, and act on them; nothing happens where an evaluation is interrupted."""
        state, plan = self.state, self.plan
        metrics = self.learner.metrics() if state.step > 0 else {}  # no batch was seen yet
        evaluates = state.stop_met or plan.is_due(state.step, plan.evaluate_every)
        if evaluates and self.splits.validation is not None:
            self.evaluator.assign_from(self.learner.network)
            measured = self.evaluator.evaluate(self.splits.validation)
            if measured is None:
                return
            metrics |= {f"val_{name}": value for name, value in measured.items()}
        self.loop.reset()
        state.measured_step, state.last_metrics = state.step, metrics
        state.num_measured += 1
        state.seconds = time.monotonic() - self._began
        improved = evaluates and self._consider(metrics)
        if evaluates:
            self._watch(metrics)
        met = any(condition.name in metrics and condition.holds(metrics[condition.name]) for condition in self._conditions)
        if state.stop_met or met:
            self._reason = "stop_when"
        epoch = state.step / plan.steps_per_epoch
        yield Measured(state.step, epoch, metrics, self.learner.learning_rate, state.seconds, improved)

    def _consider(self, metrics: Mapping[str, float]) -> bool:
        """Keep the weights if they are the best so far; returns whether they are."""
        best, state = self.experiment.training.best, self.state
        value = metrics.get(best.monitor)
        if value is None or not is_better(value, state.best_value, upwards=self._upwards(best)):
            return False
        if not self._kept.offer_best(Snapshot(state.step, self.learner.capture_weights())):
            return False  # an accuracy may be a number where the weights are none
        state.best_value, state.best_step = value, state.step
        return True

    def _watch(self, metrics: Mapping[str, float]) -> None:
        """Let early stopping and the learning rate's plateau see the metrics."""
        training, state = self.experiment.training, self.state
        if (stopping := training.early_stopping) is not None and watch_early_stopping(
            state.early_stopping, stopping, metrics, upwards=self._upwards(stopping)
        ):
            self._reason = "stopped_early"
        if (plateau := training.reduce_lr_on_plateau) is not None and watch_plateau(
            state.plateau, plateau, metrics, upwards=self._upwards(plateau)
        ):
            self.learner.lower_learning_rate(plateau.factor, plateau.min_lr)

    def _upwards(self, watched: Best | EarlyStopping | ReduceLROnPlateau) -> bool:
        """Whether more of a watched metric is better."""
        upwards = improves_upwards(self.experiment.metrics, watched.monitor, watched.mode)
        assert upwards is not None, "the check of the config has asked for a `mode`"
        return upwards

    def _has_to_average(self) -> bool:
        """Whether the optimizer keeps a moving average of the weights which has not taken their place yet."""
        return self.learner.averages and not self.state.averaged

    def _average_weights(self) -> bool:
        """Put the weights' moving average in their place; it competes for the best, too. Returns whether nobody asked to stop."""
        self.learner.average_weights()
        if self.splits.validation is not None:
            self.evaluator.assign_from(self.learner.network)
            measured = self.evaluator.evaluate(self.splits.validation)
            if measured is None:
                return False
            self._consider({f"val_{name}": value for name, value in measured.items()})
        self.state.averaged = True
        return True

    def _keep(self) -> bool:
        """Take the state as it is for the last good one, if it is sound; returns whether it is."""
        return self._kept.offer(self.snapshot()) and self._kept.settle(self._is_sound)

    def snapshot(self) -> Snapshot:
        """A copy of everything that a run needs to go on from here."""
        self.state.seconds = time.monotonic() - self._began
        state, learner = self.state, self.learner
        return Snapshot(state.step, learner.capture_weights(), state.to_json(), learner.capture_variables())

    def _is_sound(self, weights: Weights) -> bool:
        """Whether the loss of the first samples is finite with these weights; one batch, which no wish to stop interrupts."""
        self.evaluator.assign(weights)
        first = self.splits.train.rows(np.arange(min(BATCH_SIZE, len(self.splits.train))))
        measured = self.evaluator.evaluate(first)
        return measured is not None and math.isfinite(measured["loss"])

    def _explain(self, reason: Reason) -> str:
        state, training = self.state, self.experiment.training
        match reason:
            case "finished":
                return f"all {self.plan.total_steps} steps are done"
            case "stopped_early":
                assert training.early_stopping is not None
                waited = state.early_stopping.waited
                return f"`{training.early_stopping.monitor}` has not improved for {waited} evaluation{'s'[: waited != 1]}"
            case "stop_when":
                return f"a condition of `stop_when` is met ({', '.join(training.stop_when)})"
            case "diverged":
                return f"the loss or a weight is no longer a finite number after step {state.step}"
            case _:
                return f"stopped after step {state.step} of {self.plan.total_steps}"

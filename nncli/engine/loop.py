"""The step loop: many steps inside one call into TensorFlow.

`fit` spends most of a small network's step outside the arithmetic. Here one `tf.function` runs any number of steps over data that
stay resident; where a call starts and ends stands in variables, so that it is compiled once, whatever the lengths of the calls.
How many steps one call takes changes no bit of the result.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.engine.batch import Batch
from nncli.engine.batches import Batches
from nncli.engine.limits import refused_by_onednn
from nncli.engine.rules import Mode
from nncli.engine.runtime import tensorflow
from nncli.engine.weights import along, weighted_loss
from nncli.spec.conditions import OPERATORS, Condition


@dataclass(frozen=True, slots=True)
class Objective:
    """What a step makes small and measures: Keras objects.

    Attributes:
        loss: a `keras.losses.Loss`.
        optimizer: a built `keras.optimizers.Optimizer`.
        metrics: metrics of the training batches, by their reported names.
        class_weights: factor of each class's samples, float32 (num_classes,), or None.
    """

    loss: Any
    optimizer: Any
    metrics: dict[str, Any]
    class_weights: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What came of a call into the loop.

    Attributes:
        step: the step reached, less than asked for where a loss was not finite or met a stop condition.
        loss: the last step's loss; 0 where there was none.
        stop_met: whether that loss met a stop condition. The loop says so itself, which compares in float32.
        mean_loss: of the samples seen since the last reset; NaN before the first.
    """

    step: int
    loss: float
    stop_met: bool
    mean_loss: float


class StepLoop:
    """A compiled loop over the steps of one run.

    Args:
        network: a built `keras.Sequential`.
        objective: loss, optimizer and metrics; their variables exist already.
        batches: what each step takes.
        mode: `loop` compiles all of a step with XLA, `update` the optimizer's update alone.
        stop_conditions: conditions on `loss` that end a call after the first step whose own loss meets one.
    """

    def __init__(
        self,
        network: Any,
        objective: Objective,
        batches: Batches,
        mode: Mode,
        stop_conditions: Sequence[Condition] = (),
    ) -> None:
        tf = tensorflow()
        self._network, self._objective, self._batches, self._mode = network, objective, batches, mode
        self._stop_conditions = tuple(stop_conditions)
        self.capacity = batches.capacity
        """Most steps of one call."""
        self._class_weights = None if objective.class_weights is None else tf.constant(objective.class_weights)
        self._bounds = tf.Variable([0, 0], dtype=tf.int64, trainable=False)
        """The first step of a call, and the step that it ends before."""
        self.loss_sum = tf.Variable(0.0, dtype=tf.float64, trainable=False, name="loss_sum")
        self.num_seen = tf.Variable(0.0, dtype=tf.float64, trainable=False, name="num_seen")
        """Sum of the losses of the samples seen since the last reset, and their number: float64, as float32 would round."""
        jit = mode == "loop"
        self._update = self._apply if jit else tf.function(self._apply, jit_compile=True, autograph=False)
        self._run = tf.function(self._steps, jit_compile=jit, autograph=False)

    @property
    def num_compilations(self) -> int:
        """How often the loop was traced; once, however many calls there were."""
        return int(self._run.experimental_get_tracing_count())

    @cached_property
    def _traced(self) -> Any:
        """The loop, traced: called so, TensorFlow need not find out at each call (in 0.2 ms) that it knows this one already."""
        return self._run.get_concrete_function()

    def run(self, start: int, end: int) -> Progress:
        """Train from step `start` to step `end`, at most `capacity` steps.

        Raises:
            NncliError: NN404, oneDNN cannot compute a part of it on this CPU; NN604, the disk refuses a batch.
        """
        tf = tensorflow()
        self._batches.load(start, end)
        self._bounds.assign(tf.constant([start, end], tf.int64))
        with refused_by_onednn("a step of this network"):
            step, loss, stop_met, loss_sum, num_seen = self._traced().numpy().tolist()
        return Progress(int(step), loss, bool(stop_met), loss_sum / num_seen if num_seen else math.nan)

    def compile(self) -> None:
        """Compile the loop by a call of no steps, so that what cannot be compiled shows before there is anything to lose."""
        self.run(0, 0)

    def mean_loss(self) -> float:
        """Mean loss of the samples seen since the last reset; NaN before the first."""
        seen = float(self.num_seen.numpy())
        return float(self.loss_sum.numpy()) / seen if seen else math.nan

    def reset(self) -> None:
        """Forget the samples seen, here and in the metrics."""
        self.loss_sum.assign(0.0)
        self.num_seen.assign(0.0)
        for metric in self._objective.metrics.values():
            metric.reset_state()

    def _steps(self) -> Any:
        """The steps of a call; what is told of them, as one float64 vector: to read a tensor takes longer than a small step."""
        tf = tensorflow()
        first, end = tf.unstack(self._bounds.read_value())

        def going(step: Any, loss: Any, stop_met: Any) -> Any:
            return tf.logical_and(step < end, tf.logical_and(tf.math.is_finite(loss), tf.logical_not(stop_met)))

        def body(step: Any, _loss: Any, _stop_met: Any) -> tuple[Any, Any, Any]:
            loss = self._batches.feed(step, step - first, self._train)
            met = [OPERATORS[condition.operator](loss, condition.threshold) for condition in self._stop_conditions]
            return step + 1, loss, tf.reduce_any(met) if met else tf.constant(False)

        before = (first, tf.constant(0.0), tf.constant(False))
        told = tf.while_loop(going, body, before, parallel_iterations=1)
        return tf.stack([*(tf.cast(value, tf.float64) for value in told), self.loss_sum.read_value(), self.num_seen.read_value()])

    def _train(self, batch: Batch) -> Any:
        """Train one step; its loss, a float32 scalar."""
        tf = tensorflow()
        objective = self._objective
        variables = self._network.trainable_variables
        answers = [(targets, self._with_class_weights(targets, weights)) for targets, weights in batch.answers]
        with tf.GradientTape() as tape:
            outputs = self._network(batch.inputs, training=True)
            losses = (weighted_loss(objective.loss, targets, outputs, weights) for targets, weights in answers)
            value = reduce(operator.add, losses)
            if penalties := self._network.losses:
                value = value + tf.add_n([tf.cast(penalty, value.dtype) for penalty in penalties])
            scaled = objective.optimizer.scale_loss(value)
        gradients = tape.gradient(scaled, variables)
        # `reduction: none` keeps the samples' losses apart; as in Keras, the gradients are their sum's.
        value = tf.reduce_mean(value)
        if objective.optimizer.loss_scale_factor is not None:
            # Keras cannot unscale an embedding's gradients, which are sparse.
            gradients = [tf.convert_to_tensor(gradient) for gradient in gradients]
        self._update(gradients)
        for metric in objective.metrics.values():
            metric.update_state(batch.targets, outputs)
        self.loss_sum.assign_add(tf.cast(value, tf.float64) * batch.size)
        self.num_seen.assign_add(tf.cast(batch.size, tf.float64))
        return tf.cast(value, tf.float32)

    def _apply(self, gradients: list[Any]) -> None:
        self._objective.optimizer.apply(gradients, self._network.trainable_variables)

    def _with_class_weights(self, targets: Any, weights: Any) -> Any:
        tf = tensorflow()
        if self._class_weights is None:
            return weights
        classes = targets if targets.shape.rank == 1 else tf.argmax(targets, axis=-1, output_type=tf.int32)
        factors = tf.gather(self._class_weights, classes)
        if weights is None:
            return factors
        return weights * along(factors, weights.shape.rank)

"""Evaluation and prediction: unjitted, in batches of 32, from zero states, in a network of their own.

Nothing here touches the network in training: even with `training=False` Keras moves the seeds of recurrent layers with dropout.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.checkpoint.contents import Weights
from nncli.data.lazy import Rows
from nncli.data.samples import Samples
from nncli.engine.build import build, build_network, input_dtype
from nncli.engine.calls import next_size
from nncli.engine.limits import refused_by_keras
from nncli.engine.prepared import prepared
from nncli.engine.runtime import tensorflow
from nncli.engine.state import assign_weights
from nncli.engine.weights import weighted_loss
from nncli.spec.accuracy import accuracy_type, metric_name
from nncli.spec.base import TypedSpec
from nncli.spec.experiment import Experiment
from nncli.spec.registry import find

CALL_BYTES: Final = 2**24
"""Room for the prepared inputs of one call that measures."""
BATCH_SIZE: Final = 32
"""Rows of a batch in evaluation and prediction, as in `keras.Model.predict`: bits are equal only for equal batches."""
MOST_KEPT: Final = 100
"""Numbers that a network says of a sample, where they are kept while it is measured."""


class Evaluator:
    """A network for evaluation and prediction.

    Args:
        experiment: the config.
        input_shape, target_shape: of one prepared sample; () for class numbers.
        should_stop: asked between calls, so never about the first; a true answer ends an evaluation early.
    """

    def __init__(
        self,
        experiment: Experiment,
        *,
        input_shape: tuple[int, ...],
        target_shape: tuple[int, ...],
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        tf = tensorflow()
        self.network = build_network(
            experiment.model,
            name=experiment.name,
            input_shape=input_shape,
            precision=experiment.training.precision,
            stateless=True,
        )
        self._should_stop = should_stop
        self._loss = build(experiment.loss)
        self.metrics = build_metrics(experiment, self.network.output_shape[1:], target_shape)
        self._input_dtype = input_dtype(experiment.model)
        # A graph for whole batches and one for those of any size, as Keras makes them for a whole batch and the rest after it (the
        # operations that it fuses differ). What was evaluated before must not change the graph, and by it the bits.
        self._forward = {
            size: tf.function(
                lambda inputs: self.network(inputs, training=False),
                input_signature=(tf.TensorSpec((size, *input_shape), self._input_dtype),),
                autograph=False,
            )
            for size in (BATCH_SIZE, None)
        }
        self._signature = (
            tf.TensorSpec((None, *input_shape), self._input_dtype),
            tf.TensorSpec((None, *target_shape), _target_dtype(target_shape)),
        )
        self._measures: dict[int, Any] = {}
        self._keeps_outputs = math.prod(size or 1 for size in self.network.output_shape[1:]) <= MOST_KEPT
        self._most_batches = max(1, CALL_BYTES // (4 * BATCH_SIZE * max(1, math.prod(input_shape))))

    def assign(self, weights: Weights) -> None:
        """Take the weights of a checkpoint or snapshot."""
        assign_weights(self.network, weights)

    def assign_from(self, network: Any) -> None:
        """Take the weights of the network in training."""
        for own, other in zip(self.network.weights, network.weights, strict=True):
            own.assign(other)

    def predictions(self, inputs: Rows) -> Iterator[NDArray[np.float32]]:
        """Outputs of prepared inputs, batch by batch.

        Args:
            inputs: (num_samples, *input_shape).

        Yields:
            (up to 32, *output_shape), float32.
        """
        tf = tensorflow()
        with prepared(inputs, self._input_dtype) as ahead:
            ahead.ask(0, BATCH_SIZE)
            for start in range(0, len(inputs), BATCH_SIZE):
                rows = ahead.take()
                ahead.ask(start + BATCH_SIZE, start + 2 * BATCH_SIZE)
                yield tf.cast(self._forward[BATCH_SIZE if len(rows) == BATCH_SIZE else None](rows), tf.float32).numpy()

    def predict(self, inputs: Rows) -> NDArray[np.float32]:
        """Outputs of prepared inputs: (num_samples, *output_shape), float32."""
        batches = list(self.predictions(inputs))
        return np.concatenate(batches) if batches else np.empty((0, *self.network.output_shape[1:]), np.float32)

    def evaluate(
        self,
        samples: Samples,
        tell: Callable[[int], None] = lambda num_done: None,
        outputs: list[NDArray[np.float32]] | None = None,
    ) -> dict[str, float] | None:
        """Loss and metrics over samples.

        Args:
            samples: prepared.
            tell: is told after every call, about every 0.2 s, how many samples are done.
            outputs: takes what the network says of them, part by part, where that is no more than `MOST_KEPT` numbers a sample.

        Returns:
            `loss` (with the penalties of regularizers; the mean over the samples) and each metric; None when it was stopped.
        """
        total = 0.0
        for metric in self.metrics.values():
            metric.reset_state()
        num_batches, end = 1, min(BATCH_SIZE, len(samples))
        with prepared(samples.inputs, self._input_dtype) as ahead:
            ahead.ask(0, end)
            start = 0
            while start < len(samples):
                if start and self._should_stop():
                    return None
                began, rows = time.perf_counter(), ahead.take()
                coming = min(end + num_batches * BATCH_SIZE, len(samples))
                ahead.ask(end, coming)
                weights = None if samples.sample_weight is None else samples.sample_weight[start:end]
                loss, said = self._measure(rows, samples.targets[start:end], weights)
                total += loss
                if outputs is not None and said is not None:
                    outputs.append(said.numpy())
                num_batches = min(next_size(-(-(end - start) // BATCH_SIZE), time.perf_counter() - began), self._most_batches)
                tell(end)
                start, end = end, coming
        return {"loss": total / len(samples)} | {name: metric_value(metric) for name, metric in self.metrics.items()}

    def _measure(self, inputs: Any, targets: NDArray[Any], weights: NDArray[np.float32] | None) -> tuple[float, Any]:
        """Sum of the losses of some samples, and their outputs, where these are kept; their metrics are added to the others'."""
        tf = tensorflow()
        given = (inputs, targets) if weights is None else (inputs, targets, weights)
        rank = 0 if weights is None else weights.ndim
        if rank not in self._measures:
            signature = (*self._signature, *(tf.TensorSpec((None,) * rank, tf.float32) for _ in given[2:]))
            self._measures[rank] = tf.function(self._measure_batches, input_signature=signature, autograph=False)
        loss, outputs = self._measures[rank](*given)
        return float(loss.numpy()), outputs if self._keeps_outputs else None

    def _measure_batches(self, *given: Any) -> tuple[Any, Any]:
        """Measure batch by batch, in one call for all of them: the sum of the losses, and the outputs."""
        tf = tensorflow()
        num_samples = tf.shape(given[0])[0]
        # Kept whether or not somebody asks for them: another graph might have other bits.
        num_kept = -(-num_samples // BATCH_SIZE) if self._keeps_outputs else 1
        kept = tf.TensorArray(tf.float32, num_kept, infer_shape=False, element_shape=(None, *self.network.output_shape[1:]))

        def body(start: Any, total: Any, kept: Any) -> tuple[Any, Any, Any]:
            batch = [array[start : start + BATCH_SIZE] for array in given]
            size = tf.cast(tf.shape(batch[0])[0], tf.float64)
            loss, outputs = self._measure_batch(*batch)
            if self._keeps_outputs:
                kept = kept.write(start // BATCH_SIZE, tf.cast(outputs, tf.float32))
            return start + BATCH_SIZE, total + tf.cast(loss, tf.float64) * size, kept

        first = (tf.constant(0), tf.constant(0.0, tf.float64), kept)
        _, total, kept = tf.while_loop(lambda start, *_: start < num_samples, body, first, parallel_iterations=1)
        return total, kept.concat() if self._keeps_outputs else tf.constant(0.0)

    def _measure_batch(self, inputs: Any, targets: Any, weights: Any = None) -> tuple[Any, Any]:
        tf = tensorflow()
        outputs = self.network(inputs, training=False)
        value = weighted_loss(self._loss, targets, outputs, weights)
        if penalties := self.network.losses:
            value = value + tf.add_n([tf.cast(penalty, value.dtype) for penalty in penalties])
        for metric in self.metrics.values():
            metric.update_state(targets, outputs)
        return tf.reduce_mean(value), outputs  # `reduction: none` keeps the samples' losses apart


def metric_value(metric: Any) -> Any:
    """A metric's value: a float, or a list of them for a metric that has one a class.

    Keras computes it in float32; the shortest decimal that means the same float32 is given, so that 965 right of 1,000 are 0.965
    and not 0.9649999737739563, which would fail `accuracy >= 0.965`.
    """
    return shortest(np.asarray(metric.result()))


def shortest(value: NDArray[Any]) -> Any:
    """A float32 number, or an array of them, as Python floats of the shortest decimals."""
    if value.ndim:
        return [shortest(entry) for entry in value]
    return float(str(value.astype(np.float32)))


def build_metrics(experiment: Experiment, output_shape: tuple[int, ...], target_shape: tuple[int, ...]) -> dict[str, Any]:
    """The Keras metrics of a config, by their reported names, with all their variables made.

    Args:
        experiment: the config.
        output_shape, target_shape: of one sample; () for class numbers.

    Raises:
        NncliError: NN401, Keras cannot measure such outputs, such as the 5 largest of 3.
    """
    tf = tensorflow()
    metrics = {}
    targets = tf.zeros((1, *target_shape), _target_dtype(target_shape))
    outputs = tf.zeros((1, *(size or 1 for size in output_shape)))
    for spec in experiment.metrics:
        with refused_by_keras("NN401", f"metric `{metric_name(spec)}` of outputs of the shape {output_shape}"):
            metric = build(_resolved(spec, experiment, output_shape, target_shape))
            # F1Score and its kin make their variables in the first update, too late for a compiled loop.
            metric.update_state(targets, outputs)
        metric.reset_state()
        metrics[metric_name(spec)] = metric
    return metrics


def _target_dtype(target_shape: tuple[int, ...]) -> str:
    return "int32" if target_shape == () else "float32"  # class numbers, or anything else


def _resolved(spec: TypedSpec, experiment: Experiment, output_shape: tuple[int, ...], target_shape: tuple[int, ...]) -> TypedSpec:
    if spec.type != "accuracy":
        return spec
    fields: Mapping[str, Any] = {}
    kind = accuracy_type(experiment.loss, output_shape, target_shape)
    if kind == "binary_accuracy" and getattr(experiment.loss, "from_logits", False):
        fields = {"threshold": 0.0}  # a logit of 0 is a probability of one half
    found = find("metric", kind)
    assert found is not None
    return found.model_validate(fields)

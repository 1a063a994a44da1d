"""The training samples as tensors, and the batches that a compiled loop takes from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from nncli.data.lazy import LazyInputs, Rows
from nncli.data.samples import Samples
from nncli.data.steps import Affine, FittedStep, MovedChannels, NewShape
from nncli.engine.order import DataOrder
from nncli.engine.plan import Plan
from nncli.engine.runtime import tensorflow

ORDER_BYTES: Final = 2**20
"""Room for the sample numbers of one call."""
MOST_STEPS: Final = 8192
"""Most steps of one call that gathers its batches."""

Train = Callable[[Any, Any, Any, int], Any]
"""What is done with a batch: inputs, targets, weights of the samples (or None), their number."""


class Batches:
    """The batches of a run, gathered from samples that stay in memory as they were stored.

    Args:
        samples: the training part.
        plan: batches and budget.
        order: which samples each step takes.
        input_dtype: of the network's inputs.
    """

    def __init__(self, samples: Samples, plan: Plan, order: DataOrder, input_dtype: str) -> None:
        tf = tensorflow()
        self._plan, self._order = plan, order
        self.capacity = plan.total_steps if plan.full_batch else max(1, min(MOST_STEPS, ORDER_BYTES // (4 * plan.batch_size)))
        """Most steps of one call."""
        self._inputs = _Resident(samples.inputs, input_dtype, is_whole=plan.full_batch)
        own_target = samples.targets is samples.inputs
        self._targets = self._inputs if own_target else _Resident(samples.targets, None, is_whole=plan.full_batch)
        self._weights = None if samples.sample_weight is None else _Resident(samples.sample_weight, None, is_whole=plan.full_batch)
        shape = (1, 1) if plan.full_batch else (self.capacity, plan.batch_size)
        self._rows = tf.Variable(tf.zeros(shape, tf.int32), trainable=False)

    def load(self, start: int, end: int) -> None:
        """Make the batches of the steps `start` to `end` ready, at most `capacity` of them."""
        if self._plan.full_batch:
            return
        rows = self._order.rows(start, end)
        filled = np.zeros(self._rows.shape, np.int32)
        filled[: len(rows)] = rows
        self._rows.assign(filled)

    def feed(self, step: Any, position: Any, train: Train) -> Any:
        """Call `train` with a batch, inside the compiled loop.

        Args:
            step: its number, int64.
            position: how many steps lie between it and the first that is loaded, int64.
            train: what is called.

        Returns:
            What it returns.
        """
        tf = tensorflow()
        if self._plan.full_batch:
            weights = None if self._weights is None else self._weights.everything
            return train(self._inputs.everything, self._targets.everything, weights, self._plan.num_samples)
        # Not by a slice: XLA takes where a slice begins for a constant, and would compile the loop anew at every call.
        rows = tf.gather(self._rows, tf.cast(position, tf.int32))
        rest = self._plan.partial_batch
        if rest == 0:
            return self._feed(rows, train)
        # Two static sizes: XLA knows no others, and the partial batch stays as partial as it is.
        per_epoch = self._plan.steps_per_epoch
        return tf.cond(step % per_epoch == per_epoch - 1, lambda: self._feed(rows[:rest], train), lambda: self._feed(rows, train))

    def _feed(self, rows: Any, train: Train) -> Any:
        inputs = self._inputs.take(rows)
        targets = inputs if self._targets is self._inputs else self._targets.take(rows)
        return train(inputs, targets, None if self._weights is None else self._weights.take(rows), rows.shape[0])


class _Resident:
    """What stands row by row for the samples, as a tensor.

    Args:
        rows: the array.
        dtype: what the network takes; None: that of the array.
        is_whole: whether every step takes all of it, so that it is made ready once.
    """

    def __init__(self, rows: Rows, dtype: str | None, *, is_whole: bool) -> None:
        tf = tensorflow()
        self._steps: tuple[FittedStep, ...] = ()
        self._dtype = dtype or rows.dtype.name
        if isinstance(rows, LazyInputs):
            self._steps, stored = ((), rows[:]) if is_whole else (rows.steps, rows.stored)
        else:
            stored = rows
        self.everything = tf.constant(stored, self._dtype if is_whole else None)

    def take(self, rows: Any) -> Any:
        """The rows of these numbers, as the network takes them."""
        tf = tensorflow()
        return tf.cast(ready(self._steps, tf.gather(self.everything, rows)), self._dtype)


def ready(steps: tuple[FittedStep, ...], inputs: Any) -> Any:
    """What `nncli.data.steps.apply` does to a batch, with tensors."""
    tf = tensorflow()
    for step in steps:
        match step:
            case Affine():
                inputs = (tf.cast(inputs, tf.float32) - step.shift) * step.scale + step.offset
            case NewShape():
                inputs = tf.reshape(inputs, (-1, *step.shape))
            case MovedChannels():
                rank = inputs.shape.rank
                last_first, first_last = (0, rank - 1, *range(1, rank - 1)), (0, *range(2, rank), 1)
                inputs = tf.transpose(inputs, last_first if step.type == "channels_first" else first_last)
    return inputs

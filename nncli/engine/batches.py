"""The batches that a compiled loop takes: gathered from samples in memory, or read from the disk a little ahead of it."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any, Final, Protocol

import numpy as np

from nncli.data.lazy import LazyInputs, Rows
from nncli.data.memory import page_aligned
from nncli.data.on_disk import is_on_disk
from nncli.data.samples import Samples
from nncli.data.steps import Affine, FittedStep, MovedChannels, NewShape
from nncli.engine.batch import Batch
from nncli.engine.mixup import Mixup, MixupDraws
from nncli.engine.order import DataOrder
from nncli.engine.plan import Plan
from nncli.engine.read_ahead import ReadAhead
from nncli.engine.runtime import as_tensor, tensorflow

ORDER_BYTES: Final = 2**20
"""Room for the sample numbers of one call."""
MOST_STEPS: Final = 8192
"""Most steps of one call that gathers its batches."""

Train = Callable[[Batch], Any]
"""What is done with a batch."""


class Batches:
    """The batches of a run in their order, which lie in memory, or on disk where they are too many for it.

    Args:
        samples: the training part.
        plan: batches and budget.
        order: which samples each step takes.
        input_dtype: of the network's inputs.
        memory: bytes that inputs on disk may take in memory.
        mixup: with which other sample, and how, each is blended; None: they stay as they are.
    """

    def __init__(
        self, samples: Samples, plan: Plan, order: DataOrder, input_dtype: str, memory: int, mixup: MixupDraws | None = None
    ) -> None:
        tf = tensorflow()
        self._plan, self._order = plan, order
        whole, draws = plan.full_batch, not plan.full_batch or mixup is not None
        self.capacity = max(1, min(MOST_STEPS, ORDER_BYTES // (4 * plan.batch_size))) if draws else plan.total_steps
        """Most steps of one call."""
        self._ahead: ReadAhead | None = None
        self._inputs: _Source
        if isinstance(samples.inputs, LazyInputs) and is_on_disk(samples.inputs.stored) and not whole:
            self._ahead = ReadAhead(samples.inputs.stored, copy(order), plan, memory)  # an order remembers its epoch
            self.capacity = min(self.capacity, self._ahead.num_steps)
            self._inputs = _Loaded(samples.inputs, input_dtype, plan.batch_size, self.capacity)
        else:
            self._inputs = _Resident(samples.inputs, input_dtype, is_whole=whole)
        own_target = samples.targets is samples.inputs
        self._targets = self._inputs if own_target else _Resident(samples.targets, None, is_whole=whole)
        self._weights = None if samples.sample_weight is None else _Resident(samples.sample_weight, None, is_whole=whole)
        self._mixup = None if mixup is None else Mixup(mixup, self.capacity, plan.batch_size)
        self._rows = tf.Variable(tf.zeros((1, 1) if whole else (self.capacity, plan.batch_size), tf.int32), trainable=False)

    def load(self, start: int, end: int) -> None:
        """Make the batches of the steps `start` to `end` ready, at most `capacity` of them.

        Raises:
            NncliError: NN604, the disk refuses.
        """
        if self._mixup is not None:
            self._mixup.load(start, end)
        if self._plan.full_batch:
            return
        rows = self._order.rows(start, end)
        filled = np.zeros(self._rows.shape, np.int32)
        filled[: len(rows)] = rows
        self._rows.assign(filled)
        if self._ahead is not None and isinstance(self._inputs, _Loaded):
            self._inputs.load(self._ahead.read(start, end))

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
        position = tf.cast(position, tf.int32)
        if self._plan.full_batch:
            return self._feed(position, None, self._plan.num_samples, train)
        # Not by a slice: XLA takes where a slice begins for a constant, and would compile the loop anew at every call.
        rows = tf.gather(self._rows, position)
        rest, size, per_epoch = self._plan.partial_batch, self._plan.batch_size, self._plan.steps_per_epoch
        if rest == 0:
            return self._feed(position, rows, size, train)
        # Two static sizes: XLA knows no others, and the partial batch stays as partial as it is.
        return tf.cond(
            step % per_epoch == per_epoch - 1,
            lambda: self._feed(position, rows[:rest], rest, train),
            lambda: self._feed(position, rows, size, train),
        )

    def _feed(self, position: Any, rows: Any, size: int, train: Train) -> Any:
        inputs = self._inputs.take(position, rows)
        targets = inputs if self._targets is self._inputs else self._targets.take(position, rows)
        weights = None if self._weights is None else self._weights.take(position, rows)
        if self._mixup is not None:
            return train(self._mixup.blend(position, inputs, targets, weights))
        return train(Batch(inputs, ((targets, weights),), targets, size))


class _Source(Protocol):
    def take(self, position: Any, rows: Any) -> Any:
        """A batch of what stands row by row for the samples.

        Args:
            position: how many steps lie between its step and the first that is loaded.
            rows: numbers of its samples; None: all.
        """


class _Resident:
    """What is in memory as a whole.

    Args:
        rows: the array.
        dtype: what the network takes; None: that of the array.
        is_whole: whether every step takes all of it, so that it is made ready once.
    """

    def __init__(self, rows: Rows, dtype: str | None, *, is_whole: bool) -> None:
        self._dtype = dtype or rows.dtype.name
        is_lazy = isinstance(rows, LazyInputs) and not is_whole
        self._steps = rows.steps if isinstance(rows, LazyInputs) and is_lazy else ()
        stored = rows.stored if isinstance(rows, LazyInputs) and is_lazy else rows
        self._all = as_tensor(stored[:].astype(self._dtype if is_whole else stored.dtype, copy=False))

    def take(self, position: Any, rows: Any) -> Any:
        tf = tensorflow()
        return self._all if rows is None else tf.cast(ready(self._steps, tf.gather(self._all, rows)), self._dtype)


class _Loaded:
    """What is in memory for the steps of one call.

    Args:
        inputs: the inputs, on disk.
        dtype: what the network takes.
        batch_size: samples a step.
        num_steps: most steps of one call.
    """

    def __init__(self, inputs: LazyInputs, dtype: str, batch_size: int, num_steps: int) -> None:
        tf = tensorflow()
        self._steps, self._dtype = inputs.steps, dtype
        shape = (num_steps, batch_size, *inputs.stored.shape[1:])
        self._batches = tf.Variable(tf.zeros(shape, inputs.stored.dtype), trainable=False)

    def load(self, batches: Any) -> None:
        """Take the batches of a call, (steps, batch_size, *raw_shape)."""
        filled = page_aligned(tuple(self._batches.shape), batches.dtype)
        filled[: len(batches)] = batches
        self._batches.assign(as_tensor(filled))

    def take(self, position: Any, rows: Any) -> Any:
        tf = tensorflow()
        batch = tf.gather(self._batches, position)[: rows.shape[0]]
        return tf.cast(ready(self._steps, batch), self._dtype)


def ready(steps: tuple[FittedStep, ...], inputs: Any) -> Any:
    """What `nncli.data.steps.apply` does to a batch, with tensors."""
    tf = tensorflow()
    for step in steps:
        match step:
            case Affine():
                dtype = np.dtype(inputs.dtype.as_numpy_dtype)
                inputs = tf.cast(inputs, tf.float32)
                inputs = inputs - step.shift if step.subtracts else inputs
                inputs = inputs * step.scale
                inputs = inputs + step.offset if step.adds(dtype) else inputs
            case NewShape():
                inputs = tf.reshape(inputs, (-1, *step.shape))
            case MovedChannels():
                rank = inputs.shape.rank
                last_first, first_last = (0, rank - 1, *range(1, rank - 1)), (0, *range(2, rank), 1)
                inputs = tf.transpose(inputs, last_first if step.type == "channels_first" else first_last)
    return inputs

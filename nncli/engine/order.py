"""The order of the samples: a pure function of seed, epoch and step, so that a resumed run goes on where the other stopped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nncli.engine.plan import Plan


class DataOrder:
    """Gives the sample numbers of any stretch of steps.

    Args:
        plan: batches and epochs.
        order: `shuffled` (a permutation each epoch), `sequential`, `sliding` (each batch begins one sample after the one before),
            or `with_replacement` (each draw independent).
        seed: the experiment's seed.
    """

    def __init__(self, plan: Plan, order: str, seed: int) -> None:
        self._plan, self._order, self._seed = plan, order, seed
        self._epoch = -1
        self._rows: NDArray[np.int32] = np.empty((0, plan.batch_size), np.int32)

    def rows(self, start: int, end: int) -> NDArray[np.int32]:
        """Sample numbers of the steps `start` to `end`, the last left out.

        Returns:
            (end - start, batch_size), int32. Where an epoch ends with a partial batch, its row is filled up with zeros.
        """
        per_epoch = self._plan.steps_per_epoch
        parts = []
        while start < end:
            epoch, first = divmod(start, per_epoch)
            stop = min(per_epoch, first + end - start)
            parts.append(self._of_epoch(epoch)[first:stop])
            start += stop - first
        return np.concatenate(parts) if parts else self._rows[:0]

    def _of_epoch(self, epoch: int) -> NDArray[np.int32]:
        constant = self._order in ("sequential", "sliding") or self._plan.full_batch
        if epoch != self._epoch and not (constant and self._epoch >= 0):
            self._rows = self._draw(np.random.default_rng([self._seed, epoch]))
        self._epoch = epoch
        return self._rows

    def _draw(self, generator: np.random.Generator) -> NDArray[np.int32]:
        plan = self._plan
        if self._order == "sliding" and not plan.full_batch:
            first: NDArray[np.int32] = np.arange(plan.steps_per_epoch, dtype=np.int32)
            return np.add.outer(first, np.arange(plan.batch_size, dtype=np.int32))
        if self._order == "sequential" or plan.full_batch:
            drawn = np.arange(plan.num_samples)
        elif self._order == "with_replacement":
            drawn = generator.integers(0, plan.num_samples, size=plan.num_samples)
        else:
            drawn = generator.permutation(plan.num_samples)
        padded: NDArray[np.int32] = np.zeros(plan.steps_per_epoch * plan.batch_size, np.int32)
        padded[: plan.num_samples] = drawn
        return padded.reshape(-1, plan.batch_size)

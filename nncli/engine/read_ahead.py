"""Batches read from the disk ahead of the steps that take them."""

from __future__ import annotations

import math
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.on_disk import StoredRows
from nncli.engine.order import DataOrder
from nncli.engine.plan import Plan

_COPIES: Final = 6
"""How often a call's batches are in memory at most: in the loop (2, while the next ones take the place of the last), on their way
there (2), and read ahead (2)."""


class ReadAhead:
    """Reads the batches of a run in their order in a thread, so that they are there when they are asked for.

    Args:
        stored: the samples, on disk.
        order: which of them each step takes.
        plan: batches and budget.
        memory: bytes that all batches in memory may take together; at least one batch is read at a time.
    """

    def __init__(self, stored: StoredRows, order: DataOrder, plan: Plan, memory: int) -> None:
        self._stored, self._order, self._plan = stored, order, plan
        size = plan.batch_size * math.prod(stored.shape[1:]) * stored.dtype.itemsize
        self.num_steps = max(1, memory // (_COPIES * size))
        """How many steps are read at a time."""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nncli-read")
        self._coming: deque[Future[NDArray[Any]]] = deque()
        self._here: NDArray[Any] | None = None
        self._step = self._next = -1

    def read(self, start: int, end: int) -> NDArray[Any]:
        """The batches of the steps `start` to `end`, the last left out: (end - start, batch_size, *raw_shape)."""
        if start != self._step:
            self._begin(start)
        parts = []
        while start < end:
            if self._here is None or not len(self._here):
                self._here = self._coming.popleft().result()
                self._ask()
            part, self._here = self._here[: end - start], self._here[end - start :]
            parts.append(part)
            start += len(part)
        self._step = end
        return np.concatenate(parts) if parts else np.empty((0, self._plan.batch_size, *self._stored.shape[1:]), self._stored.dtype)

    def _begin(self, step: int) -> None:
        """Read from `step` on; what was read for other steps is of no use."""
        self._coming.clear()
        self._here, self._step, self._next = None, step, step
        self._ask()
        self._ask()

    def _ask(self) -> None:
        end = min(self._next + self.num_steps, self._plan.total_steps)
        if end > self._next:
            rows = self._order.rows(self._next, end)
            self._coming.append(self._thread.submit(self._read, rows))
            self._next = end

    def _read(self, rows: NDArray[np.int32]) -> NDArray[Any]:
        return self._stored[rows.ravel().astype(np.intp)].reshape(*rows.shape, *self._stored.shape[1:])

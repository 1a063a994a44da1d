"""Inputs made ready for a network that is measured, a stretch ahead of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.data.lazy import LazyInputs, Rows
from nncli.data.memory import page_aligned
from nncli.engine.runtime import as_tensor


class Prepared:
    """Stretches of inputs as tensors. While the network computes on one, a thread makes the next one ready.

    Args:
        inputs: `(num_samples, *input_shape)`.
        dtype: of the tensors.
        thread: where inputs that are not ready yet are made so.
    """

    def __init__(self, inputs: Rows, dtype: str, thread: ThreadPoolExecutor) -> None:
        self._inputs, self._dtype, self._thread = inputs, np.dtype(dtype), thread
        # Two arrays in turn: to ask the system for new memory each time takes as long as the arithmetic.
        self._buffers: deque[NDArray[Any] | None] = deque([None, None])
        self._coming: deque[Future[NDArray[Any]] | NDArray[Any]] = deque()

    def ask(self, start: int, end: int) -> None:
        """Make the inputs from `start` to `end` ready, the last left out; at most two stretches may be asked for and not taken."""
        if isinstance(self._inputs, LazyInputs):
            self._coming.append(self._thread.submit(self._fill, self._inputs, start, end))
        else:
            self._coming.append(self._inputs[start:end].astype(self._dtype, copy=False))

    def take(self) -> Any:
        """The stretch that was asked for first, as a tensor that is good until the one after the next is asked for.

        Raises:
            NncliError: NN604, the disk refuses.
        """
        found = self._coming.popleft()
        return as_tensor(found.result() if isinstance(found, Future) else found)

    def _fill(self, inputs: LazyInputs, start: int, end: int) -> NDArray[Any]:
        buffer = self._buffers.popleft()
        if buffer is None or len(buffer) < end - start:
            buffer = page_aligned((end - start, *inputs.shape[1:]), self._dtype)
        self._buffers.append(buffer)
        return inputs.into(buffer, start, end)


@contextmanager
def prepared(inputs: Rows, dtype: str) -> Iterator[Prepared]:
    """Inputs made ready as long as the body runs; arguments as those of `Prepared`."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="nncli-prepare") as thread:
        yield Prepared(inputs, dtype, thread)

"""Work on the disk that nobody has to wait for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

MOST_WAITING: Final = 2
"""How much may wait for its turn: each checkpoint that does is a copy of the network in memory."""


class Background:
    """Does what it is given in a thread of its own, in the order in which it was given, and nothing more once some of it fails.

    Files are so written as if each had been waited for. To leave it is to wait for all that is still to be done.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nncli-disk")
        self._waiting: deque[Future[None]] = deque()
        self._failed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._thread.shutdown(wait=True)
        if kind is None:
            self._collect(0)

    def do(self, work: Callable[[], object]) -> None:
        """Have something done; waits where too much does already.

        Raises:
            Exception: what something that was given earlier has failed with.
        """
        self._collect(MOST_WAITING)
        self._waiting.append(self._thread.submit(self._work, work))

    def _collect(self, most: int) -> None:
        """Take note of what is done, until no more than `most` is not."""
        while self._waiting and (self._waiting[0].done() or len(self._waiting) > most):
            self._waiting.popleft().result()

    def _work(self, work: Callable[[], object]) -> None:
        if self._failed:
            return
        try:
            work()
        except BaseException:
            self._failed = True
            raise

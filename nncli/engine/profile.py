"""A look inside the steps: TensorFlow's profile of some seconds of training."""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from nncli.engine.events import Event, Listener, Stepped
from nncli.engine.runtime import tensorflow
from nncli.problems import NncliError, error

PROFILED_SECONDS: Final = 3.0
"""Long enough for hundreds of steps; TensorBoard takes minutes to show a longer one."""


class Profile:
    """A listener that profiles training from its first steps on, for `PROFILED_SECONDS` or until it is left.

    The first call into the loop has compiled it by then.

    Args:
        folder: where the profile goes, each into a folder of its own: `plugins/profile/TIME`.
        listener: is shown every event, too.

    Raises:
        NncliError: NN604, on entering: the folder cannot be made.
    """

    def __init__(self, folder: Path, listener: Listener) -> None:
        self._folder, self._listener = folder, listener
        self._ends: float | None = None
        self._is_done = False

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise self._failure(problem.strerror or str(problem)) from None
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    def __call__(self, event: Event) -> None:
        """Pass an event on, and begin or end the profile with it."""
        self._listener(event)
        if isinstance(event, Stepped) and not self._is_done:
            if self._ends is None:
                self._start()
            elif time.monotonic() >= self._ends:
                self._stop()

    def _start(self) -> None:
        tf = tensorflow()
        try:
            tf.profiler.experimental.start(str(self._folder))
        except tf.errors.OpError as problem:
            raise self._failure(problem.message) from None
        self._ends = time.monotonic() + PROFILED_SECONDS

    def _stop(self) -> None:
        if self._ends is None or self._is_done:
            return
        self._is_done = True
        tf = tensorflow()
        try:
            tf.profiler.experimental.stop()
        except tf.errors.OpError as problem:
            raise self._failure(problem.message) from None

    def _failure(self, reason: str) -> NncliError:
        return error("NN604", f"the profile cannot be written: {reason}", "name another folder with --profile", file=self._folder)

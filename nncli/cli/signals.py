"""Ctrl-C and its kin: once is a wish, twice an order."""

from __future__ import annotations

import os
import signal
import sys
import time
from types import FrameType, TracebackType
from typing import Final, Self

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SHOW_CURSOR: Final = "\x1b[?25h"
_SAME_WISH_SECONDS: Final = 0.5
"""Shells and supervisors send what ends a process twice, within milliseconds; nobody who means an order is so quick."""


def _heeded() -> list[signal.Signals]:
    """The signals that count: not those that the process was started to ignore, as by `nohup`."""
    return [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]


def _exit_code(number: int) -> int:
    """130 for SIGINT, 143 for SIGTERM and SIGHUP, which counts as it."""
    return 130 if number == signal.SIGINT else 143


def end_at_once(code: int | None = None) -> None:
    """From now on let a signal end the process at once, in silence: nothing has begun yet, or all is done.

    Args:
        code: the exit code that was come to; None: that of the signal.
    """
    for number in _heeded():
        signal.signal(number, lambda number, frame: os._exit(_exit_code(number) if code is None else code))


class StopRequest:
    """Catches SIGINT, SIGTERM and SIGHUP while it is entered, but none that the process was started to ignore, as by `nohup`.

    The first one is remembered, for the work to end at the next good place. A second one ends the process at once; all files are
    written atomically, so that does no harm. SIGTERM and SIGHUP right behind one of them are the same wish again.

    Args:
        patient: whether the work asks for the wish to stop; else the first signal interrupts it wherever it is.
    """

    def __init__(self, *, patient: bool) -> None:
        self.signal: int | None = None
        self._patient = patient
        self._since = 0.0
        self._former: dict[int, object] = {}

    def __enter__(self) -> Self:
        self._former = {number: signal.signal(number, self._catch) for number in _heeded()}
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def __call__(self) -> bool:
        """Whether somebody asked to stop."""
        return self.signal is not None

    @property
    def exit_code(self) -> int:
        """130 for SIGINT, 143 for SIGTERM and SIGHUP."""
        return _exit_code(self.signal or signal.SIGINT)

    def _catch(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None:
            if signal.SIGINT not in (number, self.signal) and time.monotonic() - self._since < _SAME_WISH_SECONDS:
                return
            if sys.stderr.isatty():
                os.write(2, _SHOW_CURSOR.encode())
            os._exit(_exit_code(number))
        self.signal, self._since = number, time.monotonic()
        if not self._patient:
            raise KeyboardInterrupt

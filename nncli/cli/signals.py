"""Ctrl-C and its kin: once is a wish, twice an order."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType, TracebackType
from typing import Final, Self

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SHOW_CURSOR = "\x1b[?25h"


class StopRequest:
    """Catches SIGINT, SIGTERM and SIGHUP while it is entered, but none that the process was started to ignore, as by `nohup`.

    The first one is remembered, for the work to end at the next good place. A second one ends the process at once; all files are
    written atomically, so that does no harm.

    Args:
        patient: whether the work asks for the wish to stop; else the first signal interrupts it wherever it is.
    """

    def __init__(self, *, patient: bool) -> None:
        self.signal: int | None = None
        self._patient = patient
        self._former: dict[int, object] = {}

    def __enter__(self) -> Self:
        heeded = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        self._former = {number: signal.signal(number, self._catch) for number in heeded}
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def __call__(self) -> bool:
        """Whether somebody asked to stop."""
        return self.signal is not None

    @property
    def exit_code(self) -> int:
        """130 for SIGINT, 143 for SIGTERM and SIGHUP, which counts as it."""
        return 130 if self.signal in (None, signal.SIGINT) else 143

    def _catch(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None:
            if sys.stderr.isatty():
                os.write(2, _SHOW_CURSOR.encode())
            os._exit(130 if number == signal.SIGINT else 143)
        self.signal = number
        if not self._patient:
            raise KeyboardInterrupt

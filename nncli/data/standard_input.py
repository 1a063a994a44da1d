"""Lines of standard input, as they come."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from nncli.data.characters import MOST_BYTES
from nncli.problems import error, reason

_PATIENCE: Final = 0.2
"""Seconds that a line is waited for before the wish to stop is looked at."""


def read_lines(stream: BinaryIO, should_stop: Callable[[], bool]) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers from 1 on, each as soon as it is there, without its end.

    Args:
        stream: where they come from.
        should_stop: asked several times a second; a true answer ends it.

    Raises:
        NncliError: NN501, the stream cannot be read; NN502, a line is too long; those before it have been yielded.
    """
    number, rest = 1, b""
    while not should_stop():
        if not select.select([stream], [], [], _PATIENCE)[0]:
            continue
        try:
            data = os.read(stream.fileno(), 2**16)
        except OSError as failure:
            raise error("NN501", f"standard input cannot be read: {reason(failure)}", file="-") from None
        *lines, rest = (rest + data).split(b"\n")
        if not data and rest:
            lines, rest = [rest], b""
        yield from enumerate(lines, start=number)
        number += len(lines)
        if len(rest) > MOST_BYTES:
            raise error("NN502", f"line {number:,} has more than {MOST_BYTES:,} bytes", file="-")
        if not data:
            return

"""The standard streams: closed from the start, full, or with a reader that goes away while a training goes on."""

from __future__ import annotations

import errno
import os
import sys
from typing import Any, Final, Literal, TextIO

from nncli.problems import reason

_READER_IS_GONE: Final = (errno.EPIPE, errno.EIO)
"""What writing ends with where a pipe's other end, or the terminal, was closed."""


class Unwritable(OSError):
    """Standard output cannot be written, as on a full disk; what it still holds is given up."""


class PatientStream:
    """A text stream that falls silent once nobody reads it any more; a full disk is still an error.

    Args:
        stream: where the text goes.
        lossy: whether it falls silent for any reason: where standard error cannot be written, nobody is left to be told.

    Raises:
        Unwritable: by `write` and `flush`, once; behind it the stream is silent.
    """

    def __init__(self, stream: TextIO, *, lossy: bool = False) -> None:
        self._stream = stream
        self._lossy = lossy

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, and return the number of characters."""
        try:
            # Typer finds out what a stream is by writing nothing to it, and swallows what it says.
            return 0 if text == "" else self._stream.write(text)
        except OSError as problem:
            self._fall_silent(problem)
            return len(text)

    def flush(self) -> None:
        """Hand over what was held back."""
        try:
            self._stream.flush()
        except OSError as problem:
            self._fall_silent(problem)

    def _fall_silent(self, problem: OSError) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())  # what is held back goes there, too, when Python ends
        os.close(nowhere)
        if not self._lossy and problem.errno not in _READER_IS_GONE:
            raise Unwritable(problem.errno, reason(problem)) from None


def settle_streams() -> None:
    """Make the process's streams ready for whatever is printed and wherever it goes."""
    # In this order each takes its own number.
    sys.stdin = _opened(sys.stdin, "r")
    sys.stdout = _opened(sys.stdout, "w")
    sys.stderr = _opened(sys.stderr, "w")
    for stream in (sys.stdout, sys.stderr):
        # What is printed is UTF-8 wherever it goes; a name in a strange encoding must not end a run.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.stdout = PatientStream(sys.stdout)
    sys.stderr = PatientStream(_apart(sys.stderr), lossy=True)


def _opened(stream: TextIO | None, mode: Literal["r", "w"]) -> TextIO:
    """The stream; in place of one that was closed when the process began, one that refuses whatever is asked of it.

    Its number is taken, so that no file of the run's gets it, into which others would then write.
    """
    if stream is not None:
        return stream
    other_way = os.O_WRONLY if mode == "r" else os.O_RDONLY
    return open(os.open(os.devnull, other_way), mode, encoding="utf-8", closefd=False)


def _apart(stream: TextIO) -> TextIO:
    """The stream on a file descriptor of its own, so that what C++ writes to the old one can be held back without it."""
    try:
        descriptor = os.dup(stream.fileno())
    except (OSError, ValueError):
        return stream  # closed, or no file at all
    return os.fdopen(descriptor, "w", buffering=1, encoding=stream.encoding, errors="backslashreplace")

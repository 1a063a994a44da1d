"""Standard output and standard error, whose reader may go away while a training goes on."""

from __future__ import annotations

import errno
import os
import sys
from typing import Any, Final, TextIO

_READER_IS_GONE: Final = (errno.EPIPE, errno.EIO)
"""What writing ends with where a pipe's other end, or the terminal, was closed."""


class PatientStream:
    """A text stream that falls silent once nobody reads it any more; a full disk is still an error.

    Args:
        stream: where the text goes.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, and return the number of characters."""
        try:
            return self._stream.write(text)
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
        if problem.errno not in _READER_IS_GONE:
            raise problem
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())  # what is held back goes there, too, when Python ends
        os.close(nowhere)


def settle_streams() -> None:
    """Make the process's streams ready for whatever is printed and wherever it goes."""
    for stream in (sys.stdout, sys.stderr):
        # What is printed is UTF-8 wherever it goes; a name in a strange encoding must not end a run.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.stdout = PatientStream(sys.stdout)
    sys.stderr = PatientStream(_apart(sys.stderr))


def _apart(stream: TextIO) -> TextIO:
    """The stream on a file descriptor of its own, so that what C++ writes to the old one can be held back without it."""
    try:
        descriptor = os.dup(stream.fileno())
    except (OSError, ValueError):
        return stream  # closed, or no file at all
    return os.fdopen(descriptor, "w", buffering=1, encoding=stream.encoding, errors="backslashreplace")

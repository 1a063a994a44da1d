"""How much one call into TensorFlow does. It changes no bit."""

from __future__ import annotations

from typing import Final

CALL_SECONDS: Final = 0.2
"""How long one call is meant to last: short enough to stop and to show progress, long enough to cost nothing."""


def next_size(size: int, seconds: float) -> int:
    """How many steps, or batches, the next call takes to last about `CALL_SECONDS`; at most four times as many as this one.

    Args:
        size: how many this one took.
        seconds: how long it lasted.
    """
    return max(1, int(size * min(4.0, CALL_SECONDS / max(seconds, 1e-6))))

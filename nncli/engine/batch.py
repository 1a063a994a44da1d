"""What one step of training takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Batch:
    """Some samples, as tensors.

    Attributes:
        inputs: what the network takes, `(size, *input_shape)`.
        answers: what the loss compares its outputs with: targets, `(size, ...)`, with the weights of their samples, `(size,)` or
            `(size, time)`, or None. One pair, or several whose losses add up.
        targets: what the metrics compare its outputs with, `(size, ...)`.
        size: how many samples they are.
    """

    inputs: Any
    answers: tuple[tuple[Any, Any], ...]
    targets: Any
    size: int

"""The form of an explanation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a problem code means.

    Attributes:
        meaning: what it means, when it appears, and what to do, in a few sentences.
        wrong: what leads to it: the part of a config that matters, or a command line, which begins with `nncli`.
        right: the same without the mistake.
    """

    meaning: str
    wrong: str
    right: str

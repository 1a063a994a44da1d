"""Texts as samples: what they are cut into, and how much of it counts."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from nncli.spec.base import Spec
from nncli.spec.values import PositiveInt

MOST_UNITS: Final = 2**20
"""Words or characters of one text that a network is given at most."""


class Sentences(Spec):
    """How a sentence or a longer text becomes the numbers of its words or characters."""

    unit: Literal["character", "word"] = "word"
    """What the text is cut into; marks of punctuation and line ends are words, too."""
    length: Annotated[int, Field(ge=1, le=MOST_UNITS)] = 100
    """How many units count, from the text's beginning on; shorter texts have 0s before it."""
    lowercase: bool = True
    """Whether capital letters count as small ones."""
    max_vocabulary: PositiveInt = 10_000
    """Most kinds of units that are told apart, the most frequent ones of the training part; all others are 0."""

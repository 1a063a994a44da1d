"""Texts, to learn what comes next."""

from __future__ import annotations

from typing import ClassVar, Literal

from nncli.spec.datasets.base import Splittable
from nncli.spec.values import FilePath, PositiveInt


class Text(Splittable):
    """A text cut into windows: from so many characters or words the next one is to be predicted.

    The inputs are numbers from 1 on, for an `embedding` with `mask_zero: true`; 0 stands for what is not in the vocabulary, and
    before the text's beginning.
    """

    type: Literal["text"] = "text"
    is_ordered: ClassVar[bool] = True

    path: FilePath | None = None
    """A file of plain text, UTF-8; null: the fable that ships with nncli."""
    unit: Literal["character", "word"] = "character"
    """What the text is cut into; marks of punctuation and line ends are words, too."""
    length: PositiveInt = 40
    """How many units are known when the next one is predicted."""
    stride: PositiveInt = 1
    """How many units further the next window begins."""
    lowercase: bool = False
    """Whether capital letters count as small ones."""
    max_vocabulary: PositiveInt | None = None
    """Most kinds of units that are told apart, the most frequent ones; null: all."""

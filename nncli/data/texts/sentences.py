"""Texts as samples: the numbers of their words or characters, by a vocabulary that is fitted to the training part."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from numpy.typing import NDArray

from nncli.data.documents import MAX_TEXT, flag, odd, texts
from nncli.data.texts.windows import cut
from nncli.spec.sentences import MOST_UNITS, Sentences

_MOST_WORDS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class FittedSentences:
    """The number of each word or character, 0 before the beginning and for what the vocabulary does not hold.

    Attributes:
        words: whether texts are cut into words; else into characters.
        lowercase: whether capital letters count as small ones.
        length: how many units count.
        vocabulary: what the numbers from 1 on stand for.
    """

    words: bool
    lowercase: bool
    length: int
    vocabulary: tuple[str, ...]

    def number(self, texts: Iterable[str], out: NDArray[Any]) -> None:
        """Write the numbers of texts; those of each depend on it alone.

        Args:
            texts: as many as `out` has rows.
            out: (num_texts, length), written to.
        """
        known = _numbers(self.vocabulary)
        out[:] = 0
        for row, text in enumerate(texts):
            units = cut(text, "word" if self.words else "character", self.lowercase, self.length)
            if units:
                out[row, self.length - len(units) :] = [known.get(unit, 0) for unit in units]


@functools.lru_cache(maxsize=8)
def _numbers(vocabulary: tuple[str, ...]) -> Mapping[str, int]:
    return {unit: number for number, unit in enumerate(vocabulary, start=1)}


class VocabularyFit:
    """Learns the vocabulary of texts.

    Every different unit of the training part is counted, since any of them may turn out to be frequent: their memory, about 100
    bytes each, is not bounded. Words of natural language are a few millions at most.
    """

    def __init__(self, spec: Sentences) -> None:
        self._spec = spec
        self._counts: Counter[str] = Counter()

    def add(self, texts: Iterable[str]) -> None:
        """Learn from texts of the training part."""
        spec = self._spec
        for text in texts:
            self._counts.update(cut(text, spec.unit, spec.lowercase, spec.length))

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing in them."""
        return not self._counts

    def vocabulary(self) -> tuple[str, ...]:
        """The most frequent units, of equally frequent ones the first of the alphabet, in alphabetical order."""
        short = (unit for unit in self._counts if len(unit) <= MAX_TEXT)  # a longer one is no word
        kept = sorted(short, key=lambda unit: (-self._counts[unit], unit))[: self._spec.max_vocabulary]
        return tuple(sorted(kept))


def _read_length(data: object, what: str) -> int:
    if type(data) is not int or not 1 <= data <= MOST_UNITS:
        raise odd(f"`{what}` is no length")
    return data


def _read_vocabulary(data: object, what: str) -> tuple[str, ...]:
    units = texts(data, _MOST_WORDS, what)
    if not units or len(set(units)) < len(units):
        raise odd(f"`{what}` holds nothing, or a unit twice")
    return units


READERS: Final[dict[str, Callable[[object, str], Any]]] = {
    "words": flag,
    "lowercase": flag,
    "length": _read_length,
    "vocabulary": _read_vocabulary,
}
"""Field of fitted sentences -> what reads it from a checkpoint's document, given a name for messages; NN603 where it is odd."""

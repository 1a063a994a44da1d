"""Which samples a network was trained on, as far as a checkpoint can remember: a hash of each, of many the smallest hashes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.documents import mapping, odd
from nncli.data.on_disk import StoredRows, chunks
from nncli.problems import Problem, Where

MOST_HASHES: Final = 10_000
"""Hashes that are kept, 8 bytes each."""
MOST_WORDS: Final = 4096
"""Of a sample that has more words of 4 bytes, so many are looked at, evenly spread."""
_BLOCK_WORDS: Final = 2**18
_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class Seen:
    """The samples of the training part.

    Hashes are as good as drawn at random: which samples have the smallest does not depend on what they are, so that of many samples
    those are a fair choice. Source: Broder, 1997, "On the resemblance and containment of documents", for the smallest hashes.

    Attributes:
        hashes: the smallest ones of all different ones, in rising order.
        is_whole: whether these are all.
    """

    hashes: tuple[int, ...]
    is_whole: bool

    @classmethod
    def of(cls, raw: StoredRows) -> Seen:
        """Remember samples.

        Args:
            raw: raw inputs of the training part, `(num_samples, *raw_shape)`.
        """
        found = np.unique(hashes(raw))
        return cls(tuple(found[:MOST_HASHES].tolist()), len(found) <= MOST_HASHES)

    def warning(self, raw: StoredRows, where: Where) -> Problem | None:
        """A warning where some samples are among those that were trained on; None where none is, as far as is remembered.

        Args:
            raw: raw inputs of the same shape and dtype.
            where: they come from.
        """
        found = hashes(raw)
        remembered = np.array(self.hashes, np.uint64)
        if not self.is_whole:
            found = found[found <= remembered[-1]]
        count = int(np.isin(found, remembered).sum())
        if count == 0:
            return None
        number = f"{count:,}" if self.is_whole else f"about {round(count / len(found) * len(raw)):,}"
        message = f"{number} of {len(raw):,} samples equal ones that the network was trained on"
        return Problem("NN504", message, "take the figures as those of training, or evaluate on other samples", where, "warning")

    def to_json(self) -> dict[str, Any]:
        """The document that a checkpoint holds."""
        return {"hashes": "".join(f"{number:0{_DIGITS}x}" for number in self.hashes), "is_whole": self.is_whole}

    @classmethod
    def from_json(cls, data: object) -> Seen:
        """What a document remembers.

        Raises:
            NncliError: NN603, anything in it is odd.
        """
        document = mapping(data, frozenset({"hashes", "is_whole"}), "seen")
        digits, is_whole = document["hashes"], document["is_whole"]
        is_text = isinstance(digits, str) and set(digits) <= set("0123456789abcdef")
        if not is_text or not isinstance(is_whole, bool) or not 0 < len(digits) <= MOST_HASHES * _DIGITS or len(digits) % _DIGITS:
            raise odd("`seen` holds no hashes")
        numbers = tuple(int(digits[start : start + _DIGITS], 16) for start in range(0, len(digits), _DIGITS))
        if any(first >= second for first, second in pairwise(numbers)):
            raise odd("the hashes of `seen` do not rise")
        return cls(numbers, is_whole)


def hashes(raw: StoredRows) -> NDArray[np.uint64]:
    """A hash of each sample, `(num_samples,)`: equal samples have equal ones, others but for one case in 2^64 have not.

    Source: Lemire & Kaser, 2014, "Strongly universal string hashing is fast", for the sum of words times random numbers.
    """
    parts = [np.empty(0, np.uint64)]
    for chunk in chunks(raw):
        words = _words(chunk)
        factors = _mixed(np.arange(1, words.shape[1] + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
        size = max(1, _BLOCK_WORDS // words.shape[1])
        parts += [_mixed(words[start : start + size].astype(np.uint64) @ factors) for start in range(0, len(words), size)]
    return np.concatenate(parts)


def _words(samples: NDArray[Any]) -> NDArray[np.uint32]:
    """The bytes of samples in words, `(num_samples, at most MOST_WORDS)`."""
    data = np.ascontiguousarray(samples, samples.dtype.newbyteorder("<")).reshape(len(samples), -1).view(np.uint8)
    if rest := -data.shape[1] % 4:
        data = np.pad(data, ((0, 0), (0, rest)))
    words: NDArray[np.uint32] = data.view("<u4")
    if words.shape[1] <= MOST_WORDS:
        return words
    return words[:, np.linspace(0, words.shape[1] - 1, MOST_WORDS).astype(np.intp)]


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each number made as good as random. Source: Steele, Lea & Flood, 2014, "Fast splittable pseudorandom number generators"."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))

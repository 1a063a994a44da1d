"""Texts as numbers: what they are cut into, the vocabulary, and windows for predicting what comes next."""

from __future__ import annotations

import itertools
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.arrays import open_file
from nncli.problems import error
from nncli.spec.datasets.text import Text

UNKNOWN: Final = "<unknown>"
"""Number 0 of every vocabulary: what is not in it, and what lies before a text's beginning."""
MAX_BYTES: Final = 2**28
MAX_VALUES: Final = 2**28
"""Most numbers that the windows of a text may take: 1 GiB."""
LARGE: Final = 2**22
"""Bytes of a text that is not read when a config is checked: it would take more than a second."""
_BYTES_OF_A_WORD: Final = 6
_WORDS: Final = re.compile(r"\n|\w+(?:['’]\w+)*|[^\w\s]")
_NO_SPACE_BEFORE: Final = frozenset(".,;:!?)]}…’”\n")
_NO_SPACE_AFTER: Final = frozenset("([{“‘\n")


def read_text(dataset: Text) -> str:
    """The text itself.

    Raises:
        NncliError: NN501, the file cannot be opened; NN502, it is no UTF-8, empty or too long.
    """
    if dataset.path is None:
        return resources.files("nncli.data.texts").joinpath("fable.txt").read_text(encoding="utf-8")
    with open_file(dataset.path) as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise error("NN502", f"the text has more than {MAX_BYTES:,} bytes", "give a part of it", file=dataset.path)
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as failure:
        start = failure.start + len(data) - len(failure.object)  # its own bytes begin behind a byte order mark
        message = f"byte {start} is not UTF-8: {failure.reason}"
        raise error("NN502", message, "save the file as UTF-8", file=dataset.path) from None
    if not text.strip():
        raise error("NN502", "the file holds no text", None, file=dataset.path)
    return text


def cut(text: str, unit: str, lowercase: bool, most: int | None = None) -> list[str]:
    """A text in its units, in order: all of them, or the first `most`."""
    text = text.lower() if lowercase else text
    return list(text[:most]) if unit == "character" else [found[0] for found in itertools.islice(_WORDS.finditer(text), most)]


def join(units: Sequence[str], unit: str) -> str:
    """Units as a text again; between words stands a space wherever one is usual."""
    if unit == "character":
        return "".join(units)
    text = ""
    for entry in units:
        glued = not text or entry in _NO_SPACE_BEFORE or text[-1] in _NO_SPACE_AFTER
        text += entry if glued else f" {entry}"
    return text


def learn_vocabulary(units: Sequence[str], most: int | None) -> tuple[str, ...]:
    """`UNKNOWN`, then the kinds of units: the `most` most frequent ones, in alphabetical order."""
    frequent = Counter(units).most_common(most)
    return (UNKNOWN, *sorted(unit for unit, _ in frequent))


def encode(units: Sequence[str], vocabulary: Sequence[str]) -> NDArray[np.int32]:
    """The number of each unit; 0 for one that the vocabulary does not hold."""
    numbers = {unit: number for number, unit in enumerate(vocabulary)}
    return np.array([numbers.get(unit, 0) for unit in units], np.int32)


def read_windows(dataset: Text) -> tuple[NDArray[np.int32], NDArray[np.int32], tuple[str, ...]]:
    """Read a text and cut it into windows.

    Returns:
        Inputs int32 `(num_windows, length)`; targets, the unit after each window, int32 `(num_windows,)`; the vocabulary.

    Raises:
        NncliError: NN501 or NN502, the file is at fault; NN403, the text is shorter than a window, or gives too many.
    """
    units = cut(read_text(dataset), dataset.unit, dataset.lowercase)
    vocabulary = learn_vocabulary(units, dataset.max_vocabulary)
    numbers = encode(units, vocabulary)
    starts = np.arange(num_windows(dataset, len(numbers))) * dataset.stride
    return numbers[starts[:, np.newaxis] + np.arange(dataset.length)], numbers[starts + dataset.length], vocabulary


def num_windows(dataset: Text, num_units: int) -> int:
    """How many windows a text of so many units gives.

    Raises:
        NncliError: NN403, none, or more than memory should hold.
    """
    count = (num_units - dataset.length - 1) // dataset.stride + 1
    if count < 1:
        message = f"a window takes {dataset.length} {dataset.unit}s and the next one, the text has {num_units}"
        raise error("NN403", message, "use a smaller `length`, or a longer text", path="dataset.length")
    if count * dataset.length > MAX_VALUES:
        message = f"{count:,} windows of {dataset.length} {dataset.unit}s take more than {MAX_VALUES:,} values"
        raise error("NN403", message, "use a larger `stride`, or a part of the text", path="dataset.stride")
    return count


@dataclass(frozen=True, slots=True)
class Look:
    """What can be told of a text without cutting it into windows.

    Attributes:
        num_windows: how many it gives.
        vocabulary: its units in the order of their numbers; empty where it is not told.
        largest: the largest number in any window; None where it is not told.
    """

    num_windows: int
    vocabulary: tuple[str, ...]
    largest: int | None


def look_at_text(dataset: Text) -> Look:
    """Look at a text.

    Of a text of more than `LARGE` bytes only the size is looked at: the windows are counted as if each byte were a character (or
    every sixth began a word), and the vocabulary is not told.

    Raises:
        NncliError: as `read_windows`.
    """
    size = os.path.getsize(dataset.path) if dataset.path is not None and os.path.isfile(dataset.path) else 0
    if size > LARGE and dataset.labels != "one_hot":  # whose rows are as wide as the vocabulary
        return Look(num_windows(dataset, size if dataset.unit == "character" else size // _BYTES_OF_A_WORD), (), None)
    units = cut(read_text(dataset), dataset.unit, dataset.lowercase)
    count, vocabulary = num_windows(dataset, len(units)), learn_vocabulary(units, dataset.max_vocabulary)
    if dataset.stride > dataset.length:  # some units lie between the windows
        return Look(count, vocabulary, None)
    inside = set(units[: (count - 1) * dataset.stride + dataset.length])
    return Look(count, vocabulary, max((number for number, unit in enumerate(vocabulary) if unit in inside), default=0))

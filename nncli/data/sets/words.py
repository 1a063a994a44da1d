"""IMDB's reviews and Reuters's newswires, as the numbers of their words."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.lib import format as npy_format

from nncli.data.samples import RawSamples
from nncli.data.sets.cached import CachedFile, cached_bytes
from nncli.problems import error
from nncli.spec.datasets.words import Imdb, NumberedWords

IMDB: Final = CachedFile("imdb.npz", "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f", 32 * 2**20)
REUTERS: Final = CachedFile("reuters.npz", "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916", 8 * 2**20)
"""Source of both: keras/src/datasets."""

_START: Final = 1
_LEFT_OUT: Final = 2
_FIRST_WORD: Final = 3
"""Numbers with a meaning of their own, and what is added to those of words. Source: keras/src/datasets/imdb.py."""


def read(dataset: NumberedWords) -> dict[str, RawSamples]:
    """Read a set; download it where it is not there yet.

    Returns:
        Each of its parts: inputs int32 `(num_samples, length)`; targets int64 `(num_samples,)`.

    Raises:
        NncliError: NN503, the file is missing and cannot be downloaded, or holds other bytes.
    """
    is_imdb = isinstance(dataset, Imdb)
    path, data = cached_bytes(IMDB if is_imdb else REUTERS)
    names = {"train": "_train", "test": "_test"} if is_imdb else {"train": ""}
    return {part: _part(data, path, name, dataset) for part, name in names.items()}


def _part(data: bytes, path: Path, name: str, dataset: NumberedWords) -> RawSamples:
    # The bytes are those that Keras's hash names, so that nothing in them is unknown; what is asked for is still only lists.
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        texts = _lists(archive.read(f"x{name}.npy"), path)
        labels = npy_format.read_array(io.BytesIO(archive.read(f"y{name}.npy")), allow_pickle=False)
    inputs = np.zeros((len(texts), dataset.length), np.int32)
    for row, words in zip(inputs, texts, strict=True):
        numbers = np.array([_START, *(word + _FIRST_WORD for word in words)], np.int64)
        numbers = np.where(numbers < dataset.num_words, numbers, _LEFT_OUT)[-dataset.length :]
        row[len(row) - len(numbers) :] = numbers
    return RawSamples(inputs, np.asarray(labels, np.int64), None)


class _Array:
    """Stands for an array of lists, of which only the lists are kept."""

    rows: list[list[int]]

    def __init__(self, *_: object) -> None:
        """Whatever is said of it."""

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Take the lists."""
        self.rows = state[-1]


class _Dtype:
    """Stands for the type of such an array, which is always the same."""

    def __init__(self, *_: object) -> None:
        """Whatever it is."""

    def __setstate__(self, state: object) -> None:
        """Nothing of it counts."""


class _OnlyLists(pickle.Unpickler):
    """An unpickler that knows an array of lists of numbers, and nothing that could act."""

    def find_class(self, module: str, name: str) -> Any:
        """What stands for the names that a pickled array needs."""
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return _Array
        if (module, name) == ("numpy", "dtype"):
            return _Dtype
        if (module, name) == ("numpy", "ndarray"):
            return None
        raise pickle.UnpicklingError(f"it names `{module}.{name}`, which no list needs")


def _lists(data: bytes, path: Path) -> list[list[int]]:
    stream = io.BytesIO(data)
    npy_format.read_magic(stream)
    npy_format.read_array_header_1_0(stream)
    found: _Array | None = _OnlyLists(stream, encoding="latin1").load()
    if not isinstance(found, _Array):
        raise error("NN502", "it holds no lists of words", "remove it, so that it is downloaded again", file=path)
    return found.rows

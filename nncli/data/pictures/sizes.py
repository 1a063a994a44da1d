"""The size that pictures have, where none is stated that they are brought to."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from typing import Final

from nncli.data.folders import Listed
from nncli.data.pictures.decoding import quiet_decoders, size_of
from nncli.data.pictures.encoding import PictureEncoding
from nncli.problems import NncliError, Problem, Where
from nncli.spec.datasets.folders import ImageFolder

STATE_SIZE: Final = "state the size that all are brought to, such as `size: [64, 64]`"


def encoding_of(dataset: ImageFolder, parts: Mapping[str, Listed]) -> PictureEncoding:
    """How the pictures of a data set become samples: in the size that it states, or that of the first one that can be read.

    Raises:
        NncliError: NN501 or NN502, no size is stated, and no picture has one.
    """
    if dataset.size is not None:
        return PictureEncoding(*dataset.size, dataset.channels, dataset.fit)
    first: NncliError | None = None
    for file in parts["train"].files:
        try:
            with quiet_decoders():
                return PictureEncoding(*size_of(file), dataset.channels, dataset.fit)
        except NncliError as failure:
            first = first or failure
            if dataset.on_error == "fail":
                break
    assert first is not None
    raise first


class OtherSize(NncliError):
    """A picture is not of the size that the first one has, and none is stated."""


def different_sizes(files: Sequence[str], encoding: PictureEncoding) -> Problem:
    """One error for all pictures that are not of one size, by their headers.

    Args:
        files: those of a part.
        encoding: how they become samples, by the size of the first one for training.
    """
    found: dict[tuple[int, int], str] = {}
    for file in files:
        with contextlib.suppress(NncliError):  # told of by whoever decodes it
            found.setdefault(size_of(file), f"`{file}`")
    found.setdefault((encoding.height, encoding.width), "the first for training")
    ranked = sorted(found, key=lambda size: (size[0] * size[1], size))
    low, high = (f"{size[0]} high and {size[1]} wide ({found[size]})" for size in (ranked[0], ranked[-1]))
    message = f"the pictures have {len(found):,} different sizes, the smallest {low}, the largest {high}"
    where = Where(file=os.path.commonpath([os.path.dirname(file) for file in files]))
    return Problem("NN502", message, STATE_SIZE, where)

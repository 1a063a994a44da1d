"""What turns texts into the network's inputs, as it travels in the checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.documents import flag, mapping
from nncli.data.texts.sentences import READERS, FittedSentences

MOST_FILES: Final = 1_000_000
"""Files of a folder of texts."""


@dataclass(frozen=True, slots=True)
class TextEncoding(FittedSentences):
    """How a text becomes a raw sample.

    Attributes:
        by_line: whether a line of a file is a text; else a file is.
    """

    type: ClassVar[str] = "texts"
    by_line: bool

    @property
    def raw_shape(self) -> tuple[int, ...]:
        """`(length,)`."""
        return (self.length,)

    @property
    def raw_dtype(self) -> str:
        """Numbers of words, for an `embedding`."""
        return "int32"

    @property
    def range(self) -> tuple[int, int] | None:
        """Smallest and largest number of any text."""
        return 0, len(self.vocabulary)

    def encode(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Texts as raw samples, int32 `(num_texts, length)`; each depends on its text alone."""
        out = np.empty((len(texts), self.length), np.int32)
        self.number(texts, out)
        return out

    def to_json(self) -> dict[str, Any]:
        """The document that a checkpoint holds."""
        fields = {name: getattr(self, name) for name in _READERS}
        return {"type": self.type} | {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}

    @classmethod
    def from_json(cls, data: object) -> TextEncoding:
        """The encoding that a document describes.

        Raises:
            NncliError: NN603, anything in it is odd.
        """
        document = mapping(data, frozenset({"type", *_READERS}), "encoding")
        return cls(**{name: read(document[name], f"encoding.{name}") for name, read in _READERS.items()})


_READERS: Final = {**READERS, "by_line": flag}

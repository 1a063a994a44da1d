"""What turns pictures of any size into the network's inputs, as it travels in the checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nncli.data.documents import mapping, odd
from nncli.data.pictures.decoding import MOST_PIXELS, Fit, ImageShape, brought_to


@dataclass(frozen=True, slots=True)
class PictureEncoding:
    """How a picture of any size becomes a raw sample.

    Attributes:
        height, width, channels: of every sample.
        fit: how pictures of another shape are brought to that size.
    """

    type: ClassVar[str] = "pictures"
    height: int
    width: int
    channels: int
    fit: Fit

    @property
    def raw_shape(self) -> tuple[int, ...]:
        """`(height, width, channels)`."""
        return (self.height, self.width, self.channels)

    @property
    def raw_dtype(self) -> str:
        """0 (dark) to 255 (bright)."""
        return "uint8"

    @property
    def range(self) -> tuple[int, int] | None:
        """None: these are measured values."""
        return None

    def pixels(self, upright: Image.Image) -> NDArray[np.uint8]:
        """A picture as a raw sample."""
        return brought_to(upright, ImageShape(self.height, self.width, self.channels, channels_first=False), self.fit)[0]

    def to_json(self) -> dict[str, Any]:
        """The document that a checkpoint holds."""
        return {"type": self.type, "height": self.height, "width": self.width, "channels": self.channels, "fit": self.fit}

    @classmethod
    def from_json(cls, data: object) -> PictureEncoding:
        """The encoding that a document describes.

        Raises:
            NncliError: NN603, anything in it is odd.
        """
        document = mapping(data, frozenset({"type", "height", "width", "channels", "fit"}), "encoding")
        sizes = [document[name] for name in ("height", "width")]
        if not all(type(size) is int and 1 <= size <= 2**16 for size in sizes) or document["channels"] not in (1, 3):
            raise odd("`encoding` gives pictures of an impossible size")
        if sizes[0] * sizes[1] > MOST_PIXELS:
            raise odd(f"`encoding` gives pictures of more than {MOST_PIXELS:,} pixels")
        if type(document["channels"]) is not int or document["fit"] not in ("stretch", "crop"):
            raise odd("`encoding` fits pictures in an unknown way")
        return cls(sizes[0], sizes[1], document["channels"], document["fit"])

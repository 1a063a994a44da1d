"""Image files as raw samples: any size and mode, brought to what the network was trained on, and every change said."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from nncli.data.arrays import open_file
from nncli.data.on_disk import StoredRows, chunk_rows
from nncli.problems import NncliError, error

FORMATS: Final = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
"""Formats that are read. Pillow knows more, but each decoder is a door for foreign files."""
MOST_PIXELS: Final = 2**26
"""What the largest cameras take: 270 MB in memory, for which a file of 300 kB is enough."""
MOST_BYTES: Final = 2**29
"""No image of so many pixels takes more, whatever its format."""
_STRIP_PIXELS: Final = 2**22

_MODES: Final = {1: "L", 3: "RGB", 4: "RGBA"}
_GREY_MODES: Final = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N"})


@dataclass(frozen=True, slots=True)
class ImageShape:
    """How raw samples hold an image."""

    height: int
    width: int
    channels: int
    channels_first: bool

    @classmethod
    def of(cls, raw_shape: tuple[int, ...]) -> ImageShape | None:
        """Read a raw shape as an image's; None where it is none.

        Args:
            raw_shape: `(height, width)`, `(height, width, channels)` or `(channels, height, width)`; 1, 3 or 4 channels.
        """
        if len(raw_shape) == 2:
            return cls(*raw_shape, channels=1, channels_first=False)
        if len(raw_shape) != 3:
            return None
        if raw_shape[2] in _MODES:
            return cls(*raw_shape, channels_first=False)
        return cls(*raw_shape[1:], raw_shape[0], channels_first=True) if raw_shape[0] in _MODES else None


def mean_brightness(inputs: StoredRows) -> float | None:
    """The mean of all values of pictures, 0 (dark) to 255 (bright); None where they are no pictures of 8 bits.

    Of many pictures so many, evenly spread, are looked at as memory is to hold.

    Args:
        inputs: raw samples, `(num_samples, *raw_shape)`.
    """
    is_picture = inputs.dtype == np.uint8 and ImageShape.of(inputs.shape[1:]) is not None
    if not is_picture:
        return None
    some = inputs[np.linspace(0, len(inputs) - 1, min(len(inputs), chunk_rows(inputs.shape[1:]))).astype(np.intp)]
    return int(some.sum(dtype=np.int64)) / some.size


def is_negative(picture: NDArray[np.uint8], usual: float) -> bool:
    """Whether a picture is dark where a network has learnt from bright ones, or the other way round.

    Args:
        picture: one raw sample, 0 (dark) to 255 (bright).
        usual: mean of all values that the network has learnt from. Between a third and two thirds it says nothing.
    """
    middle, mean = 255 / 2, float(picture.mean(dtype=np.float64))
    return (usual < 255 / 3 and mean > middle) or (usual > 255 * 2 / 3 and mean < middle)


def read_image(path: str | Path, raw_shape: tuple[int, ...]) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Read an image file as one raw sample.

    Args:
        path: a PNG, JPEG, BMP, GIF or WebP file of any size and mode.
        raw_shape: shape of one raw sample.

    Returns:
        uint8 of `raw_shape`, 0 (dark) to 255 (bright), and what was changed, in a few words each.

    Raises:
        NncliError: NN501, the file cannot be opened; NN502, it is no image, a damaged or a huge one, or the network takes none.
    """
    shape = ImageShape.of(raw_shape)
    if shape is None:
        raise error(
            "NN502",
            f"this is no .npy or .npz file, and images are no input for a network that takes samples of shape {raw_shape}",
            f"give an array of shape ({', '.join(map(str, ('n', *raw_shape)))})",
            file=path,
        )
    with quiet_decoders():
        read = read_upright(path)
    pixels, notes = brought_to(read.image, shape)
    frames = (f"the first of {read.num_frames} frames taken",) if read.num_frames > 1 else ()
    return pixels.reshape(raw_shape), (*frames, *notes)


Fit = Literal["stretch", "crop"]
"""How a picture is brought to another shape: height and width apart, or both alike and the rest cut off."""


@dataclass(frozen=True, slots=True, eq=False)
class Upright:
    """An image file, decoded.

    Attributes:
        image: its first frame, turned upright.
        num_frames: 1 or more.
        digest: SHA-256 of the file's bytes.
    """

    image: Image.Image
    num_frames: int
    digest: bytes


def read_upright(path: str | Path) -> Upright:
    """Read an image file: PNG, JPEG, BMP, GIF or WebP, of any size and mode.

    Raises:
        NncliError: NN501, the file cannot be opened; NN502, it is no image, a damaged or a huge one.
    """
    with _reading(path):
        # Pillow reads in forty small pieces, between any two of which another thread may take the interpreter: two threads that
        # decode would take half as long again.
        with open_file(path) as stream:
            if os.fstat(stream.fileno()).st_size > MOST_BYTES:
                raise error("NN502", f"the file has more than {MOST_BYTES:,} bytes", "make the image smaller", file=path)
            data = stream.read()
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _require_small(image)
            num_frames = getattr(image, "n_frames", 1)
            image.load()
            ImageOps.exif_transpose(image, in_place=True)  # a copy of the largest image takes 270 MB
            return Upright(image, num_frames, hashlib.sha256(data).digest())


def size_of(path: str | Path) -> tuple[int, int]:
    """Height and width of an image file, by its header, turned upright.

    Raises:
        NncliError: as `read_upright`.
    """
    with _reading(path), open_file(path) as stream, Image.open(stream, formats=FORMATS) as image:
        _require_small(image)
        is_turned = image.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8)
        return (image.width, image.height) if is_turned else (image.height, image.width)


def _require_small(image: Image.Image) -> None:
    """Refuse an image by its header; Pillow only warns of 90 to 180 million pixels, and refuses more."""
    if image.width * image.height > MOST_PIXELS:
        raise Image.DecompressionBombError


@contextlib.contextmanager
def quiet_decoders() -> Iterator[None]:
    """Let Pillow warn of nothing, of damaged EXIF data and the like: the pixels count. Not to be entered by several threads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _reading(path: str | Path) -> Iterator[None]:
    """Turn whatever a decoder raises on foreign bytes into a problem that names the file."""
    try:
        yield
    except NncliError:
        raise
    except UnidentifiedImageError:
        raise error("NN502", "not an image that nncli reads", f"it reads {', '.join(FORMATS)}, .npy and .npz", file=path) from None
    except Image.DecompressionBombError:
        raise error("NN502", f"the image has more than {MOST_PIXELS:,} pixels", "make it smaller", file=path) from None
    except Exception as failure:  # whatever a decoder raises on foreign bytes: OSError, SyntaxError, struct.error, zlib.error, ...
        reason = " ".join(str(failure).split())[:120] or type(failure).__name__
        raise error("NN502", f"the image is truncated or damaged: {reason}", "save it again", file=path) from None


def brought_to(upright: Image.Image, shape: ImageShape, fit: Fit = "stretch") -> tuple[NDArray[np.uint8], list[str]]:
    """An image in a size and with channels that are wanted.

    Args:
        upright: it may be changed.
        shape: what is wanted.
        fit: how an image of another shape is brought to it.

    Returns:
        uint8, `(height, width, channels)`, or channels first, 0 (dark) to 255 (bright); what was changed, in a few words each.
    """
    notes = []
    grey = upright.mode in _GREY_MODES
    upright, was_transparent = _to_channels(upright, shape.channels)
    if was_transparent:
        notes.append("transparency laid on black")
    if shape.channels == 1 and not grey:
        notes.append("colour turned into grey")
    elif shape.channels > 1 and grey:
        notes.append("grey turned into colour")
    if upright.size != (shape.width, shape.height):
        notes.append(f"resized from {upright.size[0]}x{upright.size[1]} to {shape.width}x{shape.height}")
        # Pillow's bilinear filter widens when it shrinks, so that no pixel is left out.
        wanted = (shape.width, shape.height)
        if fit == "crop":
            upright = ImageOps.fit(upright, wanted, Image.Resampling.BILINEAR)
        else:
            upright = upright.resize(wanted, Image.Resampling.BILINEAR)
    pixels = np.asarray(upright, dtype=np.uint8).reshape(shape.height, shape.width, shape.channels)
    if shape.channels_first:
        pixels = np.moveaxis(pixels, -1, 0)
    return np.ascontiguousarray(pixels), notes


def _to_channels(image: Image.Image, channels: int) -> tuple[Image.Image, bool]:
    """The image with 1 (grey), 3 (colour) or 4 (colour and opacity) channels of 8 bits, and whether transparency was lost."""
    if image.mode.startswith("I"):
        image = _eight_bits(image)
    if channels == 4:
        return image.convert("RGBA"), False
    if "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        return _on_black(image, _MODES[channels])
    return image if image.mode == _MODES[channels] else image.convert(_MODES[channels]), False


def _on_black(image: Image.Image, mode: str) -> tuple[Image.Image, bool]:
    """An image without its opacity, and whether any of it was transparent.

    Black, as 0 is "nothing there" in the sets of images that networks learn from, MNIST before all.

    It goes strip by strip, as three copies of the whole would take a gigabyte.
    """
    result = Image.new(mode, image.size)
    was_transparent = False
    height = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, height):
        box = (0, top, image.width, min(top + height, image.height))
        strip = image.crop(box).convert("RGBA")
        was_transparent |= strip.getchannel("A").getextrema() != (255, 255)
        opaque = Image.alpha_composite(Image.new("RGBA", strip.size, (0, 0, 0, 255)), strip)
        result.paste(opaque.convert("RGB").convert(mode), box)
    return result, was_transparent


def _eight_bits(image: Image.Image) -> Image.Image:
    """A 16-bit grey image in 8 bits. Pillow's own conversion cuts off at 255 instead of scaling."""
    wide: NDArray[Any] = np.clip(np.asarray(image).astype(np.int64), 0, 65535)
    return Image.fromarray(((wide * 255 + 32767) // 65535).astype(np.uint8))

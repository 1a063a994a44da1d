"""What the layers share that work on images: their axes, the range of their pixels, and factors that are drawn from a range."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, WithJsonSchema

from nncli.spec.base import refuse
from nncli.spec.layers.base import Layer, ShapeMistake
from nncli.spec.layers.windows import channels_of
from nncli.spec.one_or_many import as_float
from nncli.spec.values import DataFormat, Seed, Shape, or_list
from nncli.spec.wording import describe, number_hint


def number(value: object, at: tuple[int, ...] = ()) -> float:
    """The number as a float; refused where it is none.

    Args:
        value: what was received.
        at: its path below the value that is being validated.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse("NN203", f"expected a number, received {describe(value)}", number_hint(value, whole=False), at)
    return as_float(value, at)


def _pair(value: object) -> list[Any]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        received = f"a list of {len(value)}" if isinstance(value, list | tuple) else describe(value)
        refuse("NN203", f"expected a pair of numbers, received {received}")
    return list(value)


def _within(low: float, high: float, *without: float) -> BeforeValidator:
    """A validator of a number, or of a pair of them in rising order, each from `low` to `high`, but not one of `without`."""

    def check(value: object, at: tuple[int, ...]) -> float:
        exact = number(value, at)
        if not low <= exact <= high:
            refuse("NN204", f"expected a number from {low:g} to {high:g}, received {describe(value)}", at=at)
        if exact in without:
            refuse("NN204", f"expected a number above {exact:g}, received {describe(value)}", at=at)
        return exact

    def validate(value: object) -> object:
        if not isinstance(value, list | tuple):
            return check(value, ())
        if len(value) != 2:
            refuse("NN203", f"expected a number or a pair of numbers, received a list of {len(value)}")
        lower, upper = (check(entry, (index,)) for index, entry in enumerate(value))
        if lower > upper:
            refuse("NN204", f"expected the lower bound first, received {lower:g} before {upper:g}")
        return lower, upper

    return BeforeValidator(validate)


def _value_range(value: object) -> object:
    low, high = (number(entry, (index,)) for index, entry in enumerate(_pair(value)))
    if low >= high:
        refuse("NN204", f"expected the smallest value first and a larger one behind it, received {low:g} and {high:g}")
    return low, high


def _between(low: float, high: float) -> WithJsonSchema:
    return WithJsonSchema(or_list({"type": "number", "minimum": low, "maximum": high}, 2))


_ABOVE_MINUS_ONE: dict[str, Any] = {"type": "number", "exclusiveMinimum": -1, "maximum": 1}

Pair = tuple[float, float]
SignedShare = Annotated[float | Pair, _within(-1, 1), _between(-1, 1)]
"""A number from -1 to 1, or the bounds between which one is drawn."""
Zoom = Annotated[float | Pair, _within(-1, 1, -1), WithJsonSchema(or_list(_ABOVE_MINUS_ONE, 2))]
"""The same without -1, which would enlarge without an end."""
PositiveShare = Annotated[float | Pair, _within(0, 1), _between(0, 1)]
"""The same from 0 to 1."""
ValueRange = Annotated[
    Pair,
    BeforeValidator(_value_range),
    WithJsonSchema({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}),
]
"""Smallest and largest value of a pixel."""


def _not_first(value: object) -> object:
    if value == "channels_first":
        message = "`channels_first` is not for this layer, a part of which looks along the last axis for the channels"
        refuse("NN404", message, "leave it out, and put a `permute` layer before and behind")
    return value


ChannelsLast = Annotated[Literal["channels_last"] | None, BeforeValidator(_not_first)]
"""Of what Keras accepts `channels_first` for and computes it along the wrong axes."""


class ImageLayer(Layer):
    """What the layers share that work on images."""

    suits_xla: ClassVar[bool] = False  # what moves pixels it cannot compute, or takes 3 (blur) to 2600 times (crop) as long for
    takes_channels: ClassVar[frozenset[int] | None] = None
    """Numbers of channels that it can take; None: any."""

    data_format: DataFormat | None = None
    """`channels_last` (height, width, channels), which null means, or `channels_first` (channels, height, width)."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        channels = channels_of(shape, 2, self.data_format, self.type)
        if self.takes_channels is not None and channels not in self.takes_channels:
            wanted = " or ".join(map(str, sorted(self.takes_channels)))
            hint = "red, green and blue" if self.takes_channels == {3} else "3 for red, green and blue, 1 for grey"
            raise ShapeMistake("NN303", f"`{self.type}` takes images of {wanted} channels, these have {channels}", hint)
        return shape


class RandomImageLayer(ImageLayer):
    """What the layers share that change images at random while training, and do nothing otherwise."""

    seed: Seed | None = None
    """Seed of the changes; null: drawn from the experiment's seed."""


class WithValueRange(ImageLayer):
    """What the layers share that need to know the values of black and white."""

    value_range: ValueRange = (0, 255)
    """Smallest and largest value that a pixel can have: [0, 255] as it is stored, [0, 1] after `rescale`."""


class RandomColours(RandomImageLayer, WithValueRange):
    """What the layers share that change the pixels' values at random."""


class Recolours(RandomColours):
    """What the layers share that change each pixel by itself."""

    suits_xla: ClassVar[bool] = True  # as one operation: half to a fifth of the time

"""Layers that hide, blur or disturb parts of images at random while training. They do nothing otherwise."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema, model_validator

from nncli.spec.base import refuse
from nncli.spec.layers.base import ShapeMistake
from nncli.spec.layers.images import ChannelsLast, PositiveShare, RandomColours, number
from nncli.spec.layers.windows import channels_of
from nncli.spec.values import PositiveInt, Shape, or_list, sizes


def _colour(value: object) -> object:
    if not isinstance(value, list | tuple):
        return None if value is None else number(value)
    if len(value) != 3:
        refuse("NN203", f"expected a number or a list of 3 (red, green, blue), received a list of {len(value)}")
    return tuple(number(entry, (index,)) for index, entry in enumerate(value))


_COLOUR: dict[str, Any] = {"anyOf": [*or_list({"type": "number"}, 3)["anyOf"], {"type": "null"}]}


class RandomErasing(RandomColours):
    """Fills a random rectangle of images.

    Source: Zhong, Zheng, Kang, Li & Yang, 2020.
    """

    type: Literal["random_erasing"] = "random_erasing"
    keras_class: ClassVar[str] = "RandomErasing"

    factor: PositiveShare = 1.0
    """The bounds between which each image's probability to be changed is drawn; a number `f` stands for [0, f]."""
    scale: PositiveShare = (0.02, 0.33)
    """The bounds between which the square of each side is drawn, as a share of the image's; a number `s` stands for [0, s]."""
    fill_value: Annotated[float | tuple[float, float, float] | None, BeforeValidator(_colour), WithJsonSchema(_COLOUR)] = None
    """Value of its pixels, or one each for red, green and blue; null: normally distributed noise."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        if isinstance(self.fill_value, tuple) and channels_of(shape, 2, self.data_format, self.type) != 3:
            raise ShapeMistake("NN303", "a `fill_value` of 3 numbers needs images of 3 channels", "write one number", "fill_value")
        return super().resulting_shape(shape)

    @model_validator(mode="after")
    def _colours_are_last(self) -> RandomErasing:
        if isinstance(self.fill_value, tuple) and self.data_format == "channels_first":
            message = "Keras lays a `fill_value` of 3 numbers along the last axis, which `channels_first` makes the width"
            refuse("NN206", message, "write one number", ("fill_value",))
        return self


def _odd(value: tuple[int, ...]) -> tuple[int, ...]:
    for index, size in enumerate(value):
        if size % 2 == 0:
            refuse("NN204", f"expected an odd number, so that the window has a centre, received {size}", at=(index,))
    return value


_ODD = {"type": "integer", "minimum": 1}


class RandomGaussianBlur(RandomColours):
    """Blurs images."""

    type: Literal["random_gaussian_blur"] = "random_gaussian_blur"
    keras_class: ClassVar[str] = "RandomGaussianBlur"

    factor: PositiveShare = 1.0
    """The bounds between which each image's probability to be blurred is drawn; a number `f` stands for [0, f]."""
    kernel_size: Annotated[
        tuple[int, int], AfterValidator(_odd), sizes(2, "height, width", 1), WithJsonSchema(or_list(_ODD, 2))
    ] = (3, 3)
    """Height and width of the window, odd numbers."""
    sigma: PositiveShare = 1.0
    """Standard deviation in pixels, drawn for each batch between two bounds; a number `s` stands for [0, s]."""


class RandomSharpness(RandomColours):
    """Blurs or sharpens each image."""

    type: Literal["random_sharpness"] = "random_sharpness"
    keras_class: ClassVar[str] = "RandomSharpness"

    factor: PositiveShare
    """The bounds between which the sharpness is drawn: 0 is blurred, 0.5 unchanged, 1 sharper; a number `f` stands for [0, f]."""


class RandAugment(RandomColours):
    """Applies a few changes to each batch, drawn from eleven: of geometry, of colours, of sharpness.

    Source: Cubuk, Zoph, Shlens & Le, 2020.
    """

    type: Literal["rand_augment"] = "rand_augment"
    keras_class: ClassVar[str] = "RandAugment"
    takes_channels: ClassVar[frozenset[int] | None] = frozenset({1, 3})

    num_ops: PositiveInt = 2
    """How many changes."""
    factor: PositiveShare = 0.5
    """Their strength, the bounds between which it is drawn; a number `f` stands for [0, f]."""
    interpolation: Literal["nearest", "bilinear"] = "bilinear"
    """How pixels between pixels are found."""
    data_format: ChannelsLast = None
    """`channels_last` (height, width, channels), which null means, too; it cannot do with the channels first."""

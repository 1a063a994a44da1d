"""Layers that spread or cut the values of pixels: some at random while training, some always and by a rule."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, WithJsonSchema

from nncli.spec.base import refuse
from nncli.spec.layers.base import ShapeMistake, dimensions
from nncli.spec.layers.images import ChannelsLast, PositiveShare, Recolours, WithValueRange
from nncli.spec.layers.windows import channels_of, spatial_of
from nncli.spec.values import NonNegativeFloat, PositiveInt, Shape, Size2D, or_list
from nncli.spec.wording import describe, number_hint


class AutoContrast(WithValueRange):
    """Stretches the values of each channel over the whole range, while training and otherwise."""

    type: Literal["auto_contrast"] = "auto_contrast"
    keras_class: ClassVar[str] = "AutoContrast"
    suits_xla: ClassVar[bool] = True

    data_format: ChannelsLast = None
    """`channels_last` (height, width, channels), which null means, too; it cannot do with the channels first."""


class Equalization(WithValueRange):
    """Spreads the values of each channel so that all occur equally often in the batch, while training and otherwise.

    Keras computes the same, but cannot store a network with it and leaves images alone outside training; nncli's class does not.
    """

    type: Literal["equalization"] = "equalization"
    keras_class: ClassVar[str] = "Equalization"

    bins: PositiveInt = 256
    """How many different values are told apart."""


class ContrastLimitedAdaptiveHistogramEqualization(WithValueRange):
    """Spreads the values of each part of an image, but not those that occur too often; while training and otherwise.

    Source: Zuiderveld, 1994.
    """

    type: Literal["contrast_limited_adaptive_histogram_equalization"] = "contrast_limited_adaptive_histogram_equalization"
    keras_class: ClassVar[str] = "ContrastLimitedAdaptiveHistogramEqualization"

    clip_limit: NonNegativeFloat = 4.0
    """How often a value counts, at most, as a multiple of the average; 0: as often as it occurs."""
    tile_grid_size: Size2D = (8, 8)
    """In how many parts the height and the width are split."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        channels_of(shape, 2, self.data_format, self.type)
        spatial = spatial_of(shape, self.data_format)
        for index, (size, parts) in enumerate(zip(spatial, self.tile_grid_size, strict=True)):
            if size is not None and -(-size // parts) * parts > 2 * size:
                message = f"{dimensions(spatial)} pixels cannot be split into {dimensions(self.tile_grid_size)} parts"
                raise ShapeMistake("NN303", message, f"use at most {2 * size}", "tile_grid_size", index)
        return shape


def _bits(value: object) -> object:
    entries: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    if isinstance(value, list | tuple) and len(entries) != 2:
        refuse("NN203", f"expected a whole number or a pair of them, received a list of {len(entries)}")
    for index, entry in enumerate(entries):
        at = (index,) if len(entries) == 2 else ()
        if isinstance(entry, bool) or not isinstance(entry, int):
            refuse("NN203", f"expected a whole number, received {describe(entry)}", number_hint(entry, whole=True), at)
        if not 1 <= entry <= 8:
            refuse("NN204", f"expected a number of bits from 1 to 8, received {entry}", at=at)
    if entries[0] > entries[-1]:
        refuse("NN204", f"expected the lower bound first, received {entries[0]} before {entries[1]}")
    return tuple(entries) if len(entries) == 2 else value


_BITS: dict[str, Any] = or_list({"type": "integer", "minimum": 1, "maximum": 8}, 2)


class RandomPosterization(Recolours):
    """Keeps the upper bits of each pixel, as a print in few colours does."""

    type: Literal["random_posterization"] = "random_posterization"
    keras_class: ClassVar[str] = "RandomPosterization"

    factor: Annotated[int | tuple[int, int], BeforeValidator(_bits), WithJsonSchema(_BITS)]
    """How many of 8 bits stay: drawn for each image from the first of two bounds to below the second; `n` stands for [1, n]."""


class Solarization(Recolours):
    """Inverts the pixels above a random threshold while training; does nothing otherwise."""

    type: Literal["solarization"] = "solarization"
    keras_class: ClassVar[str] = "Solarization"

    addition_factor: PositiveShare = 0.0
    """The bounds between which what is added before is drawn, as shares of the value range; a number `f` stands for [0, f]."""
    threshold_factor: PositiveShare = 0.0
    """The bounds between which the threshold is drawn, as shares of the value range; a number `f` stands for [0, f]."""


class RandomInvert(Recolours):
    """Turns images into negatives."""

    type: Literal["random_invert"] = "random_invert"
    keras_class: ClassVar[str] = "RandomInvert"

    factor: PositiveShare = 1.0
    """The bounds between which each image's probability to be inverted is drawn; a number `f` stands for [0, f]."""

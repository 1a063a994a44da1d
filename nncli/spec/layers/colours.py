"""Layers that change the colours of images at random while training. They do nothing otherwise."""

from __future__ import annotations

from typing import ClassVar, Literal

from nncli.spec.layers.base import ShapeMistake
from nncli.spec.layers.images import ChannelsLast, PositiveShare, RandomImageLayer, Recolours, SignedShare
from nncli.spec.layers.windows import channels_of
from nncli.spec.values import Probability, Shape

COLOUR: frozenset[int] = frozenset({3})
GREY_OR_COLOUR: frozenset[int] = frozenset({1, 3})


class RandomBrightness(Recolours):
    """Makes each image brighter or darker."""

    type: Literal["random_brightness"] = "random_brightness"
    keras_class: ClassVar[str] = "RandomBrightness"

    factor: SignedShare
    """The bounds between which what is added is drawn, as shares of the value range; a number `f` stands for [-f, f]."""


class RandomContrast(Recolours):
    """Moves the pixels of each image away from their mean, or towards it."""

    type: Literal["random_contrast"] = "random_contrast"
    keras_class: ClassVar[str] = "RandomContrast"

    factor: PositiveShare
    """A pair [l, u]: distances from the mean are multiplied by a number from 1 - l to 1 + u; a number `f` stands for [0, f]."""


class RandomSaturation(Recolours):
    """Makes the colours of each image paler or stronger."""

    type: Literal["random_saturation"] = "random_saturation"
    keras_class: ClassVar[str] = "RandomSaturation"
    takes_channels: ClassVar[frozenset[int] | None] = COLOUR

    factor: SignedShare
    """The bounds between which the saturation is drawn: 0 and less is grey, 0.5 unchanged, 1 strongest; `f` stands for [-f, f]."""


class RandomHue(Recolours):
    """Turns the colours of each image about the circle of colours."""

    type: Literal["random_hue"] = "random_hue"
    keras_class: ClassVar[str] = "RandomHue"
    takes_channels: ClassVar[frozenset[int] | None] = COLOUR

    factor: PositiveShare
    """The bounds between which the share of half a turn is drawn, either way; a number `f` stands for [0, f]."""


class RandomColorDegeneration(Recolours):
    """Mixes each image with its grey version."""

    type: Literal["random_color_degeneration"] = "random_color_degeneration"
    keras_class: ClassVar[str] = "RandomColorDegeneration"
    takes_channels: ClassVar[frozenset[int] | None] = COLOUR

    factor: SignedShare
    """The bounds between which the share of grey is drawn; a number `f` stands for [-f, f], where less than 0 is more colour."""


class RandomGrayscale(RandomImageLayer):
    """Makes images grey; they keep their three channels."""

    type: Literal["random_grayscale"] = "random_grayscale"
    keras_class: ClassVar[str] = "RandomGrayscale"
    suits_xla: ClassVar[bool] = True
    takes_channels: ClassVar[frozenset[int] | None] = GREY_OR_COLOUR

    factor: Probability = 0.5
    """Share of the images that are made grey."""


class RandomColorJitter(Recolours):
    """Changes brightness, contrast, saturation and hue of each image, in this order; what is null stays as it is."""

    type: Literal["random_color_jitter"] = "random_color_jitter"
    keras_class: ClassVar[str] = "RandomColorJitter"

    brightness_factor: SignedShare | None = None
    """As the `factor` of `random_brightness`."""
    contrast_factor: PositiveShare | None = None
    """As the `factor` of `random_contrast`."""
    saturation_factor: SignedShare | None = None
    """As the `factor` of `random_saturation`; for images of 3 channels."""
    hue_factor: PositiveShare | None = None
    """As the `factor` of `random_hue`; for images of 3 channels."""
    data_format: ChannelsLast = None
    """`channels_last` (height, width, channels), which null means, too; it cannot do with the channels first."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        channels = channels_of(shape, 2, self.data_format, self.type)
        for field in ("saturation_factor", "hue_factor"):
            if getattr(self, field) is not None and channels != 3:
                raise ShapeMistake("NN303", f"`{field}` needs images of 3 channels, these have {channels}", "leave it out", field)
        return shape

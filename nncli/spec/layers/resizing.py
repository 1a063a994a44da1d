"""Layers that give images another size."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from nncli.spec.base import refuse
from nncli.spec.layers.images import ImageLayer, RandomImageLayer
from nncli.spec.layers.windows import channels_of, with_spatial
from nncli.spec.values import PositiveInt, Shape


class Sized(ImageLayer):
    """What the layers share that give every image the same size."""

    height: PositiveInt
    """Height of what comes out, in pixels."""
    width: PositiveInt
    """Its width."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """The new height and width, channels unchanged."""
        channels = channels_of(shape, 2, self.data_format, self.type)
        return with_spatial((self.height, self.width), channels, self.data_format)


class Resizing(Sized):
    """Enlarges or shrinks images."""

    type: Literal["resizing"] = "resizing"
    keras_class: ClassVar[str] = "Resizing"

    interpolation: Literal["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"] = "bilinear"
    """How the new pixels are made: `nearest` repeats, the others lay a smooth surface through the old ones."""
    crop_to_aspect_ratio: bool = False
    """Whether the margins are cut off that would not fit without a distortion."""
    pad_to_aspect_ratio: bool = False
    """Whether margins are added that prevent a distortion."""
    fill_mode: Literal["constant"] = "constant"
    """What those are filled with: `fill_value`."""
    fill_value: float = 0.0
    """Value of the added margins."""
    antialias: bool = False
    """Whether shrinking takes the mean over all old pixels that a new one covers."""

    @model_validator(mode="after")
    def _one_way_to_keep_proportions(self) -> Self:
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            refuse(
                "NN206",
                "an image is either cropped or padded to keep its proportions",
                "drop one of them",
                ("pad_to_aspect_ratio",),
            )
        return self


class CenterCrop(Sized):
    """Cuts out the middle of images; smaller ones are enlarged before."""

    type: Literal["center_crop"] = "center_crop"
    keras_class: ClassVar[str] = "CenterCrop"


class RandomCrop(Sized, RandomImageLayer):
    """Cuts a window out of images while training, at a random place for each batch; otherwise shrinks what of an image has the
    window's proportions. Smaller images are enlarged.

    Keras does the same while training, but passes images on uncut otherwise; nncli's class does what Keras documents.
    """

    type: Literal["random_crop"] = "random_crop"
    keras_class: ClassVar[str] = "RandomCrop"

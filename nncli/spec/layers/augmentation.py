"""Layers that change images at random while training, so that a network learns what does not matter. They do nothing otherwise."""

from __future__ import annotations

from typing import ClassVar, Literal

from nncli.spec.layers.base import ShapeMistake, dimensions
from nncli.spec.layers.images import PositiveShare, RandomColours, RandomImageLayer, SignedShare, Zoom
from nncli.spec.layers.windows import spatial_of
from nncli.spec.values import Probability, Shape


class RandomFlip(RandomImageLayer):
    """Mirrors half of the images."""

    type: Literal["random_flip"] = "random_flip"
    keras_class: ClassVar[str] = "RandomFlip"

    mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = "horizontal_and_vertical"
    """Left to right, top to bottom, or both, each by itself."""


class Moves(RandomImageLayer):
    """What the layers share that move the image's content about."""

    fill_mode: Literal["constant", "reflect", "wrap", "nearest"] = "reflect"
    """What comes in from beyond the edge: `fill_value`, the mirrored image, its other side, or the edge itself."""
    interpolation: Literal["nearest", "bilinear"] = "bilinear"
    """How pixels between pixels are found."""
    fill_value: float = 0.0
    """Value beyond the edge for `fill_mode: constant`."""


class RandomRotation(Moves):
    """Turns each image by a random angle."""

    type: Literal["random_rotation"] = "random_rotation"
    keras_class: ClassVar[str] = "RandomRotation"

    factor: SignedShare
    """Largest angle as a share of a full turn, in both directions; or the smallest and the largest, clockwise below 0."""


class RandomTranslation(Moves):
    """Shifts each image by a random distance."""

    type: Literal["random_translation"] = "random_translation"
    keras_class: ClassVar[str] = "RandomTranslation"

    height_factor: SignedShare
    """Largest shift as a share of the height, up and down; or the smallest and the largest, upwards below 0."""
    width_factor: SignedShare
    """Largest shift as a share of the width, both ways; or the smallest and the largest, to the left below 0."""


class RandomZoom(Moves):
    """Enlarges or shrinks each image at random."""

    type: Literal["random_zoom"] = "random_zoom"
    keras_class: ClassVar[str] = "RandomZoom"

    height_factor: Zoom
    """Largest change as a share of the height; or the smallest and the largest, enlarging below 0."""
    width_factor: Zoom | None = None
    """The same for the width; null: as the height, so that the image keeps its proportions."""


class RandomShear(Moves):
    """Slants each image by a random amount."""

    type: Literal["random_shear"] = "random_shear"
    keras_class: ClassVar[str] = "RandomShear"

    x_factor: PositiveShare = 0.0
    """Largest shift of a row as a share of its distance from the top, both ways; or the smallest and the largest, the way drawn."""
    y_factor: PositiveShare = 0.0
    """The same of the columns, by their distance from the left."""


class RandomPerspective(RandomImageLayer):
    """Shows images as if one looked at them from a random place."""

    type: Literal["random_perspective"] = "random_perspective"
    keras_class: ClassVar[str] = "RandomPerspective"

    factor: PositiveShare = 1.0
    """The bounds between which each image's probability to be changed is drawn; a number `f` stands for [0, f]."""
    scale: Probability = 1.0
    """Largest shift of a corner, both ways, as half of this share of its distance from the upper left."""
    interpolation: Literal["nearest", "bilinear"] = "bilinear"
    """How pixels between pixels are found."""
    fill_value: float = 0.0
    """Value beyond the edge."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        shape = super().resulting_shape(shape)
        spatial = spatial_of(shape, self.data_format)
        if 1 in spatial:
            raise ShapeMistake("NN303", f"an image of {dimensions(spatial)} pixels has no corners to be moved", "remove the layer")
        return shape


class RandomElasticTransform(Moves, RandomColours):
    """Warps images as if they were printed on rubber.

    Source: Simard, Steinkraus & Platt, 2003.
    """

    type: Literal["random_elastic_transform"] = "random_elastic_transform"
    keras_class: ClassVar[str] = "RandomElasticTransform"

    factor: PositiveShare = 1.0
    """The bounds between which each image's probability to be warped is drawn; a number `f` stands for [0, f]."""
    scale: PositiveShare = 1.0
    """Strength of the warping, drawn for each batch between two bounds; a number `s` stands for [0, s]."""

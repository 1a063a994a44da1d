"""Layers that change images at random while training, so that a network learns what does not matter. They do nothing otherwise."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator

from nncli.spec.base import refuse
from nncli.spec.layers.base import Layer
from nncli.spec.layers.windows import channels_of
from nncli.spec.one_or_many import as_float
from nncli.spec.values import DataFormat, NonNegativeInt, Shape
from nncli.spec.wording import describe, number_hint


def _range(value: object) -> object:
    """A number, or a pair of them in rising order."""
    if not isinstance(value, list | tuple):
        return _number(value, ())
    if len(value) != 2:
        refuse("NN203", f"expected a number or a pair of numbers, received a list of {len(value)}")
    low, high = (_number(entry, (index,)) for index, entry in enumerate(value))
    if low > high:
        refuse("NN204", f"expected the lower bound first, received {low:g} before {high:g}")
    return low, high


def _number(value: object, at: tuple[int, ...]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse("NN203", f"expected a number, received {describe(value)}", number_hint(value, whole=False), at)
    return as_float(value, at)


Factor = Annotated[float | tuple[float, float], BeforeValidator(_range)]


class RandomImageLayer(Layer):
    """What the layers share that change images at random."""

    seed: NonNegativeInt | None = None
    """Seed of the changes; null: drawn from the experiment's seed."""
    data_format: DataFormat | None = None
    """`channels_last` (height, width, channels), which null means, or `channels_first` (channels, height, width)."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        channels_of(shape, 2, self.data_format, self.type)
        return shape


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

    factor: Factor
    """Largest angle as a share of a full turn, in both directions; or the smallest and the largest, clockwise below 0."""


class RandomTranslation(Moves):
    """Shifts each image by a random distance."""

    type: Literal["random_translation"] = "random_translation"
    keras_class: ClassVar[str] = "RandomTranslation"

    height_factor: Factor
    """Largest shift as a share of the height, up and down; or the smallest and the largest, upwards below 0."""
    width_factor: Factor
    """Largest shift as a share of the width, both ways; or the smallest and the largest, to the left below 0."""


class RandomZoom(Moves):
    """Enlarges or shrinks each image at random."""

    type: Literal["random_zoom"] = "random_zoom"
    keras_class: ClassVar[str] = "RandomZoom"

    height_factor: Factor
    """Largest change as a share of the height; or the smallest and the largest, enlarging below 0."""
    width_factor: Factor | None = None
    """The same for the width; null: as the height, so that the image keeps its proportions."""

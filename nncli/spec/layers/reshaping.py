"""Layers that give the values another shape."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from nncli.spec.base import refuse
from nncli.spec.layers.base import Layer, ShapeMistake, dimensions
from nncli.spec.layers.windows import channels_of, spatial_of, with_spatial
from nncli.spec.values import DataFormat, Many, Shape
from nncli.spec.wording import describe


class Flatten(Layer):
    """Makes each sample a vector."""

    type: Literal["flatten"] = "flatten"
    keras_class: ClassVar[str] = "Flatten"

    data_format: DataFormat | None = None
    """`channels_first` moves the channels to the end before flattening, as Keras does; null: `channels_last`."""

    def output_shape(self, shape: Shape) -> Shape:
        """One axis."""
        return (None if None in shape else math.prod(size or 0 for size in shape),)


def _target(value: tuple[int, ...]) -> tuple[int, ...]:
    if any(size < 1 and size != -1 for size in value) or value.count(-1) > 1:
        refuse("NN204", f"expected sizes of 1 or more, at most one of them -1, received {list(value)}")
    return value


class Reshape(Layer):
    """Gives each sample another shape, its values in row-major order."""

    type: Literal["reshape"] = "reshape"
    keras_class: ClassVar[str] = "Reshape"

    target_shape: Annotated[Many[int], Field(min_length=1), AfterValidator(_target)]
    """The new shape of one sample; one entry may be -1 and is then worked out."""

    def output_shape(self, shape: Shape) -> Shape:
        """The target, its -1 worked out."""
        known = math.prod(size for size in self.target_shape if size != -1)
        if None in shape:
            return tuple(None if size == -1 else size for size in self.target_shape)
        total = math.prod(size or 0 for size in shape)
        fits = total % known == 0 if -1 in self.target_shape else total == known
        if not fits:
            raise ShapeMistake(
                "NN303",
                f"{dimensions(shape)} is {total} values, which cannot be given the shape {list(self.target_shape)}",
                f"the sizes must multiply to {total}",
                "target_shape",
            )
        return tuple(total // known if size == -1 else size for size in self.target_shape)


def _padding(value: object) -> object:
    """((top, bottom), (left, right)) from one number, two numbers, or two pairs."""
    sides = [value, value] if not isinstance(value, list | tuple) else list(value)
    pairs = [(side, side) if not isinstance(side, list | tuple) else tuple(side) for side in sides]
    numbers = [number for pair in pairs for number in pair]
    if len(pairs) != 2 or any(len(pair) != 2 for pair in pairs) or any(type(number) is not int for number in numbers):
        refuse(
            "NN203",
            "expected a whole number, two of them (height, width), or two pairs ((top, bottom), (left, right)),"
            f" received {describe(value)}",
        )
    if min(numbers) < 0:
        refuse("NN204", f"expected paddings of 0 or more, received {min(numbers)}")
    return tuple(pairs)


class ZeroPadding2D(Layer):
    """Puts rows and columns of zeros around an image."""

    type: Literal["zero_padding2d"] = "zero_padding2d"
    keras_class: ClassVar[str] = "ZeroPadding2D"

    padding: Annotated[tuple[tuple[int, int], tuple[int, int]], BeforeValidator(_padding)] = ((1, 1), (1, 1))
    """Rows above and below, columns left and right: one number for all, two (height, width), or two pairs."""
    data_format: DataFormat | None = None
    """`channels_last` (height, width, channels), which null means, or `channels_first` (channels, height, width)."""

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width with the zeros, channels unchanged."""
        channels = channels_of(shape, 2, self.data_format, self.type)
        sizes = zip(spatial_of(shape, self.data_format), self.padding, strict=True)
        spatial = tuple(None if size is None else size + sum(pair) for size, pair in sizes)
        return with_spatial(spatial, channels, self.data_format)

"""Layers that give the values another shape."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from nncli.spec.base import refuse
from nncli.spec.layers.base import Layer, ShapeMistake, dimensions
from nncli.spec.values import DataFormat, Many, Shape


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

"""Layers that give the values another shape."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from nncli.spec.base import refuse
from nncli.spec.layers.base import Layer, ShapeMistake, dimensions, require_rank
from nncli.spec.values import LARGEST, DataFormat, Many, PositiveInt, Shape
from nncli.spec.wording import describe


class Flatten(Layer):
    """Makes each sample a vector."""

    type: Literal["flatten"] = "flatten"
    keras_class: ClassVar[str] = "Flatten"

    data_format: DataFormat | None = None
    """`channels_first` moves the channels to the end before flattening, as Keras does; null: `channels_last`."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """One axis."""
        return (None if None in shape else math.prod(size or 0 for size in shape),)


def _target(value: tuple[int, ...]) -> tuple[int, ...]:
    if any(size < 1 and size != -1 for size in value) or value.count(-1) > 1:
        refuse("NN204", f"expected sizes of 1 or more, at most one of them -1, received {list(value)}")
    if max(value) > LARGEST:
        refuse("NN204", f"expected sizes of at most {LARGEST:,}, received {describe(max(value))}", at=(value.index(max(value)),))
    return value


class Reshape(Layer):
    """Gives each sample another shape, its values in row-major order."""

    type: Literal["reshape"] = "reshape"
    keras_class: ClassVar[str] = "Reshape"

    target_shape: Annotated[Many[int], Field(min_length=1), AfterValidator(_target)]
    """The new shape of one sample; one entry may be -1 and is then worked out."""

    def resulting_shape(self, shape: Shape) -> Shape:
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


def _permutation(value: tuple[int, ...]) -> tuple[int, ...]:
    if sorted(value) != list(range(1, len(value) + 1)):
        refuse("NN204", f"expected each number from 1 to {len(value)} once, received {list(value)}")
    return value


class Permute(Layer):
    """Puts the axes of each sample in another order."""

    type: Literal["permute"] = "permute"
    keras_class: ClassVar[str] = "Permute"

    dims: Annotated[Many[int], Field(min_length=1), AfterValidator(_permutation)]
    """The axes in their new order, the first being 1: [2, 1] swaps two."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """The sizes in the new order."""
        if len(self.dims) != len(shape):
            message = f"`dims` orders {len(self.dims)} axes, this input is {dimensions(shape)}"
            raise ShapeMistake("NN301", message, "name every axis of a sample once", "dims")
        return tuple(shape[axis - 1] for axis in self.dims)


class RepeatVector(Layer):
    """Makes a sequence that repeats a vector."""

    type: Literal["repeat_vector"] = "repeat_vector"
    keras_class: ClassVar[str] = "RepeatVector"

    n: PositiveInt
    """How often it is repeated: the length of the sequence."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """(n, features)."""
        require_rank(shape, 1, "features", self.type)
        return (self.n, *shape)

"""Input, dense and activation layers, and layers that only pass on."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nncli.spec.layers.base import Activation, Layer, ShapeMistake, dimensions, num_positions
from nncli.spec.layers.weights import OneKernel, WithBias
from nncli.spec.values import Many, PositiveInt, Shape


class Input(Layer):
    """States the shape of one sample; only as the first layer. Left out, the shape comes from the data."""

    type: Literal["input"] = "input"
    keras_class: ClassVar[str] = "InputLayer"

    shape: Many[PositiveInt] = Field(min_length=1)
    """Shape of one sample, without the batch."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """The shape it states, which must be the data's."""
        if len(shape) != len(self.shape) or any(own != size for own, size in zip(self.shape, shape, strict=True) if size):
            raise ShapeMistake(
                "NN303",
                f"`input` states samples of {dimensions(self.shape)}, the data give {dimensions(shape)}",
                "leave the `input` layer out, or add a `reshape` to the preprocessing",
                "shape",
            )
        return self.shape

    def num_kept(self, shape: Shape) -> int:
        """None: what it gives is what it takes."""
        return 0


class Dense(WithBias, OneKernel):
    """Every output unit sees every input: activation(input x kernel + bias), over the last axis."""

    type: Literal["dense"] = "dense"
    keras_class: ClassVar[str] = "Dense"

    units: PositiveInt
    """Number of outputs, 1 or more."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """The last axis becomes `units`."""
        if not shape:
            raise ShapeMistake("NN301", "`dense` takes samples of at least 1 axis, this input is a single number")
        if shape[-1] is None:
            raise ShapeMistake("NN303", "`dense` needs to know the size of its input's last axis, which may vary here")
        return (*shape[:-1], self.units)

    def kernels(self, shape: Shape) -> tuple[tuple[int, ...], ...]:
        """(inputs, units)."""
        return ((shape[-1] or 0, self.units),)

    def num_outputs(self, shape: Shape) -> int:
        """The units."""
        return self.units

    def multiply_adds(self, shape: Shape) -> int:
        """One for each weight, at every position of the axes before the last."""
        return num_positions(shape) * self.units


class ActivationLayer(Layer):
    """Applies an activation function as a layer of its own."""

    type: Literal["activation"] = "activation"
    keras_class: ClassVar[str] = "Activation"

    activation: Activation
    """The function."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        return shape


class Masking(Layer):
    """Marks the time steps whose features all have one value as padding, which later recurrent layers skip."""

    type: Literal["masking"] = "masking"
    keras_class: ClassVar[str] = "Masking"

    mask_value: float = 0.0
    """That value."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        return shape


class Identity(Layer):
    """Passes its input on."""

    type: Literal["identity"] = "identity"
    keras_class: ClassVar[str] = "Identity"

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        return shape

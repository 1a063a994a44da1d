"""Activation functions that are layers of their own, with their arguments."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nncli.spec.choice import named
from nncli.spec.layers.base import Constraint, Initializer, Layer, Parameters, Regularizer, ShapeMistake
from nncli.spec.one_or_many import OneAxis
from nncli.spec.values import Many, NonNegativeFloat, PositiveInt, Shape


class Elementwise(Layer):
    """What the layers share that change every value by itself."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        return shape


class ReLU(Elementwise):
    """x where it is above a threshold; else a slope times its distance from it."""

    type: Literal["relu"] = "relu"
    keras_class: ClassVar[str] = "ReLU"

    max_value: NonNegativeFloat | None = None
    """Largest output; null: no bound."""
    negative_slope: NonNegativeFloat = 0.0
    """Slope below the threshold."""
    threshold: NonNegativeFloat = 0.0
    """From which value on x passes."""


class LeakyReLU(Elementwise):
    """x where it is positive, a slope times x elsewhere."""

    type: Literal["leaky_relu"] = "leaky_relu"
    keras_class: ClassVar[str] = "LeakyReLU"

    negative_slope: NonNegativeFloat = 0.3
    """Slope below 0."""


class ELU(Elementwise):
    """x where it is positive, alpha (e^x - 1) elsewhere.

    Source: Clevert, Unterthiner & Hochreiter, 2015.
    """

    type: Literal["elu"] = "elu"
    keras_class: ClassVar[str] = "ELU"

    alpha: float = 1.0
    """What is reached far below 0, with its sign turned."""


class PReLU(Elementwise):
    """x where it is positive, a learnt slope times x elsewhere.

    Source: He, Zhang, Ren & Sun, 2015.
    """

    type: Literal["prelu"] = "prelu"
    keras_class: ClassVar[str] = "PReLU"
    has_weights: ClassVar[bool] = True

    alpha_initializer: Initializer = named("initializer", "zeros")
    """First values of the slopes, of the shape of one sample."""
    alpha_regularizer: Regularizer | None = None
    """Penalty on the slopes, added to the loss."""
    alpha_constraint: Constraint | None = None
    """Projection applied to the slopes after each update."""
    shared_axes: Annotated[Many[PositiveInt], Field(min_length=1)] | None = None
    """Axes along which one slope serves all values, the batch being axis 0: [1, 2] for an image's height and width. Null: none."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        shared = self.shared_axes or ()
        if max(shared, default=0) > len(shape):
            raise ShapeMistake("NN303", f"the input has no axis {max(shared)}", f"they go from 1 to {len(shape)}", "shared_axes")
        if any(size is None for axis, size in enumerate(shape, start=1) if axis not in shared):
            raise ShapeMistake("NN303", "`prelu` needs to know the size of every axis that it does not share", None, "shared_axes")
        return shape

    def weight_shapes(self, shape: Shape) -> Mapping[str, tuple[int, ...]]:
        """A slope for each value of a sample, one along shared axes."""
        shared = self.shared_axes or ()
        return {"alpha": tuple(1 if axis in shared else size or 0 for axis, size in enumerate(shape, start=1))}

    def parameters(self, shape: Shape) -> Parameters:
        """The slopes."""
        return Parameters(math.prod(self.weight_shapes(shape)["alpha"]))


class Softmax(Elementwise):
    """Makes positive numbers of an axis that add up to 1: e^x divided by their sum."""

    type: Literal["softmax"] = "softmax"
    keras_class: ClassVar[str] = "Softmax"

    axis: OneAxis = -1
    """The axis, the batch being axis 0; -1 is the last."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        rank = len(shape) + 1
        if not -rank <= self.axis < rank:
            raise ShapeMistake("NN303", f"the input has no axis {self.axis}", "-1 is the last", "axis")
        return shape

"""The activation functions that most networks use; a module of their own, so that a config imports little."""

import math
from typing import ClassVar, Literal

from nncli.spec.activations.base import Activation
from nncli.spec.one_or_many import Axes
from nncli.spec.values import NonNegativeFloat


class Linear(Activation):
    """The input itself: x."""

    type: Literal["linear"] = "linear"
    keras_class: ClassVar[str] = "linear"


class ReLU(Activation):
    """Cuts off what is below 0: max(x, 0); with its arguments also leaky, capped, or cut off higher up."""

    type: Literal["relu"] = "relu"
    keras_class: ClassVar[str] = "relu"
    keras_layer: ClassVar[str] = "ReLU"
    bounds: ClassVar[tuple[float, float]] = (0, math.inf)
    negative_slope: NonNegativeFloat = 0.0
    """Slope below the threshold, 0 or more."""
    max_value: NonNegativeFloat | None = None
    """Largest output, 0 or more; null: unlimited."""
    threshold: NonNegativeFloat = 0.0
    """Inputs up to here are cut off, 0 or more."""


class Sigmoid(Activation):
    """From 0 to 1 along an S: 1 / (1 + exp(-x))."""

    type: Literal["sigmoid"] = "sigmoid"
    keras_class: ClassVar[str] = "sigmoid"
    bounds: ClassVar[tuple[float, float]] = (0, 1)


class Tanh(Activation):
    """From -1 to 1 along an S: the hyperbolic tangent."""

    type: Literal["tanh"] = "tanh"
    keras_class: ClassVar[str] = "tanh"
    bounds: ClassVar[tuple[float, float]] = (-1, 1)


class Softmax(Activation):
    """Turns numbers into probabilities that sum to 1: exp(x) / sum(exp(x))."""

    type: Literal["softmax"] = "softmax"
    keras_class: ClassVar[str] = "softmax"
    keras_layer: ClassVar[str] = "Softmax"
    bounds: ClassVar[tuple[float, float]] = (0, 1)
    axis: Axes = -1
    """The axis or axes over which the probabilities sum to 1; negative ones count from the last."""

"""Depthwise convolutions, where each channel has windows of its own, and separable ones, which then mix the channels."""

from __future__ import annotations

import math
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from nncli.spec.base import refuse
from nncli.spec.choice import named
from nncli.spec.layers.base import Constraint, Initializer, Regularizer, num_positions
from nncli.spec.layers.convolution import Filters
from nncli.spec.layers.sliding import OverImages, OverSequences, SlidingWindow
from nncli.spec.layers.weights import WithBias
from nncli.spec.layers.windows import spatial_of
from nncli.spec.values import PositiveInt, Shape


class ByChannel(SlidingWindow, WithBias):
    """What the layers share that give each channel windows of its own."""

    kernel_names: ClassVar[tuple[str, ...]] = ("depthwise",)

    depth_multiplier: PositiveInt = 1
    """How many windows each input channel has."""
    depthwise_initializer: Initializer = named("initializer", "glorot_uniform")
    """First values of the windows, of shape (*window, channels, depth_multiplier)."""
    depthwise_regularizer: Regularizer | None = None
    """Penalty on the windows, added to the loss."""
    depthwise_constraint: Constraint | None = None
    """Projection applied to the windows after each update."""

    @model_validator(mode="after")
    def _strides_are_even(self) -> Self:
        # With gaps Keras takes every position and then leaves some out, which any strides may do.
        if len(set(self.strides)) > 1 and max(self.dilation_rate) == 1:
            down, across = self.strides
            message = f"TensorFlow computes `{self.type}` with the same strides down and across only, received {down} and {across}"
            refuse("NN404", message, "use one number, or a `conv2d` with `groups`", ("strides",))
        return self

    def resulting_shape(self, shape: Shape) -> Shape:
        """Spatial sizes by the window's rule, and the new number of channels."""
        return self.slid(shape, self.num_outputs(shape))

    def kernels(self, shape: Shape) -> tuple[tuple[int, ...], ...]:
        """(*window, channels, depth_multiplier)."""
        return ((*self.kernel_size, self.num_channels(shape), self.depth_multiplier),)

    def multiply_adds(self, shape: Shape) -> int:
        """One for each weight, at every place of the window."""
        return sum(map(math.prod, self.kernels(shape))) * num_positions(spatial_of(self.resulting_shape(shape), self.data_format))


class DepthwiseConvolution(ByChannel):
    """What the depthwise convolutions share."""

    def num_outputs(self, shape: Shape) -> int:
        """So many for each input channel."""
        return self.num_channels(shape) * self.depth_multiplier


class DepthwiseConv1D(OverSequences, DepthwiseConvolution):
    """Slides windows along each channel of a sequence by itself."""

    type: Literal["depthwise_conv1d"] = "depthwise_conv1d"
    keras_class: ClassVar[str] = "DepthwiseConv1D"


class DepthwiseConv2D(OverImages, DepthwiseConvolution):
    """Slides windows over each channel of an image by itself."""

    type: Literal["depthwise_conv2d"] = "depthwise_conv2d"
    keras_class: ClassVar[str] = "DepthwiseConv2D"


class SeparableConvolution(ByChannel, Filters):
    """What the separable convolutions share."""

    kernel_names: ClassVar[tuple[str, ...]] = ("depthwise", "pointwise")

    pointwise_initializer: Initializer = named("initializer", "glorot_uniform")
    """First values of the weights that mix the channels, of shape (1, ..., channels x depth_multiplier, filters)."""
    pointwise_regularizer: Regularizer | None = None
    """Penalty on those weights, added to the loss."""
    pointwise_constraint: Constraint | None = None
    """Projection applied to those weights after each update."""

    def kernels(self, shape: Shape) -> tuple[tuple[int, ...], ...]:
        """(*window, channels, depth_multiplier) and (1, ..., channels x depth_multiplier, filters)."""
        (windows,) = super().kernels(shape)
        return windows, ((1,) * self.rank + (windows[-2] * windows[-1], self.filters))


class SeparableConv1D(OverSequences, SeparableConvolution):
    """Slides windows along each channel of a sequence by itself, then mixes the channels: fewer weights than conv1d."""

    type: Literal["separable_conv1d"] = "separable_conv1d"
    keras_class: ClassVar[str] = "SeparableConv1D"


class SeparableConv2D(OverImages, SeparableConvolution):
    """Slides windows over each channel of an image by itself, then mixes the channels: fewer weights than conv2d.

    Source: Chollet, 2017 (Xception).
    """

    type: Literal["separable_conv2d"] = "separable_conv2d"
    keras_class: ClassVar[str] = "SeparableConv2D"

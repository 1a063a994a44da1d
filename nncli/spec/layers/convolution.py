"""Convolutions."""

from __future__ import annotations

import math
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from nncli.spec.base import refuse
from nncli.spec.choice import named
from nncli.spec.layers.base import Activation, Constraint, Initializer, Layer, Parameters, Regularizer, ShapeMistake
from nncli.spec.layers.windows import channels_of, slide, spatial_of, with_spatial
from nncli.spec.values import DataFormat, PositiveInt, Shape, Size2D


class Conv2D(Layer):
    """Slides `filters` small windows over height and width; each gives one channel of the output."""

    type: Literal["conv2d"] = "conv2d"
    keras_class: ClassVar[str] = "Conv2D"
    has_weights: ClassVar[bool] = True

    filters: PositiveInt
    """Number of windows, and so of output channels."""
    kernel_size: Size2D
    """Height and width of the window, in pixels."""
    strides: Size2D = (1, 1)
    """How many pixels the window moves at a time, down and across."""
    padding: Literal["valid", "same"] = "valid"
    """`valid`: the window stays inside the image; `same`: zeros around it keep the size (at strides 1)."""
    data_format: DataFormat | None = None
    """`channels_last` (height, width, channels), which null means, or `channels_first` (channels, height, width)."""
    dilation_rate: Size2D = (1, 1)
    """Distance between the pixels that the window sees, down and across; 1 is a window without gaps."""
    groups: PositiveInt = 1
    """In how many groups the channels are split; each group has its own filters."""
    activation: Activation | None = None
    """Function applied to the outputs; null: none."""
    use_bias: bool = True
    """Whether a bias is added to each output channel."""
    kernel_initializer: Initializer = named("initializer", "glorot_uniform")
    """First values of the kernel, of shape (height, width, channels / groups, filters)."""
    bias_initializer: Initializer = named("initializer", "zeros")
    """First values of the bias, of shape (filters,)."""
    kernel_regularizer: Regularizer | None = None
    """Penalty on the kernel, added to the loss."""
    bias_regularizer: Regularizer | None = None
    """Penalty on the bias, added to the loss."""
    activity_regularizer: Regularizer | None = None
    """Penalty on the outputs, added to the loss."""
    kernel_constraint: Constraint | None = None
    """Projection applied to the kernel after each update."""
    bias_constraint: Constraint | None = None
    """Projection applied to the bias after each update."""

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            refuse("NN206", "`strides` and `dilation_rate` cannot both be above 1", "set one of them to 1", at=("dilation_rate",))
        if self.filters % self.groups:
            refuse("NN206", f"`filters` ({self.filters}) must be a multiple of `groups` ({self.groups})", at=("groups",))
        return self

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width by the window's rule, `filters` channels."""
        channels = channels_of(shape, 2, self.data_format, self.type)
        if channels % self.groups:
            raise ShapeMistake(
                "NN303", f"the input's channels ({channels}) cannot be split into {self.groups} groups", field="groups"
            )
        spatial = slide(
            spatial_of(shape, self.data_format), self.kernel_size, self.strides, self.padding, self.dilation_rate, "kernel_size"
        )
        return with_spatial(spatial, self.filters, self.data_format)

    def parameters(self, shape: Shape) -> Parameters:
        """The windows, each as deep as its group of channels, and the bias."""
        channels = channels_of(shape, 2, self.data_format, self.type)
        return Parameters((math.prod(self.kernel_size) * channels // self.groups + self.use_bias) * self.filters)

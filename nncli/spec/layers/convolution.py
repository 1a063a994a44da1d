"""Convolutions: every output channel sees every input channel of its group."""

from __future__ import annotations

import math
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from nncli.spec.base import refuse
from nncli.spec.layers.base import ShapeMistake, num_positions
from nncli.spec.layers.sliding import OverImages, OverSequences, OverVolumes, SlidingWindow
from nncli.spec.layers.weights import OneKernel, WithBias
from nncli.spec.layers.windows import spatial_of
from nncli.spec.values import PositiveInt, Shape


class Filters(SlidingWindow, WithBias):
    """What the layers share that give a chosen number of channels."""

    filters: PositiveInt
    """Number of windows, and so of output channels."""

    def num_outputs(self, shape: Shape) -> int:
        """The filters."""
        return self.filters


class Convolution(OneKernel, Filters):
    """What the plain convolutions share."""

    groups: PositiveInt = 1
    """In how many groups the channels are split; each group has its own filters."""

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        require_one_of_strides_and_dilation(self)
        if self.filters % self.groups:
            refuse("NN206", f"`filters` ({self.filters}) must be a multiple of `groups` ({self.groups})", at=("groups",))
        return self

    def resulting_shape(self, shape: Shape) -> Shape:
        """Spatial sizes by the window's rule, `filters` channels."""
        channels = self.num_channels(shape)
        if channels % self.groups:
            raise ShapeMistake(
                "NN303", f"the input's channels ({channels}) cannot be split into {self.groups} groups", field="groups"
            )
        return self.slid(shape, self.filters)

    def kernels(self, shape: Shape) -> tuple[tuple[int, ...], ...]:
        """(*window, channels / groups, filters)."""
        return ((*self.kernel_size, self.num_channels(shape) // self.groups, self.filters),)

    def multiply_adds(self, shape: Shape) -> int:
        """One for each weight, at every place of the window."""
        (kernel,) = self.kernels(shape)
        return math.prod(kernel) * num_positions(spatial_of(self.resulting_shape(shape), self.data_format))


def require_one_of_strides_and_dilation(layer: SlidingWindow) -> None:
    """Refuse windows that move in steps and have gaps as well, which Keras cannot compute."""
    if max(layer.strides) > 1 and max(layer.dilation_rate) > 1:
        refuse("NN206", "`strides` and `dilation_rate` cannot both be above 1", "set one of them to 1", at=("dilation_rate",))


class Conv1D(OverSequences, Convolution):
    """Slides `filters` small windows along a sequence; each gives one channel of the output."""

    type: Literal["conv1d"] = "conv1d"
    keras_class: ClassVar[str] = "Conv1D"

    padding: Literal["valid", "same", "causal"] = "valid"  # type: ignore[assignment]
    """`valid`: the window stays inside the sequence; `same`: zeros around it keep the length (at strides 1); `causal`: so do zeros
    before it alone, and no output sees a later step."""


class Conv2D(OverImages, Convolution):
    """Slides `filters` small windows over height and width; each gives one channel of the output."""

    type: Literal["conv2d"] = "conv2d"
    keras_class: ClassVar[str] = "Conv2D"


class Conv3D(OverVolumes, Convolution):
    """Slides `filters` small windows through depth, height and width; each gives one channel of the output."""

    type: Literal["conv3d"] = "conv3d"
    keras_class: ClassVar[str] = "Conv3D"

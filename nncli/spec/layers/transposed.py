"""Transposed convolutions: they spread every value over a window, and so make their input larger."""

from __future__ import annotations

import math
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from nncli.spec.base import refuse
from nncli.spec.layers.base import num_positions
from nncli.spec.layers.convolution import Filters
from nncli.spec.layers.sliding import OverImages, OverSequences, OverVolumes
from nncli.spec.layers.weights import OneKernel
from nncli.spec.layers.windows import spatial_of, spread, with_spatial
from nncli.spec.values import Extra1D, Extra2D, Extra3D, Shape


class TransposedConvolution(OneKernel, Filters):
    """What the transposed convolutions share."""

    output_padding: tuple[int, ...] | None = None
    """How many values are added at the end of each spatial axis; null: as many as `padding` asks for."""

    @model_validator(mode="after")
    def _can_be_computed(self) -> Self:
        if max(self.dilation_rate) > 1:
            message = "TensorFlow cannot compute a transposed convolution with a `dilation_rate` above 1 on a CPU"
            refuse("NN404", message, "use a larger `kernel_size`, or `strides`", ("dilation_rate",))
        for added, stride, length in zip(self.output_padding or (), self.strides, self.kernel_size, strict=False):
            if added >= stride:
                message = f"`output_padding` ({added}) must be below `strides` ({stride})"
                refuse("NN206", message, "leave it out, or use larger strides", ("output_padding",))
            if self.padding == "same" and added == 0 and length % 2 == 0:
                message = f"`padding: same` and `output_padding: 0` leave no room for the last value of a window of {length}"
                refuse("NN206", message, "use a window of odd size, or leave `output_padding` out", ("output_padding",))
        return self

    def resulting_shape(self, shape: Shape) -> Shape:
        """Spatial sizes by the window's rule, turned round; `filters` channels."""
        self.num_channels(shape)
        spatial = spatial_of(shape, self.data_format)
        larger = spread(spatial, self.kernel_size, self.strides, self.padding, self.output_padding)
        return with_spatial(larger, self.filters, self.data_format)

    def kernels(self, shape: Shape) -> tuple[tuple[int, ...], ...]:
        """(*window, filters, channels)."""
        return ((*self.kernel_size, self.filters, self.num_channels(shape)),)

    def multiply_adds(self, shape: Shape) -> int:
        """One for each weight, for every position of the input."""
        (kernel,) = self.kernels(shape)
        return math.prod(kernel) * num_positions(spatial_of(shape, self.data_format))


class Conv1DTranspose(OverSequences, TransposedConvolution):
    """Spreads every time step over a window, `filters` times, and adds up where windows overlap."""

    type: Literal["conv1d_transpose"] = "conv1d_transpose"
    keras_class: ClassVar[str] = "Conv1DTranspose"

    output_padding: Extra1D | None = None
    """How many time steps are added at the end; null: as many as `padding` asks for."""


class Conv2DTranspose(OverImages, TransposedConvolution):
    """Spreads every pixel over a window, `filters` times, and adds up where windows overlap."""

    type: Literal["conv2d_transpose"] = "conv2d_transpose"
    keras_class: ClassVar[str] = "Conv2DTranspose"

    output_padding: Extra2D | None = None
    """How many rows are added below and columns to the right; null: as many as `padding` asks for."""


class Conv3DTranspose(OverVolumes, TransposedConvolution):
    """Spreads every value of a volume over a window, `filters` times, and adds up where windows overlap."""

    type: Literal["conv3d_transpose"] = "conv3d_transpose"
    keras_class: ClassVar[str] = "Conv3DTranspose"

    output_padding: Extra3D | None = None
    """How many values are added at the end of depth, height and width; null: as many as `padding` asks for."""

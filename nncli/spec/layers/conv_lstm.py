"""Recurrent layers that convolve: LSTM over sequences of sequences, of images or of volumes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from nncli.spec.layers.base import Parameters, Regularizer, ShapeMistake, num_positions, require_rank
from nncli.spec.layers.convolution import require_one_of_strides_and_dilation
from nncli.spec.layers.recurrent import KeepsState
from nncli.spec.layers.recurrent_weights import Forgetting
from nncli.spec.layers.sliding import OverImages, OverSequences, OverVolumes, SlidingWindow
from nncli.spec.layers.windows import AXES, spatial_of
from nncli.spec.values import PositiveInt, Shape

_MATRICES = 4
"""Into how many parts, the state and its three gates, input and state are turned."""


class ConvLSTM(Forgetting, SlidingWindow, KeepsState):
    """What the layers share that keep a state of the input's spatial sizes, and convolve input and state.

    Source: Shi et al., 2015.
    """

    filters: PositiveInt
    """Number of channels of the state, and of each output."""
    activity_regularizer: Regularizer | None = None
    """Penalty on the outputs."""

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        require_one_of_strides_and_dilation(self)
        return self

    @property
    def width(self) -> int:
        """The filters."""
        return self.filters

    def resulting_shape(self, shape: Shape) -> Shape:
        """(time, ...) with `return_sequences`, else one step's: spatial sizes by the window's rule, `filters` channels."""
        first = self.data_format == "channels_first"
        axes = f"time, channels, {AXES[self.rank]}" if first else f"time, {AXES[self.rank]}, channels"
        require_rank(shape, self.rank + 2, axes, self.type, "add a `reshape` before it")
        if None in spatial_of(shape[1:], self.data_format):
            raise ShapeMistake("NN303", f"`{self.type}` needs to know every size but the time's, and one may vary here")
        step = self.slid(shape[1:], self.filters)
        return (shape[0], *step) if self.return_sequences else step

    def weight_shapes(self, shape: Shape) -> Mapping[str, tuple[int, ...]]:
        """Windows over the input and over the state, for the state and each of its gates, and the bias."""
        width = _MATRICES * self.filters
        kernels = {
            "kernel": (*self.kernel_size, self.num_channels(shape[1:]), width),
            "recurrent": (*self.kernel_size, self.filters, width),
        }
        return kernels | ({"bias": (width,)} if self.use_bias else {})

    def parameters(self, shape: Shape) -> Parameters:
        """Windows over the input and over the state, and the bias."""
        inputs = self.num_channels(shape[1:]) + self.filters
        return Parameters(_MATRICES * self.filters * (math.prod(self.kernel_size) * inputs + self.use_bias))

    def multiply_adds(self, shape: Shape) -> int:
        """One for each weight of a window, at every place of the state, at every time step."""
        weights = self.parameters(shape).learnt - _MATRICES * self.filters * self.use_bias
        places = spatial_of(self.slid(shape[1:], self.filters), self.data_format)
        return num_positions(shape[:1]) * weights * num_positions(places)


class ConvLSTM1D(OverSequences, ConvLSTM):
    """Reads a sequence of sequences: (time, length, channels)."""

    type: Literal["conv_lstm1d"] = "conv_lstm1d"
    keras_class: ClassVar[str] = "ConvLSTM1D"


class ConvLSTM2D(OverImages, ConvLSTM):
    """Reads a sequence of images: (time, height, width, channels)."""

    type: Literal["conv_lstm2d"] = "conv_lstm2d"
    keras_class: ClassVar[str] = "ConvLSTM2D"


class ConvLSTM3D(OverVolumes, ConvLSTM):
    """Reads a sequence of volumes: (time, depth, height, width, channels)."""

    type: Literal["conv_lstm3d"] = "conv_lstm3d"
    keras_class: ClassVar[str] = "ConvLSTM3D"

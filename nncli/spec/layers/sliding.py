"""The windows of convolutions: their size, and how they move over sequences, images and volumes."""

from __future__ import annotations

from typing import ClassVar, Literal

from nncli.spec.layers.base import Layer
from nncli.spec.layers.windows import channels_of, slide, spatial_of, with_spatial
from nncli.spec.values import DataFormat, Shape, Size1D, Size2D, Size3D


class SlidingWindow(Layer):
    """What the layers share that slide learnt windows over their input."""

    has_windows: ClassVar[bool] = True
    rank: ClassVar[int]
    """Number of spatial axes."""

    kernel_size: tuple[int, ...]
    """Size of the window along each spatial axis."""
    strides: tuple[int, ...]
    """How far the window moves at a time along each of them."""
    padding: Literal["valid", "same"] = "valid"
    """`valid`: the window stays inside the input; `same`: zeros around it keep the size (at strides 1)."""
    data_format: DataFormat | None = None
    """`channels_last`, which null means, or `channels_first`: where the channels stand beside the spatial axes."""
    dilation_rate: tuple[int, ...]
    """Distance between the values that the window sees; 1 is a window without gaps."""

    def num_channels(self, shape: Shape) -> int:
        """Channels of an input sample."""
        return channels_of(shape, self.rank, self.data_format, self.type)

    def slid(self, shape: Shape, channels: int) -> Shape:
        """Shape of an output sample of so many channels: its spatial sizes by the window's rule."""
        self.num_channels(shape)
        spatial = spatial_of(shape, self.data_format)
        sizes = slide(spatial, self.kernel_size, self.strides, self.padding, self.dilation_rate, "kernel_size")
        return with_spatial(sizes, channels, self.data_format)


class OverSequences(SlidingWindow):
    """What slides along sequences of (length, channels)."""

    rank: ClassVar[int] = 1

    kernel_size: Size1D
    """Length of the window, in time steps."""
    strides: Size1D = (1,)
    """How many time steps the window moves at a time."""
    dilation_rate: Size1D = (1,)
    """Distance between the time steps that the window sees; 1 is a window without gaps."""


class OverImages(SlidingWindow):
    """What slides over images of (height, width, channels)."""

    rank: ClassVar[int] = 2

    kernel_size: Size2D
    """Height and width of the window, in pixels."""
    strides: Size2D = (1, 1)
    """How many pixels the window moves at a time, down and across."""
    dilation_rate: Size2D = (1, 1)
    """Distance between the pixels that the window sees, down and across; 1 is a window without gaps."""


class OverVolumes(SlidingWindow):
    """What slides through volumes of (depth, height, width, channels)."""

    rank: ClassVar[int] = 3

    kernel_size: Size3D
    """Depth, height and width of the window."""
    strides: Size3D = (1, 1, 1)
    """How far the window moves at a time along depth, height and width."""
    dilation_rate: Size3D = (1, 1, 1)
    """Distance between the values that the window sees along each axis; 1 is a window without gaps."""

"""Pooling: each window of the input becomes one number."""

from __future__ import annotations

from typing import ClassVar, Literal

from nncli.spec.layers.base import Layer
from nncli.spec.layers.windows import channels_of, slide, spatial_of, with_spatial
from nncli.spec.values import DataFormat, Seed, Shape, Size1D, Size2D, Size3D


class Pooling(Layer):
    """What the pooling layers share whose windows slide."""

    has_windows: ClassVar[bool] = True
    rank: ClassVar[int]
    """Number of spatial axes."""

    pool_size: tuple[int, ...]
    """Size of the window along each spatial axis."""
    strides: tuple[int, ...] | None = None
    """How far the window moves at a time; null: its own size, so that windows do not overlap."""
    padding: Literal["valid", "same"] = "valid"
    """`valid`: windows stay inside the input; `same`: they may reach over its edge."""
    data_format: DataFormat | None = None
    """`channels_last`, which null means, or `channels_first`: where the channels stand beside the spatial axes."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Spatial sizes by the window's rule, channels unchanged."""
        channels = channels_of(shape, self.rank, self.data_format, self.type)
        strides = self.strides or self.pool_size
        spatial = slide(spatial_of(shape, self.data_format), self.pool_size, strides, self.padding, None, "pool_size")
        return with_spatial(spatial, channels, self.data_format)


class Pooling1D(Pooling):
    """Pooling along a sequence of (length, channels)."""

    rank: ClassVar[int] = 1

    pool_size: Size1D
    """Length of the window."""
    strides: Size1D | None = None
    """How far the window moves at a time; null: its own length, so that windows do not overlap."""


class Pooling2D(Pooling):
    """Pooling over images of (height, width, channels)."""

    rank: ClassVar[int] = 2

    pool_size: Size2D
    """Height and width of the window, in pixels."""
    strides: Size2D | None = None
    """How many pixels the window moves at a time; null: its own size, so that windows do not overlap."""


class Pooling3D(Pooling):
    """Pooling over volumes of (depth, height, width, channels)."""

    rank: ClassVar[int] = 3

    pool_size: Size3D
    """Depth, height and width of the window."""
    strides: Size3D | None = None
    """How far the window moves at a time along each axis; null: its own size, so that windows do not overlap."""


class MaxPooling1D(Pooling1D):
    """The largest value of each window of a sequence."""

    type: Literal["max_pooling1d"] = "max_pooling1d"
    keras_class: ClassVar[str] = "MaxPooling1D"

    pool_size: Size1D = (2,)
    """Length of the window."""


class MaxPooling2D(Pooling2D):
    """The largest value of each window of an image."""

    type: Literal["max_pooling2d"] = "max_pooling2d"
    keras_class: ClassVar[str] = "MaxPooling2D"

    pool_size: Size2D = (2, 2)
    """Height and width of the window, in pixels."""


class MaxPooling3D(Pooling3D):
    """The largest value of each window of a volume."""

    type: Literal["max_pooling3d"] = "max_pooling3d"
    keras_class: ClassVar[str] = "MaxPooling3D"

    pool_size: Size3D = (2, 2, 2)
    """Depth, height and width of the window."""


class AveragePooling1D(Pooling1D):
    """The mean of each window of a sequence."""

    type: Literal["average_pooling1d"] = "average_pooling1d"
    keras_class: ClassVar[str] = "AveragePooling1D"


class AveragePooling2D(Pooling2D):
    """The mean of each window of an image."""

    type: Literal["average_pooling2d"] = "average_pooling2d"
    keras_class: ClassVar[str] = "AveragePooling2D"


class AveragePooling3D(Pooling3D):
    """The mean of each window of a volume."""

    type: Literal["average_pooling3d"] = "average_pooling3d"
    keras_class: ClassVar[str] = "AveragePooling3D"


class StochasticPooling2D(Pooling2D):
    """While training one element of each window, drawn with a probability in proportion to its value; else their mean, each
    weighted with its probability. Values below 0 are never drawn; a window of zeros gives 0.

    Source: Zeiler & Fergus, 2013. A layer of nncli's own: stock Keras needs `import nncli.keras_objects` to load it.
    """

    type: Literal["stochastic_pooling2d"] = "stochastic_pooling2d"
    keras_module: ClassVar[str] = ""

    pool_size: Size2D = (2, 2)
    """Height and width of the window, in pixels."""
    seed: Seed | None = None
    """Seed of the draws; null: drawn from the experiment's seed."""

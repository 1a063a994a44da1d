"""Pooling: each window of the input becomes one number."""

from __future__ import annotations

from typing import ClassVar, Literal

from nncli.spec.layers.base import Layer
from nncli.spec.layers.windows import channels_of, slide, spatial_of, with_spatial
from nncli.spec.values import DataFormat, NonNegativeInt, Shape, Size2D


class Pooling2D(Layer):
    """What the pooling layers of images share."""

    pool_size: Size2D
    """Height and width of the window, in pixels."""
    strides: Size2D | None = None
    """How many pixels the window moves at a time; null: its own size, so that windows do not overlap."""
    padding: Literal["valid", "same"] = "valid"
    """`valid`: windows stay inside the image; `same`: they may reach over its edge."""
    data_format: DataFormat | None = None
    """`channels_last` (height, width, channels), which null means, or `channels_first` (channels, height, width)."""

    def output_shape(self, shape: Shape) -> Shape:
        """Height and width by the window's rule, channels unchanged."""
        channels = channels_of(shape, 2, self.data_format, self.type)
        strides = self.strides or self.pool_size
        spatial = slide(spatial_of(shape, self.data_format), self.pool_size, strides, self.padding, None, "pool_size")
        return with_spatial(spatial, channels, self.data_format)


class MaxPooling2D(Pooling2D):
    """The largest value of each window."""

    type: Literal["max_pooling2d"] = "max_pooling2d"
    keras_class: ClassVar[str] = "MaxPooling2D"

    pool_size: Size2D = (2, 2)
    """Height and width of the window, in pixels."""


class AveragePooling2D(Pooling2D):
    """The mean of each window."""

    type: Literal["average_pooling2d"] = "average_pooling2d"
    keras_class: ClassVar[str] = "AveragePooling2D"


class StochasticPooling2D(Pooling2D):
    """While training one element of each window, drawn with a probability in proportion to its value; else their mean, each
    weighted with its probability. Values below 0 are never drawn; a window of zeros gives 0.

    Source: Zeiler & Fergus, 2013. A layer of nncli's own: stock Keras needs `import nncli.keras_objects` to load it.
    """

    type: Literal["stochastic_pooling2d"] = "stochastic_pooling2d"
    keras_module: ClassVar[str] = ""

    pool_size: Size2D = (2, 2)
    """Height and width of the window, in pixels."""
    seed: NonNegativeInt | None = None
    """Seed of the draws; null: drawn from the experiment's seed."""

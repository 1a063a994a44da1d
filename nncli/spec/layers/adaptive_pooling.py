"""Pooling to a chosen size: the windows are as large as the input asks for."""

from __future__ import annotations

from typing import ClassVar, Literal

from nncli.spec.layers.base import Layer, ShapeMistake, dimensions
from nncli.spec.layers.windows import channels_of, spatial_of, with_spatial
from nncli.spec.values import DataFormat, Shape, Size1D, Size2D, Size3D


class AdaptivePooling(Layer):
    """What the layers share that pool to a chosen size."""

    has_windows: ClassVar[bool] = True
    rank: ClassVar[int]
    """Number of spatial axes."""

    output_size: tuple[int, ...]
    """Size of the output along each spatial axis."""
    data_format: DataFormat | None = None
    """`channels_last`, which null means, or `channels_first`: where the channels stand beside the spatial axes."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """The chosen sizes, channels unchanged."""
        channels = channels_of(shape, self.rank, self.data_format, self.type)
        spatial = spatial_of(shape, self.data_format)
        for size, wanted in zip(spatial, self.output_size, strict=True):
            if size is None:
                raise ShapeMistake("NN303", f"`{self.type}` needs to know the size of every axis, which may vary here")
            # Keras makes windows of two sizes, whether it needs the larger one or not (keras 3.15, `_adaptive_average_pool1d`).
            if (larger := -(-size // wanted) + 1) > size:
                raise ShapeMistake(
                    "NN302",
                    f"an input of {dimensions(spatial)} cannot be pooled to {dimensions(self.output_size)}:"
                    f" Keras also lays out windows of ceil({size} / {wanted}) + 1 = {larger} on an axis of {size}",
                    "for a size of 1 use global pooling with `keepdims: true`; an axis of 1 cannot be pooled",
                    "output_size",
                )
        return with_spatial(self.output_size, channels, self.data_format)


class AdaptivePooling1D(AdaptivePooling):
    """Pooling of sequences of (length, channels) to a chosen length."""

    rank: ClassVar[int] = 1

    output_size: Size1D
    """Length of the output."""


class AdaptivePooling2D(AdaptivePooling):
    """Pooling of images of (height, width, channels) to a chosen size."""

    rank: ClassVar[int] = 2

    output_size: Size2D
    """Height and width of the output."""


class AdaptivePooling3D(AdaptivePooling):
    """Pooling of volumes of (depth, height, width, channels) to a chosen size."""

    rank: ClassVar[int] = 3

    output_size: Size3D
    """Depth, height and width of the output."""


class AdaptiveAveragePooling1D(AdaptivePooling1D):
    """The mean of each part of a sequence, the parts as many as the output is long."""

    type: Literal["adaptive_average_pooling1d"] = "adaptive_average_pooling1d"
    keras_class: ClassVar[str] = "AdaptiveAveragePooling1D"


class AdaptiveAveragePooling2D(AdaptivePooling2D):
    """The mean of each part of an image, the parts as many as the output is high and wide."""

    type: Literal["adaptive_average_pooling2d"] = "adaptive_average_pooling2d"
    keras_class: ClassVar[str] = "AdaptiveAveragePooling2D"


class AdaptiveAveragePooling3D(AdaptivePooling3D):
    """The mean of each part of a volume, the parts as many as the output is deep, high and wide."""

    type: Literal["adaptive_average_pooling3d"] = "adaptive_average_pooling3d"
    keras_class: ClassVar[str] = "AdaptiveAveragePooling3D"


class AdaptiveMaxPooling1D(AdaptivePooling1D):
    """The largest value of each part of a sequence, the parts as many as the output is long."""

    type: Literal["adaptive_max_pooling1d"] = "adaptive_max_pooling1d"
    keras_class: ClassVar[str] = "AdaptiveMaxPooling1D"


class AdaptiveMaxPooling2D(AdaptivePooling2D):
    """The largest value of each part of an image, the parts as many as the output is high and wide."""

    type: Literal["adaptive_max_pooling2d"] = "adaptive_max_pooling2d"
    keras_class: ClassVar[str] = "AdaptiveMaxPooling2D"


class AdaptiveMaxPooling3D(AdaptivePooling3D):
    """The largest value of each part of a volume, the parts as many as the output is deep, high and wide."""

    type: Literal["adaptive_max_pooling3d"] = "adaptive_max_pooling3d"
    keras_class: ClassVar[str] = "AdaptiveMaxPooling3D"

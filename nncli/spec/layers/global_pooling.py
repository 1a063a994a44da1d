"""Pooling over everything: the spatial axes go, whatever their size."""

from __future__ import annotations

from typing import ClassVar, Literal

from nncli.spec.layers.base import Layer
from nncli.spec.layers.windows import channels_of, with_spatial
from nncli.spec.values import DataFormat, Shape


class GlobalPooling(Layer):
    """What the layers share that make one number of each channel."""

    rank: ClassVar[int]
    """Number of spatial axes."""

    data_format: DataFormat | None = None
    """`channels_last`, which null means, or `channels_first`: where the channels stand beside the spatial axes."""
    keepdims: bool = False
    """Whether the spatial axes stay, with a size of 1."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """The channels alone, or beside spatial axes of 1."""
        channels = channels_of(shape, self.rank, self.data_format, self.type)
        return with_spatial((1,) * self.rank, channels, self.data_format) if self.keepdims else (channels,)


class GlobalAveragePooling1D(GlobalPooling):
    """The mean of each channel of a sequence."""

    type: Literal["global_average_pooling1d"] = "global_average_pooling1d"
    keras_class: ClassVar[str] = "GlobalAveragePooling1D"
    rank: ClassVar[int] = 1


class GlobalAveragePooling2D(GlobalPooling):
    """The mean of each channel of an image."""

    type: Literal["global_average_pooling2d"] = "global_average_pooling2d"
    keras_class: ClassVar[str] = "GlobalAveragePooling2D"
    rank: ClassVar[int] = 2


class GlobalAveragePooling3D(GlobalPooling):
    """The mean of each channel of a volume."""

    type: Literal["global_average_pooling3d"] = "global_average_pooling3d"
    keras_class: ClassVar[str] = "GlobalAveragePooling3D"
    rank: ClassVar[int] = 3


class GlobalMaxPooling1D(GlobalPooling):
    """The largest value of each channel of a sequence."""

    type: Literal["global_max_pooling1d"] = "global_max_pooling1d"
    keras_class: ClassVar[str] = "GlobalMaxPooling1D"
    rank: ClassVar[int] = 1


class GlobalMaxPooling2D(GlobalPooling):
    """The largest value of each channel of an image."""

    type: Literal["global_max_pooling2d"] = "global_max_pooling2d"
    keras_class: ClassVar[str] = "GlobalMaxPooling2D"
    rank: ClassVar[int] = 2


class GlobalMaxPooling3D(GlobalPooling):
    """The largest value of each channel of a volume."""

    type: Literal["global_max_pooling3d"] = "global_max_pooling3d"
    keras_class: ClassVar[str] = "GlobalMaxPooling3D"
    rank: ClassVar[int] = 3

"""Layers that act only while training, against overfitting."""

from __future__ import annotations

from typing import ClassVar, Literal

from nncli.spec.layers.base import Layer, ShapeMistake
from nncli.spec.layers.windows import channels_of
from nncli.spec.values import DataFormat, Many, NonNegativeFloat, Probability, Seed, Shape


class Random(Layer):
    """What the layers share that draw random numbers while training, and do nothing otherwise."""

    seed: Seed | None = None
    """Seed of the draws; null: drawn from the experiment's seed."""

    @property
    def draws(self) -> bool:
        """Whether it draws any; a share or deviation of 0 needs none."""
        raise NotImplementedError(f"{type(self).__name__} does not say whether it draws")

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        return shape


class WithRate(Random):
    """What the layers share that disturb a share of their inputs."""

    rate: Probability
    """Share of the inputs, from 0 to 1."""

    @property
    def draws(self) -> bool:
        """Where the share is above 0."""
        return self.rate > 0


class WithMask(WithRate):
    """What the layers share whose mask may serve several values."""

    noise_shape: Many[int | None] | None = None
    """Shape of the mask, batch included; an axis of 1 shares its mask, null takes the input's size. Null: the input's shape."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        if self.noise_shape is None:
            return shape
        if len(self.noise_shape) != len(shape) + 1:
            raise ShapeMistake(
                "NN303",
                f"`noise_shape` has {len(self.noise_shape)} axes, the input has {len(shape) + 1} with the batch",
                "give one entry an axis, the batch first",
                "noise_shape",
            )
        for own, size in zip(self.noise_shape, (None, *shape), strict=True):
            if own not in (None, 1, size):
                whole = "the batch" if size is None else f"an axis of {size}"
                raise ShapeMistake(
                    "NN303", f"`noise_shape` cannot share a mask of {own} over {whole}", "write 1 or null there", "noise_shape"
                )
        return shape


class Dropout(WithMask):
    """Sets a random share of its inputs to 0 while training and scales up the rest; does nothing otherwise.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, 2014.
    """

    type: Literal["dropout"] = "dropout"
    keras_class: ClassVar[str] = "Dropout"


class AlphaDropout(WithMask):
    """Dropout that keeps mean and deviation, for networks of `selu` units.

    Source: Klambauer, Unterthiner, Mayr & Hochreiter, 2017.
    """

    type: Literal["alpha_dropout"] = "alpha_dropout"
    keras_class: ClassVar[str] = "AlphaDropout"


class GaussianDropout(WithRate):
    """Multiplies its inputs while training with numbers around 1, of the deviation sqrt(rate / (1 - rate)).

    Source: Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, 2014.
    """

    type: Literal["gaussian_dropout"] = "gaussian_dropout"
    keras_class: ClassVar[str] = "GaussianDropout"


class SpatialDropout(WithRate):
    """What the layers share that set whole channels to 0.

    Source: Tompson, Goroshin, Jain, LeCun & Bregler, 2014.
    """

    rank: ClassVar[int]
    """Number of spatial axes."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        channels_of(shape, self.rank, getattr(self, "data_format", None), self.type)
        return shape


class SpatialDropout1D(SpatialDropout):
    """Sets whole channels of sequences to 0."""

    type: Literal["spatial_dropout1d"] = "spatial_dropout1d"
    keras_class: ClassVar[str] = "SpatialDropout1D"
    rank: ClassVar[int] = 1


class SpatialDropout2D(SpatialDropout):
    """Sets whole channels of images to 0."""

    type: Literal["spatial_dropout2d"] = "spatial_dropout2d"
    keras_class: ClassVar[str] = "SpatialDropout2D"
    rank: ClassVar[int] = 2

    data_format: DataFormat | None = None
    """`channels_last` (height, width, channels), which null means, or `channels_first` (channels, height, width)."""


class SpatialDropout3D(SpatialDropout):
    """Sets whole channels of volumes to 0."""

    type: Literal["spatial_dropout3d"] = "spatial_dropout3d"
    keras_class: ClassVar[str] = "SpatialDropout3D"
    rank: ClassVar[int] = 3

    data_format: DataFormat | None = None
    """`channels_last` (depth, height, width, channels), which null means, or `channels_first`."""


class GaussianNoise(Random):
    """Adds normally distributed noise of mean 0 while training; does nothing otherwise."""

    type: Literal["gaussian_noise"] = "gaussian_noise"
    keras_class: ClassVar[str] = "GaussianNoise"

    stddev: NonNegativeFloat
    """Standard deviation of the noise."""

    @property
    def draws(self) -> bool:
        """Where the deviation is above 0."""
        return self.stddev > 0


class ActivityRegularization(Layer):
    """Adds a penalty on its inputs to the loss, and passes them on."""

    type: Literal["activity_regularization"] = "activity_regularization"
    keras_class: ClassVar[str] = "ActivityRegularization"

    l1: NonNegativeFloat = 0.0
    """Factor of the sum of the absolute values."""
    l2: NonNegativeFloat = 0.0
    """Factor of the sum of the squares."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        return shape

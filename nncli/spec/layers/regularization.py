"""Layers that act only while training, against overfitting."""

from __future__ import annotations

from typing import ClassVar, Literal

from nncli.spec.layers.base import Layer, ShapeMistake
from nncli.spec.values import Many, NonNegativeFloat, NonNegativeInt, Probability, Shape


class Dropout(Layer):
    """Sets a random share of its inputs to 0 while training and scales up the rest; does nothing otherwise.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, 2014.
    """

    type: Literal["dropout"] = "dropout"
    keras_class: ClassVar[str] = "Dropout"

    rate: Probability
    """Share of the inputs that is set to 0, from 0 to 1."""
    noise_shape: Many[int | None] | None = None
    """Shape of the mask, batch included; an axis of 1 shares its mask, null takes the input's size. Null: the input's shape."""
    seed: NonNegativeInt | None = None
    """Seed of the masks; null: drawn from the experiment's seed."""

    def output_shape(self, shape: Shape) -> Shape:
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


class GaussianNoise(Layer):
    """Adds normally distributed noise of mean 0 while training; does nothing otherwise."""

    type: Literal["gaussian_noise"] = "gaussian_noise"
    keras_class: ClassVar[str] = "GaussianNoise"

    stddev: NonNegativeFloat
    """Standard deviation of the noise."""
    seed: NonNegativeInt | None = None
    """Seed of the noise; null: drawn from the experiment's seed."""

    def output_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        return shape

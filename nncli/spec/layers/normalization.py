"""Normalization layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nncli.spec.base import Spec
from nncli.spec.choice import named
from nncli.spec.layers.base import Constraint, Initializer, Layer, Parameters, Regularizer, ShapeMistake
from nncli.spec.one_or_many import OneAxis
from nncli.spec.values import LARGEST, NonNegativeFloat, PositiveFloat, Probability, Shape


class RenormClipping(Spec):
    """Bounds of batch renormalization's corrections."""

    rmax: PositiveFloat | None = None
    """Largest factor between the batch's deviation and the running one; null: no bound."""
    rmin: NonNegativeFloat | None = None
    """Smallest such factor; null: no bound."""
    dmax: NonNegativeFloat | None = None
    """Largest shift, in running deviations; null: no bound."""


def feature_size(shape: Shape, axis: int) -> int:
    """Size of the axis of the features of an input sample.

    Args:
        shape: the input sample's shape.
        axis: with the batch as axis 0; -1 is the last.

    Raises:
        ShapeMistake: NN303, there is no such axis, or its size may vary.
    """
    rank = len(shape) + 1
    if axis == 0 or not -rank < axis < rank:
        message = f"`axis` {axis} is no feature axis of an input of {rank} axes (batch included)"
        raise ShapeMistake("NN303", message, "-1 is the last", "axis")
    size = shape[axis if axis < 0 else axis - 1]
    if size is None:
        raise ShapeMistake("NN303", f"the size of axis {axis} must be known, it may vary here", field="axis")
    return size


class Centred(Layer):
    """What the layers share that may learn an offset and a factor for each feature."""

    axis: OneAxis = -1
    """The axis of the features, the batch counted as axis 0; -1 is the last. `channels_first` images want 1."""
    epsilon: Annotated[float, Field(gt=0)] = 0.001
    """Added to the variance, against a division by 0."""
    center: bool = True
    """Whether a learnt offset (beta) is added."""
    scale: bool = True
    """Whether a learnt factor (gamma) is applied."""
    beta_initializer: Initializer = named("initializer", "zeros")
    """First values of beta."""
    gamma_initializer: Initializer = named("initializer", "ones")
    """First values of gamma."""
    beta_regularizer: Regularizer | None = None
    """Penalty on beta, added to the loss."""
    gamma_regularizer: Regularizer | None = None
    """Penalty on gamma, added to the loss."""
    beta_constraint: Constraint | None = None
    """Projection applied to beta after each update."""
    gamma_constraint: Constraint | None = None
    """Projection applied to gamma after each update."""

    @property
    def is_trained(self) -> bool:
        """Whether training changes beta or gamma; running averages are no weights of this kind."""
        return self.trainable and (self.center or self.scale)

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        feature_size(shape, self.axis)
        return shape

    def weight_shapes(self, shape: Shape) -> Mapping[str, tuple[int, ...]]:
        """A number for each feature, in each array."""
        there = {"beta": self.center, "gamma": self.scale, "moving_mean": True, "moving_variance": True}
        return {name: (feature_size(shape, self.axis),) for name, is_there in there.items() if is_there}

    def parameters(self, shape: Shape) -> Parameters:
        """Beta and gamma for each feature."""
        return Parameters(feature_size(shape, self.axis) * (self.center + self.scale))


class BatchNormalization(Centred):
    """Gives each feature mean 0 and deviation 1 over the batch while training, and by running averages otherwise.

    Source: Ioffe & Szegedy, 2015.
    """

    type: Literal["batch_normalization"] = "batch_normalization"
    keras_class: ClassVar[str] = "BatchNormalization"

    momentum: Probability = 0.99
    """Weight of the former running average at each step."""
    moving_mean_initializer: Initializer = named("initializer", "zeros")
    """First values of the running mean."""
    moving_variance_initializer: Initializer = named("initializer", "ones")
    """First values of the running variance."""
    renorm: bool = False
    """Whether the running averages also correct the training batches (Ioffe, 2017)."""
    renorm_clipping: RenormClipping | None = None
    """Bounds of those corrections."""
    renorm_momentum: Probability = 0.99
    """Weight of the former running average of those corrections."""
    synchronized: bool = False
    """Whether several machines share the batch's statistics."""

    def parameters(self, shape: Shape) -> Parameters:
        """Beta and gamma for each feature; its running mean and variance, and three more with `renorm`."""
        return Parameters(super().parameters(shape).learnt, feature_size(shape, self.axis) * (5 if self.renorm else 2))


class LayerNormalization(Centred):
    """Gives the features of each sample mean 0 and deviation 1.

    Source: Ba, Kiros & Hinton, 2016.
    """

    type: Literal["layer_normalization"] = "layer_normalization"
    keras_class: ClassVar[str] = "LayerNormalization"


class GroupNormalization(Centred):
    """Gives each group of channels of each sample mean 0 and deviation 1.

    Source: Wu & He, 2018.
    """

    type: Literal["group_normalization"] = "group_normalization"
    keras_class: ClassVar[str] = "GroupNormalization"

    groups: Annotated[int, Field(ge=-1, le=LARGEST)] = 32
    """In how many groups the channels are split; -1: each channel is a group."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        channels = feature_size(shape, self.axis)
        groups = channels if self.groups == -1 else self.groups
        if groups < 1 or channels % groups:
            message = f"the input's channels ({channels}) cannot be split into {self.groups} groups"
            raise ShapeMistake("NN303", message, "use a divisor of the channels, or -1", "groups")
        return shape


class RMSNormalization(Layer):
    """Divides the features of each sample by the root of their mean square, and applies a learnt factor to each.

    Source: Zhang & Sennrich, 2019.
    """

    type: Literal["rms_normalization"] = "rms_normalization"
    keras_class: ClassVar[str] = "RMSNormalization"
    has_weights: ClassVar[bool] = True

    axis: OneAxis = -1
    """The axis of the features, the batch counted as axis 0; -1 is the last."""
    epsilon: Annotated[float, Field(gt=0)] = 1e-6
    """Added to the mean square, against a division by 0."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        feature_size(shape, self.axis)
        return shape

    def parameters(self, shape: Shape) -> Parameters:
        """A factor for each feature."""
        return Parameters(feature_size(shape, self.axis))


class UnitNormalization(Layer):
    """Gives the vectors along an axis the length 1."""

    type: Literal["unit_normalization"] = "unit_normalization"
    keras_class: ClassVar[str] = "UnitNormalization"

    axis: OneAxis = -1
    """The axis, the batch counted as axis 0; -1 is the last."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        feature_size(shape, self.axis)
        return shape

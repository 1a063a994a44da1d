"""Normalization layers."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nncli.spec.base import Spec
from nncli.spec.choice import named
from nncli.spec.layers.base import Constraint, Initializer, Layer, Parameters, Regularizer, ShapeMistake
from nncli.spec.values import NonNegativeFloat, PositiveFloat, Probability, Shape


class RenormClipping(Spec):
    """Bounds of batch renormalization's corrections."""

    rmax: PositiveFloat | None = None
    """Largest factor between the batch's deviation and the running one; null: no bound."""
    rmin: NonNegativeFloat | None = None
    """Smallest such factor; null: no bound."""
    dmax: NonNegativeFloat | None = None
    """Largest shift, in running deviations; null: no bound."""


class BatchNormalization(Layer):
    """Gives each feature mean 0 and deviation 1 over the batch while training, and by running averages otherwise.

    Source: Ioffe & Szegedy, 2015.
    """

    type: Literal["batch_normalization"] = "batch_normalization"
    keras_class: ClassVar[str] = "BatchNormalization"

    axis: int = -1
    """The axis of the features, the batch counted as axis 0; -1 is the last. `channels_first` images want 1."""
    momentum: Probability = 0.99
    """Weight of the former running average at each step."""
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
    moving_mean_initializer: Initializer = named("initializer", "zeros")
    """First values of the running mean."""
    moving_variance_initializer: Initializer = named("initializer", "ones")
    """First values of the running variance."""
    beta_regularizer: Regularizer | None = None
    """Penalty on beta, added to the loss."""
    gamma_regularizer: Regularizer | None = None
    """Penalty on gamma, added to the loss."""
    beta_constraint: Constraint | None = None
    """Projection applied to beta after each update."""
    gamma_constraint: Constraint | None = None
    """Projection applied to gamma after each update."""
    renorm: bool = False
    """Whether the running averages also correct the training batches (Ioffe, 2017)."""
    renorm_clipping: RenormClipping | None = None
    """Bounds of those corrections."""
    renorm_momentum: Probability = 0.99
    """Weight of the former running average of those corrections."""
    synchronized: bool = False
    """Whether several machines share the batch's statistics."""

    @property
    def is_trained(self) -> bool:
        """Whether training changes beta or gamma; the running averages are no weights of this kind."""
        return self.trainable and (self.center or self.scale)

    def output_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        rank = len(shape) + 1
        if self.axis == 0 or not -rank < self.axis < rank:
            raise ShapeMistake(
                "NN303",
                f"`axis` {self.axis} is no feature axis of an input of {rank} axes (batch included)",
                "-1 is the last",
                "axis",
            )
        if shape[(self.axis if self.axis < 0 else self.axis - 1)] is None:
            raise ShapeMistake("NN303", f"the size of axis {self.axis} must be known, it may vary here", field="axis")
        return shape

    def parameters(self, shape: Shape) -> Parameters:
        """Beta and gamma for each feature; its running mean and variance, and three more with `renorm`."""
        features = shape[self.axis if self.axis < 0 else self.axis - 1] or 0
        return Parameters(features * (self.center + self.scale), features * (5 if self.renorm else 2))

"""Optimizers that give each weight a step size of its own, from the gradients it has seen."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nncli.spec.optimizers.base import Optimizer
from nncli.spec.values import NonNegativeFloat, PositiveFloat, Probability, Share

NegativeOrZero = Annotated[float, Field(le=0)]


class Adadelta(Optimizer):
    """Scales each step by the ratio of the recent updates' size to the recent gradients' size (Zeiler, 2012)."""

    type: Literal["adadelta"] = "adadelta"
    keras_class: ClassVar[str] = "Adadelta"
    rho: Share = 0.95
    """Weight of the old value in the running averages, 0 to below 1."""
    # At 0 no weight would ever move: the running average of the updates starts at 0.
    epsilon: PositiveFloat = 1e-7
    """Small number under both square roots, above 0."""


class Adagrad(Optimizer):
    """Divides the gradient by the root of the sum of all its squares so far (Duchi, Hazan & Singer, 2011)."""

    type: Literal["adagrad"] = "adagrad"
    keras_class: ClassVar[str] = "Adagrad"
    num_averages: ClassVar[int] = 1
    initial_accumulator_value: NonNegativeFloat = 0.1
    """What the sum of squares starts from, 0 or more."""
    epsilon: NonNegativeFloat = 1e-7
    """Small number in the divisor, 0 or more."""


class Adafactor(Optimizer):
    """Keeps the averages of squared gradients by rows and columns only, to save memory (Shazeer & Stern, 2018)."""

    type: Literal["adafactor"] = "adafactor"
    keras_class: ClassVar[str] = "Adafactor"
    # Keras keeps the full average, too, whether it is needed or not.
    num_averages: ClassVar[int] = 1
    beta_2_decay: NegativeOrZero = -0.8
    """Exponent of the number of updates in the averages' weight, 1 - t ** beta_2_decay; 0 or less."""
    epsilon_1: NonNegativeFloat = 1e-30
    """Small number that is added to the squared gradients, 0 or more."""
    epsilon_2: NonNegativeFloat = 0.001
    """Smallest size of the weights that the step is scaled by, 0 or more; keeps weights of 0 from staying there."""
    clip_threshold: PositiveFloat = 1.0
    """Largest root mean square of an update, above 0; a larger one is scaled down to it."""
    relative_step: bool = True
    """Whether the learning rate is held below 1 / sqrt(t) at update t; a schedule is taken as it is."""


class RMSprop(Optimizer):
    """Divides the gradient by the root of a running average of its squares (Hinton, 2012)."""

    type: Literal["rmsprop"] = "rmsprop"
    keras_class: ClassVar[str] = "RMSprop"
    num_averages: ClassVar[int] = 1
    rho: Share = 0.9
    """Weight of the old value in the running average of squares, 0 to below 1."""
    momentum: Probability = 0.0
    """Share of the last update that is added to this one, 0 to 1."""
    epsilon: NonNegativeFloat = 1e-7
    """Small number in the divisor, 0 or more. At 0, a gradient that is 0 from the start gives NaN."""
    centered: bool = False
    """Whether the squared average of the gradient is taken off the average of squares, which then is its variance."""

    @property
    def slots(self) -> int:
        """One more each for the momentum and for the average of the gradient."""
        return super().slots + (self.momentum > 0) + self.centered


class Ftrl(Optimizer):
    """Follow the regularised leader: for shallow models with many sparse inputs (McMahan et al., 2013)."""

    type: Literal["ftrl"] = "ftrl"
    keras_class: ClassVar[str] = "Ftrl"
    learning_rate_power: NegativeOrZero = -0.5
    """Exponent of the sum of squares that the step size falls with, 0 or less; 0 is a constant step size."""
    initial_accumulator_value: NonNegativeFloat = 0.1
    """What the sum of squares starts from, 0 or more."""
    l1_regularization_strength: NonNegativeFloat = 0.0
    """Weight of the sum of absolute values in what is minimised, 0 or more; makes weights exactly 0."""
    l2_regularization_strength: NonNegativeFloat = 0.0
    """Weight of the sum of squares in what is minimised, 0 or more."""
    l2_shrinkage_regularization_strength: NonNegativeFloat = 0.0
    """Weight of a penalty on squares that acts through the gradient alone, 0 or more."""
    beta: NonNegativeFloat = 0.0
    """Number that is added in the divisor of the step size, 0 or more."""

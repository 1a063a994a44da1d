"""Optimizers that divide a running average of the gradient by one of its size: Adam and its family."""

from typing import ClassVar, Literal

from nncli.spec.optimizers.base import AveragingWeight, LearningRate, Optimizer
from nncli.spec.values import NonNegativeFloat, NonNegativeInt, Share


class MomentEstimates(Optimizer):
    """What the family shares: two running averages of the gradient."""

    beta_1: Share = 0.9
    """Weight of the old value in the running average of the gradient, 0 to below 1."""
    beta_2: Share = 0.999
    """Weight of the old value in the running average of the gradient's size, 0 to below 1."""
    epsilon: NonNegativeFloat = 1e-7
    """Small number in the divisor, 0 or more. At 0, a gradient that is 0 from the start gives NaN."""


class Adam(MomentEstimates):
    """Adam: running averages of the gradient and of its square (Kingma & Ba, 2015)."""

    type: Literal["adam"] = "adam"
    keras_class: ClassVar[str] = "Adam"
    amsgrad: bool = False
    """Whether to divide by the largest average of the squares so far (Reddi, Kale & Kumar, 2018)."""

    @property
    def slots(self) -> int:
        """One more for the largest average."""
        return super().slots + self.amsgrad


class AdamW(MomentEstimates):
    """Adam with weight decay apart from the gradient (Loshchilov & Hutter, 2019)."""

    type: Literal["adamw"] = "adamw"
    keras_class: ClassVar[str] = "AdamW"
    # Keras refuses None here, unlike the other optimizers.
    weight_decay: NonNegativeFloat = 0.004
    """Share of each weight, times the learning rate, that is taken off at every update, 0 or more."""
    amsgrad: bool = False
    """Whether to divide by the largest average of the squares so far (Reddi, Kale & Kumar, 2018)."""

    @property
    def slots(self) -> int:
        """One more for the largest average."""
        return super().slots + self.amsgrad


class Adamax(MomentEstimates):
    """Adam with the largest recent gradient in place of the average of squares (Kingma & Ba, 2015, section 7)."""

    type: Literal["adamax"] = "adamax"
    keras_class: ClassVar[str] = "Adamax"


class Nadam(MomentEstimates):
    """Adam that looks one step ahead, as Nesterov's momentum does (Dozat, 2016)."""

    type: Literal["nadam"] = "nadam"
    keras_class: ClassVar[str] = "Nadam"


class Lamb(MomentEstimates):
    """Adam whose step is scaled, variable by variable, to the length of the weights; for large batches (You et al., 2020)."""

    type: Literal["lamb"] = "lamb"
    keras_class: ClassVar[str] = "Lamb"


class ScheduleFreeAdamW(Optimizer):
    """AdamW that averages the weights over time in place of a learning-rate schedule (Defazio et al., 2024)."""

    type: Literal["schedule_free_adamw"] = "schedule_free_adamw"
    keras_class: ClassVar[str] = "ScheduleFreeAdamW"
    learning_rate: LearningRate = 0.0025
    """Step size, above 0, or a schedule."""
    # Keras divides by it (`x_old = ... / beta_1`), so 0 gives NaN.
    beta_1: AveragingWeight = 0.9
    """Share of the averaged weights in the point where the gradient is taken, above 0, at most 1."""
    beta_2: Share = 0.999
    """Weight of the old value in the running average of the gradient's square, 0 to below 1."""
    epsilon: NonNegativeFloat = 1e-8
    """Small number in the divisor, 0 or more. At 0, a gradient that is 0 from the start gives NaN."""
    warmup_steps: NonNegativeInt = 0
    """Number of updates in which the step size rises evenly to its full value, 0 or more."""

"""Learning-rate schedules: the step size as a function of the number of updates done.

In the formulas `t` is the number of updates so far and `lr0` the initial learning rate.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, ClassVar, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from nncli.spec.base import TypedSpec, refuse
from nncli.spec.values import Many, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, Probability


class Length(NamedTuple):
    """How long a schedule takes.

    Attributes:
        num_updates: updates until its last change, or its first jump where it jumps for ever.
        path: the field that says so.
    """

    num_updates: int
    path: tuple[str | int, ...]


class Schedule(TypedSpec):
    """A learning-rate schedule."""

    kind: ClassVar[str] = "schedule"
    keras_module: ClassVar[str] = "optimizers.schedules"

    @property
    def length(self) -> Length | None:
        """When the schedule has done what it is there for; None where it goes on for ever."""
        return None


class DecayFromStart(Schedule):
    """What the schedules with an initial learning rate share."""

    initial_learning_rate: NonNegativeFloat
    """The learning rate at the first update, 0 or more."""


class ExponentialDecay(DecayFromStart):
    """Multiplies the learning rate by `decay_rate` every `decay_steps` updates: lr0 * decay_rate ** (t / decay_steps)."""

    type: Literal["exponential_decay"] = "exponential_decay"
    keras_class: ClassVar[str] = "ExponentialDecay"
    decay_steps: PositiveInt
    """Number of updates in which the learning rate changes by the factor `decay_rate`, 1 or more."""
    decay_rate: PositiveFloat
    """The factor, above 0; below 1 the learning rate falls."""
    staircase: bool = False
    """Whether the rate changes in jumps, once every `decay_steps` updates, instead of a little at each."""

    @property
    def length(self) -> Length | None:
        """Until the first jump."""
        return Length(self.decay_steps, ("decay_steps",)) if self.staircase else None


class InverseTimeDecay(DecayFromStart):
    """Divides the learning rate by a number that grows evenly: lr0 / (1 + decay_rate * t / decay_steps)."""

    type: Literal["inverse_time_decay"] = "inverse_time_decay"
    keras_class: ClassVar[str] = "InverseTimeDecay"
    decay_steps: PositiveInt
    """Number of updates in which the divisor grows by `decay_rate`, 1 or more."""
    decay_rate: NonNegativeFloat
    """How much the divisor grows in `decay_steps` updates, 0 or more."""
    staircase: bool = False
    """Whether the rate changes in jumps, once every `decay_steps` updates, instead of a little at each."""

    @property
    def length(self) -> Length | None:
        """Until the first jump."""
        return Length(self.decay_steps, ("decay_steps",)) if self.staircase else None


class PolynomialDecay(DecayFromStart):
    """Goes from the initial to the final rate along a power of the remaining time.

    With p = min(t, decay_steps) / decay_steps: (lr0 - end_learning_rate) * (1 - p) ** power + end_learning_rate.
    """

    type: Literal["polynomial_decay"] = "polynomial_decay"
    keras_class: ClassVar[str] = "PolynomialDecay"
    decay_steps: PositiveInt
    """Number of updates until the final rate is reached, 1 or more."""
    end_learning_rate: NonNegativeFloat = 0.0001
    """The final learning rate, 0 or more."""
    power: PositiveFloat = 1.0
    """The exponent, above 0; 1 is a straight line."""
    cycle: bool = False
    """Whether `decay_steps` is extended each time it is passed, so that the rate rises and decays anew."""

    @property
    def length(self) -> Length:
        """Until the final rate is reached for the first time."""
        return Length(self.decay_steps, ("decay_steps",))


class CosineDecay(DecayFromStart):
    """Follows half a cosine wave down, on request after a straight rise (Loshchilov & Hutter, 2017).

    After the rise: top * ((1 - alpha) * (1 + cos(pi * t / decay_steps)) / 2 + alpha), where the top is `warmup_target`, or the
    initial rate where there is no rise.
    """

    type: Literal["cosine_decay"] = "cosine_decay"
    keras_class: ClassVar[str] = "CosineDecay"
    decay_steps: PositiveInt
    """Number of updates that the decay takes, without those of the rise; 1 or more."""
    alpha: Probability = 0.0
    """The final rate as a share of the top, 0 to 1."""
    warmup_target: PositiveFloat | None = None
    """The rate at the end of the rise, above 0; null: there is no rise."""
    warmup_steps: NonNegativeInt = 0
    """Number of updates that the rise takes, 0 or more; needs `warmup_target`."""

    @property
    def length(self) -> Length:
        """The rise and the decay."""
        return Length(self.warmup_steps + self.decay_steps, ("decay_steps",))

    @model_validator(mode="after")
    def _warmup_needs_its_target(self) -> Self:
        # Keras drops the rise in silence when only its length is given.
        if self.warmup_steps and self.warmup_target is None:
            hint = "add `warmup_target`, the learning rate at the end of the rise"
            refuse("NN206", "`warmup_steps` has no effect without `warmup_target`", hint, at=("warmup_steps",))
        return self


class CosineDecayRestarts(DecayFromStart):
    """Follows half a cosine wave down, over and over, each time from the top (SGDR; Loshchilov & Hutter, 2017)."""

    type: Literal["cosine_decay_restarts"] = "cosine_decay_restarts"
    keras_class: ClassVar[str] = "CosineDecayRestarts"
    first_decay_steps: PositiveInt
    """Number of updates in the first period, 1 or more."""
    # Below 1 the periods shrink to nothing after finitely many updates, and Keras's rate is NaN from there on.
    t_mul: Annotated[float, Field(ge=1)] = 2.0
    """How many times longer each period is than the one before, 1 or more."""
    m_mul: PositiveFloat = 1.0
    """The top of each period as a multiple of the one before, above 0."""
    alpha: Probability = 0.0
    """The lowest rate of a period as a share of its top, 0 to 1."""

    @property
    def length(self) -> Length:
        """The first period."""
        return Length(self.first_decay_steps, ("first_decay_steps",))


class PiecewiseConstantDecay(Schedule):
    """Holds the learning rate constant between given numbers of updates."""

    type: Literal["piecewise_constant_decay"] = "piecewise_constant_decay"
    keras_class: ClassVar[str] = "PiecewiseConstantDecay"
    boundaries: Annotated[Many[NonNegativeInt], Field(min_length=1)]
    """Numbers of updates after which the next value holds, each larger than the one before."""
    values: Many[NonNegativeFloat]
    """The learning rates, 0 or more: one more than there are boundaries."""

    @property
    def length(self) -> Length:
        """Until the last value holds."""
        return Length(self.boundaries[-1], ("boundaries", len(self.boundaries) - 1))

    @model_validator(mode="after")
    def _one_value_more(self) -> Self:
        for index, (low, high) in enumerate(pairwise(self.boundaries)):
            if low >= high:
                refuse("NN204", f"expected a boundary above {low}, received {high}", at=("boundaries", index + 1))
        wanted = len(self.boundaries) + 1
        if len(self.values) != wanted:
            message = f"{len(self.boundaries)} `boundaries` need {wanted} `values`, received {len(self.values)}"
            refuse("NN206", message, "give the rate before the first boundary, then one after each", at=("values",))
        return self

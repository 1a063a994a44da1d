"""Constraints: what weights are brought back to after every update."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from nncli.spec.axes import axis_misfit
from nncli.spec.base import Misfit, TypedSpec, refuse
from nncli.spec.one_or_many import Axes
from nncli.spec.values import NonNegativeFloat, PositiveFloat, Probability


class Constraint(TypedSpec):
    """A rule that weights are made to keep after every update."""

    kind: ClassVar[str] = "constraint"
    keras_module: ClassVar[str] = "constraints"

    def misfit(self, shape: tuple[int, ...]) -> Misfit | None:
        """Why it cannot be kept by an array of this shape; None where it can."""
        return None


class NormConstraint(Constraint):
    """What the rules on the length of weight vectors share."""

    axis: Axes = 0
    """The axis or axes along which the lengths are taken: 0 for a dense kernel, [0, 1, 2] for a 2D convolution's."""

    def misfit(self, shape: tuple[int, ...]) -> Misfit | None:
        """The axes are there."""
        return axis_misfit(self.axis, len(shape), "this array")


class MaxNorm(NormConstraint):
    """Shortens the weight vector of each unit to a largest length."""

    type: Literal["max_norm"] = "max_norm"
    keras_class: ClassVar[str] = "MaxNorm"
    max_value: PositiveFloat = 2.0
    """The largest length, above 0."""


class MinMaxNorm(NormConstraint):
    """Brings the length of each unit's weight vector into a range, or part of the way there."""

    type: Literal["min_max_norm"] = "min_max_norm"
    keras_class: ClassVar[str] = "MinMaxNorm"
    min_value: NonNegativeFloat = 0.0
    """The smallest length, 0 or more."""
    max_value: PositiveFloat = 1.0
    """The largest length, above 0 and not below `min_value`."""
    rate: Probability = 1.0
    """How far each update goes towards the range: 0 is not at all, 1 all the way."""

    @model_validator(mode="after")
    def _range_is_not_empty(self) -> Self:
        if self.min_value > self.max_value:
            message = f"expected `max_value` of at least `min_value` {self.min_value:g}, received {self.max_value:g}"
            refuse("NN204", message, at=("max_value" if "max_value" in self.model_fields_set else "min_value",))
        return self


class UnitNorm(NormConstraint):
    """Gives the weight vector of each unit the length 1."""

    type: Literal["unit_norm"] = "unit_norm"
    keras_class: ClassVar[str] = "UnitNorm"


class NonNeg(Constraint):
    """Sets negative weights to 0."""

    type: Literal["non_neg"] = "non_neg"
    keras_class: ClassVar[str] = "NonNeg"

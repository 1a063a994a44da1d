"""Regularizers: penalties on the size of weights or outputs, added to the loss."""

from typing import ClassVar, Literal

from nncli.spec.base import Misfit, TypedSpec
from nncli.spec.values import NonNegativeFloat


class Regularizer(TypedSpec):
    """A penalty that is added to the loss. In the formulas `w` is the array it looks at."""

    kind: ClassVar[str] = "regularizer"
    keras_module: ClassVar[str] = "regularizers"

    def misfit(self, shape: tuple[int | None, ...]) -> Misfit | None:
        """Why it cannot look at an array of this shape; None where it can."""
        return None


class L1(Regularizer):
    """Draws weights to exactly 0: l1 * sum(|w|)."""

    type: Literal["l1"] = "l1"
    keras_class: ClassVar[str] = "L1"
    l1: NonNegativeFloat = 0.01
    """Factor of the sum of absolute values, 0 or more."""


class L2(Regularizer):
    """Keeps weights small: l2 * sum(w^2)."""

    type: Literal["l2"] = "l2"
    keras_class: ClassVar[str] = "L2"
    l2: NonNegativeFloat = 0.01
    """Factor of the sum of squares, 0 or more."""


class L1L2(Regularizer):
    """Both penalties together: l1 * sum(|w|) + l2 * sum(w^2)."""

    type: Literal["l1_l2"] = "l1_l2"
    keras_class: ClassVar[str] = "L1L2"
    l1: NonNegativeFloat = 0.0
    """Factor of the sum of absolute values, 0 or more."""
    l2: NonNegativeFloat = 0.0
    """Factor of the sum of squares, 0 or more."""


class OrthogonalRegularizer(Regularizer):
    """Turns the rows or columns of a matrix away from each other: factor * the mean |cosine| of their pairs."""

    type: Literal["orthogonal_regularizer"] = "orthogonal_regularizer"
    keras_class: ClassVar[str] = "OrthogonalRegularizer"
    factor: NonNegativeFloat = 0.01
    """Factor of the penalty, 0 or more."""
    mode: Literal["rows", "columns"] = "rows"
    """Which vectors become orthogonal: the `rows` or the `columns`."""

    def misfit(self, shape: tuple[int | None, ...]) -> Misfit | None:
        """Two axes, and two vectors or more to compare: Keras divides by the number of their pairs."""
        if len(shape) != 2:
            return Misfit("`orthogonal_regularizer` looks at matrices alone", "use `l2`")
        if shape[self.mode == "columns"] == 1:
            other = "rows" if self.mode == "columns" else "columns"
            message = f"`orthogonal_regularizer` compares the {self.mode} with each other, and there is one alone"
            return Misfit(message, f"set `mode: {other}`, or remove it", ("mode",))
        return None

"""Initializers of random numbers whose spread is given."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from nncli.spec.base import Misfit, refuse
from nncli.spec.initializers.base import RandomInitializer
from nncli.spec.values import NonNegativeFloat


class RandomNormal(RandomInitializer):
    """Normally distributed numbers."""

    type: Literal["random_normal"] = "random_normal"
    keras_class: ClassVar[str] = "RandomNormal"
    mean: float = 0.0
    """Their mean."""
    stddev: NonNegativeFloat = 0.05
    """Their standard deviation, 0 or more."""


class TruncatedNormal(RandomInitializer):
    """Normally distributed numbers; those more than two standard deviations from the mean are drawn again."""

    type: Literal["truncated_normal"] = "truncated_normal"
    keras_class: ClassVar[str] = "TruncatedNormal"
    mean: float = 0.0
    """Their mean."""
    stddev: NonNegativeFloat = 0.05
    """Their standard deviation before the far ones are drawn again, 0 or more."""


class RandomUniform(RandomInitializer):
    """Numbers spread evenly over a range."""

    type: Literal["random_uniform"] = "random_uniform"
    keras_class: ClassVar[str] = "RandomUniform"
    minval: float = -0.05
    """The lower end of the range."""
    maxval: float = 0.05
    """The upper end of the range, not below `minval`."""

    @model_validator(mode="after")
    def _range_is_not_empty(self) -> Self:
        if self.minval > self.maxval:
            message = f"expected `maxval` of at least `minval` {self.minval:g}, received {self.maxval:g}"
            refuse("NN204", message, at=("maxval" if "maxval" in self.model_fields_set else "minval",))
        return self


class Orthogonal(RandomInitializer):
    """`gain` times a random matrix with orthogonal rows or columns (Saxe, McClelland & Ganguli, 2014); from 2 axes up."""

    type: Literal["orthogonal"] = "orthogonal"
    keras_class: ClassVar[str] = "Orthogonal"
    gain: float = 1.0
    """Factor of the matrix."""

    def misfit(self, shape: tuple[int, ...]) -> Misfit | None:
        """Two axes or more."""
        return None if len(shape) > 1 else Misfit("`orthogonal` fills arrays of 2 axes or more", "use `zeros`")

"""What all initializers share."""

from typing import ClassVar

from nncli.spec.base import Misfit, TypedSpec


class Initializer(TypedSpec):
    """A rule for the first values of an array of weights."""

    kind: ClassVar[str] = "initializer"
    keras_module: ClassVar[str] = "initializers"

    def misfit(self, shape: tuple[int, ...]) -> Misfit | None:
        """Why it cannot fill an array of this shape; None where it can."""
        return None


class RandomInitializer(Initializer):
    """What the random rules share."""

    seed: int | None = None
    """Where the random numbers start, any whole number; null: taken from the seed of the run."""

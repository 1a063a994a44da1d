"""Initializers of random numbers whose spread follows from the number of inputs and outputs."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from nncli.spec.base import refuse
from nncli.spec.initializers.base import RandomInitializer
from nncli.spec.values import Many, PositiveFloat


class FanInitializer(RandomInitializer):
    """What the rules share whose spread depends on the number of a unit's inputs (fan in) and outputs (fan out)."""

    input_axes: Many[int] | None = None
    """The axes of the weights that are counted as inputs, together with `output_axes`; null: Keras's usual ones."""
    output_axes: Many[int] | None = None
    """The axes of the weights that are counted as outputs, together with `input_axes`; null: Keras's usual ones."""

    @model_validator(mode="after")
    def _both_axes(self) -> Self:
        # Keras takes neither into account, in silence, when one is missing.
        given, missing = ("input_axes", "output_axes") if self.output_axes is None else ("output_axes", "input_axes")
        if (self.input_axes is None) != (self.output_axes is None):
            refuse("NN206", f"`{given}` has no effect without `{missing}`", f"add `{missing}`", at=(given,))
        return self


class VarianceScaling(FanInitializer):
    """Random numbers of variance scale / n, n being the fan in, the fan out or their mean."""

    type: Literal["variance_scaling"] = "variance_scaling"
    keras_class: ClassVar[str] = "VarianceScaling"
    scale: PositiveFloat = 1.0
    """The variance times n, above 0."""
    mode: Literal["fan_in", "fan_out", "fan_avg"] = "fan_in"
    """What n is: `fan_in`, `fan_out` or `fan_avg` (their mean)."""
    distribution: Literal["truncated_normal", "untruncated_normal", "uniform"] = "truncated_normal"
    """How the numbers are spread: normally without the far ones, normally, or evenly over a range."""


class GlorotNormal(FanInitializer):
    """Truncated normal numbers of variance 2 / (fan in + fan out) (Glorot & Bengio, 2010)."""

    type: Literal["glorot_normal"] = "glorot_normal"
    keras_class: ClassVar[str] = "GlorotNormal"


class GlorotUniform(FanInitializer):
    """Evenly spread numbers between -limit and limit = sqrt(6 / (fan in + fan out)) (Glorot & Bengio, 2010)."""

    type: Literal["glorot_uniform"] = "glorot_uniform"
    keras_class: ClassVar[str] = "GlorotUniform"


class HeNormal(FanInitializer):
    """Truncated normal numbers of variance 2 / fan in, for relu (He et al., 2015)."""

    type: Literal["he_normal"] = "he_normal"
    keras_class: ClassVar[str] = "HeNormal"


class HeUniform(FanInitializer):
    """Evenly spread numbers between -limit and limit = sqrt(6 / fan in), for relu (He et al., 2015)."""

    type: Literal["he_uniform"] = "he_uniform"
    keras_class: ClassVar[str] = "HeUniform"


class LecunNormal(FanInitializer):
    """Truncated normal numbers of variance 1 / fan in, for selu (LeCun et al., 1998; Klambauer et al., 2017)."""

    type: Literal["lecun_normal"] = "lecun_normal"
    keras_class: ClassVar[str] = "LecunNormal"


class LecunUniform(FanInitializer):
    """Evenly spread numbers between -limit and limit = sqrt(3 / fan in) (LeCun et al., 1998)."""

    type: Literal["lecun_uniform"] = "lecun_uniform"
    keras_class: ClassVar[str] = "LecunUniform"

"""What all optimizers share."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from nncli.spec.base import TypedSpec, refuse
from nncli.spec.choice import OneOf
from nncli.spec.one_or_many import as_float
from nncli.spec.values import LARGEST, NonNegativeFloat, PositiveFloat, PositiveInt, Probability
from nncli.spec.wording import describe, number_hint

_SCHEDULE = OneOf("schedule")
_CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")


def _rate_or_schedule(value: Any) -> object:
    hint = number_hint(value, whole=False) if isinstance(value, str) else None
    if isinstance(value, bool) or value is None or isinstance(value, list | tuple) or hint:
        refuse("NN203", f"expected a number above 0 or a schedule, received {describe(value)}", hint)
    if not isinstance(value, int | float):
        return _SCHEDULE.resolve(value)
    rate = as_float(value)
    if rate <= 0:
        refuse("NN204", f"expected a learning rate above 0, received {describe(value)}")
    return rate


LearningRate = Annotated[PositiveFloat | Annotated[TypedSpec, _SCHEDULE], BeforeValidator(_rate_or_schedule)]
"""A number above 0, or a schedule by its name or as a mapping with `type`."""

AveragingWeight = Annotated[float, Field(gt=0, le=1)]
"""Weight of an average that must not vanish: above 0, at most 1."""


class Optimizer(TypedSpec):
    """The settings that every optimizer has."""

    kind: ClassVar[str] = "optimizer"
    keras_module: ClassVar[str] = "optimizers"

    num_averages: ClassVar[int] = 2
    """How many numbers it keeps for each weight that it trains, unless a field says otherwise."""

    learning_rate: LearningRate = 0.001
    """Step size, above 0, or a schedule."""
    weight_decay: NonNegativeFloat | None = None
    """Share of each weight, times the learning rate, that is taken off at every update, 0 or more; null: none."""
    clipnorm: PositiveFloat | None = None
    """Largest length of one variable's gradient, above 0; a longer one is shortened to it. Null: not limited."""
    clipvalue: PositiveFloat | None = None
    """Largest size of a single entry of a gradient, above 0; larger ones are cut to it. Null: not limited."""
    global_clipnorm: PositiveFloat | None = None
    """Largest length of all gradients taken as one vector, above 0; a longer one is shortened to it. Null: not limited."""
    use_ema: bool = False
    """Whether a running average of the weights is kept, which takes their place at the end of training."""
    ema_momentum: Probability = 0.99
    """Weight of the old average at each update of the running average, 0 to 1."""
    ema_overwrite_frequency: PositiveInt | None = None
    """Number of updates after which the weights are set to their running average, 1 or more; null: only at the end."""
    loss_scale_factor: PositiveFloat | None = None
    """Factor, above 0, on the loss before the gradients are taken, and taken off them again; for 16-bit floats. Null: none."""
    gradient_accumulation_steps: Annotated[int, Field(ge=2, le=LARGEST)] | None = None
    """Number of batches, 2 or more, whose gradients are averaged into one update; null: one update a batch."""

    @property
    def slots(self) -> int:
        """How many numbers it keeps for each weight that it trains, those of `use_ema` and of accumulated gradients included.

        A few kinds of optimizers keep some more by rows, columns or layers, which does not count.
        """
        return self.num_averages + self.use_ema + (self.gradient_accumulation_steps is not None)

    @model_validator(mode="after")
    def _one_kind_of_clipping(self) -> Self:
        chosen = [name for name in _CLIPPING if getattr(self, name) is not None]
        if len(chosen) > 1:
            names = " and ".join(f"`{name}`" for name in chosen)
            refuse("NN206", f"{names} exclude each other", "keep one of them", at=(chosen[1],))
        return self

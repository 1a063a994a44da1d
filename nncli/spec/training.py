"""How a network is trained: budget, order, precision, and what happens along the way."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)

from nncli.spec.base import Spec, refuse
from nncli.spec.conditions import ConditionText, parse_condition
from nncli.spec.values import LARGEST, Many, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt
from nncli.spec.wording import describe, number_hint

Mode = Literal["auto", "min", "max"]
MOST_THREADS: Final = 4096
MEGABYTE: Final = 10**6


class Every(Spec):
    """An interval: a number of steps, or of epochs."""

    steps: PositiveInt | None = None
    """Every so many steps."""
    epochs: PositiveInt | None = None
    """Every so many epochs."""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.steps is None) == (self.epochs is None):
            refuse("NN206", "expected either `steps` or `epochs`", "for example `{steps: 200}` or `{epochs: 1}`")
        return self


class Best(Spec):
    """What makes one state of the weights better than another."""

    monitor: str = "val_loss"
    """The metric, such as `val_loss` or `val_accuracy`."""
    mode: Mode = "auto"
    """Whether the smallest (`min`) or the largest (`max`) is best; `auto`: by the metric, `min` for every loss."""


class EarlyStopping(Spec):
    """Stops when a metric has not improved for some evaluations."""

    monitor: str = "val_loss"
    """The metric."""
    min_delta: NonNegativeFloat = 0.0
    """By how much it must change to count as better."""
    patience: NonNegativeInt = 0
    """How many evaluations in a row without improvement stop the training; 0 counts as 1."""
    mode: Mode = "auto"
    """Whether less (`min`) or more (`max`) is better; `auto`: by the metric."""
    baseline: float | None = None
    """A value that must be beaten before anything counts as better; null: none."""


class ReduceLROnPlateau(Spec):
    """Lowers the learning rate when a metric has not improved for some evaluations."""

    monitor: str = "val_loss"
    """The metric."""
    factor: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """What the learning rate is multiplied with, above 0 and below 1."""
    patience: PositiveInt = 10
    """How many evaluations without improvement lower it."""
    mode: Mode = "auto"
    """Whether less (`min`) or more (`max`) is better; `auto`: by the metric."""
    min_delta: NonNegativeFloat = 1e-4
    """By how much the metric must change to count as better."""
    cooldown: NonNegativeInt = 0
    """How many evaluations pass after a reduction before counting starts again."""
    min_lr: NonNegativeFloat = 0.0
    """The learning rate never falls below this."""


class Mixup(Spec):
    """Blends each sample of a batch with another of the same batch, in training alone: x = l x1 + (1 - l) x2.

    The loss is l loss(y1) + (1 - l) loss(y2), the metrics of the training part look at the sample with the larger share. l is drawn
    for each sample. Source: Zhang, Cisse, Dauphin & Lopez-Paz, 2018.
    """

    alpha: PositiveFloat = 0.2
    """Both parameters of the beta distribution of l, above 0: near 0 one of the two is nearly all, at 1 each share is as likely as
    every other, far above both are halves."""


def _batch_size(value: object) -> object:
    if value == "full":
        return value
    message = f"expected a whole number of 1 or more, or `full`, received {describe(value)}"
    if isinstance(value, bool) or not isinstance(value, int):
        refuse("NN203", message, number_hint(value, whole=True))
    if value < 1:
        refuse("NN204", message)
    if value > LARGEST:
        refuse("NN204", f"expected at most {LARGEST:,}, or `full`, received {describe(value)}")
    return value


def _only_losses(value: tuple[str, ...]) -> tuple[str, ...]:
    for index, text in enumerate(value):
        if parse_condition(text).name.startswith("test_"):
            refuse("NN207", f"`{text}`: the test part is for the end, it cannot stop the training", at=(index,))
    return value


def _balanced_or_named(value: object, named: ValidatorFunctionWrapHandler) -> object:
    # No union: that would report a mistake once for each of its branches.
    if isinstance(value, str) and value != "balanced":
        refuse("NN205", f"expected `balanced` or a mapping, received {describe(value)}", "class names with their weights: `{a: 2}`")
    return value if value == "balanced" else named(value)


ClassWeight = Annotated[
    dict[str, NonNegativeFloat],
    WrapValidator(_balanced_or_named),
    PlainSerializer(lambda value: value),
    WithJsonSchema(
        {"anyOf": [{"const": "balanced"}, {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}}]}
    ),
]
"""`balanced`, or weights by the names of classes."""


class Training(Spec):
    """The course of the training."""

    batch_size: Annotated[PositiveInt | Literal["full"], BeforeValidator(_batch_size)] = 32
    """Samples a step; `full`: all of them, in the file's order."""
    steps: NonNegativeInt | None = None
    """How many steps to train; a partial batch at the end of an epoch counts as a step. Excludes `epochs`."""
    epochs: NonNegativeInt | None = None
    """How many passes over the training samples; 1 where `steps` is not given either."""
    order: Literal["shuffled", "sequential", "sliding", "with_replacement"] = "shuffled"
    """Order of the samples: drawn anew each epoch; as the data have them; as they have them, each batch beginning one sample after
    the one before, so that windows of a series continue each other row by row; or each drawn independently of the others."""
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = "float32"
    """Type of the arithmetic; the mixed ones keep the weights in float32."""
    threads: Annotated[int, Field(ge=1, le=MOST_THREADS)] | None = None
    """Threads that share one operation; another number gives other bits. Null: all allowed cores where a layer convolves or a
    step multiplies large matrices, else 1."""
    data_memory: PositiveInt | None = None
    """Megabytes (a million bytes) that the inputs may take in memory; where they take more, they are read from a temporary file as
    the steps need them, to the same bits. Null: half of what is free."""
    evaluate_every: Every | None = None
    """When to measure the validation part; null: each epoch where an epoch has 50 steps or more, else each 200th of all steps."""
    log_every: Every | None = None
    """When to write the training metrics; null: as `evaluate_every`'s null."""
    checkpoint_every: Every | None = None
    """When to save; null: as `evaluate_every`'s null, but not within 10 seconds of the last time. The end always saves."""
    best: Best = Field(default_factory=Best)
    """What makes `best.h5`. Without a validation part, the default keeps the last weights."""
    early_stopping: EarlyStopping | None = None
    """Stop when a metric no longer improves; null: never."""
    reduce_lr_on_plateau: ReduceLROnPlateau | None = None
    """Lower the learning rate when a metric no longer improves; null: never."""
    stop_when: Annotated[Many[ConditionText], AfterValidator(_only_losses)] = ()
    """Stop as soon as one of these holds. `loss` is the loss of each step's own batch; other names are looked at whenever they
    are measured."""
    class_weight: ClassWeight | None = None
    """Class name (or number) -> how much its samples count in the loss; classes not named count 1. `balanced`: each class as much
    as every other, by how often it occurs in the training part. Null: all samples count 1."""
    mixup: Mixup | None = None
    """Blend each sample of a batch with another of it, targets and all; null: never."""
    figures: bool = True
    """Whether pictures of the run are drawn into its folder at the end."""

    @model_validator(mode="after")
    def _budget_is_one(self) -> Self:
        if self.steps is not None and self.epochs is not None:
            refuse("NN206", "`steps` and `epochs` exclude each other", "keep one of them", at=("epochs",))
        if self.batch_size == "full" and self.order in ("with_replacement", "sliding"):
            refuse("NN206", f"`batch_size: full` takes all samples at once, which `{self.order}` does not", at=("order",))
        if self.steps is None and self.epochs is None:
            self.__dict__["epochs"] = 1  # specs are frozen
        return self

"""Optimizers that follow the gradient, or its sign or direction, at one common step size."""

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator

from nncli.spec.base import refuse
from nncli.spec.optimizers.base import AveragingWeight, LearningRate, Optimizer
from nncli.spec.values import Many, NonNegativeFloat, PositiveFloat, PositiveInt, Probability, Share


class SGD(Optimizer):
    """Gradient descent: w - learning_rate * gradient, on request with momentum."""

    type: Literal["sgd"] = "sgd"
    keras_class: ClassVar[str] = "SGD"
    num_averages: ClassVar[int] = 0
    learning_rate: LearningRate = 0.01
    """Step size, above 0, or a schedule."""
    momentum: Probability = 0.0
    """Share of the last update that is added to this one, 0 to 1."""
    nesterov: bool = False
    """Whether the momentum looks one step ahead (Nesterov, 1983); without momentum it changes nothing."""

    @property
    def slots(self) -> int:
        """One more for the momentum."""
        return super().slots + (self.momentum > 0)


class Lion(Optimizer):
    """Steps of equal size along the sign of a mix of gradient and momentum (Chen et al., 2023)."""

    type: Literal["lion"] = "lion"
    keras_class: ClassVar[str] = "Lion"
    num_averages: ClassVar[int] = 1
    beta_1: AveragingWeight = 0.9
    """Share of the momentum in the mix whose sign is taken, above 0, at most 1."""
    beta_2: Share = 0.99
    """Weight of the old value in the momentum, 0 to below 1."""


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as problem:
        refuse("NN204", f"`{value}` is not a regular expression: {problem}")
    return value


class Muon(Optimizer):
    """Momentum whose update matrix is made orthogonal by Newton-Schulz steps; AdamW for all variables that are not matrices.

    Source: Jordan et al., 2024; the scale of the update after Liu et al., 2025.
    """

    type: Literal["muon"] = "muon"
    keras_class: ClassVar[str] = "Muon"
    # The few variables that AdamW trains have a second one.
    num_averages: ClassVar[int] = 1
    adam_beta_1: Share = 0.9
    """AdamW's weight of the old value in the running average of the gradient, 0 to below 1."""
    adam_beta_2: Share = 0.999
    """AdamW's weight of the old value in the running average of the squared gradient, 0 to below 1."""
    adam_weight_decay: NonNegativeFloat | None = 0.004
    """Weight decay of the variables that AdamW trains, 0 or more; null: none."""
    epsilon: NonNegativeFloat = 1e-7
    """Small number in AdamW's divisor, 0 or more. At 0, a gradient that is 0 from the start gives NaN."""
    weight_decay: NonNegativeFloat | None = 0.004
    """Share of each weight, times the learning rate, that is taken off at every update, 0 or more; null: none."""
    exclude_layers: Many[Annotated[str, AfterValidator(_pattern)]] | None = None
    """Regular expressions; AdamW trains each variable in whose path one of them is found. Null: none."""
    exclude_embeddings: bool = True
    """Whether AdamW trains the embeddings."""
    muon_a: float = 3.4445
    """Factor of X in a Newton-Schulz step, a X + b (X X') X + c (X X')^2 X."""
    muon_b: float = -4.775
    """Factor of (X X') X in a Newton-Schulz step."""
    muon_c: float = 2.0315
    """Factor of (X X')^2 X in a Newton-Schulz step."""
    adam_lr_ratio: PositiveFloat = 1.0
    """AdamW's step size as a multiple of the learning rate, above 0."""
    momentum: Probability = 0.95
    """Share of the momentum that is kept from update to update, 0 to 1."""
    ns_steps: PositiveInt = 5
    """Number of Newton-Schulz steps, 1 or more."""
    nesterov: bool = True
    """Whether the momentum looks one step ahead."""
    rms_rate: PositiveFloat | None = 0.2
    """Factor, above 0, beside the root of the matrix's longer side on each update; null: neither is applied."""

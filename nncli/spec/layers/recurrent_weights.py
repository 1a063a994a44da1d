"""The weights of one time step, which recurrent layers and their cells share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from nncli.spec.base import TypedSpec
from nncli.spec.choice import named
from nncli.spec.layers.base import Activation, Constraint, Initializer, Regularizer
from nncli.spec.values import PositiveInt, Probability, Seed


class StepWeights(TypedSpec):
    """What every recurrent layer and its cell alone have in common: how one step turns input and state into the next state."""

    activation: Activation | None = named("activation", "tanh")
    """Function applied to the state; null: none."""
    use_bias: bool = True
    """Whether a bias is added."""
    kernel_initializer: Initializer = named("initializer", "glorot_uniform")
    """First values of the weights on the input."""
    recurrent_initializer: Initializer = named("initializer", "orthogonal")
    """First values of the weights on the former state."""
    bias_initializer: Initializer = named("initializer", "zeros")
    """First values of the bias."""
    kernel_regularizer: Regularizer | None = None
    """Penalty on the weights on the input."""
    recurrent_regularizer: Regularizer | None = None
    """Penalty on the weights on the former state."""
    bias_regularizer: Regularizer | None = None
    """Penalty on the bias."""
    kernel_constraint: Constraint | None = None
    """Projection applied to the weights on the input after each update."""
    recurrent_constraint: Constraint | None = None
    """Projection applied to the weights on the former state after each update."""
    bias_constraint: Constraint | None = None
    """Projection applied to the bias after each update."""
    dropout: Probability = 0.0
    """Share of the inputs that is set to 0 while training."""
    recurrent_dropout: Probability = 0.0
    """Share of the former state that is set to 0 while training."""
    seed: Seed | None = None
    """Seed of the dropout masks; null: drawn from the experiment's seed."""


class Gated(StepWeights):
    """What gates the state has."""

    recurrent_activation: Activation | None = named("activation", "sigmoid")
    """Function of the gates."""


class Forgetting(Gated):
    """What has a gate that forgets."""

    unit_forget_bias: bool = True
    """Whether the forget gate's bias starts at 1."""


class RecurrentWeights(StepWeights):
    """What has a vector for its state."""

    units: PositiveInt
    """Length of the state, and of each output."""

    num_matrices: ClassVar[int] = 1
    """Into how many parts, the state and its gates, input and state are turned."""

    @property
    def biases_per_unit(self) -> int:
        """How many biases each part has for a unit."""
        return int(self.use_bias)

    def num_products(self, features: int) -> int:
        """Weights on inputs of so many features and on the state, and so the multiply-adds of a step."""
        return self.num_matrices * self.units * (features + self.units)

    def num_weights(self, features: int) -> int:
        """Weights for inputs of so many features: on the input, on the state, and the biases."""
        return self.num_products(features) + self.num_matrices * self.units * self.biases_per_unit

    def step_shapes(self, features: int) -> Mapping[str, tuple[int, ...]]:
        """Shapes of its arrays of weights for inputs of so many features, as `Layer.weight_shapes` gives them."""
        width = self.num_matrices * self.units
        shapes: dict[str, tuple[int, ...]] = {"kernel": (features, width), "recurrent": (self.units, width)}
        if self.biases_per_unit:
            shapes["bias"] = (width,) if self.biases_per_unit == 1 else (self.biases_per_unit, width)
        return shapes


class LSTMWeights(Forgetting, RecurrentWeights):
    """What `lstm` and its cell have in common."""

    num_matrices: ClassVar[int] = 4


class GRUWeights(Gated, RecurrentWeights):
    """What `gru` and its cell have in common."""

    num_matrices: ClassVar[int] = 3

    reset_after: bool = True
    """Whether the reset gate is applied after the product with the former state; false is the paper's order."""

    @property
    def biases_per_unit(self) -> int:
        """One on the input and one on the state, where the reset gate acts between the two."""
        return int(self.use_bias) * (1 + self.reset_after)

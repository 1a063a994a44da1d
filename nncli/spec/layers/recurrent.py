"""Recurrent layers: they read a sequence step by step and keep a state."""

from __future__ import annotations

from typing import ClassVar, Literal

from nncli.spec.base import TypedSpec
from nncli.spec.choice import named
from nncli.spec.layers.base import Activation, Constraint, Initializer, Layer, Parameters, Regularizer, ShapeMistake, require_rank
from nncli.spec.values import NonNegativeInt, PositiveInt, Probability, Shape


class RecurrentWeights(TypedSpec):
    """What a recurrent layer and its cell alone have in common: how one step turns input and state into the next state."""

    units: PositiveInt
    """Length of the state, and of each output."""
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
    seed: NonNegativeInt | None = None
    """Seed of the dropout masks; null: drawn from the experiment's seed."""

    num_matrices: ClassVar[int] = 1
    """Into how many parts, the state and its gates, input and state are turned."""

    @property
    def biases_per_unit(self) -> int:
        """How many biases each part has for a unit."""
        return int(self.use_bias)

    def num_weights(self, features: int) -> int:
        """Weights for inputs of so many features: on the input, on the state, and the biases."""
        return self.num_matrices * self.units * (features + self.units + self.biases_per_unit)


class GatedWeights(RecurrentWeights):
    """What gates the state has."""

    recurrent_activation: Activation | None = named("activation", "sigmoid")
    """Function of the gates."""


class LSTMWeights(GatedWeights):
    """What `lstm` and its cell have in common."""

    num_matrices: ClassVar[int] = 4

    unit_forget_bias: bool = True
    """Whether the forget gate's bias starts at 1."""


class GRUWeights(GatedWeights):
    """What `gru` and its cell have in common."""

    num_matrices: ClassVar[int] = 3

    reset_after: bool = True
    """Whether the reset gate is applied after the product with the former state; false is the paper's order."""

    @property
    def biases_per_unit(self) -> int:
        """One on the input and one on the state, where the reset gate acts between the two."""
        return int(self.use_bias) * (1 + self.reset_after)


class ReadsSequences(Layer):
    """What every layer shares that reads (time, features) one step after the other and keeps a state."""

    has_weights: ClassVar[bool] = True

    return_sequences: bool = False
    """Whether there is an output for every time step, not for the last alone."""
    go_backwards: bool = False
    """Whether the sequence is read from its end; the outputs then come in that order, too."""
    stateful: bool = False
    """Whether row i of a batch goes on from the state in which row i of the batch before ended."""
    unroll: bool = False
    """Whether the time steps are laid out one after the other in place of a loop: faster for short sequences, more memory."""

    @property
    def width(self) -> int:
        """Length of each output."""
        raise NotImplementedError(f"{type(self).__name__} does not say how wide its outputs are")

    def output_shape(self, shape: Shape) -> Shape:
        """(time, width) with `return_sequences`, else (width,)."""
        after_another = "set `return_sequences: true` where a recurrent layer comes before it, or add a `reshape`"
        hint = after_another if len(shape) == 1 else "add a `reshape` before it"
        require_rank(shape, 2, "time, features", self.type, hint)
        time, features = shape
        if features is None:
            raise ShapeMistake("NN303", f"`{self.type}` needs to know the number of features, which may vary here")
        if self.unroll and time is None:
            raise ShapeMistake("NN303", "`unroll` needs sequences of a fixed length, which may vary here", field="unroll")
        return (time, self.width) if self.return_sequences else (self.width,)

    @property
    def is_stateful(self) -> bool:
        """Whether the state lives on from batch to batch."""
        return self.stateful


class RecurrentLayer(RecurrentWeights, ReadsSequences):
    """What simple_rnn, lstm and gru share."""

    activity_regularizer: Regularizer | None = None
    """Penalty on the outputs."""

    @property
    def width(self) -> int:
        """The units."""
        return self.units

    def parameters(self, shape: Shape) -> Parameters:
        """Those of a step: every step has the same."""
        return Parameters(self.num_weights(shape[-1] or 0))


class SimpleRNN(RecurrentLayer):
    """The plain recurrent layer: state = activation(input x kernel + state x recurrent kernel + bias)."""

    type: Literal["simple_rnn"] = "simple_rnn"
    keras_class: ClassVar[str] = "SimpleRNN"


class LSTM(LSTMWeights, RecurrentLayer):
    """Long short-term memory: a state guarded by an input, a forget and an output gate.

    Source: Hochreiter & Schmidhuber, 1997; forget gate: Gers, Schmidhuber & Cummins, 2000.
    """

    type: Literal["lstm"] = "lstm"
    keras_class: ClassVar[str] = "LSTM"


class GRU(GRUWeights, RecurrentLayer):
    """Gated recurrent unit: a state guarded by an update and a reset gate.

    Source: Cho et al., 2014. Keras's update gate z is the 1 - z of many texts.
    """

    type: Literal["gru"] = "gru"
    keras_class: ClassVar[str] = "GRU"

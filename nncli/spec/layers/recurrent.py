"""Recurrent layers: they read a sequence step by step and keep a state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from nncli.spec.layers.base import Layer, Parameters, Regularizer, ShapeMistake, num_positions, require_rank
from nncli.spec.layers.recurrent_weights import GRUWeights, LSTMWeights, RecurrentWeights
from nncli.spec.values import Shape


class KeepsState(Layer):
    """What every layer shares that reads its input one time step after the other and keeps a state."""

    has_weights: ClassVar[bool] = True

    return_sequences: bool = False
    """Whether there is an output for every time step, not for the last alone."""
    go_backwards: bool = False
    """Whether the sequence is read from its end; the outputs then come in that order, too."""
    stateful: bool = False
    """Whether row i of a batch goes on from the state in which row i of the batch before ended."""

    @property
    def width(self) -> int:
        """Length of each output, or number of its channels."""
        raise NotImplementedError(f"{type(self).__name__} does not say how wide its outputs are")

    @property
    def is_stateful(self) -> bool:
        """Whether the state lives on from batch to batch."""
        return self.stateful


class ReadsSequences(KeepsState):
    """What every layer shares that reads (time, features)."""

    unroll: bool = False
    """Whether the time steps are laid out one after the other in place of a loop: faster for short sequences, more memory."""

    def resulting_shape(self, shape: Shape) -> Shape:
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


class RecurrentLayer(RecurrentWeights, ReadsSequences):
    """What simple_rnn, lstm and gru share."""

    activity_regularizer: Regularizer | None = None
    """Penalty on the outputs."""

    @property
    def width(self) -> int:
        """The units."""
        return self.units

    def weight_shapes(self, shape: Shape) -> Mapping[str, tuple[int, ...]]:
        """Those of a step."""
        return self.step_shapes(shape[-1] or 0)

    def parameters(self, shape: Shape) -> Parameters:
        """Those of a step: every step has the same."""
        return Parameters(self.num_weights(shape[-1] or 0))

    def multiply_adds(self, shape: Shape) -> int:
        """Those of a step, at every time step."""
        return num_positions(shape[:1]) * self.num_products(shape[-1] or 0)


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

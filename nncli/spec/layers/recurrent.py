"""Recurrent layers, and the wrappers that apply a layer along time."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import model_validator

from nncli.spec.base import refuse
from nncli.spec.choice import OneOf, named
from nncli.spec.layers.base import (
    Activation,
    Constraint,
    Initializer,
    Layer,
    Regularizer,
    ShapeMistake,
    dimensions,
    require_rank,
)
from nncli.spec.values import NonNegativeInt, PositiveInt, Probability, Shape


class Recurrent(Layer):
    """What simple_rnn, lstm and gru share: they read (time, features) one step after the other and keep a state."""

    has_weights: ClassVar[bool] = True

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
    activity_regularizer: Regularizer | None = None
    """Penalty on the outputs."""
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
    return_sequences: bool = False
    """Whether there is an output for every time step, not for the last alone."""
    go_backwards: bool = False
    """Whether the sequence is read from its end; the outputs then come in that order, too."""
    stateful: bool = False
    """Whether row i of a batch goes on from the state in which row i of the batch before ended."""
    unroll: bool = False
    """Whether the time steps are laid out one after the other in place of a loop: faster for short sequences, more memory."""
    seed: NonNegativeInt | None = None
    """Seed of the dropout masks; null: drawn from the experiment's seed."""

    def output_shape(self, shape: Shape) -> Shape:
        """(time, units) with `return_sequences`, else (units,)."""
        after_another = "set `return_sequences: true` where a recurrent layer comes before it, or add a `reshape`"
        hint = after_another if len(shape) == 1 else "add a `reshape` before it"
        require_rank(shape, 2, "time, features", self.type, hint)
        time, features = shape
        if features is None:
            raise ShapeMistake("NN303", f"`{self.type}` needs to know the number of features, which may vary here")
        if self.unroll and time is None:
            raise ShapeMistake("NN303", "`unroll` needs sequences of a fixed length, which may vary here", field="unroll")
        return (time, self.units) if self.return_sequences else (self.units,)

    @property
    def is_stateful(self) -> bool:
        """Whether the state lives on from batch to batch."""
        return self.stateful


class SimpleRNN(Recurrent):
    """The plain recurrent layer: state = activation(input x kernel + state x recurrent kernel + bias)."""

    type: Literal["simple_rnn"] = "simple_rnn"
    keras_class: ClassVar[str] = "SimpleRNN"


class LSTM(Recurrent):
    """Long short-term memory: a state guarded by an input, a forget and an output gate.

    Source: Hochreiter & Schmidhuber, 1997; forget gate: Gers, Schmidhuber & Cummins, 2000.
    """

    type: Literal["lstm"] = "lstm"
    keras_class: ClassVar[str] = "LSTM"

    recurrent_activation: Activation | None = named("activation", "sigmoid")
    """Function of the gates."""
    unit_forget_bias: bool = True
    """Whether the forget gate's bias starts at 1."""


class GRU(Recurrent):
    """Gated recurrent unit: a state guarded by an update and a reset gate.

    Source: Cho et al., 2014. Keras's update gate z is the 1 - z of many texts.
    """

    type: Literal["gru"] = "gru"
    keras_class: ClassVar[str] = "GRU"

    recurrent_activation: Activation | None = named("activation", "sigmoid")
    """Function of the gates."""
    reset_after: bool = True
    """Whether the reset gate is applied after the product with the former state; false is the paper's order."""


class Wrapper(Layer):
    """What the layers share that hold another one."""

    layer: Annotated[Layer, OneOf("layer")]
    """The layer inside."""

    @model_validator(mode="after")
    def _layers_inside_are_plain(self) -> Self:
        for field in ("layer", "backward_layer"):
            inside = getattr(self, field, None)
            if inside is not None and inside.type == "input":
                refuse("NN206", f"`{self.type}` cannot hold an `input` layer", "put it at the top of the stack", (field,))
            if inside is not None and inside.name is not None:
                message = f"a layer inside `{self.type}` has no name of its own: its weights are found by the outer one"
                refuse("NN206", message, "name the outer layer", (field, "name"))
        return self

    def inner_shape(self, shape: Shape, field: str = "layer") -> Shape:
        """Output shape of a layer inside; its mistakes point there."""
        try:
            inside: Layer = getattr(self, field)
            return inside.output_shape(shape)
        except ShapeMistake as mistake:
            mistake.at = (field, *mistake.at)
            raise

    @property
    def is_trained(self) -> bool:
        """Whether training changes the layer inside."""
        return self.trainable and self.layer.is_trained

    @property
    def is_stateful(self) -> bool:
        """Whether the layer inside is."""
        return self.layer.is_stateful


class Bidirectional(Wrapper):
    """Reads a sequence forwards and backwards with two layers and joins what they give."""

    type: Literal["bidirectional"] = "bidirectional"
    keras_class: ClassVar[str] = "Bidirectional"

    layer: Annotated[Layer, OneOf("layer")]
    """The recurrent layer; a copy of it reads backwards."""
    merge_mode: Literal["concat", "sum", "mul", "ave"] = "concat"
    """How the two outputs are joined: side by side, or their sum, product or mean."""
    backward_layer: Annotated[Layer, OneOf("layer")] | None = None
    """A recurrent layer that reads backwards (`go_backwards: true`); null: a copy of `layer` with weights of its own."""

    @model_validator(mode="after")
    def _layers_are_recurrent(self) -> Self:
        for field in ("layer", "backward_layer"):
            layer: Any = getattr(self, field)
            if layer is not None and not isinstance(layer, Recurrent):
                refuse(
                    "NN206",
                    f"`bidirectional` takes a recurrent layer, received `{layer.type}`",
                    "there are: simple_rnn, lstm, gru",
                    (field,),
                )
        backward = self.backward_layer
        if isinstance(backward, Recurrent) and isinstance(self.layer, Recurrent):
            if backward.go_backwards == self.layer.go_backwards:
                refuse("NN206", "`layer` and `backward_layer` read in the same direction", "give one `go_backwards: true`")
            # Keras joins outputs of any two widths, but reckons with twice the first.
            for field in ("units", "return_sequences", "stateful"):
                if getattr(backward, field) != getattr(self.layer, field):
                    hint = f"give both the same `{field}`"
                    refuse("NN206", f"`layer` and `backward_layer` must agree in `{field}`", hint, ("backward_layer", field))
        return self

    def output_shape(self, shape: Shape) -> Shape:
        """The layer's own; twice as wide where the two outputs stand side by side."""
        forward = self.inner_shape(shape)
        if self.backward_layer is not None:
            self.inner_shape(shape, "backward_layer")
        width = forward[-1] or 0  # a recurrent layer's own, never unknown
        return (*forward[:-1], 2 * width) if self.merge_mode == "concat" else forward


class TimeDistributed(Wrapper):
    """Applies one layer to every time step of a sequence."""

    type: Literal["time_distributed"] = "time_distributed"
    keras_class: ClassVar[str] = "TimeDistributed"

    layer: Annotated[Layer, OneOf("layer")]
    """The layer that every time step goes through."""

    def output_shape(self, shape: Shape) -> Shape:
        """The time axis, then what the layer gives for one step."""
        if len(shape) < 2:
            raise ShapeMistake(
                "NN301", f"`time_distributed` takes samples of 2 axes or more (time, ...), this is {dimensions(shape)}"
            )
        return (shape[0], *self.inner_shape(shape[1:]))

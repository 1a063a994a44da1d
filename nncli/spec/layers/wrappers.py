"""Layers that hold another layer: read both ways, or applied to every time step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import model_validator

from nncli.spec.base import refuse
from nncli.spec.choice import OneOf
from nncli.spec.layers.base import Layer, Parameters, ShapeMistake, dimensions, num_positions
from nncli.spec.layers.composites import Composite
from nncli.spec.layers.recurrent import KeepsState
from nncli.spec.values import Shape


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
            if isinstance(inside, Composite):
                message, hint = f"`{self.type}` takes a single layer, received `{inside.type}`", "put it in the stack"
                refuse("NN206", message, hint, (field,))
            if inside is not None and inside.name is not None:
                message = f"a layer inside `{self.type}` has no name of its own: its weights are found by the outer one"
                refuse("NN206", message, "name the outer layer", (field, "name"))
        return self

    @property
    def inside(self) -> tuple[Layer, ...]:
        """The layer inside."""
        return (self.layer,)

    def within(self, shape: Shape) -> Iterator[tuple[tuple[str | int, ...], Layer, Shape]]:
        """The layer inside, and the one that reads backwards, where there is one."""
        for field in ("layer", "backward_layer"):
            if (inside := getattr(self, field, None)) is not None:
                yield (field,), inside, shape

    def inner_shape(self, shape: Shape, field: str = "layer") -> Shape:
        """Output shape of a layer inside; its mistakes point there."""
        try:
            inside: Layer = getattr(self, field)
            return inside.resulting_shape(shape)
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
            if layer is not None and not isinstance(layer, KeepsState):
                refuse(
                    "NN206",
                    f"`bidirectional` takes a recurrent layer, received `{layer.type}`",
                    "there are: simple_rnn, lstm, gru, rnn, conv_lstm1d to conv_lstm3d",
                    (field,),
                )
        backward = self.backward_layer
        if isinstance(backward, KeepsState) and isinstance(self.layer, KeepsState):
            if backward.go_backwards == self.layer.go_backwards:
                refuse("NN206", "`layer` and `backward_layer` read in the same direction", "give one `go_backwards: true`")
            # Keras joins outputs of any two widths, but reckons with twice the first.
            width = "filters" if hasattr(self.layer, "filters") else "units"
            for attribute, field in (("width", width), ("return_sequences",) * 2, ("stateful",) * 2):
                if getattr(backward, attribute) != getattr(self.layer, attribute):
                    hint = f"give both the same `{field}`"
                    refuse("NN206", f"`layer` and `backward_layer` must agree in `{field}`", hint, ("backward_layer", field))
        return self

    def resulting_shape(self, shape: Shape) -> Shape:
        """The layer's own; twice as wide where the two outputs stand side by side."""
        forward = self.inner_shape(shape)
        if self.backward_layer is not None and (backward := self.inner_shape(shape, "backward_layer")) != forward:
            message = f"the two layers give different shapes, {dimensions(forward)} and {dimensions(backward)}"
            raise ShapeMistake("NN303", message, "let the windows of both move alike", "backward_layer")
        width = forward[-1] or 0  # a recurrent layer's own, never unknown
        return (*forward[:-1], 2 * width) if self.merge_mode == "concat" else forward

    @property
    def inside(self) -> tuple[Layer, ...]:
        """Both layers, where there are two."""
        return (self.layer,) if self.backward_layer is None else (self.layer, self.backward_layer)

    @property
    def directions(self) -> tuple[Layer, Layer]:
        """The layer that reads forwards and the one that reads backwards."""
        return self.layer, self.backward_layer or self.layer

    @property
    def is_trained(self) -> bool:
        """Whether training changes one of the directions."""
        return self.trainable and any(layer.is_trained for layer in self.directions)

    def parameters(self, shape: Shape) -> Parameters:
        """Those of both directions."""
        return Parameters(sum(layer.parameters(shape).learnt for layer in self.directions))

    def multiply_adds(self, shape: Shape) -> int:
        """Those of both directions."""
        return sum(layer.multiply_adds(shape) for layer in self.directions)

    def num_trained(self, shape: Shape) -> int:
        """Those of the directions that are not frozen."""
        return sum(layer.num_trained(shape) for layer in self.directions) if self.trainable else 0


class TimeDistributed(Wrapper):
    """Applies one layer to every time step of a sequence."""

    type: Literal["time_distributed"] = "time_distributed"
    keras_class: ClassVar[str] = "TimeDistributed"

    layer: Annotated[Layer, OneOf("layer")]
    """The layer that every time step goes through."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """The time axis, then what the layer gives for one step."""
        if len(shape) < 2:
            raise ShapeMistake(
                "NN301", f"`time_distributed` takes samples of 2 axes or more (time, ...), this is {dimensions(shape)}"
            )
        return (shape[0], *self.inner_shape(shape[1:]))

    def within(self, shape: Shape) -> Iterator[tuple[tuple[str | int, ...], Layer, Shape]]:
        """The layer inside, which takes one step."""
        yield ("layer",), self.layer, shape[1:]

    def parameters(self, shape: Shape) -> Parameters:
        """The inner layer's: every time step goes through the same."""
        return self.layer.parameters(shape[1:])

    def multiply_adds(self, shape: Shape) -> int:
        """The inner layer's, at every time step."""
        return num_positions(shape[:1]) * self.layer.multiply_adds(shape[1:])

    def num_trained(self, shape: Shape) -> int:
        """The inner layer's."""
        return self.layer.num_trained(shape[1:]) if self.trainable else 0

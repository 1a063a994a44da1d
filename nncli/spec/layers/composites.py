"""Layers made of layers: added to their input, side by side, or again and again. Stock Keras sees a network inside the network."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from nncli.spec.base import refuse
from nncli.spec.choice import OneOf
from nncli.spec.layers.base import MOST_LAYERS, Layer, Parameters, ShapeMistake, dimensions, refuse_unfolding
from nncli.spec.values import Many, PositiveInt, Shape


def _anonymous(layer: Layer) -> Layer:
    if layer.type == "input":
        refuse("NN206", "only the network itself has an `input` layer", "put it at the top of the stack")
    if layer.name is not None:
        message = "a layer inside another has no name of its own: its weights are found by the outer one"
        refuse("NN206", message, "name the outer layer", ("name",))
    return layer


Stack = Many[Annotated[Layer, OneOf("layer"), AfterValidator(_anonymous)]]
"""Layers, first to last."""

Held = Iterator[tuple[Layer, Shape]]
"""Layers, each with the shape of what it takes."""
Within = Iterator[tuple[tuple[str | int, ...], Layer, Shape]]
"""The same, each behind its path."""


class Composite(Layer):
    """What the layers share that hold whole stacks of others."""

    keras_module: ClassVar[str] = ""

    def held(self, shape: Shape) -> Held:
        """Each layer once."""
        return ((layer, before) for _, layer, before in self.within(shape))

    def parameters(self, shape: Shape) -> Parameters:
        """Those of all layers inside."""
        found = [layer.parameters(before) for layer, before in self.held(shape)]
        return Parameters(sum(part.learnt for part in found), sum(part.statistics for part in found))

    def multiply_adds(self, shape: Shape) -> int:
        """Those of all layers inside."""
        return sum(layer.multiply_adds(before) for layer, before in self.held(shape))

    def num_kept(self, shape: Shape) -> int:
        """What all layers inside keep, and what it gives itself."""
        return sum(layer.num_kept(before) for layer, before in self.held(shape)) + super().num_kept(shape)

    def num_trained(self, shape: Shape) -> int:
        """Those of the layers inside that are not frozen."""
        return sum(layer.num_trained(before) for layer, before in self.held(shape)) if self.trainable else 0

    @property
    def inside(self) -> tuple[Layer, ...]:
        """Every layer inside, once."""
        return tuple(layer for stack in self.stacks for layer in stack)

    @property
    def is_trained(self) -> bool:
        """Whether training changes one of the layers inside."""
        return self.trainable and any(layer.is_trained for layer in self.inside)

    @property
    def is_stateful(self) -> bool:
        """Whether one of the layers inside is."""
        return any(layer.is_stateful for layer in self.inside)


def follow(stack: Sequence[Layer], shape: Shape, *at: str | int) -> list[Shape]:
    """The shapes along a stack inside a layer: what goes in, then what each layer gives.

    Args:
        stack: the layers.
        shape: of one input sample.
        at: path of the stack inside the layer that holds it; mistakes point there.

    Raises:
        ShapeMistake: a layer cannot take what it would get.
    """
    shapes = [shape]
    for index, layer in enumerate(stack):
        try:
            shapes.append(layer.resulting_shape(shapes[-1]))
        except ShapeMistake as mistake:
            mistake.at = (*at, index, *mistake.at)
            raise
    return shapes


def _placed(stack: Sequence[Layer], shapes: Sequence[Shape], *at: str | int) -> Within:
    for index, (layer, shape) in enumerate(zip(stack, shapes, strict=False)):
        yield (*at, index), layer, shape


class Residual(Composite):
    """Adds what its layers give to their input, so that they learn what is to be changed.

    Source: He, Zhang, Ren & Sun, 2016.
    """

    type: Literal["residual"] = "residual"

    layers: Annotated[Stack, Field(min_length=1)]
    """The layers, first to last; what they give has the shape of what they get."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        output = follow(self.layers, shape, "layers")[-1]
        if output != shape:
            message = f"the layers give {dimensions(output)}, which cannot be added to their input of {dimensions(shape)}"
            hint = "keep the shape (`padding: same`, as many filters), or use `parallel` with a branch that changes it, too"
            raise ShapeMistake("NN303", message, hint, "layers")
        return shape

    def within(self, shape: Shape) -> Within:
        """The layers of its stack."""
        return _placed(self.layers, follow(self.layers, shape, "layers"), "layers")

    @property
    def stacks(self) -> tuple[tuple[Layer, ...], ...]:
        """The one."""
        return (self.layers,)


class Repeat(Composite):
    """The same stack several times over, each time with weights of its own."""

    type: Literal["repeat"] = "repeat"

    layers: Annotated[Stack, Field(min_length=1)]
    """The layers, first to last."""
    times: Annotated[PositiveInt, Field(le=1000)]
    """How often they follow each other, 1 to 1,000."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """What the last of them gives."""
        return [*self._passes(shape)][-1][-1]

    def _passes(self, shape: Shape) -> Iterator[list[Shape]]:
        """The shapes along each pass: the same list where one takes what the one before took."""
        shapes: list[Shape] | None = None
        for _ in range(self.times):
            if shapes is None or shapes[0] != shape:
                shapes = follow(self.layers, shape, "layers")
            yield shapes
            shape = shapes[-1]

    def within(self, shape: Shape) -> Within:
        """The layers of its stack, again for each pass that takes something else."""
        for _, same in itertools.groupby(self._passes(shape), key=id):
            yield from _placed(self.layers, next(same), "layers")

    def held(self, shape: Shape) -> Held:
        """Each layer so many times."""
        for shapes in self._passes(shape):
            yield from zip(self.layers, shapes, strict=False)

    @property
    def num_unfolded(self) -> int:
        """Those of its stack, so many times."""
        return 1 + self.times * (super().num_unfolded - 1)

    @model_validator(mode="after")
    def _can_be_unfolded(self) -> Self:
        if self.num_unfolded > MOST_LAYERS:
            refuse_unfolding(self.num_unfolded, ("times",))
        return self

    @property
    def stacks(self) -> tuple[tuple[Layer, ...], ...]:
        """The one."""
        return (self.layers,)


class Parallel(Composite):
    """Gives its input to several stacks and joins what they give."""

    type: Literal["parallel"] = "parallel"

    branches: Annotated[Many[Stack], Field(min_length=2)]
    """The stacks, each a list of layers; an empty one gives the input itself."""
    join: Literal["concatenate", "add", "average", "maximum"] = "concatenate"
    """How what they give is joined: side by side along the last axis, or value by value: their sum, mean or largest."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """That of every branch; side by side their last axes add up."""
        outputs = [follow(branch, shape, "branches", index)[-1] for index, branch in enumerate(self.branches)]
        compared = [output[:-1] if self.join == "concatenate" else output for output in outputs]
        for index, other in enumerate(compared):
            if other != compared[0] or len(outputs[index]) != len(outputs[0]):
                message = f"branch {index} gives {dimensions(outputs[index])}, the first one {dimensions(outputs[0])}"
                kept = "all but their last axis" if self.join == "concatenate" else "their shape"
                raise ShapeMistake("NN303", message, f"to be joined by `{self.join}` they have {kept} in common", "branches", index)
        if self.join != "concatenate":
            return outputs[0]
        widths = [output[-1] for output in outputs]
        return (*outputs[0][:-1], None if None in widths else sum(width or 0 for width in widths))

    def within(self, shape: Shape) -> Within:
        """The layers of each branch."""
        for index, branch in enumerate(self.branches):
            yield from _placed(branch, follow(branch, shape, "branches", index), "branches", index)

    @property
    def stacks(self) -> tuple[tuple[Layer, ...], ...]:
        """The branches."""
        return self.branches

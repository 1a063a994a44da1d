"""What every layer spec shares."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, ClassVar, Final, NamedTuple, NoReturn

from pydantic import AfterValidator, Field

from nncli.spec.base import TypedSpec, refuse
from nncli.spec.choice import OneOf
from nncli.spec.values import Shape


def _keeps_shape(activation: TypedSpec) -> TypedSpec:
    # Keras reckons with the full width: the next layer, or the layer's own state, then does not fit.
    if activation.type == "glu":
        refuse(
            "NN206", "`glu` halves the last axis, which no layer of Keras reckons with", "use another activation, such as `silu`"
        )
    return activation


Activation = Annotated[TypedSpec, OneOf("activation"), AfterValidator(_keeps_shape)]
Initializer = Annotated[TypedSpec, OneOf("initializer")]
Regularizer = Annotated[TypedSpec, OneOf("regularizer")]
Constraint = Annotated[TypedSpec, OneOf("constraint")]


MOST_LAYERS: Final = 10_000
"""Most layers of a network, each counted as often as a `repeat` has it follow itself; Keras takes minutes to build as many."""


class ShapeMistake(Exception):
    """A layer cannot take the input it would get.

    Attributes:
        code: NN301 (rank), NN302 (window larger than the input) or NN303 (shapes that do not fit).
        at: path of the field at fault inside the layer; empty for the layer as a whole.
    """

    def __init__(self, code: str, message: str, hint: str | None = None, field: str | None = None, *deeper: int) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint
        self.at: tuple[str | int, ...] = () if field is None else (field, *deeper)


class Parameters(NamedTuple):
    """How many numbers a layer keeps."""

    learnt: int = 0
    """Weights that training changes, unless the layer is frozen."""
    statistics: int = 0
    """Running averages and the like, which no gradient changes."""


class Layer(TypedSpec):
    """A layer of the stack: one tensor in, one tensor out."""

    kind: ClassVar[str] = "layer"
    keras_module: ClassVar[str] = "layers"

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.\-]*$")] | None = None
    """Name of the layer, unique in the network; null: its type, numbered from the second on. Weights are found by it."""
    trainable: bool = True
    """Whether training changes its weights."""
    has_weights: ClassVar[bool] = False
    """Whether it has weights to train."""
    has_windows: ClassVar[bool] = False
    """Whether windows slide over its input: it convolves or pools."""
    suits_xla: ClassVar[bool] = True
    """Whether XLA can compute it, and does it as well as TensorFlow on its own; windows are a matter of their own."""
    in_float32: ClassVar[bool] = False
    """Whether it computes in float32 whatever `training.precision` says."""

    def resulting_shape(self, shape: Shape) -> Shape:
        """Shape of one output sample for an input sample of `shape`; both without the batch.

        Raises:
            ShapeMistake: the layer cannot take such an input.
        """
        raise NotImplementedError(f"{type(self).__name__} has no shape rule")

    def parameters(self, shape: Shape) -> Parameters:
        """How many numbers the layer keeps for input samples of `shape`, which it can take."""
        return Parameters()

    def multiply_adds(self, shape: Shape) -> int:
        """Multiplications, each with its addition, of one sample's forward pass in products of matrices and in convolutions.

        What looks at each value by itself counts nothing: activations, biases, normalization, pooling, looking a row up. A window
        counts in full where padding fills it up. An axis of unknown size counts as 1, so that a sequence whose length may vary
        gives the number of one step.

        Args:
            shape: of an input sample that the layer can take.
        """
        return 0

    def num_kept(self, shape: Shape) -> int:
        """How many numbers of one sample training keeps for the way back: its output, for input samples of `shape`."""
        return num_positions(self.resulting_shape(shape))

    def weight_shapes(self, shape: Shape) -> Mapping[str, tuple[int, ...]]:
        """Shapes of its arrays of weights for input samples of `shape`, by what their fields begin with: `kernel`
        for `kernel_initializer`, `kernel_regularizer` and `kernel_constraint`. Arrays without such fields are left out.
        """
        return {}

    def within(self, shape: Shape) -> Iterator[tuple[tuple[str | int, ...], Layer, Shape]]:
        """The layers that it holds: path inside it, layer, and what the layer takes for samples of `shape`, which it can take."""
        return iter(())

    def held(self, shape: Shape) -> Iterator[tuple[Layer, Shape]]:
        """Every layer of the stacks that it holds, as often as its output is computed, with what it takes for samples of `shape`.

        Raises:
            ShapeMistake: one of them cannot take it.
        """
        return iter(())

    def num_trained(self, shape: Shape) -> int:
        """How many of its parameters training changes."""
        return self.parameters(shape).learnt if self.is_trained else 0

    @property
    def numbers(self) -> Collection[int] | None:
        """The whole numbers that it can take; None where it takes any numbers."""
        return None

    @property
    def places(self) -> int | None:
        """How many places there are, where it gives whole numbers from 0 on that say a place; None where it gives others."""
        return None

    @property
    def stacks(self) -> tuple[tuple[Layer, ...], ...]:
        """The whole stacks that it holds, as a composite does."""
        return ()

    @property
    def inside(self) -> tuple[Layer, ...]:
        """The layers that it holds."""
        return ()

    @property
    def num_unfolded(self) -> int:
        """How many layers a network has by it: itself and those inside, each as often as its output is computed."""
        return 1 + sum(layer.num_unfolded for layer in self.inside)

    @property
    def is_trained(self) -> bool:
        """Whether training changes something in it."""
        return self.has_weights and self.trainable

    @property
    def is_stateful(self) -> bool:
        """Whether the layer carries a state from one batch to the next."""
        return False


def parts(layer: Layer) -> Iterator[Layer]:
    """A layer and all that it holds, however deep."""
    yield layer
    for held in layer.inside:
        yield from parts(held)


def refuse_unfolding(number: int, at: tuple[str | int, ...]) -> NoReturn:
    """Refuse a network, or a part of one, of more than `MOST_LAYERS` layers.

    Args:
        number: of layers.
        at: path of what makes them so many.
    """
    told = f"{number:,}" if number < 10**15 else "too many"
    refuse("NN204", f"this unfolds to {told} layers, a network has {MOST_LAYERS:,} at most", "repeat it less often", at)


def dimensions(shape: Shape) -> str:
    """A shape as a message shows it: `28 x 28 x 1`; `?` for what may vary."""
    return " x ".join("?" if size is None else str(size) for size in shape) if shape else "a single number"


def num_positions(shape: Shape) -> int:
    """How many positions there are along the axes of `shape`; an axis of unknown size counts as 1."""
    return math.prod(1 if size is None else size for size in shape)


def require_rank(shape: Shape, rank: int, wanted: str, layer: str, hint: str | None = None) -> None:
    """Check the number of axes of an input sample.

    Args:
        shape: the input sample's shape.
        rank: the number of axes it must have.
        wanted: the axes by name, such as "height, width, channels".
        layer: the layer's type, for the message.
        hint: how to mend it.

    Raises:
        ShapeMistake: NN301, when it has another number of axes.
    """
    if len(shape) != rank:
        raise ShapeMistake("NN301", f"`{layer}` takes samples of {rank} axes ({wanted}), this input is {dimensions(shape)}", hint)

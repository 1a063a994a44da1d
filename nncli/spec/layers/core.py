"""Input, dense, activation and embedding layers."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nncli.spec.choice import named
from nncli.spec.layers.base import Activation, Constraint, Initializer, Layer, Parameters, Regularizer, ShapeMistake, dimensions
from nncli.spec.values import Many, PositiveInt, Shape


class Input(Layer):
    """States the shape of one sample; only as the first layer. Left out, the shape comes from the data."""

    type: Literal["input"] = "input"
    keras_class: ClassVar[str] = "InputLayer"

    shape: Many[PositiveInt] = Field(min_length=1)
    """Shape of one sample, without the batch."""

    def output_shape(self, shape: Shape) -> Shape:
        """The shape it states, which must be the data's."""
        if len(shape) != len(self.shape) or any(own != size for own, size in zip(self.shape, shape, strict=True) if size):
            raise ShapeMistake(
                "NN303",
                f"`input` states samples of {dimensions(self.shape)}, the data give {dimensions(shape)}",
                "leave the `input` layer out, or add a `reshape` to the preprocessing",
                "shape",
            )
        return self.shape


class Dense(Layer):
    """Every output unit sees every input: activation(input x kernel + bias), over the last axis."""

    type: Literal["dense"] = "dense"
    keras_class: ClassVar[str] = "Dense"
    has_weights: ClassVar[bool] = True

    units: PositiveInt
    """Number of outputs, 1 or more."""
    activation: Activation | None = None
    """Function applied to the outputs; null: none."""
    use_bias: bool = True
    """Whether a bias is added to each output."""
    kernel_initializer: Initializer = named("initializer", "glorot_uniform")
    """First values of the kernel, of shape (inputs, units)."""
    bias_initializer: Initializer = named("initializer", "zeros")
    """First values of the bias, of shape (units,)."""
    kernel_regularizer: Regularizer | None = None
    """Penalty on the kernel, added to the loss."""
    bias_regularizer: Regularizer | None = None
    """Penalty on the bias, added to the loss."""
    activity_regularizer: Regularizer | None = None
    """Penalty on the outputs, added to the loss."""
    kernel_constraint: Constraint | None = None
    """Projection applied to the kernel after each update."""
    bias_constraint: Constraint | None = None
    """Projection applied to the bias after each update."""

    def output_shape(self, shape: Shape) -> Shape:
        """The last axis becomes `units`."""
        if not shape:
            raise ShapeMistake("NN301", "`dense` takes samples of at least 1 axis, this input is a single number")
        if shape[-1] is None:
            raise ShapeMistake("NN303", "`dense` needs to know the size of its input's last axis, which may vary here")
        return (*shape[:-1], self.units)

    def parameters(self, shape: Shape) -> Parameters:
        """A weight for each pair of input and unit, and the bias."""
        return Parameters((shape[-1] or 0) * self.units + self.use_bias * self.units)


class ActivationLayer(Layer):
    """Applies an activation function as a layer of its own."""

    type: Literal["activation"] = "activation"
    keras_class: ClassVar[str] = "Activation"

    activation: Activation
    """The function."""

    def output_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        return shape


class Embedding(Layer):
    """Turns whole numbers into vectors that are learnt: row i of a table for the number i."""

    type: Literal["embedding"] = "embedding"
    keras_class: ClassVar[str] = "Embedding"
    has_weights: ClassVar[bool] = True

    input_dim: PositiveInt
    """Number of rows of the table: the largest number that comes in, plus 1."""
    output_dim: PositiveInt
    """Length of each vector."""
    embeddings_initializer: Initializer = named("initializer", "random_uniform")
    """First values of the table, of shape (input_dim, output_dim)."""
    embeddings_regularizer: Regularizer | None = None
    """Penalty on the table, added to the loss."""
    embeddings_constraint: Constraint | None = None
    """Projection applied to the table after each update."""
    mask_zero: bool = False
    """Whether the number 0 is padding that later recurrent layers skip."""

    def output_shape(self, shape: Shape) -> Shape:
        """A vector of `output_dim` for each number."""
        return (*shape, self.output_dim)

    def parameters(self, shape: Shape) -> Parameters:
        """The table."""
        return Parameters(self.input_dim * self.output_dim)


class Masking(Layer):
    """Marks the time steps whose features all have one value as padding, which later recurrent layers skip."""

    type: Literal["masking"] = "masking"
    keras_class: ClassVar[str] = "Masking"

    mask_value: float = 0.0
    """That value."""

    def output_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        return shape


class Identity(Layer):
    """Passes its input on."""

    type: Literal["identity"] = "identity"
    keras_class: ClassVar[str] = "Identity"

    def output_shape(self, shape: Shape) -> Shape:
        """Unchanged."""
        return shape

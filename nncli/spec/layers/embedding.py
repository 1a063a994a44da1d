"""Layers that turn whole numbers into vectors."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar, Literal

from nncli.spec.choice import named
from nncli.spec.layers.base import Constraint, Initializer, Layer, Parameters, Regularizer
from nncli.spec.values import PositiveInt, Shape


class Lookup(Layer):
    """What the layers share that look whole numbers up in a table of vectors."""

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

    @property
    def numbers(self) -> Collection[int] | None:
        """Those that have a row."""
        return range(self.input_dim)

    def resulting_shape(self, shape: Shape) -> Shape:
        """A vector of `output_dim` for each number."""
        return (*shape, self.output_dim)

    def weight_shapes(self, shape: Shape) -> Mapping[str, tuple[int, ...]]:
        """The table's."""
        return {"embeddings": (self.input_dim, self.output_dim)}

    def parameters(self, shape: Shape) -> Parameters:
        """The table."""
        return Parameters(self.input_dim * self.output_dim)


class Embedding(Lookup):
    """Turns whole numbers into vectors that are learnt: row i of a table for the number i."""

    type: Literal["embedding"] = "embedding"
    keras_class: ClassVar[str] = "Embedding"


class ReversibleEmbedding(Lookup):
    """An embedding that Keras can also run backwards, from vectors to a score for each number. A stack never does, so that here it
    is another name of `embedding`, for networks whose file shall say so.
    """

    type: Literal["reversible_embedding"] = "reversible_embedding"
    keras_class: ClassVar[str] = "ReversibleEmbedding"

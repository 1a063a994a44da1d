"""Recurrent layers built from cells: what one time step does, alone or in a stack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nncli.spec.base import TypedSpec
from nncli.spec.choice import OneOf
from nncli.spec.layers.base import Parameters, num_positions
from nncli.spec.layers.recurrent import ReadsSequences
from nncli.spec.layers.recurrent_weights import GRUWeights, LSTMWeights, RecurrentWeights
from nncli.spec.values import Many, Shape


class Cell(TypedSpec):
    """What one time step of a recurrent layer does."""

    kind: ClassVar[str] = "cell"
    keras_module: ClassVar[str] = "layers"

    @property
    def width(self) -> int:
        """Length of each output."""
        raise NotImplementedError(f"{type(self).__name__} does not say how wide its outputs are")

    def num_weights(self, features: int) -> int:
        """Weights for inputs of so many features."""
        raise NotImplementedError(f"{type(self).__name__} does not say how many weights it has")

    def num_products(self, features: int) -> int:
        """Multiply-adds of a step on inputs of so many features."""
        raise NotImplementedError(f"{type(self).__name__} does not say how much it multiplies")


class OneCell(RecurrentWeights, Cell):
    """What the plain cells share."""

    @property
    def width(self) -> int:
        """The units."""
        return self.units


class SimpleRNNCell(OneCell):
    """One step of `simple_rnn`."""

    type: Literal["simple_rnn_cell"] = "simple_rnn_cell"
    keras_class: ClassVar[str] = "SimpleRNNCell"


class LSTMCell(LSTMWeights, OneCell):
    """One step of `lstm`."""

    type: Literal["lstm_cell"] = "lstm_cell"
    keras_class: ClassVar[str] = "LSTMCell"


class GRUCell(GRUWeights, OneCell):
    """One step of `gru`."""

    type: Literal["gru_cell"] = "gru_cell"
    keras_class: ClassVar[str] = "GRUCell"


class StackedRNNCells(Cell):
    """Cells on top of each other: each takes what the one below gives, in the same time step."""

    type: Literal["stacked_rnn_cells"] = "stacked_rnn_cells"
    keras_class: ClassVar[str] = "StackedRNNCells"

    cells: Annotated[Many[Annotated[Cell, OneOf("cell")]], Field(min_length=1)]
    """The cells, lowest first."""

    @property
    def width(self) -> int:
        """That of the highest cell."""
        return self.cells[-1].width

    def num_weights(self, features: int) -> int:
        """Those of all cells."""
        return sum(cell.num_weights(size) for cell, size in self._with_inputs(features))

    def num_products(self, features: int) -> int:
        """Those of all cells."""
        return sum(cell.num_products(size) for cell, size in self._with_inputs(features))

    def _with_inputs(self, features: int) -> Iterator[tuple[Cell, int]]:
        """Each cell and how many features come in to it."""
        return zip(self.cells, (features, *(cell.width for cell in self.cells)), strict=False)


class RNN(ReadsSequences):
    """Reads a sequence with any cell."""

    type: Literal["rnn"] = "rnn"
    keras_class: ClassVar[str] = "RNN"

    cell: Annotated[Cell, OneOf("cell")]
    """What each time step does."""
    zero_output_for_mask: bool = False
    """Whether the output of a time step that is padding is 0, not the output before it; for `return_sequences`."""

    @property
    def width(self) -> int:
        """The cell's."""
        return self.cell.width

    def parameters(self, shape: Shape) -> Parameters:
        """The cell's: every step has the same."""
        return Parameters(self.cell.num_weights(shape[-1] or 0))

    def multiply_adds(self, shape: Shape) -> int:
        """The cell's, at every time step."""
        return num_positions(shape[:1]) * self.cell.num_products(shape[-1] or 0)

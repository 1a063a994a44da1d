"""What is told of a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nncli.reports.base import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSummary:
    """A layer of a network.

    Attributes:
        name, type: as the config has them, or as they were made up.
        output_shape: of one sample; null for an axis that may vary.
        parameters: weights and statistics.
        trained: how many of them training changes by the gradient.
        multiply_adds: how many times it multiplies and adds for one sample.
        inside: the layers that it holds, in the order in which they are computed; their numbers are among its own.
    """

    name: str
    type: str
    output_shape: tuple[int | None, ...]
    parameters: int
    trained: int
    multiply_adds: int = 0
    inside: tuple[LayerSummary, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySummary:
    """What a step of the training keeps in memory, an estimate in bytes.

    Attributes:
        batch_size: samples of a step.
        weights: all weights.
        gradients: one for each weight that is trained.
        optimizer: what it keeps for each of those.
        activations: the input and the outputs of all layers, for every sample of a batch.
        total: the sum.
    """

    batch_size: int
    weights: int
    gradients: int
    optimizer: int
    activations: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightSummary:
    """An array of weights.

    Attributes:
        name: its path in the network.
        shape: its shape.
        values: all of it as nested lists where it is small; null where it is large.
        statistics: `min`, `max`, `mean` and `std` of its values.
    """

    name: str
    shape: tuple[int, ...]
    values: Any
    statistics: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryReport(Report):
    """A network, layer by layer.

    Attributes:
        name: the experiment's.
        input_shape: of one prepared sample; null for an axis that may vary, in a file of stock Keras.
        layers: first to last.
        parameters, trained, multiply_adds: sums over the layers.
        memory: of a step of the training; null for a checkpoint that was trained with all samples in a batch.
        weights: the arrays of a checkpoint, where asked for.
        plot: the picture written; null where none was asked for.
    """

    name: str
    input_shape: tuple[int | None, ...]
    layers: tuple[LayerSummary, ...]
    parameters: int
    trained: int
    multiply_adds: int = 0
    memory: MemorySummary | None = None
    weights: tuple[WeightSummary, ...] | None = None
    plot: str | None = None

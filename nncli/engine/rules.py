"""The written rules of speed: which part of a step XLA compiles, and how many threads share one operation.

They look at the config alone and never at a clock, since another mode or number of threads gives other bits.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from itertools import takewhile
from typing import Literal

from nncli.spec.base import Spec
from nncli.spec.experiment import Experiment
from nncli.spec.layers.base import Layer
from nncli.spec.layers.cells import Cell
from nncli.spec.layers.composites import Composite
from nncli.spec.layers.einsum import EinsumDense
from nncli.spec.layers.recurrent import ReadsSequences
from nncli.spec.layers.recurrent_weights import GRUWeights, LSTMWeights, StepWeights
from nncli.spec.layers.regularization import Random
from nncli.spec.layers.weights import Weighted
from nncli.spec.losses.regression import CosineSimilarity
from nncli.spec.regularizers import OrthogonalRegularizer
from nncli.spec.shapes import output_shapes
from nncli.spec.values import Shape

Mode = Literal["loop", "update"]

LARGE_PRODUCT = 2**22
"""Multiply-adds of one matrix product from which a second thread is worth its hand-over (about 1 ms on one core)."""


def slides_windows(layer: Layer) -> bool:
    """Whether a layer, or one that it wraps, convolves or pools."""
    return any(_slides(part) for part in _parts(layer))


def _slides(part: Spec) -> bool:
    return isinstance(part, Layer) and part.has_windows


def suits_xla(part: Spec) -> bool:
    """Whether XLA can compute a part of a config, and does it as well as TensorFlow on its own.

    It has no operation that turns an image, hashes or looks numbers up; its convolutions on a CPU are 2 to 5 times slower than
    oneDNN's; its gradient of a vector's direction is NaN where the vector is 0, as that of a unit that relu holds back, while
    TensorFlow's is 0; and it compiles gates that are unrolled for longer than it can make up for.
    """
    if isinstance(part, Layer):
        return part.suits_xla and not part.has_windows and not _unrolls_gates(part)
    return not isinstance(part, CosineSimilarity | OrthogonalRegularizer)


def _unrolls_gates(layer: Layer) -> bool:
    """Whether a layer lays the steps of an LSTM or a GRU out one after the other.

    XLA takes 0.3 s and more for each of them (28 of an LSTM: 8 s, without it 0.8), which it saves in no fewer than 3,000 steps of
    training. A loop over them is compiled once, as are the steps of a `simple_rnn`, which have no gates, in next to no time.
    """
    return (
        isinstance(layer, ReadsSequences)
        and layer.unroll
        and any(isinstance(part, LSTMWeights | GRUWeights) for part in _parts(layer))
    )


def _parts(spec: Spec) -> Iterator[Spec]:
    """A spec and all that it holds, such as the layers inside it and their regularizers."""
    yield spec
    for name in type(spec).model_fields:
        yield from _parts_of(getattr(spec, name))


def _parts_of(value: object) -> Iterator[Spec]:
    if isinstance(value, Spec):
        yield from _parts(value)
    elif isinstance(value, tuple):
        for entry in value:
            yield from _parts_of(entry)


def choose_mode(experiment: Experiment) -> Mode:
    """Which part of a step is compiled by XLA.

    `loop`, all of it, is fastest wherever it suits: the hand-over of single operations outweighs their arithmetic. Elsewhere only
    the optimizer's update is compiled: `update`.
    """
    parts = (part for whole in (experiment.model, experiment.loss) for part in _parts(whole))
    return "loop" if all(map(suits_xla, parts)) and not _draws_over_inputs(experiment) else "update"


def _draws_over_inputs(experiment: Experiment) -> bool:
    """Whether random numbers are drawn before any layer multiplies matrices.

    XLA takes some 0.5 us for each of them there, ten times what TensorFlow takes, and next to nothing behind a product (measured:
    dropout before a dense layer of 784 inputs, batch 128, 45 ms a step against 11; behind it 8 against 14).
    """
    before = takewhile(lambda layer: not any(_multiplies(part) for part in _parts(layer)), experiment.model.layers)
    return any(isinstance(part, Random) and part.draws for layer in before for part in _parts(layer))


def _multiplies(part: Spec) -> bool:
    return isinstance(part, Weighted | StepWeights)


def allowed_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def choose_threads(experiment: Experiment, batch_size: int, input_shape: Shape) -> int:
    """How many threads share one operation.

    What the config says; else all allowed cores where a window slides, or where some layer multiplies matrices of
    `LARGE_PRODUCT` multiply-adds or more; else 1, since handing small products to a second thread costs more than it saves.

    Args:
        experiment: the config, its shapes known to fit.
        batch_size: samples a step.
        input_shape: shape of one prepared sample.
    """
    if experiment.training.threads is not None:
        return experiment.training.threads
    shapes, _ = output_shapes(experiment.model, input_shape)
    products = (_product(layer, before) for layer, before in zip(experiment.model.layers, [input_shape, *shapes], strict=False))
    large = (
        any(slides_windows(layer) for layer in experiment.model.layers) or batch_size * max(products, default=0) >= LARGE_PRODUCT
    )
    return allowed_cores() if large else 1


def _product(layer: Layer | Cell, shape: Shape) -> int:
    """Multiply-adds of a layer's largest matrix product, for one sample: an estimate by its units."""
    if isinstance(layer, Layer) and any(isinstance(part, EinsumDense) for part in _parts(layer)):
        return layer.multiply_adds(shape)
    if isinstance(layer, Composite):
        return max((_product(part, before) for part, before in layer.held(shape)), default=0)
    inside = [getattr(layer, field) for field in ("layer", "cell") if hasattr(layer, field)] + list(getattr(layer, "cells", ()))
    if inside:
        return max(_product(part, shape) for part in inside)
    units = getattr(layer, "units", 0)
    inputs = shape[-1] or 1 if shape else 1
    if hasattr(layer, "recurrent_initializer"):
        return units * max(inputs, units)
    return math.prod(size or 1 for size in shape[:-1]) * inputs * units

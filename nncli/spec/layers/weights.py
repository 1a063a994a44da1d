"""What the layers share that multiply their inputs with learnt weights and may add a bias: dense layers and convolutions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from nncli.spec.choice import named
from nncli.spec.layers.base import Activation, Constraint, Initializer, Layer, Parameters, Regularizer
from nncli.spec.values import Shape


class Weighted(Layer):
    """What they all share."""

    has_weights: ClassVar[bool] = True
    kernel_names: ClassVar[tuple[str, ...]] = ("kernel",)
    """What the fields of its arrays of weights begin with, the bias aside."""

    activation: Activation | None = None
    """Function applied to the outputs; null: none."""
    bias_initializer: Initializer = named("initializer", "zeros")
    """First values of the bias."""
    bias_regularizer: Regularizer | None = None
    """Penalty on the bias, added to the loss."""
    bias_constraint: Constraint | None = None
    """Projection applied to the bias after each update."""

    def kernels(self, shape: Shape) -> tuple[tuple[int, ...], ...]:
        """Shapes of its arrays of weights for input samples of `shape`, the bias aside."""
        raise NotImplementedError(f"{type(self).__name__} does not say which weights it has")

    def num_biases(self, shape: Shape) -> int:
        """How many biases it adds for input samples of `shape`."""
        raise NotImplementedError(f"{type(self).__name__} does not say how many biases it has")

    def weight_shapes(self, shape: Shape) -> Mapping[str, tuple[int, ...]]:
        """The kernels and the bias."""
        kernels = dict(zip(self.kernel_names, self.kernels(shape), strict=True))
        return kernels | ({"bias": self.bias_shape(shape)} if self.num_biases(shape) else {})

    def bias_shape(self, shape: Shape) -> tuple[int, ...]:
        """Shape of the bias for input samples of `shape`."""
        return (self.num_biases(shape),)

    def parameters(self, shape: Shape) -> Parameters:
        """The weights and the biases."""
        return Parameters(sum(map(math.prod, self.kernels(shape))) + self.num_biases(shape))


class WithBias(Weighted):
    """What may leave the bias out."""

    use_bias: bool = True
    """Whether a bias is added."""
    activity_regularizer: Regularizer | None = None
    """Penalty on the outputs, added to the loss."""

    def num_outputs(self, shape: Shape) -> int:
        """Length of the last axis of its outputs, or number of their channels."""
        raise NotImplementedError(f"{type(self).__name__} does not say how wide its outputs are")

    def num_biases(self, shape: Shape) -> int:
        """One for each output, or channel."""
        return self.num_outputs(shape) if self.use_bias else 0


class OneKernel(Weighted):
    """What keeps its weights in one array, the kernel."""

    kernel_initializer: Initializer = named("initializer", "glorot_uniform")
    """First values of the kernel."""
    kernel_regularizer: Regularizer | None = None
    """Penalty on the kernel, added to the loss."""
    kernel_constraint: Constraint | None = None
    """Projection applied to the kernel after each update."""

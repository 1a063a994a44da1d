"""A layer around another one that holds the size of its weights down."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator

from nncli.spec.base import refuse
from nncli.spec.choice import OneOf
from nncli.spec.layers.base import Layer, Parameters
from nncli.spec.layers.embedding import Lookup
from nncli.spec.layers.weights import Weighted
from nncli.spec.layers.wrappers import Wrapper
from nncli.spec.values import PositiveInt, Shape


class SpectralNormalization(Wrapper):
    """Divides the kernel of the layer inside by its largest singular value at each training step, so that no input is stretched.

    Source: Miyato, Kataoka, Koyama & Yoshida, 2018.
    """

    type: Literal["spectral_normalization"] = "spectral_normalization"
    keras_class: ClassVar[str] = "SpectralNormalization"

    layer: Annotated[Layer, OneOf("layer")]
    """The layer whose kernel is divided: dense, einsum_dense, a convolution or a depthwise one."""
    power_iterations: PositiveInt = 1
    """How often the estimate of the largest singular value is refined at each step."""

    @model_validator(mode="after")
    def _layer_has_a_kernel(self) -> Self:
        if isinstance(self.layer, Lookup):
            message = f"`spectral_normalization` would round what `{self.layer.type}` gives to whole numbers, as its inputs are"
            refuse("NN206", message, f"use `{self.layer.type}` alone", ("layer",))
        if not isinstance(self.layer, Weighted) or len(self.layer.kernel_names) != 1:
            message = f"`spectral_normalization` takes a layer with one kernel, received `{self.layer.type}`"
            refuse(
                "NN206",
                message,
                "there are: dense, einsum_dense, conv2d, conv2d_transpose, depthwise_conv2d and the like",
                ("layer",),
            )
        return self

    def resulting_shape(self, shape: Shape) -> Shape:
        """The layer's own."""
        return self.inner_shape(shape)

    def parameters(self, shape: Shape) -> Parameters:
        """The layer's, and the estimate: a vector as long as the kernel's last axis."""
        learnt, statistics = self.layer.parameters(shape)
        assert isinstance(self.layer, Weighted)
        return Parameters(learnt, statistics + self.layer.kernels(shape)[0][-1])

    def multiply_adds(self, shape: Shape) -> int:
        """The layer's: the estimate is a matter of training."""
        return self.layer.multiply_adds(shape)

    def num_trained(self, shape: Shape) -> int:
        """The layer's."""
        return self.layer.num_trained(shape) if self.trainable else 0

"""Activation functions that let large inputs through and hold small ones back."""

import math
from typing import ClassVar, Literal

from nncli.spec.activations.base import Activation
from nncli.spec.values import NonNegativeFloat


class ReLU6(Activation):
    """Cuts off what is below 0 or above 6: min(max(x, 0), 6)."""

    type: Literal["relu6"] = "relu6"
    keras_class: ClassVar[str] = "relu6"
    bounds: ClassVar[tuple[float, float]] = (0, 6)


class LeakyReLU(Activation):
    """Flattens what is below 0: x above 0, else negative_slope * x (Maas, Hannun & Ng, 2013)."""

    type: Literal["leaky_relu"] = "leaky_relu"
    keras_class: ClassVar[str] = "leaky_relu"
    keras_layer: ClassVar[str] = "LeakyReLU"
    negative_slope: NonNegativeFloat = 0.2
    """Slope below 0, 0 or more."""


class ELU(Activation):
    """Bends off below 0 towards -alpha: x above 0, else alpha * (exp(x) - 1) (Clevert, Unterthiner & Hochreiter, 2016)."""

    type: Literal["elu"] = "elu"
    keras_class: ClassVar[str] = "elu"
    keras_layer: ClassVar[str] = "ELU"
    alpha: float = 1.0
    """Minus the value that it tends to far below 0."""


class SELU(Activation):
    """ELU with constants that keep mean 0 and variance 1 from layer to layer (Klambauer et al., 2017)."""

    type: Literal["selu"] = "selu"
    keras_class: ClassVar[str] = "selu"


class CELU(Activation):
    """ELU with a slope that stays continuous at 0 for any alpha (Barron, 2017); at its alpha of 1 it is ELU itself."""

    type: Literal["celu"] = "celu"
    keras_class: ClassVar[str] = "celu"


class GELU(Activation):
    """The input times the share of a normal distribution below it: x * Phi(x), exact (Hendrycks & Gimpel, 2016)."""

    type: Literal["gelu"] = "gelu"
    keras_class: ClassVar[str] = "gelu"


class SiLU(Activation):
    """The input times its sigmoid: x * sigmoid(x) (Elfwing, Uchibe & Doya, 2017)."""

    type: Literal["silu"] = "silu"
    keras_class: ClassVar[str] = "silu"


class HardSiLU(Activation):
    """SiLU from straight lines: x * min(max(x / 6 + 0.5, 0), 1) (Howard et al., 2019)."""

    type: Literal["hard_silu"] = "hard_silu"
    keras_class: ClassVar[str] = "hard_silu"


class Mish(Activation):
    """The input times the tanh of its softplus: x * tanh(ln(1 + exp(x))) (Misra, 2019)."""

    type: Literal["mish"] = "mish"
    keras_class: ClassVar[str] = "mish"


class GLU(Activation):
    """The first half of the last axis times the sigmoid of the second (Dauphin et al., 2017). Halves the last axis.

    No layer of Keras reckons with that, so that none takes it: use another, such as `silu`.
    """

    type: Literal["glu"] = "glu"
    keras_class: ClassVar[str] = "glu"


class Softplus(Activation):
    """A smooth relu: ln(1 + exp(x))."""

    type: Literal["softplus"] = "softplus"
    keras_class: ClassVar[str] = "softplus"
    bounds: ClassVar[tuple[float, float]] = (0, math.inf)


class SparsePlus(Activation):
    """A smooth relu that is exactly 0 up to -1 and x from 1 on; (x + 1)^2 / 4 between."""

    type: Literal["sparse_plus"] = "sparse_plus"
    keras_class: ClassVar[str] = "sparse_plus"
    bounds: ClassVar[tuple[float, float]] = (0, math.inf)


class Squareplus(Activation):
    """A smooth relu without exponentials: (x + sqrt(x^2 + 4)) / 2 (Barron, 2021)."""

    type: Literal["squareplus"] = "squareplus"
    keras_class: ClassVar[str] = "squareplus"
    bounds: ClassVar[tuple[float, float]] = (0, math.inf)


class Exponential(Activation):
    """The exponential function: exp(x)."""

    type: Literal["exponential"] = "exponential"
    keras_class: ClassVar[str] = "exponential"
    bounds: ClassVar[tuple[float, float]] = (0, math.inf)

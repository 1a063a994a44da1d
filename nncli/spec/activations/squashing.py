"""Activation functions that squash or shrink their inputs, and relatives of the softmax."""

import math
from typing import ClassVar, Literal

from nncli.spec.activations.base import Activation


class HardSigmoid(Activation):
    """A sigmoid from straight lines: min(max(x / 6 + 0.5, 0), 1)."""

    type: Literal["hard_sigmoid"] = "hard_sigmoid"
    keras_class: ClassVar[str] = "hard_sigmoid"
    bounds: ClassVar[tuple[float, float]] = (0, 1)


class LogSigmoid(Activation):
    """The logarithm of the sigmoid: -ln(1 + exp(-x))."""

    type: Literal["log_sigmoid"] = "log_sigmoid"
    keras_class: ClassVar[str] = "log_sigmoid"
    bounds: ClassVar[tuple[float, float]] = (-math.inf, 0)


class SparseSigmoid(Activation):
    """A sigmoid from straight lines that is exactly 0 and 1 outside -1 to 1: min(max((x + 1) / 2, 0), 1)."""

    type: Literal["sparse_sigmoid"] = "sparse_sigmoid"
    keras_class: ClassVar[str] = "sparse_sigmoid"
    bounds: ClassVar[tuple[float, float]] = (0, 1)


class HardTanh(Activation):
    """A tanh from straight lines: min(max(x, -1), 1)."""

    type: Literal["hard_tanh"] = "hard_tanh"
    keras_class: ClassVar[str] = "hard_tanh"
    bounds: ClassVar[tuple[float, float]] = (-1, 1)


class Softsign(Activation):
    """From -1 to 1 along a slow S: x / (1 + |x|)."""

    type: Literal["softsign"] = "softsign"
    keras_class: ClassVar[str] = "softsign"
    bounds: ClassVar[tuple[float, float]] = (-1, 1)


class TanhShrink(Activation):
    """What the tanh leaves over: x - tanh(x)."""

    type: Literal["tanh_shrink"] = "tanh_shrink"
    keras_class: ClassVar[str] = "tanh_shrink"


class SoftShrink(Activation):
    """0 between -0.5 and 0.5; what is outside is drawn 0.5 nearer to 0."""

    type: Literal["soft_shrink"] = "soft_shrink"
    keras_class: ClassVar[str] = "soft_shrink"


class HardShrink(Activation):
    """0 between -0.5 and 0.5; what is outside stays as it is."""

    type: Literal["hard_shrink"] = "hard_shrink"
    keras_class: ClassVar[str] = "hard_shrink"


class LogSoftmax(Activation):
    """The logarithm of the softmax, over the last axis: x - ln(sum(exp(x)))."""

    type: Literal["log_softmax"] = "log_softmax"
    keras_class: ClassVar[str] = "log_softmax"
    bounds: ClassVar[tuple[float, float]] = (-math.inf, 0)


class Sparsemax(Activation):
    """The nearest row of probabilities, many of them exactly 0, over the last axis (Martins & Astudillo, 2016)."""

    type: Literal["sparsemax"] = "sparsemax"
    keras_class: ClassVar[str] = "sparsemax"
    bounds: ClassVar[tuple[float, float]] = (0, 1)

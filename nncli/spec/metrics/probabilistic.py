"""Metrics of predicted probabilities and of margins, most of them the loss of the same name."""

from typing import ClassVar, Literal

from nncli.spec.metrics.base import Metric
from nncli.spec.values import ClassNumber, Probability


class BinaryCrossentropy(Metric):
    """For yes or no, each output by itself: -mean(y ln(p) + (1 - y) ln(1 - p))."""

    type: Literal["binary_crossentropy"] = "binary_crossentropy"
    keras_class: ClassVar[str] = "BinaryCrossentropy"
    from_logits: bool = False
    """Whether the predictions are numbers of any size, before the sigmoid, and not probabilities."""
    label_smoothing: Probability = 0.0
    """Share of each target that is spread evenly over both answers, 0 to 1."""


class CategoricalCrossentropy(Metric):
    """For one class out of several, targets as rows of 0s and one 1: -sum(y ln(p))."""

    type: Literal["categorical_crossentropy"] = "categorical_crossentropy"
    keras_class: ClassVar[str] = "CategoricalCrossentropy"
    from_logits: bool = False
    """Whether the predictions are numbers of any size, before the softmax, and not probabilities."""
    label_smoothing: Probability = 0.0
    """Share of each target that is spread evenly over the classes, 0 to 1."""
    axis: int = -1
    """The axis that holds the classes; negative ones count from the last."""


class SparseCategoricalCrossentropy(Metric):
    """For one class out of several, targets as class numbers: -ln(p of the true class)."""

    type: Literal["sparse_categorical_crossentropy"] = "sparse_categorical_crossentropy"
    keras_class: ClassVar[str] = "SparseCategoricalCrossentropy"
    from_logits: bool = False
    """Whether the predictions are numbers of any size, before the softmax, and not probabilities."""
    ignore_class: ClassNumber | None = None
    """A class number whose samples do not count, such as -1 or 255; null: all count."""
    axis: int = -1
    """The axis that holds the classes; negative ones count from the last."""


class KLDivergence(Metric):
    """How far the predicted distribution is from the target one (Kullback & Leibler, 1951): sum(y ln(y / p))."""

    type: Literal["kl_divergence"] = "kl_divergence"
    keras_class: ClassVar[str] = "KLDivergence"


class Poisson(Metric):
    """For counts: the mean of p - y ln(p), where the network predicts the expected count (Poisson distribution)."""

    type: Literal["poisson"] = "poisson"
    keras_class: ClassVar[str] = "Poisson"


class Hinge(Metric):
    """For targets -1 or 1 (0 counts as -1): mean(max(1 - y p, 0))."""

    type: Literal["hinge"] = "hinge"
    keras_class: ClassVar[str] = "Hinge"


class SquaredHinge(Metric):
    """The square of the hinge, for targets -1 or 1 (0 counts as -1): mean(max(1 - y p, 0)^2)."""

    type: Literal["squared_hinge"] = "squared_hinge"
    keras_class: ClassVar[str] = "SquaredHinge"


class CategoricalHinge(Metric):
    """For rows of 0s and one 1: max(1 + the largest p of a wrong class - p of the true class, 0)."""

    type: Literal["categorical_hinge"] = "categorical_hinge"
    keras_class: ClassVar[str] = "CategoricalHinge"

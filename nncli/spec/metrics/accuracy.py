"""Metrics that count right answers."""

from typing import ClassVar, Literal

from nncli.spec.metrics.base import Metric
from nncli.spec.values import PositiveInt


class Accuracy(Metric):
    """The share of right answers, in the form that the loss and the last layer call for.

    It takes the place of Keras's class of this name, which compares predictions with targets number by number.
    """

    type: Literal["accuracy"] = "accuracy"
    # No Keras class: which one it stands for is known only beside the loss and the last layer.
    keras_module: ClassVar[str] = ""


class BinaryAccuracy(Metric):
    """The share of outputs on the right side of a threshold."""

    type: Literal["binary_accuracy"] = "binary_accuracy"
    keras_class: ClassVar[str] = "BinaryAccuracy"
    threshold: float = 0.5
    """Predictions above it count as 1: 0.5 for probabilities, 0 for numbers before the sigmoid."""


class CategoricalAccuracy(Metric):
    """The share of samples whose largest output is the true class's; targets are rows of 0s and one 1."""

    type: Literal["categorical_accuracy"] = "categorical_accuracy"
    keras_class: ClassVar[str] = "CategoricalAccuracy"


class SparseCategoricalAccuracy(Metric):
    """The share of samples whose largest output is the true class's; targets are class numbers."""

    type: Literal["sparse_categorical_accuracy"] = "sparse_categorical_accuracy"
    keras_class: ClassVar[str] = "SparseCategoricalAccuracy"


class TopKCategoricalAccuracy(Metric):
    """The share of samples whose true class is among the `k` largest outputs; targets are rows of 0s and one 1."""

    type: Literal["top_k_categorical_accuracy"] = "top_k_categorical_accuracy"
    keras_class: ClassVar[str] = "TopKCategoricalAccuracy"
    k: PositiveInt = 5
    """Number of outputs that may hold the true class, 1 or more."""


class SparseTopKCategoricalAccuracy(Metric):
    """The share of samples whose true class is among the `k` largest outputs; targets are class numbers."""

    type: Literal["sparse_top_k_categorical_accuracy"] = "sparse_top_k_categorical_accuracy"
    keras_class: ClassVar[str] = "SparseTopKCategoricalAccuracy"
    k: PositiveInt = 5
    """Number of outputs that may hold the true class, 1 or more."""
    from_sorted_ids: bool = False
    """Whether the outputs are class numbers already, the likeliest first, and not one score a class."""

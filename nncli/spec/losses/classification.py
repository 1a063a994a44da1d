"""Losses of predicted classes and of probabilities."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nncli.spec.losses.base import Loss
from nncli.spec.one_or_many import Weights
from nncli.spec.values import ClassNumber, NonNegativeFloat, Probability


class Crossentropy(Loss):
    """What the cross-entropies of a row of target probabilities share."""

    from_logits: bool = False
    """Whether the predictions are numbers of any size, before the sigmoid or softmax, and not probabilities."""
    label_smoothing: Probability = 0.0
    """Share of each target that is spread evenly over the classes, 0 to 1."""
    axis: int = -1
    """The axis that holds the classes; negative ones count from the last."""


class BinaryCrossentropy(Crossentropy):
    """For yes or no, each output by itself: -mean(y ln(p) + (1 - y) ln(1 - p))."""

    type: Literal["binary_crossentropy"] = "binary_crossentropy"
    keras_class: ClassVar[str] = "BinaryCrossentropy"


class BinaryFocalCrossentropy(Crossentropy):
    """Binary cross-entropy that counts what is already well predicted less: times (1 - p_t)^gamma (Lin et al., 2018).

    p_t is the probability that was given to the true answer.
    """

    type: Literal["binary_focal_crossentropy"] = "binary_focal_crossentropy"
    keras_class: ClassVar[str] = "BinaryFocalCrossentropy"
    apply_class_balancing: bool = False
    """Whether the two answers are weighted by `alpha`."""
    alpha: Probability = 0.25
    """Weight of the answer 1, that of the answer 0 being 1 - alpha; 0 to 1."""
    gamma: NonNegativeFloat = 2.0
    """The exponent, 0 or more; at 0 all samples count alike."""


class CategoricalCrossentropy(Crossentropy):
    """For one class out of several, targets as rows of 0s and one 1: -sum(y ln(p))."""

    type: Literal["categorical_crossentropy"] = "categorical_crossentropy"
    keras_class: ClassVar[str] = "CategoricalCrossentropy"


class CategoricalFocalCrossentropy(Crossentropy):
    """Categorical cross-entropy that counts what is already well predicted less: -sum(alpha (1 - p)^gamma y ln(p)).

    Source: Lin et al., 2018.
    """

    type: Literal["categorical_focal_crossentropy"] = "categorical_focal_crossentropy"
    keras_class: ClassVar[str] = "CategoricalFocalCrossentropy"
    alpha: Weights = 0.25
    """Weight of all classes, or a list with one for each; 0 or more."""
    gamma: NonNegativeFloat = 2.0
    """The exponent, 0 or more; at 0 all samples count alike."""


class SparseCategoricalCrossentropy(Loss):
    """For one class out of several, targets as class numbers: -ln(p of the true class)."""

    type: Literal["sparse_categorical_crossentropy"] = "sparse_categorical_crossentropy"
    keras_class: ClassVar[str] = "SparseCategoricalCrossentropy"
    from_logits: bool = False
    """Whether the predictions are numbers of any size, before the softmax, and not probabilities."""
    ignore_class: ClassNumber | None = None
    """A class number whose samples do not count, such as -1 or 255; null: all count."""
    axis: int = -1
    """The axis that holds the classes; negative ones count from the last."""


class CategoricalGeneralizedCrossEntropy(Loss):
    """For class numbers that are partly wrong: (1 - p^q) / q of the true class's probability (Zhang & Sabuncu, 2018)."""

    type: Literal["categorical_generalized_cross_entropy"] = "categorical_generalized_cross_entropy"
    keras_class: ClassVar[str] = "CategoricalGeneralizedCrossEntropy"
    q: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Between 0 and 1, both excluded: near 0 it is the cross-entropy, near 1 the mean absolute error."""


class KLDivergence(Loss):
    """How far the predicted distribution is from the target one (Kullback & Leibler, 1951): sum(y ln(y / p))."""

    type: Literal["kl_divergence"] = "kl_divergence"
    keras_class: ClassVar[str] = "KLDivergence"


class Hinge(Loss):
    """For targets -1 or 1 (0 counts as -1): mean(max(1 - y p, 0))."""

    type: Literal["hinge"] = "hinge"
    keras_class: ClassVar[str] = "Hinge"


class SquaredHinge(Loss):
    """The square of the hinge, for targets -1 or 1 (0 counts as -1): mean(max(1 - y p, 0)^2)."""

    type: Literal["squared_hinge"] = "squared_hinge"
    keras_class: ClassVar[str] = "SquaredHinge"


class CategoricalHinge(Loss):
    """For rows of 0s and one 1: max(1 + the largest p of a wrong class - p of the true class, 0)."""

    type: Literal["categorical_hinge"] = "categorical_hinge"
    keras_class: ClassVar[str] = "CategoricalHinge"

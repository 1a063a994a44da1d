"""Losses of predicted numbers."""

from typing import ClassVar, Literal

from nncli.spec.losses.base import Loss
from nncli.spec.values import PositiveFloat


class MeanSquaredError(Loss):
    """The mean of the squared differences: mean((y - p)^2)."""

    type: Literal["mean_squared_error"] = "mean_squared_error"
    keras_class: ClassVar[str] = "MeanSquaredError"


class MeanAbsoluteError(Loss):
    """The mean size of the differences: mean(|y - p|)."""

    type: Literal["mean_absolute_error"] = "mean_absolute_error"
    keras_class: ClassVar[str] = "MeanAbsoluteError"


class MeanAbsolutePercentageError(Loss):
    """The mean size of the differences, in per cent of the targets: 100 * mean(|y - p| / |y|)."""

    type: Literal["mean_absolute_percentage_error"] = "mean_absolute_percentage_error"
    keras_class: ClassVar[str] = "MeanAbsolutePercentageError"


class MeanSquaredLogarithmicError(Loss):
    """The mean of the squared differences of logarithms: mean((ln(1 + y) - ln(1 + p))^2); for numbers of 0 or more."""

    type: Literal["mean_squared_logarithmic_error"] = "mean_squared_logarithmic_error"
    keras_class: ClassVar[str] = "MeanSquaredLogarithmicError"


class Huber(Loss):
    """Half the square of a small difference, a straight line for a large one, so that outliers weigh less (Huber, 1964).

    With e = |y - p|: e^2 / 2 where e <= delta, else delta * e - delta^2 / 2.
    """

    type: Literal["huber"] = "huber"
    keras_class: ClassVar[str] = "Huber"
    delta: PositiveFloat = 1.0
    """The difference at which the square goes over into the line, above 0, in the targets' unit."""


class LogCosh(Loss):
    """The mean of ln(cosh(p - y)): nearly half the square of a small difference, nearly the size of a large one."""

    type: Literal["log_cosh"] = "log_cosh"
    keras_class: ClassVar[str] = "LogCosh"


class CosineSimilarity(Loss):
    """Minus the cosine of the angle between target and prediction: -1 for the same direction, 1 for opposite ones."""

    type: Literal["cosine_similarity"] = "cosine_similarity"
    keras_class: ClassVar[str] = "CosineSimilarity"
    axis: int = -1
    """The axis that holds the vectors' entries; negative ones count from the last."""


class Poisson(Loss):
    """For counts: the mean of p - y ln(p), where the network predicts the expected count (Poisson distribution)."""

    type: Literal["poisson"] = "poisson"
    keras_class: ClassVar[str] = "Poisson"

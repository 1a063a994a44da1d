"""Metrics of predicted numbers."""

from typing import ClassVar, Literal

from nncli.spec.metrics.base import Metric
from nncli.spec.values import NonNegativeInt


class MeanSquaredError(Metric):
    """The mean of the squared differences: mean((y - p)^2)."""

    type: Literal["mean_squared_error"] = "mean_squared_error"
    keras_class: ClassVar[str] = "MeanSquaredError"


class RootMeanSquaredError(Metric):
    """The root of the mean of the squared differences, in the targets' unit: sqrt(mean((y - p)^2))."""

    type: Literal["root_mean_squared_error"] = "root_mean_squared_error"
    keras_class: ClassVar[str] = "RootMeanSquaredError"


class MeanAbsoluteError(Metric):
    """The mean size of the differences: mean(|y - p|)."""

    type: Literal["mean_absolute_error"] = "mean_absolute_error"
    keras_class: ClassVar[str] = "MeanAbsoluteError"


class MeanAbsolutePercentageError(Metric):
    """The mean size of the differences, in per cent of the targets: 100 * mean(|y - p| / |y|)."""

    type: Literal["mean_absolute_percentage_error"] = "mean_absolute_percentage_error"
    keras_class: ClassVar[str] = "MeanAbsolutePercentageError"


class MeanSquaredLogarithmicError(Metric):
    """The mean of the squared differences of logarithms: mean((ln(1 + y) - ln(1 + p))^2); for numbers of 0 or more."""

    type: Literal["mean_squared_logarithmic_error"] = "mean_squared_logarithmic_error"
    keras_class: ClassVar[str] = "MeanSquaredLogarithmicError"


class LogCoshError(Metric):
    """The mean of ln(cosh(p - y)): nearly half the square of a small difference, nearly the size of a large one."""

    type: Literal["log_cosh_error"] = "log_cosh_error"
    keras_class: ClassVar[str] = "LogCoshError"


class AxisMetric(Metric):
    """What the metrics of whole vectors share."""

    axis: int = -1
    """The axis that holds a vector's entries; negative ones count from the last."""


class CosineSimilarity(AxisMetric):
    """The cosine of the angle between target and prediction: 1 for the same direction, -1 for opposite ones."""

    type: Literal["cosine_similarity"] = "cosine_similarity"
    keras_class: ClassVar[str] = "CosineSimilarity"


class PearsonCorrelation(AxisMetric):
    """How well a straight line turns predictions into targets, -1 to 1 (Pearson, 1895), by vector, then the mean."""

    type: Literal["pearson_correlation"] = "pearson_correlation"
    keras_class: ClassVar[str] = "PearsonCorrelation"


class ConcordanceCorrelation(AxisMetric):
    """How close predictions and targets lie to the line p = y, -1 to 1 (Lin, 1989), by vector, then the mean."""

    type: Literal["concordance_correlation"] = "concordance_correlation"
    keras_class: ClassVar[str] = "ConcordanceCorrelation"


class R2Score(Metric):
    """The share of the targets' variance that the predictions explain: 1 - sum((y - p)^2) / sum((y - mean(y))^2)."""

    type: Literal["r2_score"] = "r2_score"
    keras_class: ClassVar[str] = "R2Score"
    class_aggregation: Literal["uniform_average", "variance_weighted_average"] | None = "uniform_average"
    """How several outputs become one number: their mean, their mean weighted by variance, or null: one number an output."""
    num_regressors: NonNegativeInt = 0
    """Number of input columns for the adjusted score, 0 or more; 0 is the plain score."""

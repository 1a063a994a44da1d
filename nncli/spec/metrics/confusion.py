"""Metrics of hits and misses: counts, precision, recall, their mix, and the areas under their curves."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from nncli.spec.base import refuse
from nncli.spec.metrics.base import Metric
from nncli.spec.one_or_many import Thresholds
from nncli.spec.values import LARGEST, Many, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, Probability


class Count(Metric):
    """What the counts share."""

    thresholds: Thresholds | None = None
    """Predictions above it count as 1, 0 to 1; a list gives one count for each; null: 0.5."""


class TruePositives(Count):
    """The number of 1s that were predicted as 1."""

    type: Literal["true_positives"] = "true_positives"
    keras_class: ClassVar[str] = "TruePositives"


class TrueNegatives(Count):
    """The number of 0s that were predicted as 0."""

    type: Literal["true_negatives"] = "true_negatives"
    keras_class: ClassVar[str] = "TrueNegatives"


class FalsePositives(Count):
    """The number of 0s that were predicted as 1."""

    type: Literal["false_positives"] = "false_positives"
    keras_class: ClassVar[str] = "FalsePositives"


class FalseNegatives(Count):
    """The number of 1s that were predicted as 0."""

    type: Literal["false_negatives"] = "false_negatives"
    keras_class: ClassVar[str] = "FalseNegatives"


class Hits(Metric):
    """What precision and recall share."""

    thresholds: Thresholds | None = None
    """Predictions above it count as 1, 0 to 1; a list gives one result for each; null: 0.5, or none beside `top_k`."""
    top_k: PositiveInt | None = None
    """Only this many of a sample's largest outputs, 1 or more, can count as 1; null: all."""
    class_id: NonNegativeInt | None = None
    """The one class that is looked at, 0 or more; null: all."""


class Precision(Hits):
    """The share of predicted 1s that are right: TP / (TP + FP)."""

    type: Literal["precision"] = "precision"
    keras_class: ClassVar[str] = "Precision"


class Recall(Hits):
    """The share of true 1s that were found: TP / (TP + FN)."""

    type: Literal["recall"] = "recall"
    keras_class: ClassVar[str] = "Recall"


class FScore(Metric):
    """What the mixes of precision and recall share; targets are rows of 0s and 1s."""

    average: Literal["micro", "macro", "weighted"] | None = None
    """`micro`: one score of all classes' counts; `macro`: the classes' mean; `weighted`: by their size; null: one a class."""
    threshold: Annotated[float, Field(gt=0, le=1)] | None = None
    """Predictions above it count as 1, above 0, at most 1; null: a sample's largest output counts."""


class F1Score(FScore):
    """The harmonic mean of precision and recall: 2 P R / (P + R)."""

    type: Literal["f1_score"] = "f1_score"
    keras_class: ClassVar[str] = "F1Score"


class FBetaScore(FScore):
    """A mean of precision and recall in which recall weighs `beta` times as much: (1 + beta^2) P R / (beta^2 P + R)."""

    type: Literal["fbeta_score"] = "fbeta_score"
    keras_class: ClassVar[str] = "FBetaScore"
    beta: PositiveFloat = 1.0
    """How much more recall weighs than precision, above 0."""


class PointOnCurve(Metric):
    """What the metrics share that look for the best threshold under a condition."""

    num_thresholds: PositiveInt = 200
    """Number of thresholds that are tried, spread evenly from 0 to 1; 1 or more."""
    class_id: NonNegativeInt | None = None
    """The one class that is looked at, 0 or more; null: all."""


class PrecisionAtRecall(PointOnCurve):
    """The best precision at any threshold where the recall is high enough."""

    type: Literal["precision_at_recall"] = "precision_at_recall"
    keras_class: ClassVar[str] = "PrecisionAtRecall"
    recall: Probability
    """The least recall, 0 to 1."""


class RecallAtPrecision(PointOnCurve):
    """The best recall at any threshold where the precision is high enough."""

    type: Literal["recall_at_precision"] = "recall_at_precision"
    keras_class: ClassVar[str] = "RecallAtPrecision"
    precision: Probability
    """The least precision, 0 to 1."""


class SensitivityAtSpecificity(PointOnCurve):
    """The best sensitivity, TP / (TP + FN), at any threshold where the specificity, TN / (TN + FP), is high enough."""

    type: Literal["sensitivity_at_specificity"] = "sensitivity_at_specificity"
    keras_class: ClassVar[str] = "SensitivityAtSpecificity"
    specificity: Probability
    """The least specificity, 0 to 1."""


class SpecificityAtSensitivity(PointOnCurve):
    """The best specificity, TN / (TN + FP), at any threshold where the sensitivity, TP / (TP + FN), is high enough."""

    type: Literal["specificity_at_sensitivity"] = "specificity_at_sensitivity"
    keras_class: ClassVar[str] = "SpecificityAtSensitivity"
    sensitivity: Probability
    """The least sensitivity, 0 to 1."""


class AUC(Metric):
    """The area under the curve that the threshold draws: 1 is perfect; 0.5 is chance for `ROC`."""

    type: Literal["auc"] = "auc"
    keras_class: ClassVar[str] = "AUC"
    num_thresholds: Annotated[int, Field(ge=2, le=LARGEST)] = 200
    """Number of points on the curve, 2 or more; `thresholds` takes its place."""
    curve: Literal["ROC", "PR", "PRGAIN"] = "ROC"
    """`ROC`: recall over false positives; `PR`: precision over recall; `PRGAIN`: the gains of both (Flach & Kull, 2015)."""
    summation_method: Literal["interpolation", "majoring", "minoring"] = "interpolation"
    """How the area between two points is taken: by interpolation, from the higher point, or from the lower one."""
    thresholds: Many[Probability] | None = None
    """The thresholds, 0 to 1, to which Keras adds one below 0 and one above 1; null: evenly spread ones."""
    multi_label: bool = False
    """Whether each output is a label of its own, whose areas are averaged; otherwise all outputs make one curve."""
    num_labels: PositiveInt | None = None
    """Number of labels, 1 or more, for `multi_label`; null: the number of outputs."""
    label_weights: Many[NonNegativeFloat] | None = None
    """How much each label counts, 0 or more, one number a label; null: all alike."""
    from_logits: bool = False
    """Whether the predictions are numbers of any size, before the sigmoid, and not probabilities."""

    @model_validator(mode="after")
    def _labels_fit(self) -> Self:
        if self.num_labels is not None and not self.multi_label:
            refuse("NN206", "`num_labels` needs `multi_label`", "add `multi_label: true`", at=("num_labels",))
        if self.label_weights is not None and self.num_labels not in (None, len(self.label_weights)):
            message = f"{self.num_labels} labels need {self.num_labels} `label_weights`, received {len(self.label_weights)}"
            refuse("NN206", message, at=("label_weights",))
        return self

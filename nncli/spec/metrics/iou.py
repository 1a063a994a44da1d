"""Intersection over union: how well a predicted region covers the true one, TP / (TP + FP + FN)."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from nncli.spec.base import refuse
from nncli.spec.metrics.base import Metric
from nncli.spec.values import ClassNumber, Many, NonNegativeInt, PositiveInt

ClassIds = Annotated[Many[NonNegativeInt], Field(min_length=1)]


def _check_targets(target_class_ids: tuple[int, ...], num_classes: int) -> None:
    for index, number in enumerate(target_class_ids):
        if number >= num_classes:
            message = f"expected a class below {num_classes}, as there are {num_classes} from 0 on, received {number}"
            refuse("NN204", message, at=("target_class_ids", index))


class BinaryIoU(Metric):
    """Intersection over union of two classes, told apart by a threshold."""

    type: Literal["binary_iou"] = "binary_iou"
    keras_class: ClassVar[str] = "BinaryIoU"
    target_class_ids: ClassIds = (0, 1)
    """The classes whose mean is taken: 0, 1 or both."""
    threshold: float = 0.5
    """Predictions from here up count as class 1."""

    @model_validator(mode="after")
    def _targets_exist(self) -> Self:
        _check_targets(self.target_class_ids, 2)
        return self


class Classes(Metric):
    """What the metrics of several classes share."""

    num_classes: PositiveInt
    """Number of classes, 1 or more."""
    ignore_class: ClassNumber | None = None
    """A class number whose places do not count, such as -1 or 255; null: all count."""
    axis: int = -1
    """The axis that holds the classes where there is one score a class; negative ones count from the last."""


class SparseClasses(Classes):
    """What the metrics share whose targets may be class numbers."""

    sparse_y_true: bool = True
    """Whether the targets are class numbers, and not one entry a class."""
    sparse_y_pred: bool = True
    """Whether the predictions are class numbers, and not one score a class."""


class OneHotClasses(Classes):
    """What the metrics share whose targets have one entry a class."""

    sparse_y_pred: bool = False
    """Whether the predictions are class numbers, and not one score a class."""


class IoU(SparseClasses):
    """Intersection over union, averaged over chosen classes."""

    type: Literal["iou"] = "iou"
    keras_class: ClassVar[str] = "IoU"
    target_class_ids: ClassIds
    """The classes whose mean is taken, each from 0 to below `num_classes`."""

    @model_validator(mode="after")
    def _targets_exist(self) -> Self:
        _check_targets(self.target_class_ids, self.num_classes)
        return self


class MeanIoU(SparseClasses):
    """Intersection over union, averaged over all classes."""

    type: Literal["mean_iou"] = "mean_iou"
    keras_class: ClassVar[str] = "MeanIoU"


class OneHotIoU(OneHotClasses):
    """Intersection over union, averaged over chosen classes; targets have one entry a class."""

    type: Literal["one_hot_iou"] = "one_hot_iou"
    keras_class: ClassVar[str] = "OneHotIoU"
    target_class_ids: ClassIds
    """The classes whose mean is taken, each from 0 to below `num_classes`."""

    @model_validator(mode="after")
    def _targets_exist(self) -> Self:
        _check_targets(self.target_class_ids, self.num_classes)
        return self


class OneHotMeanIoU(OneHotClasses):
    """Intersection over union, averaged over all classes; targets have one entry a class."""

    type: Literal["one_hot_mean_iou"] = "one_hot_mean_iou"
    keras_class: ClassVar[str] = "OneHotMeanIoU"

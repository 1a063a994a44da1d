"""What can be known of a data set before it is read: enough to check a network against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Outline:
    """Shapes and counts of a data set, from its headers.

    Attributes:
        input_shape: shape of one input sample after preprocessing.
        target_shape: shape of one prepared target; () for class numbers.
        labels: form of the targets, None where they are numbers to predict.
        num_classes: how many classes there are; None where the headers do not tell, or there are none.
        class_names: their names, empty where unknown.
        num_train, num_validation, num_test: how many samples each part will have.
        input_dtype: `int32` for whole numbers that no step of the preprocessing scales, else `float32`.
        input_range: smallest and largest of the inputs, where these are whole numbers that are known and that nothing scales.
        target_range: smallest and largest of the targets, where these are known numbers to predict.
        lowest_class: the smallest class number of the training samples; 0 where there are none.
        weight_axes: axes of the training samples' weights, 1 or 2 (samples, time); 0 where there are none.
    """

    input_shape: tuple[int, ...]
    target_shape: tuple[int, ...]
    labels: Literal["index", "one_hot"] | None
    num_classes: int | None
    class_names: tuple[str, ...]
    num_train: int
    num_validation: int
    num_test: int
    input_dtype: str = "float32"
    input_range: tuple[int, int] | None = None
    target_range: tuple[float, float] | None = None
    lowest_class: int = 0
    weight_axes: int = 0

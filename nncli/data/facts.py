"""What a data set's headers tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Facts:
    """Shapes and counts as they are stored, before anything is held out or prepared.

    Attributes:
        raw_shape: of one stored input sample.
        holds_whole_numbers: whether the inputs are integers wider than a pixel's, such as the numbers of words.
        counts: samples of each part there is: `train`, and perhaps `validation` and `test`.
        labels: form of the targets; None where they are numbers to predict.
        value_shape: of one stored target, where they are numbers to predict.
        class_names: one a class; empty where there are none.
        num_classes_seen: how many of them occur among the training samples; 1 where there are none.
        input_range: smallest and largest of the inputs of all parts, where these are known whole numbers.
        target_range: smallest and largest of the targets for training, where these are known numbers to predict.
        lowest_class: the smallest class number among them; 0 where there are none.
        weight_axes: axes of the training samples' weights, 1 or 2 (samples, time); 0 where there are none.
    """

    raw_shape: tuple[int, ...]
    holds_whole_numbers: bool
    counts: dict[str, int]
    labels: Literal["index", "one_hot"] | None
    value_shape: tuple[int, ...]
    class_names: tuple[str, ...]
    num_classes_seen: int
    input_range: tuple[int, int] | None = None
    target_range: tuple[float, float] | None = None
    lowest_class: int = 0
    weight_axes: int = 0

"""Whether metrics, labels and the last layer fit together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nncli.spec.base import Mistake, TypedSpec
from nncli.spec.experiment import Experiment
from nncli.spec.layers.base import dimensions
from nncli.spec.outline import Outline
from nncli.spec.values import Shape

_FOR_ROWS: Final = {
    "sparse_categorical_accuracy": "categorical_accuracy",
    "sparse_top_k_categorical_accuracy": "top_k_categorical_accuracy",
    "sparse_categorical_crossentropy": "categorical_crossentropy",
    "iou": "one_hot_iou",
    "mean_iou": "one_hot_mean_iou",
}
"""Metric of class numbers -> the same one for one-hot rows."""
_FOR_NUMBERS: Final = {rows: numbers for numbers, rows in _FOR_ROWS.items()}
_A_SCORE_A_CLASS: Final = {name for pair in _FOR_ROWS.items() for name in pair if "iou" not in name} | {"categorical_hinge"}
_ONLY_FOR_ROWS: Final = frozenset({"f1_score", "fbeta_score", "categorical_hinge"})

_Mended = tuple[str, str]
"""What is wrong, and how to mend it."""


def metric_mistakes(experiment: Experiment, outline: Outline, output: Shape) -> Iterator[Mistake]:
    """What is wrong with the metrics.

    Args:
        experiment: the config.
        outline: shapes and form of its data.
        output: the last layer's output for one sample.
    """
    for index, metric in enumerate(experiment.metrics):
        found = _one_output(metric) if output[-1:] == (1,) else None
        if found is None and outline.labels == "one_hot":
            found = _of_rows(metric)
        elif found is None and outline.labels == "index":
            found = _of_numbers(metric, output)
        if found is not None:
            yield Mistake(("metrics", index), "NN401", *found)


def _one_output(metric: TypedSpec) -> _Mended | None:
    if metric.type not in _A_SCORE_A_CLASS or getattr(metric, "from_sorted_ids", False):
        return None
    hint = "give the last layer an output for each class, or use `binary_accuracy`"
    return f"`{metric.type}` needs an output for each class, the last layer has one", hint


def _of_rows(metric: TypedSpec) -> _Mended | None:
    """Of a metric where the targets are one-hot rows."""
    if metric.type in _FOR_ROWS and getattr(metric, "sparse_y_true", True):
        return f"`{metric.type}` takes class numbers, the targets here are one-hot rows", f"use `{_FOR_ROWS[metric.type]}`"
    return None


def _of_numbers(metric: TypedSpec, output: Shape) -> _Mended | None:
    """Of a metric where the targets are class numbers."""
    if metric.type in _FOR_NUMBERS:
        hint = " with `sparse_y_pred: false`" if "iou" in metric.type else ""
        return _not_rows(metric, f"use `{_FOR_NUMBERS[metric.type]}`{hint}")
    if metric.type in ("iou", "mean_iou"):
        return _iou_of_numbers(metric, output)
    if output == (1,) and metric.type in _ONLY_FOR_ROWS | {"binary_crossentropy"}:
        return _not_rows(metric, "give the targets as rows of one number, and leave `labels` out")
    if metric.type in _ONLY_FOR_ROWS:
        return _not_rows(metric, "set `dataset.labels: one_hot`")
    if metric.type in _FOR_ROWS or metric.type == "accuracy" or output == (1,):
        return None
    message = (
        f"`{metric.type}` compares the outputs ({dimensions(output)}) with the targets value by value, which are class numbers"
    )
    return message, "set `dataset.labels: one_hot`"


def _not_rows(metric: TypedSpec, hint: str) -> _Mended:
    return f"`{metric.type}` takes targets in rows, they are class numbers here", hint


def _iou_of_numbers(metric: TypedSpec, output: Shape) -> _Mended | None:
    if not getattr(metric, "sparse_y_true", True):
        return f"`{metric.type}` with `sparse_y_true: false` takes one-hot rows, the targets are class numbers", "remove it"
    if output != (1,) and getattr(metric, "sparse_y_pred", False):
        message = f"`{metric.type}` takes class numbers as predictions, the last layer gives a score a class"
        return message, "set `sparse_y_pred: false`"
    return None

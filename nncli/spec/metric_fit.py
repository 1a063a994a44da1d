"""Whether metrics, labels and the last layer fit together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from nncli.spec.axes import output_axis_misfit
from nncli.spec.base import Misfit, Mistake, TypedSpec
from nncli.spec.experiment import Experiment
from nncli.spec.layers.base import Layer, dimensions
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
        elif found is None and output[-1:] != (1,):
            found = _of_values(metric)
        if found is not None:
            yield Mistake(("metrics", index), "NN401", *found)
        else:
            for misfit in _arguments(metric, outline, output, experiment.model.layers[-1]):
                yield Mistake(("metrics", index, *misfit.at), "NN401", misfit.message, misfit.hint)
            for misfit in _meaningless(metric, outline, output):
                yield Mistake(("metrics", index, *misfit.at), "NN401", misfit.message, misfit.hint, "warning")


def _one_output(metric: TypedSpec) -> _Mended | None:
    if metric.type not in _A_SCORE_A_CLASS or getattr(metric, "from_sorted_ids", False):
        return None
    hint = "give the last layer an output for each class, or use `binary_accuracy`"
    return f"`{metric.type}` needs an output for each class, the last layer has one", hint


def _of_rows(metric: TypedSpec) -> _Mended | None:
    """Of a metric where the targets are one-hot rows."""
    if metric.type in _FOR_ROWS and getattr(metric, "sparse_y_true", True):
        return f"`{metric.type}` takes class numbers, the targets here are one-hot rows", f"use `{_FOR_ROWS[metric.type]}`"
    if getattr(metric, "sparse_y_pred", False):
        return (
            f"`{metric.type}` takes class numbers as predictions, the last layer gives a score a class",
            "set `sparse_y_pred: false`",
        )
    return None


def _of_values(metric: TypedSpec) -> _Mended | None:
    """Of a metric where the targets are rows of numbers to predict."""
    if metric.type in _FOR_ROWS and "iou" not in metric.type:
        other = f"use `{_FOR_ROWS[metric.type]}` where the rows are one-hot"
        several = ", `binary_accuracy` where each entry is a label of its own" if "accuracy" in metric.type else ""
        return f"`{metric.type}` takes class numbers, the targets here are rows of numbers", other + several
    true_sparse, predicted_sparse = (
        getattr(metric, "sparse_y_true", "one_hot" not in metric.type),
        getattr(metric, "sparse_y_pred", None),
    )
    if predicted_sparse is not None and true_sparse != predicted_sparse:
        message = f"`{metric.type}` takes class numbers of one side and a score a class of the other, both are rows of numbers here"
        return message, "set `sparse_y_pred: false`" + (" and `sparse_y_true: false`" if "one_hot" not in metric.type else "")
    return None


def _meaningless(metric: TypedSpec, outline: Outline, output: Shape) -> Iterator[Misfit]:
    """What gives a number that says nothing."""
    k, width = getattr(metric, "k", None), output[-1] or 0
    if k is not None and k >= width and not getattr(metric, "from_sorted_ids", False):
        yield Misfit(f"the right class is always among the {k} best of {width}: this is always 1", f"use less than {width}", ("k",))
    if "accuracy" in metric.type and k is None and outline.target_range is not None:
        lowest, highest = outline.target_range
        if lowest < 0 or highest > 1:
            message = f"`{metric.type}` counts right answers of yes and no, the targets go from {lowest:g} to {highest:g}"
            yield Misfit(message, "use `mean_absolute_error`, or `r2_score`")


def _arguments(metric: TypedSpec, outline: Outline, output: Shape, last: Layer) -> Iterator[Misfit]:
    """What of a metric's fields does not go with outputs that go with the targets."""
    stated, classes = getattr(metric, "num_classes", None), outline.num_classes
    if stated is not None and classes is not None and stated < classes and getattr(metric, "ignore_class", None) is None:
        yield Misfit(f"`num_classes` states {stated}, the data have {classes} classes", f"write {classes}", ("num_classes",))
    if (misfit := output_axis_misfit(metric, len(output) + 1, last)) is not None:
        yield misfit
    width = output[-1] or 0
    if (class_id := getattr(metric, "class_id", None)) is not None and class_id >= width:
        message = f"there is no class {class_id}: the last layer has {_outputs(width)}"
        yield Misfit(message, f"they go from 0 to {width - 1}" if width > 1 else "remove it", ("class_id",))
    if (top_k := getattr(metric, "top_k", None)) is not None and top_k > width:
        yield Misfit(f"the {top_k} largest of {_outputs(width)} cannot be taken", f"use at most {width}", ("top_k",))
    if metric.type in _ONE_AXIS and len(output) != 1:
        message = f"`{metric.type}` takes one row of outputs a sample, the last layer gives {dimensions(output)}"
        yield Misfit(message, f"use {_ONE_AXIS[metric.type]}")
    if metric.type == "auc":
        yield from _auc(metric, output, width)


_ONE_AXIS: Final = {
    "f1_score": "`precision` and `recall`",
    "fbeta_score": "`precision` and `recall`",
    "r2_score": "`mean_squared_error`",
}
"""Metrics of outputs of one axis -> what measures others."""


def _outputs(width: int) -> str:
    return f"{width} output{'s'[: width != 1]}"


def _auc(metric: Any, output: Shape, width: int) -> Iterator[Misfit]:
    if metric.multi_label and len(output) != 1:
        message = f"`multi_label` takes one row of labels a sample, the last layer gives {dimensions(output)}"
        yield Misfit(message, "remove it", ("multi_label",))
    elif metric.multi_label and width > 1 and metric.num_labels not in (None, width):
        message = f"`num_labels` states {metric.num_labels}, the last layer has {_outputs(width)}"
        yield Misfit(message, "leave it out: it is known from the outputs", ("num_labels",))
    elif metric.label_weights is not None and len(metric.label_weights) not in (1, width) and (width > 1 or not metric.multi_label):
        message = f"{len(metric.label_weights)} `label_weights` for {_outputs(width)} of the last layer"
        yield Misfit(message, f"give {width}, one a label", ("label_weights",))


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

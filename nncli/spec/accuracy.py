"""What `accuracy` means, and which metrics are better when they are larger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from nncli.spec.base import TypedSpec
from nncli.spec.values import Shape

BINARY_LOSSES: Final = frozenset({"binary_crossentropy", "binary_focal_crossentropy"})
CLASS_NUMBER_LOSSES: Final = frozenset({"sparse_categorical_crossentropy", "categorical_generalized_cross_entropy"})

DOWNWARD_METRICS: Final = (
    "loss",
    "error",
    "crossentropy",
    "divergence",
    "poisson",
    "cosh",
    "hinge",
    "false_",
    "mse",
    "mae",
    "mape",
    "msle",
    "kld",
)
"""Parts of the types of metrics that are better when they are smaller. Every other metric of Keras is better when it is larger."""


def metric_name(metric: TypedSpec) -> str:
    """What a metric is called in reports: its `name`, else its type as the config writes it."""
    return getattr(metric, "name", None) or metric.type


AccuracyType = Literal["binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"]


def accuracy_type(loss: TypedSpec, output_shape: Shape, target_shape: Shape) -> AccuracyType:
    """Which metric the name `accuracy` stands for.

    | loss                                            | last layer        | targets           | `accuracy` is                 |
    |-------------------------------------------------|-------------------|-------------------|-------------------------------|
    | sparse_categorical_crossentropy,                | any               | class numbers     | `sparse_categorical_accuracy` |
    | categorical_generalized_cross_entropy           |                   |                   |                               |
    | binary_crossentropy, binary_focal_crossentropy  | any               | as the outputs    | `binary_accuracy`             |
    | any other                                       | one unit          | any               | `binary_accuracy`             |
    | any other                                       | more units        | a row as wide     | `categorical_accuracy`        |
    | any other                                       | more units        | class numbers     | `sparse_categorical_accuracy` |

    Args:
        loss: the loss's spec.
        output_shape, target_shape: shapes of one sample's output and target, without the batch.
    """
    if loss.type in CLASS_NUMBER_LOSSES:
        return "sparse_categorical_accuracy"
    if loss.type in BINARY_LOSSES or (output_shape and output_shape[-1] == 1):
        return "binary_accuracy"
    return "categorical_accuracy" if len(target_shape) == len(output_shape) else "sparse_categorical_accuracy"


def improves_upwards(metrics: Sequence[TypedSpec], monitor: str, mode: str = "auto") -> bool | None:
    """Whether more of a measured number is better.

    Args:
        metrics: the experiment's.
        monitor: what is measured: `loss` or a metric's name, with or without `val_` or `test_`.
        mode: `min` or `max` decide it; `auto`: by the metric's type, whatever it is called.

    Returns:
        None where nobody can tell: for `auto` and a formula.
    """
    if mode != "auto":
        return mode == "max"
    kind = _type_of(metrics, monitor)
    return None if kind == "expression" else not any(part in kind for part in DOWNWARD_METRICS)


_SHARES: Final = ("accuracy", "precision", "recall", "sensitivity", "specificity", "auc", "f1_score", "fbeta_score", "iou")
"""Parts of the types of metrics that go from 0 to 1."""


def is_a_share(metrics: Sequence[TypedSpec], monitor: str) -> bool:
    """Whether a measured number goes from 0 to 1, such as an accuracy; arguments as those of `improves_upwards`."""
    return any(part in _type_of(metrics, monitor) for part in _SHARES)


def _type_of(metrics: Sequence[TypedSpec], monitor: str) -> str:
    bare = monitor.removeprefix("val_").removeprefix("test_")
    return next((metric.type for metric in metrics if metric_name(metric) == bare), bare)

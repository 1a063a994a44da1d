"""What `accuracy` means, and which metrics are better when they are larger."""

from __future__ import annotations

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
"""Parts of the names of metrics that are better when they are smaller. Every other metric of Keras is better when it is larger."""

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


def improves_upwards(name: str, mode: str = "auto") -> bool:
    """Whether more of the metric `name` is better.

    Args:
        name: a metric's name, with or without `val_` or `test_`.
        mode: `min` or `max` decide it; `auto`: by the name.
    """
    return mode == "max" or (mode == "auto" and not any(part in name for part in DOWNWARD_METRICS))

"""What a network's outputs say about classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from nncli.spec.experiment import Experiment
from nncli.spec.model import Model

_HINGES: Final = frozenset({"hinge", "squared_hinge"})
"""Losses for which Keras takes the targets 0 and 1 for -1 and 1, so that an output above 0 means class 1."""


@dataclass(frozen=True, slots=True)
class ClassScores:
    """How much speaks for each class; the largest number names the class, and of equal ones the first.

    Attributes:
        values: (num_samples, num_classes), float32.
        kind: `probability` where the numbers are meant as such, by the loss or the last activation; else `score`.
    """

    values: NDArray[np.float32]
    kind: Literal["probability", "score"]


def class_scores(experiment: Experiment, outputs: NDArray[np.float32], num_classes: int) -> ClassScores | None:
    """What outputs say about classes; None where they say nothing about so many.

    Args:
        experiment: the network's config.
        outputs: (num_samples, ...), float32.
        num_classes: how many classes the data have.
    """
    if outputs.ndim != 2 or num_classes < 2:
        return None
    logits = bool(getattr(experiment.loss, "from_logits", False))
    is_probability = logits or last_activation(experiment.model) in ("softmax", "sigmoid")
    kind: Literal["probability", "score"] = "probability" if is_probability else "score"
    if outputs.shape[1] == 1 and num_classes == 2:
        return ClassScores(_of_one_unit(outputs, logits, experiment.loss.type in _HINGES), kind)
    if outputs.shape[1] < num_classes:
        return None
    if logits:
        powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        outputs = powers / powers.sum(axis=1, keepdims=True)
    return ClassScores(outputs[:, :num_classes], kind)


def _of_one_unit(outputs: NDArray[np.float32], logits: bool, hinge: bool) -> NDArray[np.float32]:
    if hinge:
        return np.concatenate([-outputs, outputs], axis=1)
    positive = 1 / (1 + np.exp(-outputs)) if logits else outputs
    return np.concatenate([1 - positive, positive], axis=1)


def last_activation(model: Model) -> str:
    """Type of the last function that the network's outputs go through, or of its last layer where there is none."""
    layer: Any = model.layers[-1]
    while hasattr(layer, "layer"):
        layer = layer.layer
    activation = getattr(layer, "activation", None)
    return str(layer.type if activation is None else activation.type)  # `softmax` is a layer of its own, too


def confusion(true: NDArray[Any], scores: ClassScores, num_classes: int) -> NDArray[np.int64]:
    """How often each class was taken for which: `(num_classes, num_classes)`, a row for each true class.

    Args:
        true: class numbers, `(num_samples,)`, or one-hot rows.
        scores: of the same samples.
        num_classes: how many classes there are.
    """
    numbers = true if true.ndim == 1 else true.argmax(axis=1)
    counts = np.zeros((num_classes, num_classes), np.int64)
    np.add.at(counts, (numbers, scores.values.argmax(axis=1)), 1)
    return counts


def class_report(counts: NDArray[np.int64], names: Sequence[str]) -> tuple[dict[str, Any], ...]:
    """What a confusion matrix says of each class.

    Args:
        counts: as `confusion` gives it.
        names: of the classes.

    Returns:
        For each class its name; how many `samples` it has; `precision`, the share of those taken for it that are of it; `recall`,
        the share of its own that were taken for it; `f1`, the harmonic mean of the two. What has nothing to be a share of is null.

    Source: `sklearn.metrics.classification_report`, where null is 0.
    """
    right, own, taken = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    return tuple(
        {
            "class": name,
            "samples": int(own[index]),
            "precision": _share(right[index], taken[index]),
            "recall": _share(right[index], own[index]),
            "f1": _share(2 * right[index], own[index] + taken[index]),
        }
        for index, name in enumerate(names)
    )


def balanced_accuracy(classes: Sequence[Mapping[str, Any]]) -> float | None:
    """The mean of the recalls of the classes that have samples; None where there are none.

    Args:
        classes: as `class_report` gives them.
    """
    recalls = [entry["recall"] for entry in classes if entry["recall"] is not None]
    return sum(recalls) / len(recalls) if recalls else None


def _share(part: int, whole: int) -> float | None:
    return None if whole == 0 else float(part / whole)

"""Holds the rules about loss, metrics and labels to Keras: what they let through gives one finite number there."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nncli.spec import registry
from nncli.spec.accuracy import accuracy_type
from nncli.spec.base import TypedSpec
from nncli.spec.choice import OneOf
from nncli.spec.experiment import Experiment
from nncli.spec.loss_fit import loss_mistakes
from nncli.spec.metric_fit import metric_mistakes
from nncli.spec.outline import Outline

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

NUMBERS = np.array([0, 1, 2, 1], np.int32)
ROWS = np.eye(3, dtype=np.float32)[NUMBERS]
SCORES = np.array([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.1, 0.3, 0.6], [0.3, 0.4, 0.3]], np.float32)

CASES: dict[str, tuple[Outline, NDArray[Any], NDArray[Any]]] = {
    "class numbers, a score a class": (Outline((2,), (), "index", 3, (), 4, 0, 0), NUMBERS, SCORES),
    "two classes, one output": (Outline((2,), (), "index", 2, (), 4, 0, 0), NUMBERS % 2, SCORES[:, :1]),
    "three classes, one output": (Outline((2,), (), "index", 3, (), 4, 0, 0), NUMBERS, SCORES[:, :1]),
    "rows, a score a class": (Outline((2,), (3,), "one_hot", 3, (), 4, 0, 0), ROWS, SCORES),
    "one number, one output": (Outline((2,), (1,), None, None, (), 4, 0, 0), SCORES[:, 1:2], SCORES[:, :1]),
    "three numbers, one output": (Outline((2,), (3,), None, None, (), 4, 0, 0), ROWS, SCORES[:, :1]),
    "one number, three outputs": (Outline((2,), (1,), None, None, (), 4, 0, 0), SCORES[:, 1:2], SCORES),
    "class numbers, images": (Outline((2,), (), "index", 3, (), 4, 0, 0), NUMBERS, np.tile(SCORES[:, None, None], (1, 2, 2, 1))),
}

REQUIRED: dict[str, dict[str, Any]] = {
    "precision_at_recall": {"recall": 0.5},
    "recall_at_precision": {"precision": 0.5},
    "sensitivity_at_specificity": {"specificity": 0.5},
    "specificity_at_sensitivity": {"sensitivity": 0.5},
    "iou": {"num_classes": 3, "target_class_ids": [0, 2]},
    "mean_iou": {"num_classes": 3},
    "one_hot_iou": {"num_classes": 3, "target_class_ids": [0, 2]},
    "one_hot_mean_iou": {"num_classes": 3},
}
"""Type -> values for the arguments without a default."""


def experiment(loss: str, metric: TypedSpec | None = None) -> Experiment:
    layer = {"type": "dense", "units": 3}
    document = {"name": "a", "dataset": "mnist_5k", "model": {"layers": [layer]}, "optimizer": "adam", "loss": loss}
    return Experiment.model_validate(document | ({} if metric is None else {"metrics": [metric]}))


def keras_object(spec: TypedSpec) -> Any:
    fields = {name: getattr(spec, name) for name in type(spec).model_fields if name not in ("type", "name")}
    arguments = {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}
    return getattr(getattr(keras, spec.keras_module), spec.keras_class)(**arguments)


def keras_value(spec: TypedSpec, targets: NDArray[Any], outputs: NDArray[Any]) -> Any:
    return np.asarray(keras_object(spec)(tf.constant(targets), tf.constant(outputs)))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", [name for name in registry.names("loss") if name != "expression"])  # nncli's own
def test_a_loss_that_passes_gives_one_finite_number(name: str, case: str) -> None:
    outline, targets, outputs = CASES[case]
    config = experiment(name)
    mistakes = list(loss_mistakes(config, outline, outputs.shape[1:]))
    if mistakes:
        assert {mistake.code for mistake in mistakes} == {"NN401"}
        return
    value = keras_value(config.loss, targets, outputs)
    assert value.shape == () and np.isfinite(value)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", [name for name in registry.names("metric") if name not in ("accuracy", "expression")])
def test_a_metric_that_passes_can_be_measured(name: str, case: str) -> None:
    outline, targets, outputs = CASES[case]
    fits = targets.shape == outputs.shape or (outline.labels == "index" and outputs.ndim == 2)
    if not fits:
        return  # no loss passes either
    for more in ({}, {"sparse_y_pred": False}, {"sparse_y_true": False, "sparse_y_pred": False}) if "iou" in name else ({},):
        fields = REQUIRED.get(name, {}) | more
        if set(more) - set(_fields(name)):
            continue
        metric = OneOf("metric").resolve({"type": name, **fields})
        if list(metric_mistakes(experiment("mse", metric), outline, outputs.shape[1:])):
            continue
        value = keras_value(metric, targets, outputs)
        assert value.shape in ((), (outputs.shape[1],))


def _fields(name: str) -> list[str]:
    found = registry.find("metric", name)
    assert found is not None
    return list(found.model_fields)


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("sparse_categorical_accuracy", "rows, a score a class"),
        ("sparse_top_k_categorical_accuracy", "rows, a score a class"),
        ("sparse_categorical_crossentropy", "rows, a score a class"),
        ("f1_score", "class numbers, a score a class"),
        ("f1_score", "two classes, one output"),
        ("precision", "class numbers, a score a class"),
        ("mse", "class numbers, a score a class"),
        ("mean_iou", "class numbers, a score a class"),
    ],
)
def test_keras_cannot_measure_what_is_refused(name: str, case: str) -> None:
    """When one of these fails, Keras has learnt something, and the rule can go."""
    outline, targets, outputs = CASES[case]
    metric = OneOf("metric").resolve({"type": name, **REQUIRED.get(name, {})})
    assert list(metric_mistakes(experiment("mse", metric), outline, outputs.shape[1:])) != []
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
        keras_value(metric, targets, outputs)


@pytest.mark.parametrize(
    ("loss", "output", "target", "expected"),
    [
        ("sparse_categorical_crossentropy", (3,), (), "sparse_categorical_accuracy"),
        ("categorical_generalized_cross_entropy", (3,), (), "sparse_categorical_accuracy"),
        ("categorical_generalized_cross_entropy", (1,), (), "sparse_categorical_accuracy"),
        ("binary_crossentropy", (1,), (), "binary_accuracy"),
        ("binary_crossentropy", (3,), (3,), "binary_accuracy"),
        ("binary_focal_crossentropy", (3,), (3,), "binary_accuracy"),
        ("mse", (1,), (), "binary_accuracy"),
        ("mse", (3,), (3,), "categorical_accuracy"),
        ("categorical_crossentropy", (3,), (3,), "categorical_accuracy"),
        ("circle", (3,), (), "sparse_categorical_accuracy"),
    ],
)
def test_what_accuracy_stands_for(loss: str, output: tuple[int, ...], target: tuple[int, ...], expected: str) -> None:
    assert accuracy_type(OneOf("loss").resolve(loss), output, target) == expected

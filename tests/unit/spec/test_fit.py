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


def experiment(loss: str | TypedSpec, metric: TypedSpec | None = None) -> Experiment:
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


SEQUENCES = np.tile(SCORES[:, None], (1, 2, 1))
FORMS: dict[str, tuple[Outline, NDArray[Any], NDArray[Any]]] = {
    "numbers": CASES["class numbers, a score a class"],
    "rows": CASES["rows, a score a class"],
    "values": (Outline((2,), (3,), None, None, (), 4, 0, 0), SCORES[::-1].copy(), SCORES),
    "one value": CASES["one number, one output"],
    "values of steps": (Outline((2,), (2, 3), None, None, (), 4, 0, 0), SEQUENCES[::-1].copy(), SEQUENCES),
}
AXES = (-4, -3, -2, -1, 1, 2, 3)
ARGUMENTS: dict[str, dict[str, list[Any]]] = {
    "loss": {
        "axis": [*AXES],
        "alpha": [[0.1], [0.1, 0.2], [0.1, 0.2, 0.3]],
        "ignore_class": [-1, 0, 77],
    },
    "metric": {
        "axis": [*AXES],
        "class_id": [0, 2, 3],
        "top_k": [1, 3, 4],
        "num_labels": [None, 1, 3, 4],
        "label_weights": [[1.0], [1.0, 2.0], [1.0, 2.0, 3.0]],
        "sparse_y_pred": [True, False],
        "sparse_y_true": [True, False],
        "average": ["macro"],
        "k": [1, 9],
        "ignore_class": [-1, 77],
    },
}
"""Kind -> field -> values of which some go with some outputs."""


def test_the_scores_behind_a_softmax_are_counted_from_the_front() -> None:
    """Keras keeps them beside its outputs, and TensorFlow's own entropy of scores knows -1 alone."""
    outline, targets, outputs = FORMS["values of steps"]
    layers = {"layers": [{"type": "dense", "units": 3, "activation": "softmax"}]}
    network = keras.Sequential([keras.Input((2, 3)), keras.layers.Dense(3, activation="softmax")])
    for axis, fits in ((-1, True), (-2, False), (1, True)):
        loss = OneOf("loss").resolve({"type": "categorical_crossentropy", "axis": axis})
        document = experiment(loss).model_dump() | {"model": layers}
        assert (not list(loss_mistakes(Experiment.model_validate(document), outline, (2, 3)))) == fits
        made = keras_object(loss)
        try:
            tf.function(lambda made=made: made(targets, network(outputs)), autograph=False)()
        except (ValueError, tf.errors.InvalidArgumentError):
            assert not fits
        else:
            assert fits


ONE_AXIS = ("f1_score", "fbeta_score", "r2_score")


def variants(kind: str, name: str) -> list[TypedSpec]:
    """A loss or metric with each of the values."""
    found = registry.find(kind, name)
    assert found is not None
    chosen: list[dict[str, Any]] = [{}]
    for field, values in ARGUMENTS[kind].items():
        more = {"multi_label": True} if field == "num_labels" else {}
        if (
            field in found.model_fields
            and (kind, name, field) != ("loss", "tversky", "alpha")
            and (name, field) != ("binary_focal_crossentropy", "alpha")
        ):
            chosen += [{field: value, **more} for value in values]
    chosen += [{**entry, "from_logits": True} for entry in chosen if "from_logits" in found.model_fields]
    chosen += [{"multi_label": True, "label_weights": [1.0, 2.0, 3.0]}, {"multi_label": True, "label_weights": [1.0, 2.0]}] * (
        name == "auc"
    )
    chosen += [{"axis": axes} for axes in ([0, 1], [0, -1], [1, -1], [0, 5])] * (name in ("dice", "tversky"))
    chosen += [{"sparse_y_true": False, "sparse_y_pred": False, "axis": axis} for axis in AXES] * (name in ("iou", "mean_iou"))
    needed = REQUIRED.get(name, {}) if kind == "metric" else {}
    return [OneOf(kind).resolve({"type": name, **needed, **fields}) for fields in chosen]


def is_computed(spec: TypedSpec, targets: NDArray[Any], outputs: NDArray[Any]) -> bool:
    """Whether Keras computes it in a graph of batches of any size, as training does."""
    made = keras_object(spec)
    batches = [tf.TensorSpec((None, *array.shape[1:]), array.dtype) for array in (targets, outputs)]
    try:
        tf.function(made, autograph=False, input_signature=batches)(tf.constant(targets), tf.constant(outputs))
    except (ValueError, TypeError, IndexError, tf.errors.InvalidArgumentError):
        return False
    return True


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["loss", "metric"])
def test_what_is_said_of_axes_and_sizes_is_what_keras_says(kind: str, form: str) -> None:
    """Of losses and metrics that go with the targets."""
    outline, targets, outputs = FORMS[form]
    differing = []
    for name in registry.MODULES[kind].values():
        for spec in (spec for entry in name if entry not in ("expression", "accuracy") for spec in variants(kind, entry)):
            config = experiment("mse", spec) if kind == "metric" else experiment(spec)
            rules = metric_mistakes if kind == "metric" else loss_mistakes
            found = [mistake for mistake in rules(config, outline, outputs.shape[1:]) if mistake.severity == "error"]
            if any(mistake.path in (("loss",), ("metrics", 0)) and spec.type not in ONE_AXIS for mistake in found):
                continue  # the form of the targets is a matter of the tests above
            if is_computed(spec, targets, outputs) != (not found):
                differing.append((spec.type, {field: getattr(spec, field) for field in spec.model_fields_set}, found))
    assert differing == []

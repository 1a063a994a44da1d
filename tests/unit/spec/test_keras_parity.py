"""Holds the specs to Keras: every public class has one, with Keras's own argument names, defaults and limits."""

from __future__ import annotations

import inspect
import os
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from nncli.spec import registry
from nncli.spec.activations.base import Activation
from nncli.spec.base import TypedSpec
from nncli.spec.choice import OneOf

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

KINDS = {
    "optimizer": keras.optimizers,
    "schedule": keras.optimizers.schedules,
    "loss": keras.losses,
    "metric": keras.metrics,
    "activation": keras.activations,
    "initializer": keras.initializers,
    "regularizer": keras.regularizers,
    "constraint": keras.constraints,
}

ABSTRACT = "the base class of its family"
LEFT_OUT: dict[str, dict[str, str]] = {
    "optimizer": {
        "Optimizer": ABSTRACT,
        "LossScaleOptimizer": "wraps another optimizer, for 16-bit floats; a matter of `training.precision`",
        "MultiOptimizer": "takes a map from variables to optimizer objects; the variables have no names before the build",
        "OptimizerMap": "the map that MultiOptimizer takes; no optimizer itself",
    },
    "schedule": {"LearningRateSchedule": ABSTRACT},
    "loss": {"Loss": ABSTRACT},
    "metric": {
        "Metric": ABSTRACT,
        "Accuracy": "compares predictions with targets number by number; the name is our own type, resolved from the loss",
        "Mean": "averages values that are handed to it, not predictions and targets",
        "Sum": "adds up values that are handed to it, not predictions and targets",
        "MeanMetricWrapper": "takes a function",
    },
    "activation": {
        "get": "looks a function up",
        "serialize": "writes a function's name",
        "deserialize": "looks a function up",
        "threshold": "needs two arguments, and no stock layer can store them",
    },
    "initializer": {"Initializer": ABSTRACT},
    "regularizer": {"Regularizer": ABSTRACT},
    "constraint": {"Constraint": ABSTRACT},
}
"""Kind -> public name -> why it has no spec."""

NOT_FIELDS = {"name", "dtype", "kwargs"}
"""Arguments that no spec has; metrics alone have `name`."""

REQUIRED: dict[str, dict[str, Any]] = {
    "exponential_decay": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
    "inverse_time_decay": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
    "polynomial_decay": {"initial_learning_rate": 0.1, "decay_steps": 10},
    "cosine_decay": {"initial_learning_rate": 0.1, "decay_steps": 10},
    "cosine_decay_restarts": {"initial_learning_rate": 0.1, "first_decay_steps": 10},
    "piecewise_constant_decay": {"boundaries": [5], "values": [0.1, 0.01]},
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


def public(kind: str) -> dict[str, Any]:
    """What Keras offers for a kind: classes, or functions for activations, each under one of its names."""
    wanted = inspect.isfunction if kind == "activation" else inspect.isclass
    found: dict[int, tuple[str, Any]] = {}
    for name, value in vars(KINDS[kind]).items():
        if wanted(value) and (id(value) not in found or name == value.__name__):
            found[id(value)] = (name, value)
    return dict(found.values())


def spec_class(kind: str, name: str) -> type[TypedSpec]:
    found = registry.find(kind, name)
    assert found is not None
    return found


PUBLIC = [(kind, name) for kind in KINDS for name in sorted(public(kind))]
SPECS = [spec_class(kind, name) for kind in KINDS for names in registry.MODULES[kind].values() for name in names]
WITH_KERAS = [found for found in SPECS if found.keras_class]


def keras_object(found: type[TypedSpec] | TypedSpec) -> Any:
    """The Keras class or activation function that a spec stands for."""
    module: Any = keras
    for part in found.keras_module.split("."):
        module = getattr(module, part)
    return getattr(module, found.keras_class)


def parameters(function: Callable[..., Any], skip: set[str]) -> dict[str, inspect.Parameter]:
    return {name: entry for name, entry in inspect.signature(function).parameters.items() if name not in skip}


def spec_of(kind: str, type_name: str, fields: Mapping[str, Any] | None = None) -> TypedSpec:
    return OneOf(kind).resolve({"type": type_name, **(fields or {})})


def arguments(spec: TypedSpec) -> dict[str, Any]:
    """A spec's fields as a Keras class takes them: lists for tuples, objects for nested specs, no name where it is null."""
    values = {field: getattr(spec, field) for field in type(spec).model_fields if field not in spec.own_fields}
    return {field: argument(value) for field, value in values.items() if (field, value) != ("name", None)}


def argument(value: Any) -> Any:
    if isinstance(value, TypedSpec):
        return build(value)
    return [argument(entry) for entry in value] if isinstance(value, tuple) else value


def build(spec: TypedSpec) -> Any:
    """The Keras object that a spec describes; for an activation function the layer that carries its arguments."""
    if isinstance(spec, Activation):
        return getattr(keras.layers, spec.keras_layer)(**arguments(spec)) if spec.keras_layer else keras_object(spec)
    return keras_object(spec)(**arguments(spec))


def described(found: type[TypedSpec]) -> str:
    return f"{found.kind}-{found.model_fields['type'].default}"


def type_name(found: type[TypedSpec]) -> str:
    return str(found.model_fields["type"].default)


@pytest.mark.parametrize(("kind", "name"), PUBLIC)
def test_every_public_class_has_a_spec_or_a_reason(kind: str, name: str) -> None:
    has_spec = any(found.kind == kind and keras_object(found) is public(kind)[name] for found in WITH_KERAS)
    assert has_spec != (name in LEFT_OUT[kind]), f"keras.{kind}s.{name}: write a spec, or a reason in LEFT_OUT, not both"


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_out_that_keras_does_not_have(kind: str) -> None:
    assert set(LEFT_OUT[kind]) <= set(public(kind))


@pytest.mark.parametrize("found", WITH_KERAS, ids=described)
def test_fields_and_defaults_are_those_of_keras(found: type[TypedSpec]) -> None:
    fields = {name: field for name, field in found.model_fields.items() if name not in found.own_fields}
    if found.kind == "activation":
        assert issubclass(found, Activation)
        expected = parameters(keras_object(found), {"x"}) if found.keras_layer else {}
    else:
        expected = parameters(keras_object(found), NOT_FIELDS)
    if found.kind == "metric":
        assert not fields.pop("name").is_required()
    assert set(fields) == set(expected)
    for name, parameter in expected.items():
        assert fields[name].is_required() == (parameter.default is inspect.Parameter.empty), name
        if not fields[name].is_required():
            assert fields[name].default == parameter.default, name
            assert type(fields[name].default) is type(parameter.default) or isinstance(fields[name].default, float), name


@pytest.mark.parametrize("found", WITH_KERAS, ids=described)
def test_keras_takes_the_defaults(found: type[TypedSpec]) -> None:
    build(spec_of(found.kind, type_name(found), REQUIRED.get(type_name(found))))


@pytest.mark.parametrize("found", WITH_KERAS, ids=described)
def test_the_defaults_are_valid_themselves(found: type[TypedSpec]) -> None:
    spec = spec_of(found.kind, type_name(found), REQUIRED.get(type_name(found)))
    assert spec_of(found.kind, type_name(found), spec.model_dump(mode="json")) == spec


def choices(annotation: Any) -> Iterator[Any]:
    """The values that an annotation enumerates."""
    origin = typing.get_origin(annotation)
    if origin is typing.Literal:
        yield from typing.get_args(annotation)
    elif origin in (types.UnionType, typing.Union):
        for part in typing.get_args(annotation):
            yield from choices(part)
    elif annotation is types.NoneType:
        yield None
    elif annotation is bool:
        yield from (False, True)


CHOICES = [
    (found, field, value)
    for found in WITH_KERAS
    for field, info in found.model_fields.items()
    if field not in {"type", "name", "use_ema"}
    for value in choices(info.annotation)
]


@pytest.mark.parametrize(("found", "field", "value"), CHOICES, ids=lambda part: getattr(part, "keras_class", str(part)))
def test_keras_takes_every_choice(found: type[TypedSpec], field: str, value: Any) -> None:
    build(spec_of(found.kind, type_name(found), {**REQUIRED.get(type_name(found), {}), field: value}))


@pytest.mark.parametrize(
    "found", [found for found in WITH_KERAS if issubclass(found, Activation) and found.keras_layer], ids=described
)
def test_an_activation_and_its_layer_agree(found: type[Activation]) -> None:
    inputs = np.linspace(-3, 3, 12, dtype="float32").reshape(3, 4)
    spec = spec_of("activation", type_name(found))
    layer = getattr(keras.layers, found.keras_layer)
    assert set(arguments(spec)) <= set(inspect.signature(layer).parameters)
    np.testing.assert_allclose(build(spec)(inputs), keras_object(found)(inputs, **arguments(spec)), atol=1e-6)


@pytest.mark.parametrize(
    "found", [found for found in WITH_KERAS if issubclass(found, Activation) and not found.keras_layer], ids=described
)
def test_stock_keras_finds_an_activation_by_its_name(found: type[Activation]) -> None:
    stored = keras.activations.serialize(keras.activations.get(found.keras_class))
    assert stored == found.keras_class
    keras.activations.get(stored)(np.ones((2, 4), dtype="float32"))


@pytest.mark.parametrize("found", [found for found in WITH_KERAS if issubclass(found, Activation)], ids=described)
def test_the_values_of_an_activation_reach_its_bounds_and_no_further(found: type[Activation]) -> None:
    inputs = np.concatenate([np.linspace(-500, 500, 2000), [-1, 0, 1]]).astype("float32")
    rows = np.stack([inputs, -inputs], axis=-1)  # two of a row, for those that work on rows
    values = np.array(keras_object(found)(rows, **arguments(spec_of("activation", type_name(found)))))
    least, most = found.bounds
    assert values.min() >= least and values.max() <= most
    assert least == -np.inf or values.min() <= least + 0.01
    assert most == np.inf or values.max() >= most - 0.01


DECAY = {"initial_learning_rate": 0.1, "decay_steps": 10}
RESTARTS = {"initial_learning_rate": 0.1, "first_decay_steps": 10}
REFUSED_BY_BOTH: list[tuple[str, str, dict[str, Any], str]] = [
    ("optimizer", "sgd", {"momentum": -0.1}, "greater_than_equal"),
    ("optimizer", "sgd", {"momentum": 1.5}, "less_than_equal"),
    ("optimizer", "sgd", {"learning_rate": "fast"}, "NN205"),
    ("optimizer", "adam", {"learning_rate": None}, "NN203"),
    ("optimizer", "adam", {"learning_rate": [0.1]}, "NN203"),
    ("optimizer", "adam", {"clipnorm": 1.0, "clipvalue": 1.0}, "NN206"),
    ("optimizer", "adam", {"clipvalue": 1.0, "global_clipnorm": 1.0}, "NN206"),
    ("optimizer", "adam", {"gradient_accumulation_steps": 1}, "greater_than_equal"),
    ("optimizer", "adam", {"use_ema": True, "ema_momentum": 1.1}, "less_than_equal"),
    ("optimizer", "adam", {"use_ema": True, "ema_overwrite_frequency": -1}, "greater_than_equal"),
    ("optimizer", "adam", {"lr": 0.1}, "extra_forbidden"),
    ("optimizer", "adamw", {"weight_decay": None}, "float_type"),
    ("optimizer", "lion", {"beta_1": 0.0}, "greater_than"),
    ("optimizer", "ftrl", {"learning_rate_power": 0.5}, "less_than_equal"),
    ("optimizer", "ftrl", {"initial_accumulator_value": -0.1}, "greater_than_equal"),
    ("optimizer", "ftrl", {"l1_regularization_strength": -0.1}, "greater_than_equal"),
    ("schedule", "exponential_decay", {**DECAY, "decay_rate": 0.5, "decay_steps": 0}, "greater_than_equal"),
    ("schedule", "inverse_time_decay", {**DECAY, "decay_rate": 0.5, "decay_steps": -1}, "greater_than_equal"),
    ("schedule", "polynomial_decay", {**DECAY, "decay_steps": 0}, "greater_than_equal"),
    ("schedule", "cosine_decay", {"initial_learning_rate": 0.1}, "missing"),
    ("schedule", "cosine_decay_restarts", {**RESTARTS, "first_decay_steps": 0}, "greater_than_equal"),
    ("schedule", "piecewise_constant_decay", {"boundaries": [1, 2], "values": [0.1, 0.2]}, "NN206"),
    ("loss", "mean_squared_error", {"reduction": "average"}, "literal_error"),
    ("loss", "categorical_generalized_cross_entropy", {"q": 1.0}, "less_than"),
    ("loss", "categorical_generalized_cross_entropy", {"q": 0.0}, "greater_than"),
    ("metric", "auc", {"num_thresholds": 1}, "greater_than_equal"),
    ("metric", "auc", {"curve": "DET"}, "literal_error"),
    ("metric", "auc", {"summation_method": "simpson"}, "literal_error"),
    ("metric", "auc", {"num_labels": 3}, "NN206"),
    ("metric", "precision", {"thresholds": 1.5}, "NN204"),
    ("metric", "false_positives", {"thresholds": [0.5, -0.1]}, "NN204"),
    ("metric", "f1_score", {"average": "samples"}, "literal_error"),
    ("metric", "f1_score", {"threshold": 0.0}, "greater_than"),
    ("metric", "fbeta_score", {"beta": 0.0}, "greater_than"),
    ("metric", "precision_at_recall", {"recall": 1.5}, "less_than_equal"),
    ("metric", "recall_at_precision", {"precision": 0.5, "num_thresholds": 0}, "greater_than_equal"),
    ("metric", "r2_score", {"class_aggregation": "sum"}, "literal_error"),
    ("metric", "r2_score", {"num_regressors": -1}, "greater_than_equal"),
    ("metric", "iou", {"num_classes": 2, "target_class_ids": [0, 2]}, "NN204"),
    ("metric", "binary_iou", {"target_class_ids": [2]}, "NN204"),
    ("metric", "iou", {"num_classes": 2, "target_class_ids": []}, "too_short"),
    ("activation", "relu", {"negative_slope": -0.1}, "greater_than_equal"),
    ("activation", "relu", {"max_value": -1.0}, "greater_than_equal"),
    ("activation", "leaky_relu", {"negative_slope": -0.1}, "greater_than_equal"),
    ("initializer", "variance_scaling", {"scale": 0.0}, "greater_than"),
    ("initializer", "variance_scaling", {"mode": "fan"}, "literal_error"),
    ("initializer", "glorot_uniform", {"seed": 0.5}, "int_type"),
    ("initializer", "stft", {"window": "square"}, "NN205"),
    ("initializer", "stft", {"side": "left"}, "literal_error"),
    ("regularizer", "l1", {"l1": -0.1}, "greater_than_equal"),
    ("regularizer", "l2", {"l2": "0.1"}, "float_type"),
    ("regularizer", "l1_l2", {"l2": -0.1}, "greater_than_equal"),
    ("regularizer", "orthogonal_regularizer", {"mode": "diagonal"}, "literal_error"),
]
"""Kind, type, fields that Keras's constructor refuses, and the type of the spec's error."""

REFUSED_BY_US: list[tuple[str, str, dict[str, Any], str]] = [
    ("optimizer", "sgd", {"learning_rate": 0}, "NN204"),
    ("optimizer", "sgd", {"learning_rate": True}, "NN203"),
    ("optimizer", "adam", {"beta_1": 1.0}, "less_than"),
    ("optimizer", "adam", {"epsilon": -1e-7}, "greater_than_equal"),
    ("optimizer", "adam", {"clipnorm": 0}, "greater_than"),
    ("optimizer", "adadelta", {"epsilon": 0}, "greater_than"),
    ("optimizer", "schedule_free_adamw", {"beta_1": 0}, "greater_than"),
    ("optimizer", "muon", {"exclude_layers": ["dense["]}, "NN204"),
    ("schedule", "cosine_decay", {**DECAY, "warmup_steps": 5}, "NN206"),
    ("schedule", "cosine_decay_restarts", {**RESTARTS, "t_mul": 0.5}, "greater_than_equal"),
    ("schedule", "piecewise_constant_decay", {"boundaries": [], "values": [0.1]}, "too_short"),
    ("schedule", "piecewise_constant_decay", {"boundaries": [5, 5], "values": [0.1, 0.2, 0.3]}, "NN204"),
    ("loss", "huber", {"delta": 0}, "greater_than"),
    ("loss", "binary_crossentropy", {"label_smoothing": 1.5}, "less_than_equal"),
    ("loss", "categorical_focal_crossentropy", {"alpha": [0.5, -0.5]}, "NN204"),
    ("loss", "dice", {"axis": 1.5}, "NN203"),
    ("loss", "dice", {"name": "dice"}, "extra_forbidden"),
    ("metric", "auc", {"multi_label": True, "num_labels": 2, "label_weights": [1, 2, 3]}, "NN206"),
    ("metric", "precision", {"thresholds": []}, "NN204"),
    ("metric", "accuracy", {"name": "my accuracy"}, "string_pattern_mismatch"),
    ("activation", "gelu", {"approximate": True}, "extra_forbidden"),
    ("activation", "softmax", {"axis": True}, "NN203"),
    ("initializer", "constant", {"value": [[1, 2], [3]]}, "NN204"),
    ("initializer", "constant", {"value": [1, [2]]}, "NN204"),
    ("initializer", "constant", {"value": "one"}, "NN203"),
    ("initializer", "constant", {"value": 10**400}, "NN204"),
    ("initializer", "stft", {"window": [1, [2]]}, "NN203"),
    ("initializer", "random_normal", {"stddev": -1}, "greater_than_equal"),
    ("initializer", "random_uniform", {"minval": 1}, "NN204"),
    ("initializer", "he_normal", {"input_axes": [0]}, "NN206"),
    ("constraint", "min_max_norm", {"min_value": 2}, "NN204"),
    ("constraint", "max_norm", {"max_value": 0}, "greater_than"),
    ("constraint", "min_max_norm", {"rate": 1.5}, "less_than_equal"),
]
"""What Keras takes without a word although it has no effect, gives NaN, or fails only later."""

ACCEPTED: list[tuple[str, str, dict[str, Any]]] = [
    ("optimizer", "sgd", {"learning_rate": 1, "momentum": 1, "nesterov": True}),
    ("optimizer", "adam", {"learning_rate": {"type": "cosine_decay", **DECAY, "warmup_target": 0.2, "warmup_steps": 3}}),
    ("optimizer", "adamw", {"global_clipnorm": 1, "weight_decay": 0, "beta_1": 0}),
    ("optimizer", "lion", {"beta_1": 1}),
    ("optimizer", "adam", {"use_ema": True, "ema_momentum": 1, "ema_overwrite_frequency": 3, "gradient_accumulation_steps": 2}),
    ("optimizer", "muon", {"exclude_layers": ["dense_1", "out.*"], "rms_rate": None, "weight_decay": None}),
    ("schedule", "piecewise_constant_decay", {"boundaries": [5, 10], "values": [1, 0.1, 0]}),
    ("loss", "categorical_focal_crossentropy", {"alpha": [0.2, 0.3, 0.5]}),
    ("loss", "dice", {"axis": [1, 2]}),
    ("loss", "tversky", {"axis": -1, "alpha": 0}),
    ("loss", "sparse_categorical_crossentropy", {"ignore_class": -1}),
    ("metric", "precision", {"thresholds": [0, 0.5, 1], "class_id": 0, "name": "my_precision"}),
    ("metric", "recall", {"thresholds": 0.5, "top_k": 2}),
    ("metric", "true_positives", {"thresholds": [0.5]}),
    ("metric", "auc", {"thresholds": [0.7, 0.2], "curve": "PR"}),
    ("metric", "auc", {"multi_label": True, "num_labels": 2, "label_weights": [1, 2]}),
    ("metric", "binary_accuracy", {"threshold": -3}),
    ("metric", "fbeta_score", {"beta": 2, "threshold": 1}),
    ("metric", "binary_iou", {"target_class_ids": [1]}),
    ("activation", "softmax", {"axis": [1, 2]}),
    ("activation", "relu", {"negative_slope": 0.1, "max_value": 6, "threshold": 1}),
    ("initializer", "constant", {"value": [[1, 2], [3, 4]]}),
    ("initializer", "stft", {"window": None, "scaling": None}),
    ("initializer", "stft", {"window": [1, 2, 1]}),
    ("initializer", "he_normal", {"seed": -5, "input_axes": [0], "output_axes": [1]}),
    ("regularizer", "l1_l2", {"l1": 0, "l2": 1}),
    ("constraint", "max_norm", {"max_value": 3, "axis": [0, 1, 2]}),
]


def error_types(kind: str, name: str, fields: dict[str, Any]) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        spec_of(kind, name, fields)
    return [problem["type"] for problem in caught.value.errors()]


@pytest.mark.parametrize(("kind", "name", "fields", "error"), REFUSED_BY_BOTH)
def test_what_keras_refuses_the_spec_refuses(kind: str, name: str, fields: dict[str, Any], error: str) -> None:
    found = spec_class(kind, name)
    target = getattr(keras.layers, found.keras_layer) if issubclass(found, Activation) else keras_object(found)
    with pytest.raises((ValueError, TypeError)):
        target(**fields)
    assert error_types(kind, name, fields) == [error]


@pytest.mark.parametrize(("kind", "name", "fields", "error"), REFUSED_BY_US)
def test_what_makes_no_sense_the_spec_refuses(kind: str, name: str, fields: dict[str, Any], error: str) -> None:
    assert error_types(kind, name, fields) == [error]


@pytest.mark.parametrize(("kind", "name", "fields"), ACCEPTED)
def test_what_makes_sense_both_accept(kind: str, name: str, fields: dict[str, Any]) -> None:
    spec = spec_of(kind, name, fields)
    build(spec)
    assert spec_of(kind, name, spec.model_dump(mode="json")) == spec


@pytest.mark.parametrize("short", registry.SHORT_NAMES["loss"])
def test_keras_means_the_same_by_its_short_names(short: str) -> None:
    if short != "cosine":  # ours alone
        found = registry.find("loss", short)
        assert found is not None
        assert keras.losses.get(short) is getattr(keras.losses, type_name(found))


def test_windows_are_those_of_scipy_that_need_no_parameter() -> None:
    signal = pytest.importorskip("scipy.signal")
    from nncli.spec.initializers.fourier import _WINDOWS

    for window in _WINDOWS:
        assert len(signal.get_window(window, 5)) == 5

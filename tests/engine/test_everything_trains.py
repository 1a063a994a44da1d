"""Every choice of the registry goes through the step loop, held to what plain Keras makes of the same."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from nncli.engine.build import build, build_network
from nncli.engine.evaluate import metric_value
from nncli.engine.learner import Learner
from nncli.engine.plan import make_plan
from nncli.engine.rules import choose_mode
from nncli.keras_objects import Equalization, RandomCrop
from nncli.problems import NncliError
from nncli.spec import registry
from nncli.spec.base import TypedSpec
from nncli.spec.choice import OneOf
from nncli.spec.model import Model

NUM_SAMPLES, BATCH_SIZE, EPOCHS = 8, 4, 2
OUT = {"type": "dense", "units": 3, "activation": "softmax"}
LOOKUP = [{"type": "embedding", "input_dim": 7, "output_dim": 3}, "flatten", OUT]
"""A matrix, a bias, and a table whose gradient has only the rows that a batch looks up."""


def types(kind: str) -> list[str]:
    """The type names of a kind, short names left out."""
    return [name for names in registry.MODULES[kind].values() for name in names]


def spec_class(kind: str, name: str) -> type[TypedSpec]:
    found = registry.find(kind, name)
    assert found is not None
    return found


def targets_of(form: str) -> NDArray[Any]:
    """Targets of the samples: class `numbers`, one-hot `rows`, or `amounts` to predict, far enough from 0 for a percentage."""
    generator = np.random.default_rng(7)
    numbers = generator.integers(0, 3, NUM_SAMPLES).astype(np.int32)
    rows = np.eye(3, dtype=np.float32)[numbers]
    return {"numbers": numbers, "rows": rows, "amounts": rows + generator.uniform(0.2, 0.8, rows.shape).astype(np.float32)}[form]


@dataclass(frozen=True)
class Trained:
    """What some steps left: a network, its loss over the last epoch, and its metrics."""

    network: Any
    loss: float
    metrics: Mapping[str, Any]


class Trainings:
    """Trains a network in the step loop, and in plain Keras."""

    def __init__(self, lab: Any, network: Any, targets: NDArray[Any], **parts: Any) -> None:
        self._network = network
        self._experiment = lab.experiment(
            network, **{"metrics": []} | parts, training={"order": "sequential", "batch_size": BATCH_SIZE, "epochs": EPOCHS}
        )
        splits = lab.splits(replace(network, num_samples=NUM_SAMPLES), validation=0)
        preparation = replace(splits.preparation, target_shape=targets.shape[1:])
        self._splits = replace(splits, train=replace(splits.train, targets=targets), preparation=preparation)

    def ours(self, mode: str = "loop") -> Trained:
        """What the step loop makes of it; of its metrics those of the last epoch."""
        plan = make_plan(self._experiment, NUM_SAMPLES)
        learner = Learner(self._experiment, self._splits, plan, mode, (), None)
        for epoch in range(EPOCHS):
            learner.loop.reset()
            learner.loop.run(epoch * plan.steps_per_epoch, (epoch + 1) * plan.steps_per_epoch)
        measured = learner.metrics()
        assert learner.loop.num_compilations == 1
        return Trained(learner.network, measured.pop("loss"), measured)

    def stock(self, network: Any = None, loss: Any = None, metrics: Mapping[str, Any] | None = None) -> Trained:
        """What Keras makes of it step by step, without any compiler; of a network or loss made by hand where one is given."""
        experiment, train = self._experiment, self._splits.train
        network = network or build_network(experiment.model, name="tiny", input_shape=self._network.shape, seed=experiment.seed)
        metrics, loss, optimizer = metrics or {}, loss or build(experiment.loss), build(experiment.optimizer)
        for _ in range(EPOCHS):
            losses = []
            for metric in metrics.values():
                metric.reset_state()
            for start in range(0, NUM_SAMPLES, BATCH_SIZE):
                batch = slice(start, start + BATCH_SIZE)
                with tf.GradientTape() as tape:
                    outputs = network(train.inputs[batch], training=True)
                    losses.append(loss(train.targets[batch], outputs) + sum(network.losses))
                optimizer.apply(tape.gradient(losses[-1], network.trainable_variables), network.trainable_variables)
                for metric in metrics.values():
                    metric.update_state(train.targets[batch], outputs)
        return Trained(network, float(np.mean(losses)), {name: metric_value(metric) for name, metric in metrics.items()})


def require_equal(ours: Trained, stock: Trained, atol: float = 5e-6) -> None:
    """The same weights and the same loss, but for rounding."""
    for own, other in zip(ours.network.weights, stock.network.weights, strict=True):
        np.testing.assert_allclose(own.numpy(), other.numpy(), rtol=0, atol=atol, err_msg=own.path)
    assert ours.loss == pytest.approx(stock.loss, abs=1e-5)


def moved(lab: Any, network: Any, trained: Trained) -> list[bool]:
    """Of each array of weights, whether training changed it."""
    first = build_network(lab.experiment(network).model, name="tiny", input_shape=network.shape, seed=3)
    return [
        not np.array_equal(own.numpy(), other.numpy()) for own, other in zip(trained.network.weights, first.weights, strict=True)
    ]


@pytest.mark.parametrize("name", types("optimizer"))
def test_optimizers_compiled_by_themselves(name: str, lab: Any, network_of: Any) -> None:
    """With a gradient that is sparse, which Keras's optimizers do not treat as the sum of its rows."""
    network = network_of(LOOKUP, (4,), name, vocabulary=7)
    trainings = Trainings(lab, network, targets_of("numbers"))
    ours = trainings.ours("update")
    require_equal(ours, trainings.stock())
    assert all(moved(lab, network, ours))


OPTIONS: dict[str, dict[str, Any]] = {
    "ahead": {"type": "sgd", "momentum": 0.9, "nesterov": True, "clipvalue": 0.05, "weight_decay": 0.1},
    "averaged": {"type": "adam", "amsgrad": True, "use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2},
    "accumulated": {"type": "rmsprop", "centered": True, "momentum": 0.5, "clipnorm": 0.1, "gradient_accumulation_steps": 2},
    "clipped": {"type": "schedule_free_adamw", "warmup_steps": 4, "weight_decay": 0.1, "global_clipnorm": 0.1},
    "muon": {"type": "muon", "exclude_layers": ["dense"], "exclude_embeddings": False, "rms_rate": None, "ns_steps": 2},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_options_of_optimizers(name: str, lab: Any, network_of: Any) -> None:
    trainings = Trainings(lab, network_of(LOOKUP, (4,), OPTIONS[name], vocabulary=7), targets_of("numbers"))
    require_equal(trainings.ours(), trainings.stock())


@pytest.mark.parametrize("mode", ["loop", "update"])
def test_a_scaled_loss_changes_nothing(mode: str, lab: Any, network_of: Any) -> None:
    """Keras itself cannot scale the loss of an embedding."""
    plainly = {"type": "sgd", "learning_rate": 0.1, "momentum": 0.9}
    scaled, free = (
        Trainings(lab, network_of(LOOKUP, (4,), optimizer, vocabulary=7), targets_of("numbers"))
        for optimizer in (plainly | {"loss_scale_factor": 8.0}, plainly)
    )
    require_equal(scaled.ours(mode), free.stock())


RATE = {"initial_learning_rate": 0.02}
SCHEDULES: dict[str, dict[str, Any]] = {
    "exponential_decay": RATE | {"decay_steps": 2, "decay_rate": 0.5, "staircase": True},
    "inverse_time_decay": RATE | {"decay_steps": 2, "decay_rate": 0.5},
    "polynomial_decay": RATE | {"decay_steps": 2, "power": 2.0, "cycle": True},
    "cosine_decay": RATE | {"decay_steps": 4, "warmup_target": 0.03, "warmup_steps": 2, "alpha": 0.1},
    "cosine_decay_restarts": RATE | {"first_decay_steps": 2, "t_mul": 1.5, "m_mul": 0.8},
    "piecewise_constant_decay": {"boundaries": [1, 3], "values": [0.01, 0.03, 0.005]},
}
LOSSES = [name for name in types("loss") if name not in ("ctc", "expression")]  # these have tests of their own
COMBINED = [
    (loss, types("optimizer")[number % len(types("optimizer"))], types("schedule")[number % len(types("schedule"))])
    for number, loss in enumerate(LOSSES)
]
"""Every loss, optimizer and schedule at least once: what takes time is to compile, and any three of them are compiled at once."""
NUMBERS = ("sparse_categorical_crossentropy", "categorical_generalized_cross_entropy", "circle")
"""Losses of class numbers."""


def test_nothing_is_left_out() -> None:
    assert [set(part) for part in zip(*COMBINED, strict=True)] == [set(LOSSES), set(types("optimizer")), set(types("schedule"))]
    assert list(SCHEDULES) == types("schedule")


@pytest.mark.parametrize(("loss", "optimizer", "schedule"), COMBINED)
def test_losses_optimizers_and_schedules(loss: str, optimizer: str, schedule: str, lab: Any, network_of: Any) -> None:
    found = spec_class("loss", loss)
    form = "numbers" if loss in NUMBERS else "amounts" if found.__module__.endswith("regression") else "rows"
    rate = {"type": schedule, **SCHEDULES[schedule]}
    network = network_of([OUT], (4,), {"type": optimizer, "learning_rate": rate})
    trainings = Trainings(lab, network, targets_of(form), loss=loss)
    ours = trainings.ours()
    require_equal(ours, trainings.stock())
    assert all(moved(lab, network, ours))


@pytest.mark.parametrize("mode", ["loop", "update"])
def test_the_loss_of_sequences(mode: str, lab: Any, network_of: Any) -> None:
    labels = np.array([[1, 2, 0], [2, 1, 2], [1, 0, 0], [2, 2, 0]] * 2, np.float32)
    trainings = Trainings(lab, network_of([{"type": "dense", "units": 3}], (6, 2), "sgd"), labels, loss="ctc")
    require_equal(trainings.ours(mode), trainings.stock())


def test_a_loss_and_a_metric_that_the_config_spells_out(lab: Any, network_of: Any) -> None:
    loss = {"type": "expression", "formula": "square(y_true - y_pred)"}
    metric = {"type": "expression", "name": "distance", "formula": "abs(y_true - y_pred)"}
    trainings = Trainings(lab, network_of([OUT], (4,), "sgd"), targets_of("amounts"), loss=loss, metrics=[metric])
    ours = trainings.ours()
    stock = trainings.stock(loss=keras.losses.MeanSquaredError(), metrics={"distance": keras.metrics.MeanAbsoluteError()})
    require_equal(ours, stock)
    assert ours.metrics == pytest.approx(stock.metrics, abs=1e-5)


METRICS: dict[str, dict[str, Any]] = {
    "precision_at_recall": {"recall": 0.5},
    "recall_at_precision": {"precision": 0.3},
    "sensitivity_at_specificity": {"specificity": 0.5},
    "specificity_at_sensitivity": {"sensitivity": 0.5},
    "iou": {"num_classes": 3, "target_class_ids": [0, 2], "sparse_y_true": False, "sparse_y_pred": False},
    "mean_iou": {"num_classes": 3, "sparse_y_true": False, "sparse_y_pred": False},
    "one_hot_iou": {"num_classes": 3, "target_class_ids": [0, 2]},
    "one_hot_mean_iou": {"num_classes": 3},
    "top_k_categorical_accuracy": {"k": 2},
    "sparse_top_k_categorical_accuracy": {"k": 2},
    "auc": {"num_thresholds": 20},
}
"""Type -> the fields that it needs, or that make it tell something of three classes."""
MORE_METRICS: list[dict[str, Any]] = [
    {"type": "precision", "name": "of_two", "top_k": 2},
    {"type": "recall", "name": "by_threshold", "thresholds": [0.3, 0.5], "class_id": 1},
    {"type": "auc", "name": "by_label", "multi_label": True, "label_weights": [1.0, 2.0, 3.0], "curve": "PR", "num_thresholds": 9},
    {"type": "auc", "name": "gain", "curve": "PRGAIN", "summation_method": "majoring", "thresholds": [0.2, 0.4]},
    {"type": "fbeta_score", "name": "f2", "beta": 2.0, "average": "macro", "threshold": 0.3},
    {"type": "r2_score", "name": "each", "class_aggregation": None, "num_regressors": 2},
    {"type": "one_hot_iou", "name": "but_one", "num_classes": 3, "target_class_ids": [0], "ignore_class": 1},
]


def stock_metric(fields: Mapping[str, Any], name: str) -> Any:
    arguments = {key: value for key, value in fields.items() if key not in ("type", "name")}
    return getattr(keras.metrics, spec_class("metric", fields["type"]).keras_class)(**arguments, name=name)


@pytest.mark.parametrize("form", ["numbers", "rows"])
def test_metrics(form: str, lab: Any, network_of: Any) -> None:
    of_their_own = ("accuracy", "expression")
    names = [name for name in types("metric") if name.startswith("sparse_") == (form == "numbers") and name not in of_their_own]
    fields = [{"type": name, "name": name, **METRICS.get(name, {})} for name in names]
    fields += MORE_METRICS if form == "rows" else []
    loss = {"numbers": "sparse_categorical_crossentropy", "rows": "categorical_crossentropy"}[form]
    trainings = Trainings(lab, network_of([OUT], (4,), "sgd"), targets_of(form), loss=loss, metrics=fields)
    ours = trainings.ours()
    stock = trainings.stock(metrics={entry["name"]: stock_metric(entry, entry["name"]) for entry in fields})
    require_equal(ours, stock)
    assert set(ours.metrics) == set(stock.metrics)
    for name, value in stock.metrics.items():
        assert ours.metrics[name] == pytest.approx(value, rel=1e-5, abs=1e-5), name


def plain(*layers: Any) -> Any:
    """A network as one writes it by hand."""
    return keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(3, activation="softmax")])


ACTIVATIONS = [name for name in types("activation") if spec_class("activation", name).keras_class and name != "glu"]
"""All of Keras's but the one that halves the last axis, which the specs refuse."""


@pytest.mark.parametrize("group", [ACTIVATIONS[start::4] for start in range(4)], ids=lambda group: group[0])
def test_activations(group: list[str], lab: Any, network_of: Any) -> None:
    wide = {"type": "dense", "units": 8, "kernel_initializer": "he_normal"}
    network = network_of([*({**wide, "activation": name} for name in group), OUT], (4,), {"type": "sgd", "learning_rate": 0.1})
    trainings = Trainings(lab, network, targets_of("numbers"))
    ours = trainings.ours()
    stock = plain(*(keras.layers.Dense(8, activation=spec_class("activation", name).keras_class) for name in group))
    stock.set_weights(build_network(lab.experiment(network).model, name="tiny", input_shape=(4,), seed=3).get_weights())
    require_equal(ours, trainings.stock(stock))
    assert all(moved(lab, network, ours)), "a gradient went through all of them"


def test_activations_with_arguments(lab: Any, network_of: Any) -> None:
    chosen = [
        {"type": "relu", "negative_slope": 0.3, "max_value": 1.0, "threshold": 0.1},
        {"type": "leaky_relu", "negative_slope": 0.4},
        {"type": "elu", "alpha": 0.5},
        {"type": "softmax", "axis": [-1]},
    ]
    layers = [keras.layers.ReLU(1.0, 0.3, 0.1), keras.layers.LeakyReLU(0.4), keras.layers.ELU(0.5), keras.layers.Softmax([-1])]
    network = network_of([*({"type": "dense", "units": 8, "activation": entry} for entry in chosen), OUT], (4,), "sgd")
    trainings = Trainings(lab, network, targets_of("numbers"))
    stock = plain(*(part for layer in layers for part in (keras.layers.Dense(8), layer)))
    stock.set_weights(build_network(lab.experiment(network).model, name="tiny", input_shape=(4,), seed=3).get_weights())
    require_equal(trainings.ours(), trainings.stock(stock))


def test_a_step_passes_the_gradient_straight_through(lab: Any, network_of: Any) -> None:
    """As the layer does that adds what a step makes of a number, and stops the gradient there."""
    network = network_of([{"type": "dense", "units": 8, "activation": "step"}, OUT], (4,), {"type": "sgd", "learning_rate": 0.1})
    trainings = Trainings(lab, network, targets_of("numbers"))
    steps = keras.layers.Lambda(lambda z: z + keras.ops.stop_gradient(keras.ops.cast(z >= 0, z.dtype) - z))
    stock = plain(keras.layers.Dense(8), steps)
    stock.set_weights(build_network(lab.experiment(network).model, name="tiny", input_shape=(4,), seed=3).get_weights())
    ours = trainings.ours()
    require_equal(ours, trainings.stock(stock))
    assert all(moved(lab, network, ours))


def test_cells_of_recurrent_layers(lab: Any, network_of: Any) -> None:
    cells = [{"type": "lstm_cell", "units": 2}, {"type": "simple_rnn_cell", "units": 3}]
    layer = {"type": "rnn", "cell": {"type": "stacked_rnn_cells", "cells": cells}}
    trainings = Trainings(lab, network_of([layer, OUT], (3, 2), "sgd"), targets_of("numbers"))
    require_equal(trainings.ours(), trainings.stock())


def test_layers_that_play_at_random_train_in_the_mode_that_the_rule_gives(lab: Any, network_of: Any) -> None:
    """XLA has no operation that turns an image, so that `loop` would not do."""
    turning = [
        {"type": "random_rotation", "factor": 0.1},
        {"type": "random_translation", "height_factor": 0.1, "width_factor": 0.1},
        {"type": "random_zoom", "height_factor": 0.1},
    ]
    turning.append("rand_augment")
    others = ["random_flip", {"type": "gaussian_noise", "stddev": 0.1}, {"type": "zero_padding2d", "padding": 1}]
    pooling = {"update": [{"type": "stochastic_pooling2d", "pool_size": 2}], "loop": []}
    product = {"type": "dense", "units": 2}  # before it, random numbers are better drawn without XLA
    behind = [product, *others[1:]]
    for mode, layers in (("update", turning + others), ("update", others), ("loop", behind)):
        network = network_of([*layers, *pooling[mode], "flatten", OUT], (4, 4, 1), "sgd")
        trained = Trainings(lab, network, targets_of("numbers")).ours(choose_mode(lab.experiment(network)))
        assert choose_mode(lab.experiment(network)) == mode
        assert np.isfinite(trained.loss) and all(np.isfinite(weight.numpy()).all() for weight in trained.network.weights)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"])
def test_images_are_enlarged_in_the_mode_that_the_rule_gives(interpolation: str, lab: Any, network_of: Any) -> None:
    """XLA on a CPU computes the straight surfaces alone."""
    enlarging = {"type": "up_sampling2d", "interpolation": interpolation}
    network = network_of([enlarging, "flatten", OUT], (3, 3, 1), "sgd")
    mode = choose_mode(lab.experiment(network))
    assert mode == ("loop" if interpolation in ("nearest", "bilinear") else "update")
    trainings = Trainings(lab, network, targets_of("numbers"))
    require_equal(trainings.ours(mode), trainings.stock())


ON_BIASES = ("zeros", "ones", "constant")
MATRICES = [name for name in types("initializer") if name not in (*ON_BIASES, "stft")]  # no layer has what `stft` fills


def test_initializers_start_where_plain_keras_starts(lab: Any, network_of: Any) -> None:
    """The same first weights, to the bit, as the script that one would write by hand."""
    constant = {"constant": {"value": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]}}
    pairs = [(name, ON_BIASES[number % 3]) for number, name in enumerate(MATRICES)]
    layers = [
        {"type": "dense", "units": 8, "kernel_initializer": kernel, "bias_initializer": {"type": bias, **constant.get(bias, {})}}
        for kernel, bias in pairs
    ]
    network = network_of([*layers, OUT], (4,), "sgd")
    first = build_network(lab.experiment(network).model, name="tiny", input_shape=(4,), seed=3).get_weights()

    keras.utils.set_random_seed(3)

    def stock(name: str) -> Any:
        return getattr(keras.initializers, spec_class("initializer", name).keras_class)(**constant.get(name, {}))

    by_hand = plain(
        *(keras.layers.Dense(8, kernel_initializer=stock(kernel), bias_initializer=stock(bias)) for kernel, bias in pairs)
    )
    for own, other in zip(first, by_hand.get_weights(), strict=True):
        np.testing.assert_array_equal(own, other)
    trainings = Trainings(lab, network, targets_of("numbers"))
    require_equal(trainings.ours(), trainings.stock(by_hand))


@pytest.mark.parametrize("mode", ["loop", "update"])
def test_regularizers_and_constraints(mode: str, lab: Any, network_of: Any) -> None:
    regularizers = {"l1": {"l1": 0.1}, "l2": {"l2": 0.1}, "l1_l2": {"l1": 0.05, "l2": 0.05}, "orthogonal_regularizer": {}}
    constraints = {"max_norm": {"max_value": 0.9}, "min_max_norm": {"min_value": 0.5, "rate": 0.5}, "unit_norm": {}, "non_neg": {}}
    assert list(regularizers) == types("regularizer") and list(constraints) == types("constraint")
    biases = ["l2", "l1_l2", "l1", "l1"]
    orthogonal = "orthogonal_regularizer" if mode == "update" else "l2"  # matrices alone, and not in XLA
    kernels, of_outputs = ["l1", "l2", "l1_l2", orthogonal], [orthogonal, "l1", "l2", "l1_l2"]
    chosen = list(zip(kernels, biases, of_outputs, constraints, reversed(constraints), strict=True))
    names = ["kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint"]
    arguments = regularizers | constraints

    def spec(name: str) -> dict[str, Any]:
        return {"type": name, **arguments[name]}

    def stock(name: str) -> Any:
        module, kind = (keras.regularizers, "regularizer") if name in regularizers else (keras.constraints, "constraint")
        return getattr(module, spec_class(kind, name).keras_class)(**arguments[name])

    layers = [{"type": "dense", "units": 6, **dict(zip(names, map(spec, row), strict=True))} for row in chosen]
    network = network_of([*layers, OUT], (4,), {"type": "sgd", "learning_rate": 0.1})
    trainings = Trainings(lab, network, targets_of("numbers"))
    by_hand = plain(*(keras.layers.Dense(6, **dict(zip(names, map(stock, row), strict=True))) for row in chosen))
    by_hand.set_weights(build_network(lab.experiment(network).model, name="tiny", input_shape=(4,), seed=3).get_weights())
    assert choose_mode(lab.experiment(network)) == mode
    ours = trainings.ours(mode)
    require_equal(ours, trainings.stock(by_hand))
    assert (ours.network.layers[3].kernel.numpy() >= 0).all()


def test_a_direction_of_nothing_has_no_gradient(lab: Any, network_of: Any) -> None:
    """XLA's would be NaN where an output is a vector of zeros."""
    silent = {"type": "dense", "units": 3, "activation": "relu", "kernel_initializer": "zeros"}
    network = network_of([silent], (4,), "sgd")
    trainings = Trainings(lab, network, targets_of("amounts"), loss="cosine_similarity")
    ours = trainings.ours(choose_mode(lab.experiment(network, loss="cosine_similarity")))
    require_equal(ours, trainings.stock())
    assert ours.loss == 0.0


def dense(**fields: Any) -> list[Any]:
    return [{"type": "dense", "units": 6, **fields}, OUT]


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no layer has what it fills": ({"layers": dense(kernel_initializer="stft")}, "NN303", "layer `dense`"),
    "a bias is no matrix": ({"layers": dense(bias_initializer="orthogonal")}, "NN303", "at least two-dimensional"),
    "other values than units": (
        {"layers": dense(bias_initializer={"type": "constant", "value": [1, 2]})},
        "NN303",
        "Incompatible shapes: [2] vs. [6]",
    ),
    "an axis of the outputs": ({"layers": dense(activation={"type": "softmax", "axis": 3})}, "NN303", "Received: dim=3"),
    "a penalty on a bias": ({"layers": dense(bias_regularizer="orthogonal_regularizer")}, "NN303", "must have rank 2"),
    "an axis of the weights": (
        {"layers": dense(kernel_constraint={"type": "max_norm", "axis": 2})},
        "NN303",
        "Invalid reduction dimension 2 for input with 2 dimensions",
    ),
    "an axis of the targets": ({"loss": {"type": "dice", "axis": 4}}, "NN303", "Invalid reduction dimension 4"),
    "other weights than classes": (
        {"loss": {"type": "categorical_focal_crossentropy", "alpha": [1, 2]}},
        "NN303",
        "Dimensions must be equal, but are 3 and 2",
    ),
    "more than there are": ({"metrics": [{"type": "recall", "top_k": 5}]}, "NN401", "metric `recall` of outputs of the shape (3,)"),
    "a class that there is not": ({"metrics": [{"type": "precision", "class_id": 7}]}, "NN401", "out of bounds"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_keras_cannot_compute_is_refused_before_training(name: str, lab: Any, network_of: Any) -> None:
    parts, code, words = REFUSED[name]
    trainings = Trainings(
        lab,
        network_of(parts.get("layers", [OUT]), (4,), "sgd"),
        targets_of("rows"),
        **{key: value for key, value in ({"loss": "mse"} | parts).items() if key != "layers"},
    )
    with pytest.raises(NncliError) as caught:
        trainings.ours()
    [problem] = caught.value.problems
    assert problem.code == code
    assert words in problem.message and "\n" not in problem.message and "{{" not in problem.message


ABORTED = (
    "Graph execution error:\n\nDetected at node gradient_tape/conv1d defined at (most recent call last):\n  File x, line 1\n"
    "Operation received an exception:Status: 3, message: could not create a primitive descriptor for a convolution backward"
    " propagation primitive, in file tensorflow/core/kernels/mkl/mkl_conv_grad_filter_ops.cc:681\n\t [[{{node conv1d}}]] [Op:__x]"
)
"""As TensorFlow hands on what oneDNN says."""


def test_what_onednn_does_not_have_for_this_cpu_is_told(lab: Any, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for text, expected in ((ABORTED, NncliError), ("something else", tf.errors.AbortedError)):
        trainer = lab.trainer(lab.experiment("mlp"), lab.splits("mlp"))

        def refuse(text: str = text) -> None:
            raise tf.errors.AbortedError(None, None, text)

        monkeypatch.setattr(trainer.loop, "_traced", refuse)
        with pytest.raises(expected) as caught:
            run(trainer)
        if expected is NncliError:
            [problem] = caught.value.problems
            assert problem.code == "NN404" and "TF_ENABLE_ONEDNN_OPTS=0" in problem.hint
            assert problem.message == (
                "a step of this network needs an operation that oneDNN does not have for this CPU; it says: could not create a"
                " primitive descriptor for a convolution backward propagation primitive"
            )


STACKS: dict[str, tuple[tuple[int, ...], list[tuple[dict[str, Any] | str, Any]]]] = {
    "sequence": (
        (6, 4),
        [
            ({"type": "zero_padding1d", "padding": [1, 2]}, lambda: keras.layers.ZeroPadding1D((1, 2))),
            ({"type": "cropping1d", "cropping": 1}, lambda: keras.layers.Cropping1D(1)),
            ({"type": "max_pooling1d", "pool_size": 2, "strides": 1}, lambda: keras.layers.MaxPooling1D(2, 1)),
            ({"type": "up_sampling1d", "size": 3}, lambda: keras.layers.UpSampling1D(3)),
            (
                {"type": "average_pooling1d", "pool_size": 2, "padding": "same"},
                lambda: keras.layers.AveragePooling1D(2, padding="same"),
            ),
            ("layer_normalization", keras.layers.LayerNormalization),
            ("rms_normalization", keras.layers.RMSNormalization),
            ({"type": "permute", "dims": [2, 1]}, lambda: keras.layers.Permute((2, 1))),
            ({"type": "global_average_pooling1d", "keepdims": True}, lambda: keras.layers.GlobalAveragePooling1D(keepdims=True)),
            ("global_max_pooling1d", keras.layers.GlobalMaxPooling1D),
        ],
    ),
    "image": (
        (4, 4, 2),
        [
            ({"type": "up_sampling2d", "size": [1, 2]}, lambda: keras.layers.UpSampling2D((1, 2))),
            (
                {"type": "up_sampling2d", "interpolation": "bilinear"},
                lambda: keras.layers.UpSampling2D(2, interpolation="bilinear"),
            ),
            ({"type": "cropping2d", "cropping": [[1, 0], [2, 1]]}, lambda: keras.layers.Cropping2D(((1, 0), (2, 1)))),
            ({"type": "group_normalization", "groups": 2}, lambda: keras.layers.GroupNormalization(2)),
            ({"type": "prelu", "shared_axes": [1, 2]}, lambda: keras.layers.PReLU(shared_axes=[1, 2])),
            ("global_average_pooling2d", keras.layers.GlobalAveragePooling2D),
            ("unit_normalization", keras.layers.UnitNormalization),
        ],
    ),
    "volume": (
        (3, 3, 3, 2),
        [
            ("zero_padding3d", keras.layers.ZeroPadding3D),
            ({"type": "average_pooling3d", "pool_size": 2}, lambda: keras.layers.AveragePooling3D(2)),
            ("up_sampling3d", keras.layers.UpSampling3D),
            ("max_pooling3d", keras.layers.MaxPooling3D),
            (
                {"type": "cropping3d", "cropping": [[1, 0], [0, 0], [0, 1]]},
                lambda: keras.layers.Cropping3D(((1, 0), (0, 0), (0, 1))),
            ),
            ("prelu", keras.layers.PReLU),
            ({"type": "global_max_pooling3d", "keepdims": True}, lambda: keras.layers.GlobalMaxPooling3D(keepdims=True)),
            ("global_average_pooling3d", keras.layers.GlobalAveragePooling3D),
        ],
    ),
    "windows over a sequence": (
        (6, 2),
        [
            (
                {"type": "conv1d", "filters": 4, "kernel_size": 2, "padding": "causal", "dilation_rate": 2},
                lambda: keras.layers.Conv1D(4, 2, padding="causal", dilation_rate=2),
            ),
            ({"type": "depthwise_conv1d", "kernel_size": 2}, lambda: keras.layers.DepthwiseConv1D(2)),
            (
                {"type": "conv1d_transpose", "filters": 3, "kernel_size": 3, "strides": 2, "output_padding": 1},
                lambda: keras.layers.Conv1DTranspose(3, 3, 2, output_padding=1),
            ),
            (
                {"type": "separable_conv1d", "filters": 4, "kernel_size": 2, "depth_multiplier": 2},
                lambda: keras.layers.SeparableConv1D(4, 2, depth_multiplier=2),
            ),
            ({"type": "adaptive_max_pooling1d", "output_size": 5}, lambda: keras.layers.AdaptiveMaxPooling1D(5)),
            ({"type": "adaptive_average_pooling1d", "output_size": 2}, lambda: keras.layers.AdaptiveAveragePooling1D(2)),
            ("flatten", keras.layers.Flatten),
        ],
    ),
    "windows over an image": (
        (4, 4, 2),
        [
            (
                {"type": "conv2d_transpose", "filters": 4, "kernel_size": 2, "strides": 2, "padding": "same"},
                lambda: keras.layers.Conv2DTranspose(4, 2, 2, padding="same"),
            ),
            ({"type": "conv2d", "filters": 4, "kernel_size": 2, "groups": 2}, lambda: keras.layers.Conv2D(4, 2, groups=2)),
            (
                {"type": "depthwise_conv2d", "kernel_size": 2, "strides": 2, "activation": "tanh"},
                lambda: keras.layers.DepthwiseConv2D(2, 2, activation="tanh"),
            ),
            ({"type": "separable_conv2d", "filters": 3, "kernel_size": 2}, lambda: keras.layers.SeparableConv2D(3, 2)),
            (
                {"type": "spectral_normalization", "layer": {"type": "conv2d", "filters": 2, "kernel_size": 1}},
                lambda: keras.layers.SpectralNormalization(keras.layers.Conv2D(2, 1)),
            ),
            ({"type": "adaptive_average_pooling2d", "output_size": 2}, lambda: keras.layers.AdaptiveAveragePooling2D(2)),
            ("flatten", keras.layers.Flatten),
        ],
    ),
    "windows through a volume": (
        (3, 3, 3, 2),
        [
            ({"type": "conv3d", "filters": 2, "kernel_size": 2}, lambda: keras.layers.Conv3D(2, 2)),
            ({"type": "conv3d_transpose", "filters": 2, "kernel_size": 2}, lambda: keras.layers.Conv3DTranspose(2, 2)),
            ({"type": "adaptive_max_pooling3d", "output_size": 2}, lambda: keras.layers.AdaptiveMaxPooling3D(2)),
            ({"type": "adaptive_average_pooling3d", "output_size": 2}, lambda: keras.layers.AdaptiveAveragePooling3D(2)),
            ("flatten", keras.layers.Flatten),
        ],
    ),
    "windows over time": (
        (3, 3, 3, 2),
        [
            (
                {
                    "type": "bidirectional",
                    "layer": {"type": "conv_lstm2d", "filters": 2, "kernel_size": 2, "return_sequences": True},
                },
                lambda: keras.layers.Bidirectional(keras.layers.ConvLSTM2D(2, 2, return_sequences=True)),
            ),
            (
                {"type": "time_distributed", "layer": {"type": "conv2d", "filters": 4, "kernel_size": 2, "padding": "same"}},
                lambda: keras.layers.TimeDistributed(keras.layers.Conv2D(4, 2, padding="same")),
            ),
            ({"type": "reshape", "target_shape": [3, 2, 2, 2, 2]}, lambda: keras.layers.Reshape((3, 2, 2, 2, 2))),
            (
                {"type": "conv_lstm3d", "filters": 2, "kernel_size": 1, "return_sequences": True},
                lambda: keras.layers.ConvLSTM3D(2, 1, return_sequences=True),
            ),
            ({"type": "reshape", "target_shape": [3, 8, 2]}, lambda: keras.layers.Reshape((3, 8, 2))),
            ({"type": "conv_lstm1d", "filters": 2, "kernel_size": 3}, lambda: keras.layers.ConvLSTM1D(2, 3)),
            ("flatten", keras.layers.Flatten),
        ],
    ),
    "products": (
        (3, 4),
        [
            (
                {
                    "type": "einsum_dense",
                    "equation": "abc,cd->abd",
                    "output_shape": [3, 5],
                    "bias_axes": "d",
                    "activation": "tanh",
                },
                lambda: keras.layers.EinsumDense("abc,cd->abd", (3, 5), "tanh", "d"),
            ),
            (
                {"type": "einsum_dense", "equation": "...bc,bcd->...d", "output_shape": 6, "activation": "relu"},
                lambda: keras.layers.EinsumDense("...bc,bcd->...d", 6, "relu"),
            ),
            (
                {"type": "spectral_normalization", "layer": {"type": "dense", "units": 4}, "power_iterations": 2},
                lambda: keras.layers.SpectralNormalization(keras.layers.Dense(4), power_iterations=2),
            ),
        ],
    ),
    "moved images": (
        (8, 8, 3),
        [
            ({"type": "resizing", "height": 7, "width": 9}, lambda: keras.layers.Resizing(7, 9)),
            ({"type": "random_crop", "height": 6, "width": 6, "seed": 1}, lambda: RandomCrop(6, 6, seed=1)),
            ({"type": "random_shear", "x_factor": 0.2, "seed": 2}, lambda: keras.layers.RandomShear(0.2, seed=2)),
            ({"type": "random_perspective", "seed": 3}, lambda: keras.layers.RandomPerspective(seed=3)),
            (
                {"type": "random_elastic_transform", "value_range": [-3, 3], "seed": 4},
                lambda: keras.layers.RandomElasticTransform(value_range=(-3, 3), seed=4),
            ),
            (
                {"type": "random_erasing", "value_range": [-3, 3], "fill_value": [1, 2, 3], "seed": 5},
                lambda: keras.layers.RandomErasing(value_range=(-3, 3), fill_value=(1, 2, 3), seed=5),
            ),
            (
                {"type": "random_gaussian_blur", "value_range": [-3, 3], "kernel_size": [3, 5], "seed": 6},
                lambda: keras.layers.RandomGaussianBlur(value_range=(-3, 3), kernel_size=(3, 5), seed=6),
            ),
            (
                {"type": "random_sharpness", "factor": 0.9, "value_range": [-3, 3], "seed": 7},
                lambda: keras.layers.RandomSharpness(0.9, value_range=(-3, 3), seed=7),
            ),
            ({"type": "center_crop", "height": 4, "width": 5}, lambda: keras.layers.CenterCrop(4, 5)),
            ("flatten", keras.layers.Flatten),
        ],
    ),
    "coloured images": (
        (4, 4, 3),
        [
            ({"type": "resizing", "height": 4, "width": 3}, lambda: keras.layers.Resizing(4, 3)),  # draws are others under XLA
            ({"type": "rescaling", "scale": 0.2, "offset": 0.5}, lambda: keras.layers.Rescaling(0.2, 0.5)),
            *(
                (
                    {"type": name, "factor": 0.3, "value_range": [0, 1], "seed": 1},
                    functools.partial(getattr(keras.layers, made), 0.3, value_range=(0, 1), seed=1),
                )
                for name, made in (
                    ("random_brightness", "RandomBrightness"),
                    ("random_contrast", "RandomContrast"),
                    ("random_hue", "RandomHue"),
                    ("random_saturation", "RandomSaturation"),
                    ("random_color_degeneration", "RandomColorDegeneration"),
                    ("random_invert", "RandomInvert"),
                )
            ),
            (
                {"type": "random_color_jitter", "value_range": [0, 1], "brightness_factor": 0.2, "hue_factor": 0.2, "seed": 2},
                lambda: keras.layers.RandomColorJitter((0, 1), brightness_factor=0.2, hue_factor=0.2, seed=2),
            ),
            ({"type": "random_grayscale", "seed": 3}, lambda: keras.layers.RandomGrayscale(seed=3)),
            ({"type": "auto_contrast", "value_range": [0, 1]}, lambda: keras.layers.AutoContrast((0, 1))),
            ("flatten", keras.layers.Flatten),
        ],
    ),
    "images of whole numbers": (  # so that no rounding moves a pixel to another step of these
        (4, 4, 3),
        [
            (
                {"type": "discretization", "bin_boundaries": [-1, -0.5, 0, 0.2, 0.5, 1]},
                lambda: keras.layers.Discretization([-1, -0.5, 0, 0.2, 0.5, 1]),
            ),
            ({"type": "rescaling", "scale": 32}, lambda: keras.layers.Rescaling(32)),
            ({"type": "random_posterization", "factor": 6, "seed": 1}, lambda: keras.layers.RandomPosterization(6, seed=1)),
            (
                {"type": "solarization", "threshold_factor": 0.5, "seed": 2},
                lambda: keras.layers.Solarization(threshold_factor=0.5, seed=2),
            ),
            ("equalization", Equalization),
            (
                {"type": "contrast_limited_adaptive_histogram_equalization", "tile_grid_size": 2},
                lambda: keras.layers.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(2, 2)),
            ),
            ({"type": "rescaling", "scale": 0.01}, lambda: keras.layers.Rescaling(0.01)),
            ("flatten", keras.layers.Flatten),
        ],
    ),
    "categories": (
        (4,),
        [
            ({"type": "discretization", "bin_boundaries": [-0.5, 0, 0.5]}, lambda: keras.layers.Discretization([-0.5, 0, 0.5])),
            ({"type": "integer_lookup", "vocabulary": [3, 0]}, lambda: keras.layers.IntegerLookup(vocabulary=[3, 0])),
            ({"type": "hashing", "num_bins": 3, "salt": 1}, lambda: keras.layers.Hashing(3, salt=1)),
            (
                {"type": "category_encoding", "num_tokens": 3, "output_mode": "one_hot"},
                lambda: keras.layers.CategoryEncoding(3, output_mode="one_hot"),
            ),
            (
                {"type": "normalization", "mean": [0.1, 0.2, 0.3], "variance": [1, 2, 3]},
                lambda: keras.layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.0, 2.0, 3.0]),
            ),
            ("flatten", keras.layers.Flatten),
        ],
    ),
    "sound": (
        (16, 2),
        [
            (
                {"type": "stft_spectrogram", "frame_length": 4, "mode": "magnitude"},
                lambda: keras.layers.STFTSpectrogram("magnitude", 4),
            ),
            ("flatten", keras.layers.Flatten),
        ],
    ),
    "pitches": (
        (17,),
        [
            (
                {"type": "mel_spectrogram", "fft_length": 8, "sequence_stride": 4, "num_mel_bins": 3, "power_to_db": False},
                lambda: keras.layers.MelSpectrogram(8, 4, num_mel_bins=3, power_to_db=False),
            ),
            ({"type": "rescaling", "scale": 0.1}, lambda: keras.layers.Rescaling(0.1)),
            ("flatten", keras.layers.Flatten),
        ],
    ),
    "vector": (
        (4,),
        [
            ({"type": "leaky_relu", "negative_slope": 0.1}, lambda: keras.layers.LeakyReLU(0.1)),
            ({"type": "elu", "alpha": 0.5}, lambda: keras.layers.ELU(0.5)),
            ({"type": "relu", "negative_slope": 0.2, "threshold": 0.1}, lambda: keras.layers.ReLU(None, 0.2, 0.1)),
            ("identity", keras.layers.Identity),
            ({"type": "activity_regularization", "l1": 0.01, "l2": 0.1}, lambda: keras.layers.ActivityRegularization(0.01, 0.1)),
            ({"type": "repeat_vector", "n": 3}, lambda: keras.layers.RepeatVector(3)),
            ({"type": "masking", "mask_value": 0.5}, lambda: keras.layers.Masking(0.5)),
            ({"type": "simple_rnn", "units": 4}, lambda: keras.layers.SimpleRNN(4)),
            ("softmax", keras.layers.Softmax),
        ],
    ),
}


def stack_by_hand(name: str) -> Any:
    """The stack as one writes it with Keras."""
    shape, parts = STACKS[name]
    return keras.Sequential([keras.Input(shape), *(make() for _, make in parts), keras.layers.Dense(3, activation="softmax")])


def stack_of(name: str) -> Sequence[dict[str, Any] | str]:
    return [*(fields for fields, _ in STACKS[name][1]), OUT]


@pytest.mark.parametrize("name", STACKS)
def test_layers_train_as_those_of_keras(name: str, lab: Any, network_of: Any) -> None:
    shape, _ = STACKS[name]
    network = network_of(stack_of(name), shape, {"type": "sgd", "learning_rate": 0.1})
    trainings = Trainings(lab, network, targets_of("numbers"))
    stock = stack_by_hand(name)
    stock.set_weights(build_network(lab.experiment(network).model, name="tiny", input_shape=shape, seed=3).get_weights())
    require_equal(trainings.ours(choose_mode(lab.experiment(network))), trainings.stock(stock))


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # Keras's own, of NumPy 2
@pytest.mark.parametrize("name", STACKS)
def test_a_saved_network_of_them_is_stock_keras(name: str, tmp_path: Any) -> None:
    shape, _ = STACKS[name]
    model = Model.model_validate({"layers": stack_of(name)})
    network = build_network(model, name="tiny", input_shape=shape, seed=3)
    network.save(tmp_path / "stock.h5")
    inputs = np.random.default_rng(0).normal(size=(5, *shape)).astype(np.float32)
    loaded = keras.models.load_model(tmp_path / "stock.h5", compile=False)
    np.testing.assert_array_equal(loaded.predict(inputs, verbose=0), network.predict(inputs, verbose=0))


def test_channels_first_trains_as_channels_last(lab: Any, network_of: Any) -> None:
    """Held to the same network with its channels last: stock Keras has no gradient of the other on a CPU."""
    first = {"filters": 4, "kernel_size": 2, "data_format": "channels_first"}
    layers = [
        {"type": "conv2d", "groups": 2, **first},
        {"type": "conv2d_transpose", "activation": "tanh", **first},
        {"type": "reshape", "target_shape": [2, 2, 5, 4]},
        {"type": "conv_lstm2d", **first},
        "flatten",
        OUT,
    ]
    network = network_of(layers, (2, 5, 4), {"type": "sgd", "learning_rate": 0.1})
    trainings = Trainings(lab, network, targets_of("numbers"))
    stock = keras.Sequential(
        [
            keras.Input((2, 5, 4)),
            keras.layers.Permute((2, 3, 1)),
            keras.layers.Conv2D(4, 2, groups=2),
            keras.layers.Conv2DTranspose(4, 2, activation="tanh"),
            keras.layers.Permute((3, 1, 2)),
            keras.layers.Reshape((2, 2, 5, 4)),
            keras.layers.Permute((1, 3, 4, 2)),
            keras.layers.ConvLSTM2D(4, 2),
            keras.layers.Permute((3, 1, 2)),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    stock.set_weights(build_network(lab.experiment(network).model, name="tiny", input_shape=(2, 5, 4), seed=3).get_weights())
    require_equal(trainings.ours(choose_mode(lab.experiment(network))), trainings.stock(stock))


def test_a_reversible_embedding_trains_as_an_embedding(lab: Any, network_of: Any) -> None:
    reversible = network_of(
        [{"type": "reversible_embedding", "input_dim": 7, "output_dim": 3}, *LOOKUP[1:]], (4,), "sgd", vocabulary=7
    )
    plain_one = network_of(LOOKUP, (4,), "sgd", vocabulary=7)
    ours = Trainings(lab, reversible, targets_of("numbers")).ours()
    require_equal(ours, Trainings(lab, plain_one, targets_of("numbers")).stock())
    assert all(moved(lab, reversible, ours))


DRAWING = ["alpha_dropout", "gaussian_dropout", "dropout", *(f"spatial_dropout{rank}d" for rank in (1, 2, 3))]


@pytest.mark.parametrize("name", DRAWING)
def test_what_draws_at_random_does_so_only_while_training(name: str) -> None:
    layer = OneOf("layer").resolve({"type": name, "rate": 0.5, "seed": 1})
    rank = int(name[-2]) if name.endswith("d") and name[-2].isdigit() else 1
    shape = (3,) * rank + (8,)
    network = build_network(Model.model_validate({"layers": [layer.model_dump()]}), name="tiny", input_shape=shape)
    inputs = np.ones((2, *shape), np.float32)
    assert np.array_equal(network(inputs, training=False), inputs)
    assert not np.array_equal(network(inputs, training=True), inputs)

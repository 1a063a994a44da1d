"""The step loop, held to Keras's `fit`: the same batches in the same order give the same weights and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from nncli.engine.build import build, build_network
from nncli.engine.evaluate import build_metrics

DENSE = {
    "type": "dense",
    "units": 5,
    "activation": "tanh",
    "kernel_regularizer": {"type": "l2", "l2": 0.01},
    "activity_regularizer": {"type": "l1", "l1": 0.01},
}
OUT = {"type": "dense", "units": 3, "activation": "softmax"}
CONV = {"type": "conv2d", "filters": 2, "kernel_size": 3, "activation": "relu", "kernel_regularizer": "l2"}
RNN = {"type": "simple_rnn", "units": 3, "return_sequences": True}
ADAMW = {"type": "adamw", "weight_decay": 0.1, "use_ema": True, "ema_momentum": 0.5}
COSINE = {"type": "cosine_decay", "initial_learning_rate": 0.02, "decay_steps": 10, "warmup_target": 0.05, "warmup_steps": 3}
SGD = {"type": "sgd", "learning_rate": 0.05, "momentum": 0.9}


@dataclass(frozen=True)
class Case:
    layers: list[Any]
    optimizer: Any = field(default_factory=lambda: SGD)
    loss: Any = "sparse_categorical_crossentropy"
    shape: tuple[int, ...] = (4,)
    mode: str = "loop"
    training: Mapping[str, Any] = field(default_factory=dict)
    weights: tuple[int, ...] | None = None
    """Axes of the sample weights behind the first: () for one a sample, (4,) for one a time step."""
    to_predict: tuple[int, ...] | None = None
    """Shape of a target where the targets are numbers."""


CASES = {
    "penalties_schedule_averages_class_weights": Case(
        [DENSE, {"type": "batch_normalization", "momentum": 0.8}, OUT],
        ADAMW | {"learning_rate": COSINE},
        training={"class_weight": {"0": 2.0, "2": 0.5}},
    ),
    "the_same_without_xla": Case(
        [DENSE, {"type": "batch_normalization", "momentum": 0.8}, OUT],
        ADAMW | {"learning_rate": COSINE},
        mode="update",
        training={"class_weight": {"0": 2.0, "2": 0.5}},
    ),
    "clipping_accumulation_sample_weights": Case(
        [DENSE, OUT], SGD | {"clipnorm": 0.1, "gradient_accumulation_steps": 2}, weights=()
    ),
    "weights_of_time_steps": Case(
        [RNN, {"type": "time_distributed", "layer": {"type": "dense", "units": 1}}],
        loss="mse",
        shape=(4, 2),
        weights=(4,),
        to_predict=(4, 1),
    ),
    "a_weight_for_all_time_steps": Case(
        [RNN, {"type": "time_distributed", "layer": {"type": "dense", "units": 1}}],
        loss="mse",
        shape=(4, 2),
        weights=(),
        to_predict=(4, 1),
    ),
    "mean_by_weight_of_time_steps": Case(
        [RNN, {"type": "time_distributed", "layer": {"type": "dense", "units": 1}}],
        loss={"type": "mse", "reduction": "mean_with_sample_weight"},
        shape=(4, 2),
        weights=(),
        to_predict=(4, 1),
    ),
    "convolution": Case(
        [CONV, {"type": "max_pooling2d"}, "batch_normalization", "flatten", OUT],
        {"type": "adam", "epsilon": 1e-3, "global_clipnorm": 1.0},
        shape=(6, 6, 1),
        mode="update",
    ),
    "whole_batch": Case([DENSE, OUT], training={"batch_size": "full"}),
    "sum": Case([DENSE, OUT], loss={"type": "sparse_categorical_crossentropy", "reduction": "sum"}),
    "no_reduction": Case([OUT], loss={"type": "sparse_categorical_crossentropy", "reduction": "none"}),
    "mean_by_weight": Case(
        [DENSE, OUT], loss={"type": "sparse_categorical_crossentropy", "reduction": "mean_with_sample_weight"}, weights=()
    ),
}


def for_each_value(weights: Any, targets: Any) -> Any:
    """Weights as Keras cannot mistake them: one of a sample for each value of its loss."""
    if weights is None or weights.ndim >= targets.ndim - 1:
        return weights
    missing = tuple(range(weights.ndim, targets.ndim - 1))
    return np.broadcast_to(np.expand_dims(weights, missing), targets.shape[:-1])


@pytest.mark.parametrize("name", CASES)
def test_the_loop_is_fit(name: str, lab: Any, run: Any, network_of: Any) -> None:
    case = CASES[name]
    metric = "accuracy" if case.to_predict is None else "mae"
    experiment = lab.experiment(
        network_of(case.layers, case.shape),
        optimizer=case.optimizer,
        loss=case.loss,
        metrics=[metric],
        training={"order": "sequential", "log_every": {"epochs": 1}, **case.training},
    )
    splits = lab.splits(network_of(case.layers, case.shape))
    generator = np.random.default_rng(5)
    count = len(splits.train)
    if case.to_predict is not None:
        targets = [
            generator.normal(size=(len(part), *case.to_predict)).astype(np.float32) for part in (splits.train, splits.validation)
        ]
        splits = replace(
            splits,
            train=replace(splits.train, targets=targets[0]),
            validation=replace(splits.validation, targets=targets[1]),
            preparation=replace(splits.preparation, labels=None, class_names=(), target_shape=case.to_predict),
        )
    if case.weights is not None:
        weights = generator.random((count, *case.weights)).astype(np.float32)
        splits = replace(splits, train=replace(splits.train, sample_weight=weights))
    lab.call_size(4)
    trainer = lab.trainer(experiment, splits, mode=case.mode)
    course = run(trainer)

    network = build_network(experiment.model, name="tiny", input_shape=case.shape, seed=experiment.seed)
    metrics = build_metrics(experiment, network.output_shape[1:], splits.preparation.target_shape)
    network.compile(build(experiment.optimizer), build(experiment.loss), metrics=list(metrics.values()), jit_compile=False)
    named = experiment.training.class_weight
    history = network.fit(
        splits.train.inputs,
        splits.train.targets,
        batch_size=trainer.plan.batch_size,
        epochs=2,
        shuffle=False,
        verbose=0,
        sample_weight=for_each_value(splits.train.sample_weight, splits.train.targets),
        class_weight=named and {number: named.get(str(number), 1.0) for number in range(3)},
        validation_data=(splits.validation.inputs, splits.validation.targets),
        validation_batch_size=32,
    ).history

    for own, stock in zip(trainer.learner.network.weights, network.weights, strict=True):
        np.testing.assert_allclose(own.numpy(), stock.numpy(), rtol=0, atol=5e-6, err_msg=own.path)
    [keras_metric] = [key for key in history if key not in ("loss", "val_loss") and not key.startswith("val_")]
    names = {"loss": "loss", "val_loss": "val_loss", metric: keras_metric, f"val_{metric}": f"val_{keras_metric}"}
    assert [event.step for event in course.measured] == [trainer.plan.steps_per_epoch, 2 * trainer.plan.steps_per_epoch]
    for epoch, event in enumerate(course.measured):
        assert set(event.metrics) == set(names)
        for own_name, keras_name in names.items():
            assert event.metrics[own_name] == pytest.approx(history[keras_name][epoch], abs=1e-5), (epoch, own_name)

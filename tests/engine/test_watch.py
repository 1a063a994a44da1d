"""Early stopping and the plateau, held to Keras's callbacks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nncli.engine.learner import Learner
from nncli.engine.watch import Watch, is_better, watch_early_stopping, watch_plateau
from nncli.problems import NncliError
from nncli.spec.accuracy import improves_upwards
from nncli.spec.choice import OneOf
from nncli.spec.training import EarlyStopping, ReduceLROnPlateau

# Eighths: exact in the float32 that Keras compares in, with every sum and difference.
EIGHTHS = st.integers(-16, 16).map(lambda number: number / 8)
DELTAS = st.integers(0, 8).map(lambda number: number / 8)
SERIES = st.lists(EIGHTHS, min_size=1, max_size=30)
MODES = st.sampled_from(["auto", "min", "max"])


def keras_model(rate: float = 0.5) -> Any:
    """What a callback sees of a model: metrics, an optimizer, and the wish to stop."""
    optimizer = keras.optimizers.SGD(rate)
    return SimpleNamespace(metrics=[], optimizer=optimizer, stop_training=False)


@given(SERIES, MODES, st.integers(0, 4), DELTAS, st.none() | EIGHTHS)
def test_early_stopping_is_keras(values: Any, mode: Any, patience: int, min_delta: float, baseline: float | None) -> None:
    callback = keras.callbacks.EarlyStopping("val_loss", min_delta, patience, mode=mode, baseline=baseline)
    callback.set_model(keras_model())
    callback.on_train_begin()
    stopping, watch = EarlyStopping(patience=patience, min_delta=min_delta, mode=mode, baseline=baseline), Watch()
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"val_loss": value})
        stops = watch_early_stopping(watch, stopping, {"val_loss": value}, upwards=mode == "max")
        assert stops == callback.model.stop_training
        assert (watch.best, watch.waited) == (callback.best, callback.wait)
        if stops:
            break


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # Keras's own, of NumPy 2
@given(SERIES, MODES, st.integers(1, 4), DELTAS, st.integers(0, 3), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75]))
def test_the_plateau_is_keras(values: Any, mode: Any, patience: int, min_delta: float, cooldown: int, min_lr: float) -> None:
    callback = keras.callbacks.ReduceLROnPlateau(
        "val_loss", 0.5, patience, mode=mode, min_delta=min_delta, cooldown=cooldown, min_lr=min_lr
    )
    callback.set_model(keras_model())
    callback.on_train_begin()
    plateau = ReduceLROnPlateau(factor=0.5, patience=patience, mode=mode, min_delta=min_delta, cooldown=cooldown, min_lr=min_lr)
    watch, learner = Watch(), Learner.__new__(Learner)
    learner._optimizer = keras.optimizers.SGD(0.5)
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"val_loss": value})
        if watch_plateau(watch, plateau, {"val_loss": value}, upwards=mode == "max"):
            learner.lower_learning_rate(plateau.factor, plateau.min_lr)
        assert learner.learning_rate == pytest.approx(float(np.asarray(callback.model.optimizer.learning_rate)), rel=1e-6)


@pytest.mark.parametrize(
    ("monitor", "mode", "upwards"),
    [
        ("loss", "auto", False),
        ("val_loss", "max", True),
        ("val_accuracy", "auto", True),
        ("val_accuracy", "min", False),
        ("val_distance", "auto", False),
        ("hits", "auto", True),
        ("val_own", "auto", None),
        ("val_own", "min", False),
    ],
)
def test_which_way_is_better_follows_from_the_type_of_a_metric(monitor: str, mode: str, upwards: bool | None) -> None:
    named = [
        "accuracy",
        {"type": "mean_squared_error", "name": "distance"},
        {"type": "binary_accuracy", "name": "hits"},
        {"type": "expression", "formula": "abs(y_true - y_pred)", "name": "own"},
    ]
    metrics = [OneOf("metric").resolve(fields) for fields in named]
    assert improves_upwards(metrics, monitor, mode) is upwards


def test_better_is_strictly_better() -> None:
    assert is_better(1.0, 2.0, upwards=False)
    assert is_better(2.0, 1.0, upwards=True)
    assert not any(is_better(1.0, 1.0, upwards=upwards) for upwards in (True, False))


@given(st.none() | EIGHTHS)
def test_nan_is_never_better(best: float | None) -> None:
    assert not is_better(float("nan"), best, upwards=False)


@given(EIGHTHS, EIGHTHS)
def test_nothing_happens_without_the_metric(best: float, value: float) -> None:
    assume(best != value)
    watch = Watch(best, 1, 2)
    assert not watch_early_stopping(watch, EarlyStopping(), {"loss": value}, upwards=False)
    assert not watch_plateau(watch, ReduceLROnPlateau(), {"loss": value}, upwards=False)
    assert watch == Watch(best, 1, 2)


def test_a_metric_of_many_numbers_decides_nothing(lab: Any) -> None:
    experiment = lab.experiment(
        "mlp",
        loss="categorical_crossentropy",
        metrics=["f1_score"],
        training={"early_stopping": {"monitor": "val_f1_score"}, "stop_when": ["f1_score > 1"]},
        expect=["test_f1_score > 0"],
    )
    with pytest.raises(NncliError) as caught:
        lab.trainer(experiment, lab.splits("mlp", one_hot=True))
    assert [problem.code for problem in caught.value.problems] == ["NN402"] * 3
    assert "training.early_stopping.monitor" in caught.value.problems[0].message

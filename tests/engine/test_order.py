"""The order of the samples, and the numbers of a run."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncli.engine.order import DataOrder
from nncli.engine.plan import Plan, make_plan
from nncli.engine.rules import allowed_cores, choose_mode, choose_threads

ORDERS = ("shuffled", "sequential", "with_replacement")


def plan_of(num_samples: int, batch_size: int, full: bool = False) -> Plan:
    return Plan(num_samples, batch_size, full, -(-num_samples // batch_size), num_samples % batch_size, 10**6, 1, 1, 1, False)


@st.composite
def plans(draw: Any) -> Plan:
    num_samples = draw(st.integers(1, 50))
    return plan_of(num_samples, draw(st.integers(1, num_samples)))


def epoch_of(rows: Any, plan: Plan) -> list[int]:
    flat = rows.reshape(-1)
    assert not flat[plan.num_samples :].any(), "padding is zeros"
    return [int(row) for row in flat[: plan.num_samples]]


@given(plans(), st.sampled_from(ORDERS), st.integers(0, 2**32 - 1), st.integers(0, 1000))
def test_each_epoch_shows_each_sample_once_or_draws(plan: Plan, order: str, seed: int, epoch: int) -> None:
    first = epoch * plan.steps_per_epoch
    rows = DataOrder(plan, order, seed).rows(first, first + plan.steps_per_epoch)
    assert rows.dtype == np.int32 and rows.shape == (plan.steps_per_epoch, plan.batch_size)
    drawn = epoch_of(rows, plan)
    if order == "sequential":
        assert drawn == list(range(plan.num_samples))
    elif order == "shuffled":
        assert sorted(drawn) == list(range(plan.num_samples))
        assert drawn == np.random.default_rng([seed, epoch]).permutation(plan.num_samples).tolist()
    else:
        assert drawn == np.random.default_rng([seed, epoch]).integers(0, plan.num_samples, plan.num_samples).tolist()


@given(plans(), st.sampled_from(ORDERS), st.integers(0, 2**32 - 1), st.lists(st.integers(0, 200), min_size=2))
def test_any_cuts_give_the_same_rows_in_any_order_of_asking(plan: Plan, order: str, seed: int, cuts: list[int]) -> None:
    stops = sorted(cuts)
    whole = DataOrder(plan, order, seed).rows(stops[0], stops[-1])
    pieces = list(itertools.pairwise(stops))
    asked = DataOrder(plan, order, seed)
    backwards = {piece: asked.rows(*piece).copy() for piece in reversed(pieces)}
    assert np.array_equal(np.concatenate([backwards[piece] for piece in pieces]), whole)


def test_epochs_and_seeds_differ() -> None:
    plan = plan_of(100, 10)
    rows = [DataOrder(plan, "shuffled", seed).rows(start, start + 10).tobytes() for seed in (0, 1) for start in (0, 10)]
    assert len(set(rows)) == 4


def test_sliding_batches_begin_one_sample_later_each(lab: Any) -> None:
    plan = make_plan(lab.experiment("mlp", training={"batch_size": 3, "order": "sliding"}), 7)
    assert (plan.steps_per_epoch, plan.partial_batch, plan.samples_seen(7)) == (5, 0, 21)
    rows = DataOrder(plan, "sliding", 0).rows(0, 7).tolist()
    assert rows == [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5, 6], [0, 1, 2], [1, 2, 3]]


def test_an_order_drawn_with_replacement_repeats_samples() -> None:
    drawn = DataOrder(plan_of(100, 10), "with_replacement", 0).rows(0, 10)
    assert len(set(drawn.reshape(-1).tolist())) < 100


PLANS: list[tuple[dict[str, Any], int, dict[str, Any]]] = [
    ({"batch_size": 10, "epochs": 3}, 25, {"batch_size": 10, "steps_per_epoch": 3, "total_steps": 9, "full_batch": False}),
    ({"batch_size": 10, "steps": 7}, 25, {"total_steps": 7}),
    ({"batch_size": 10, "epochs": None}, 25, {"total_steps": 3}),
    ({"batch_size": 10, "steps": 0}, 25, {"total_steps": 0, "evaluate_every": 1}),
    ({"batch_size": 10, "epochs": 0}, 25, {"total_steps": 0}),
    ({"batch_size": 100}, 25, {"batch_size": 25, "steps_per_epoch": 1, "full_batch": False}),
    ({"batch_size": "full", "epochs": 600}, 25, {"batch_size": 25, "full_batch": True, "total_steps": 600, "evaluate_every": 3}),
    ({"batch_size": 1, "epochs": 9}, 50, {"evaluate_every": 50, "log_every": 50, "checkpoint_every": 50}),
    ({"batch_size": 1, "epochs": 90}, 49, {"evaluate_every": 90 * 49 // 200}),
    ({"batch_size": 1, "epochs": 2}, 49, {"evaluate_every": 1}),
    (
        {"batch_size": 10, "evaluate_every": {"epochs": 2}, "log_every": {"steps": 4}, "checkpoint_every": {"steps": 5}},
        25,
        {"evaluate_every": 6, "log_every": 4, "checkpoint_every": 5, "checkpoint_asked": True},
    ),
]


@pytest.mark.parametrize(("training", "num_samples", "expected"), PLANS)
def test_the_plan_in_numbers(lab: Any, training: dict[str, Any], num_samples: int, expected: dict[str, Any]) -> None:
    plan = make_plan(lab.experiment("mlp", training={"evaluate_every": None, **training}), num_samples)
    assert {name: getattr(plan, name) for name in expected} == expected


@given(st.integers(1, 40), st.tuples(*[st.integers(1, 50)] * 3), st.integers(0, 39))
def test_the_next_stop_is_the_first_step_at_which_something_is_due(total: int, every: tuple[int, int, int], step: int) -> None:
    plan = Plan(10, 1, False, 10, 0, total, *every, False)
    if step < total:
        due = (after for after in range(step + 1, total + 1) if any(plan.is_due(after, interval) for interval in every))
        assert plan.next_stop(step) == next(due)


CONV = {"type": "conv2d", "filters": 1, "kernel_size": 1}
EINSUM = {"type": "einsum_dense", "equation": "ab,bc->ac", "output_shape": 3}


def dense(units: int, **fields: Any) -> dict[str, Any]:
    return {"type": "dense", "units": units} | fields


@pytest.mark.parametrize(
    ("layers", "shape", "mode", "is_large"),
    [
        ([dense(3)], (4,), "loop", False),
        ([{"type": "lstm", "units": 50}], (28, 28), "loop", False),
        ([{"type": "lstm", "units": 50, "unroll": True}], (28, 28), "update", False),
        ([{"type": "simple_rnn", "units": 50, "unroll": True}], (28, 28), "loop", False),
        ([{"type": "bidirectional", "layer": {"type": "gru", "units": 3, "unroll": True}}], (3, 4), "update", False),
        ([{"type": "rnn", "cell": {"type": "gru_cell", "units": 3}, "unroll": True}], (3, 4), "update", False),
        ([dense(1024)], (1024,), "loop", True),
        ([{"type": "lstm", "units": 1024}], (28, 28), "loop", True),
        ([CONV], (4, 4, 1), "update", True),
        ([{"type": "average_pooling2d", "pool_size": 2}], (4, 4, 1), "update", True),
        ([{"type": "time_distributed", "layer": CONV}], (3, 4, 4, 1), "update", True),
        ([{"type": "spectral_normalization", "layer": CONV}], (4, 4, 1), "update", True),
        ([{"type": "adaptive_average_pooling1d", "output_size": 2}], (4, 1), "update", True),
        ([{"type": "conv_lstm1d", "filters": 1, "kernel_size": 1}], (3, 4, 1), "update", True),
        ([EINSUM | {"output_shape": 1024}], (1024,), "loop", True),
        ([{"type": "time_distributed", "layer": EINSUM}], (3, 4), "loop", False),
        ([{"type": "dropout", "rate": 0.5}, EINSUM], (4,), "update", False),
        ([EINSUM, {"type": "dropout", "rate": 0.5}], (4,), "loop", False),
        ([{"type": "random_rotation", "factor": 0.1}, "flatten", dense(3)], (4, 4, 1), "update", False),
        (["random_flip", "flatten", dense(3)], (4, 4, 1), "update", False),
        ([{"type": "random_brightness", "factor": 0.1}, "flatten", dense(3)], (4, 4, 1), "loop", False),
        ([{"type": "resizing", "height": 2, "width": 2}, "flatten", dense(3)], (4, 4, 1), "update", False),
        ([{"type": "time_distributed", "layer": "random_erasing"}, "flatten", dense(3)], (2, 4, 4, 1), "update", False),
        ([{"type": "hashing", "num_bins": 3}, dense(3)], (4,), "update", False),
        ([{"type": "integer_lookup", "vocabulary": [3]}, dense(3)], (4,), "update", False),
        ([{"type": "category_encoding", "num_tokens": 3}, dense(3)], (4,), "loop", False),
        ([{"type": "normalization", "mean": 1.0, "variance": 2.0}, dense(3)], (4,), "loop", False),
        ([{"type": "mel_spectrogram", "fft_length": 8, "sequence_stride": 4}, dense(3)], (16,), "loop", False),
        ([{"type": "stft_spectrogram", "frame_length": 4}, dense(3)], (16, 1), "update", True),
        ([{"type": "dropout", "rate": 0.5}, dense(3)], (4,), "update", False),
        (["batch_normalization", {"type": "gaussian_noise", "stddev": 0.5}, dense(3)], (4,), "update", False),
        ([{"type": "time_distributed", "layer": {"type": "dropout", "rate": 0.5}}, dense(3)], (3, 4), "update", False),
        ([{"type": "dropout", "rate": 0.0}, dense(3)], (4,), "loop", False),
        ([dense(3), {"type": "dropout", "rate": 0.5}, dense(3)], (4,), "loop", False),
        ([{"type": "time_distributed", "layer": dense(3)}], (3, 4), "loop", False),
        ([{"type": "bidirectional", "layer": {"type": "gru", "units": 3}}], (3, 4), "loop", False),
    ],
)
def test_mode_and_threads_follow_from_the_layers(lab: Any, layers: Any, shape: Any, mode: str, is_large: bool) -> None:
    experiment = lab.experiment("mlp", model={"layers": layers}, training={"threads": None})
    assert choose_mode(experiment) == mode
    assert choose_threads(experiment, 4, shape) == (allowed_cores() if is_large else 1)


def test_the_config_has_the_last_word_on_threads(lab: Any) -> None:
    experiment = lab.experiment("mlp", model={"layers": [CONV]}, training={"threads": 7})
    assert choose_threads(experiment, 4, (4, 4, 1)) == 7

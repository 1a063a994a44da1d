"""Mixup, held to NumPy, to Keras, and to itself: however a run is cut, it blends the same samples in the same shares."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nncli.engine.build import build, build_network
from nncli.engine.mixup import MixupDraws
from nncli.engine.order import DataOrder
from nncli.engine.plan import Plan, make_plan

OUT = {"type": "dense", "units": 3, "activation": "softmax"}
SGD = {"type": "sgd", "learning_rate": 0.3}
CLASS_WEIGHTS = np.array([2.0, 1.0, 0.5])
ALPHA = 0.7


def plan_of(num_samples: int, batch_size: int) -> Plan:
    return Plan(num_samples, batch_size, False, -(-num_samples // batch_size), num_samples % batch_size, 10**6, 1, 1, 1, False)


@given(st.data(), st.integers(0, 2**32 - 1), st.floats(1e-3, 1e3), st.integers(0, 1000))
def test_partners_are_a_permutation_of_each_batch_and_shares_are_shares(data: Any, seed: int, alpha: float, epoch: int) -> None:
    num_samples = data.draw(st.integers(1, 50))
    plan = plan_of(num_samples, data.draw(st.integers(1, num_samples)))
    first = epoch * plan.steps_per_epoch
    partners, shares = MixupDraws(plan, alpha, seed).draws(first, first + plan.steps_per_epoch)
    assert (partners.dtype, shares.dtype) == (np.int32, np.float32)
    assert partners.shape == shares.shape == (plan.steps_per_epoch, plan.batch_size)
    assert ((shares >= 0) & (shares <= 1)).all()
    for step, row in enumerate(partners):
        size = plan.partial_batch if plan.partial_batch and step == plan.steps_per_epoch - 1 else plan.batch_size
        assert sorted(row[:size]) == list(range(size)) and not row[size:].any()


@given(st.integers(1, 9), st.integers(0, 2**32 - 1), st.lists(st.integers(0, 60), min_size=2))
def test_any_cuts_give_the_same_draws_in_any_order_of_asking(batch_size: int, seed: int, cuts: list[int]) -> None:
    plan, stops = plan_of(10, batch_size), sorted(cuts)
    whole = MixupDraws(plan, ALPHA, seed).draws(stops[0], stops[-1])
    pieces = list(itertools.pairwise(stops))
    asked = MixupDraws(plan, ALPHA, seed)
    backwards = {piece: asked.draws(*piece) for piece in reversed(pieces)}
    for index in (0, 1):
        assert np.array_equal(np.concatenate([backwards[piece][index] for piece in pieces]), whole[index])


@pytest.mark.parametrize("alpha", [0.2, 1.0, 8.0])
def test_shares_are_of_the_beta_distribution_and_partners_are_everyone(alpha: float) -> None:
    partners, shares = MixupDraws(plan_of(40_000, 4), alpha, 0).draws(0, 10_000)
    assert shares.mean() == pytest.approx(0.5, abs=0.01)
    assert shares.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.03)
    counts = np.array([np.bincount(partners[:, place], minlength=4) for place in range(4)])
    np.testing.assert_allclose(counts / 10_000, 0.25, atol=0.02)


def test_each_step_epoch_and_seed_draws_anew_and_apart_from_the_order() -> None:
    plan = plan_of(100, 100)
    drawn = [MixupDraws(plan, ALPHA, seed).draws(epoch, epoch + 1)[0] for seed in (0, 1) for epoch in (0, 1)]
    orders = [DataOrder(plan, "shuffled", seed).rows(epoch, epoch + 1) for seed in (0, 1) for epoch in (0, 1)]
    assert len({rows.tobytes() for rows in (*drawn, *orders)}) == 8
    assert len({row.tobytes() for row in MixupDraws(plan_of(100, 10), ALPHA, 0).draws(0, 10)[0]}) == 10


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("order", ["shuffled", "with_replacement"])
@pytest.mark.parametrize("mode", ["loop", "update"])
def test_softmax_regression_by_hand(mode: str, order: str, lab: Any, run: Any, network_of: Any) -> None:
    """Of the cross-entropy the two losses are that of the blended one-hot row, each half of it with its own sample's weights."""
    network = network_of([OUT], (4,))
    experiment = lab.experiment(
        network,
        optimizer=SGD,
        training={
            "order": order,
            "log_every": {"epochs": 1},
            "mixup": {"alpha": ALPHA},
            "class_weight": {str(index): weight for index, weight in enumerate(CLASS_WEIGHTS)},
        },
    )
    splits = lab.splits(network, weights=True)
    trainer = lab.trainer(experiment, splits, mode=mode)
    kernel, bias = (weight.numpy().astype(np.float64) for weight in trainer.learner.network.weights)
    course = run(trainer)
    plan, train = trainer.plan, splits.train
    assert (plan.steps_per_epoch, plan.partial_batch) == (6, 2)

    rows = DataOrder(plan, order, experiment.seed).rows(0, 12)
    partners, shares = MixupDraws(plan, ALPHA, experiment.seed).draws(0, 12)
    weight = train.sample_weight * CLASS_WEIGHTS[train.targets]
    for epoch in (0, 1):
        total, hits = 0.0, 0
        for step in range(6 * epoch, 6 * epoch + 6):
            size = 2 if step % 6 == 5 else 4
            own = rows[step, :size]
            other, share = own[partners[step, :size]], shares[step, :size, None].astype(np.float64)
            inputs = share * train.inputs[own] + (1 - share) * train.inputs[other]
            answer = (
                share * weight[own, None] * np.eye(3)[train.targets[own]]
                + (1 - share) * weight[other, None] * np.eye(3)[train.targets[other]]
            )
            outputs = softmax(inputs @ kernel + bias)
            total -= (answer * np.log(outputs)).sum()
            hits += (outputs.argmax(1) == train.targets[np.where(share[:, 0] >= 0.5, own, other)]).sum()
            slope = (answer.sum(axis=1, keepdims=True) * outputs - answer) / size
            kernel, bias = kernel - 0.3 * inputs.T @ slope, bias - 0.3 * slope.sum(axis=0)
        assert course.measured[epoch].metrics["loss"] == pytest.approx(total / 22, rel=1e-5)
        assert course.measured[epoch].metrics["accuracy"] == pytest.approx(hits / 22)
    for found, expected in zip(trainer.learner.network.weights, (kernel, bias), strict=True):
        np.testing.assert_allclose(found.numpy(), expected, atol=2e-6)


@dataclass(frozen=True)
class Case:
    layers: list[Any]
    loss: Any = "sparse_categorical_crossentropy"
    shape: tuple[int, ...] = (4,)
    mode: str = "loop"
    training: Mapping[str, Any] = field(default_factory=dict)
    target: tuple[int, ...] | None = None
    """Shape of a target where the targets are numbers."""
    weights: tuple[int, ...] | None = None
    """Axes of the sample weights behind the first."""


RNN = [{"type": "simple_rnn", "units": 3, "return_sequences": True}, {"type": "dense", "units": 1}]
CASES = {
    "weights": Case([OUT], weights=()),
    "penalties": Case([{"type": "dense", "units": 5, "kernel_regularizer": "l2"}, OUT]),
    "ignored_class": Case([OUT], {"type": "sparse_categorical_crossentropy", "ignore_class": 1}),
    "convolution": Case([{"type": "conv2d", "filters": 2, "kernel_size": 3}, "flatten", OUT], shape=(6, 6, 1), mode="update"),
    "whole_batch": Case([OUT], training={"batch_size": "full", "epochs": 3}),
    "sliding": Case([OUT], training={"order": "sliding", "epochs": 1}),
    "sum": Case([{"type": "dense", "units": 2}], {"type": "mae", "reduction": "sum"}, target=(2,)),
    "formula": Case([{"type": "dense", "units": 2}], {"type": "expression", "formula": "abs(y_true - y_pred)**3"}, target=(2,)),
    "weights_of_time_steps": Case(RNN, "huber", (4, 2), target=(4, 1), weights=(4,)),
    "time_steps": Case(RNN, "mse", (4, 2), target=(4, 1)),
    "pictures": Case(
        [{"type": "conv2d", "filters": 2, "kernel_size": 3, "padding": "same", "activation": "sigmoid"}],
        "binary_crossentropy",
        (4, 4, 1),
        "update",
        target=(4, 4, 2),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_two_losses_each_by_its_share(name: str, lab: Any, run: Any, network_of: Any, tf: Any) -> None:
    """Held to Keras's loss of one sample after the other, times its share and its weight."""
    case = CASES[name]
    experiment = lab.experiment(
        network_of(case.layers, case.shape),
        optimizer=SGD | {"learning_rate": 0.05},
        loss=case.loss,
        metrics=[],
        training={"mixup": {"alpha": ALPHA}, **case.training},
    )
    splits = lab.splits(network_of(case.layers, case.shape), validation=0)
    generator, train = np.random.default_rng(5), splits.train
    if case.target is not None:
        train = replace(train, targets=generator.random((22, *case.target)).astype(np.float32))
        preparation = replace(splits.preparation, labels=None, class_names=(), target_shape=case.target)
        splits = replace(splits, preparation=preparation)
    if case.weights is not None:
        train = replace(train, sample_weight=generator.random((22, *case.weights)).astype(np.float32))
    trainer = lab.trainer(experiment, replace(splits, train=train, test=None), mode=case.mode)
    run(trainer)

    plan = trainer.plan
    rows = DataOrder(plan, experiment.training.order, experiment.seed).rows(0, plan.total_steps)
    partners, shares = MixupDraws(plan, ALPHA, experiment.seed).draws(0, plan.total_steps)
    network = build_network(experiment.model, name="tiny", input_shape=case.shape, seed=experiment.seed)
    optimizer, loss = build(experiment.optimizer), build(experiment.loss.model_copy(update={"reduction": "none"}))
    ignored = getattr(experiment.loss, "ignore_class", None)
    for step in range(plan.total_steps):
        size = plan.partial_batch if plan.partial_batch and (step + 1) % plan.steps_per_epoch == 0 else plan.batch_size
        own = rows[step, :size]
        other, share = own[partners[step, :size]], shares[step, :size]
        along = share.reshape(-1, *(1,) * len(case.shape))
        weight = np.ones(22, np.float32) if train.sample_weight is None else train.sample_weight
        with tf.GradientTape() as tape:
            outputs = network(along * train.inputs[own] + (1 - along) * train.inputs[other], training=True)
            values = [
                part * weight[of[at]] * loss(train.targets[of[at] : of[at] + 1], outputs[at : at + 1])[0]
                for at in range(size)
                for of, part in ((own, share[at]), (other, 1 - share[at]))
            ]
            count = len(values) / 2 if ignored is None else int((train.targets[own] != ignored).sum())
            by = 1 if getattr(experiment.loss, "reduction", None) == "sum" else max(1, count) * int(np.prod(values[0].shape))
            value = tf.reduce_sum(tf.stack(values)) / by + sum(network.losses)
        optimizer.apply(tape.gradient(value, network.trainable_variables), network.trainable_variables)
    for found, expected in zip(trainer.learner.network.weights, network.weights, strict=True):
        np.testing.assert_allclose(found.numpy(), expected.numpy(), atol=5e-6, err_msg=found.path)


WATCHED = {"epochs": 3, "evaluate_every": {"steps": 5}, "log_every": {"steps": 3}, "mixup": {"alpha": 0.4}}


@pytest.mark.parametrize(
    ("name", "training", "cuts"),
    [("mlp", {}, [5, 6, 11]), ("cnn", {"order": "with_replacement"}, [7]), ("bfloat16", {"batch_size": "full"}, [1])],
)
def test_interrupted_and_resumed_in_calls_of_any_size_it_is_the_same_run(
    name: str, training: Any, cuts: list[int], lab: Any, run: Any, interrupted: Any
) -> None:
    experiment, splits = lab.experiment(name, training=WATCHED | training), lab.splits(name)
    lab.call_size(7)
    trainer = lab.trainer(experiment, splits)
    whole = run(trainer)
    assert trainer.loop.num_compilations == 1
    *stopped, last = interrupted(experiment, splits, cuts, sizes=(1, 50, 3, 2))
    assert [course.ended.step for course in stopped] == cuts
    assert [event for course in (*stopped, last) for event in course.measured] == whole.measured
    assert last.bits() == whole.bits()


def test_whole_shares_leave_the_samples_as_they_are(lab: Any, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    splits = lab.splits("cnn", weights=True)
    plain = run(lab.trainer(lab.experiment("cnn"), splits))
    drawn = MixupDraws.draws
    monkeypatch.setattr(MixupDraws, "draws", lambda *given: (drawn(*given)[0], np.ones_like(drawn(*given)[1])))
    blended = run(lab.trainer(lab.experiment("cnn", training={"mixup": {}}), splits))
    assert blended.bits()["weights"] == plain.bits()["weights"]
    assert blended.measured == plain.measured


def test_the_validation_part_is_measured_unblended(lab: Any, run: Any) -> None:
    splits = lab.splits("mlp")
    course = run(lab.trainer(lab.experiment("mlp", training={"mixup": {"alpha": ALPHA}}), splits))
    without = lab.trainer(lab.experiment("mlp"), splits)
    assert run(without).bits()["weights"] != course.bits()["weights"]
    without.evaluator.assign(course.last.weights)
    measured = without.evaluator.evaluate(splits.validation)
    assert {f"val_{name}": value for name, value in measured.items()}.items() <= course.measured[-1].metrics.items()


def test_a_call_has_room_for_the_draws_of_a_whole_batch(lab: Any) -> None:
    splits = lab.splits("mlp")
    for mixup, steps in ((None, 20_000), ({"alpha": ALPHA}, 8192)):
        experiment = lab.experiment("mlp", training={"batch_size": "full", "steps": 20_000, "mixup": mixup})
        assert make_plan(experiment, len(splits.train)).total_steps == 20_000
        assert lab.trainer(experiment, splits).loop.capacity == steps

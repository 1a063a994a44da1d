"""Batches made ready in the step: the numbers, and the bits of training, are those of inputs that were ready from the start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nncli.data.lazy import LazyInputs
from nncli.data.on_disk import spool
from nncli.data.preprocessing import Preparation
from nncli.data.samples import Samples, Splits
from nncli.data.shapes import shape_after_all
from nncli.data.steps import apply, fit
from nncli.engine import learner
from nncli.engine.batches import ready
from nncli.engine.order import DataOrder
from nncli.engine.plan import make_plan
from nncli.engine.read_ahead import ReadAhead
from nncli.spec.experiment import Experiment
from nncli.spec.preprocessing import ChannelsFirst, ChannelsLast, Flatten, Preprocessing, Rescale, Reshape, Standardize
from tests.whole import WHOLE

RAW = np.random.default_rng(5).integers(0, 256, (22, 6, 6, 1), dtype=np.uint8)
CHAINS: dict[str, tuple[Preprocessing, ...]] = {
    "none": (),
    "rescale": (Rescale(),),
    "standardize": (Standardize(), Flatten()),
    "channels": (Standardize(per="channel"), ChannelsFirst(), ChannelsLast(), Reshape(target_shape=(9, 4))),
}


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int16", "uint16", "float16", "float32"])
@pytest.mark.parametrize("chain", CHAINS)
def test_tensors_are_made_ready_as_arrays_are(tf: Any, chain: str, dtype: str, compiled: bool) -> None:
    raw = RAW.astype(dtype)
    steps = fit(CHAINS[chain], raw)
    expected = apply(steps, raw).astype(np.float32)
    function = tf.function(lambda inputs: tf.cast(ready(steps, inputs), tf.float32), jit_compile=compiled)
    assert function(tf.constant(raw)).numpy().tobytes() == np.ascontiguousarray(expected).tobytes()


def test_an_offset_is_added_within_one_rounding(tf: Any) -> None:
    steps = fit((Rescale(to=(-1, 1)),), RAW)  # XLA may add it without rounding the product before
    found = tf.function(lambda inputs: ready(steps, inputs), jit_compile=True)(tf.constant(RAW))
    np.testing.assert_allclose(found, apply(steps, RAW), rtol=0, atol=1.2e-7)


def splits_of(inputs: Callable[[NDArray[Any]], Any], specs: Sequence[Preprocessing], *, own_target: bool = False) -> Splits:
    steps = fit(specs, RAW)
    shape = shape_after_all(specs, RAW.shape[1:])
    preparation = Preparation("npz", RAW.shape[1:], "uint8", shape, "index", ("0", "1", "2"), (), "int32", steps)
    if own_target:
        preparation = replace(preparation, labels=None, class_names=(), target_shape=shape, target_dtype="float32")
    ready_inputs = inputs(preparation)
    targets = ready_inputs if own_target else (np.arange(len(RAW)) % 3).astype(np.int32)
    part = Samples(ready_inputs, targets, None)
    return Splits(part, part, None, preparation, "0" * 64)


@pytest.mark.parametrize("batch_size", [4, 11, "full"])
@pytest.mark.parametrize("name", ["dense", "conv"])
def test_stored_inputs_train_to_the_same_bits(lab: Any, run: Any, network_of: Any, name: str, batch_size: Any) -> None:
    out = {"type": "dense", "units": 3, "activation": "softmax"}
    layers = {
        "dense": ["flatten", {"type": "dense", "units": 5, "activation": "relu"}, out],
        "conv": [{"type": "conv2d", "filters": 2, "kernel_size": 3}, "flatten", out],
    }
    experiment = lab.experiment(network_of(layers[name], (6, 6, 1)), training={"batch_size": batch_size})
    stored = splits_of(lambda preparation: preparation.keep(RAW), (Rescale(),))
    at_once = splits_of(lambda preparation: preparation.inputs(RAW), (Rescale(),))
    assert isinstance(stored.train.inputs, LazyInputs)
    assert not isinstance(at_once.train.inputs, LazyInputs)
    courses = [run(lab.trainer(experiment, splits)) for splits in (stored, at_once)]
    assert courses[0].bits() == courses[1].bits()
    assert courses[0].measured == courses[1].measured


def test_an_autoencoder_learns_from_one_copy(lab: Any, run: Any, network_of: Any) -> None:
    experiment = lab.experiment(network_of([{"type": "dense", "units": 36}], (36,)), loss="mse", metrics=[])
    courses = []
    for inputs in (lambda preparation: preparation.keep(RAW), lambda preparation: preparation.inputs(RAW)):
        splits = splits_of(inputs, (Rescale(), Flatten()), own_target=True)
        assert splits.train.targets is splits.train.inputs
        courses.append(run(lab.trainer(experiment, splits)))
    # Not to the bit: XLA subtracts the target, and multiplies it with its scale, in one operation that rounds once.
    losses = [[event.metrics["loss"] for event in course.measured] for course in courses]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-6)
    assert losses[0][-1] < losses[0][0]


NETWORKS = {
    "dense": [{"type": "dense", "units": 5, "activation": "relu"}, {"type": "dropout", "rate": 0.3}],
    "conv": [{"type": "reshape", "target_shape": [6, 6, 1]}, {"type": "conv2d", "filters": 2, "kernel_size": 3}, "flatten"],
    "recurrent": [{"type": "reshape", "target_shape": [6, 6]}, {"type": "lstm", "units": 3, "recurrent_dropout": 0.2}],
}
OUT = {"type": "dense", "units": 3, "activation": "softmax"}
ORDERS = ("shuffled", "sliding", "with_replacement", "sequential")


def on_disk(splits: Splits) -> Splits:
    """The same data, their inputs in a file."""
    inputs = splits.train.inputs
    assert isinstance(inputs, LazyInputs)
    stored = spool([inputs.stored[:]], inputs.stored.shape, inputs.stored.dtype)
    train = replace(splits.train, inputs=replace(inputs, stored=stored))
    return replace(splits, train=train, validation=train)


@pytest.mark.parametrize("memory", [1, 5 * 3 * 36 * 4], ids=["a step at a time", "three steps"])
@pytest.mark.parametrize(("name", "order"), list(product(NETWORKS, ORDERS) if WHOLE else zip(NETWORKS, ORDERS, strict=False)))
def test_samples_read_from_the_disk_train_to_the_same_bits(
    name: str, order: str, memory: int, lab: Any, run: Any, interrupted: Any, network_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learner, "READ_AHEAD_BYTES", memory)
    experiment = lab.experiment(network_of([*NETWORKS[name], OUT], (36,)), training={"order": order})
    splits = splits_of(lambda preparation: preparation.keep(RAW), (Rescale(), Flatten()))
    resident = run(lab.trainer(experiment, splits))
    streamed = run(lab.trainer(experiment, on_disk(splits)))
    assert streamed.bits() == resident.bits()
    assert streamed.measured == resident.measured
    *_, last = interrupted(experiment, on_disk(splits), cuts=(3, 4, 9), sizes=(1, 2, 5))
    assert last.bits() == resident.bits()


def test_blended_samples_read_from_the_disk_train_to_the_same_bits(
    lab: Any, run: Any, interrupted: Any, network_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learner, "READ_AHEAD_BYTES", 5 * 3 * 36 * 4)
    experiment = lab.experiment(network_of([*NETWORKS["dense"], OUT], (36,)), training={"mixup": {"alpha": 0.4}})
    splits = splits_of(lambda preparation: preparation.keep(RAW), (Rescale(), Flatten()))
    resident = run(lab.trainer(experiment, splits))
    *_, last = interrupted(experiment, on_disk(splits), cuts=(4,), sizes=(2, 5))
    assert last.bits() == resident.bits()


@given(data=st.data(), memory=st.integers(1, 40 * 6 * 5), batch_size=st.integers(1, 12))
def test_what_is_read_ahead_is_what_was_asked_for(data: st.DataObject, memory: int, batch_size: int) -> None:
    training = {"batch_size": batch_size, "steps": 50}
    document = {
        "name": "tiny",
        "dataset": {"type": "inline", "inputs": [0], "targets": [0]},
        "model": {"layers": ["flatten"]},
        "optimizer": "sgd",
        "loss": "mse",
        "training": training,
    }
    plan = make_plan(Experiment.model_validate(document), 22)
    order = DataOrder(plan, "shuffled", 3)
    stored = np.arange(22 * 6, dtype=np.uint8).reshape(22, 3, 2)
    ahead = ReadAhead(stored, DataOrder(plan, "shuffled", 3), plan, memory)
    step = 0
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.sampled_from([step, step, 0, 17]))
        step = data.draw(st.integers(start, 50))
        found = ahead.read(start, step)
        assert np.array_equal(found, stored[order.rows(start, step)])

"""Batches made ready in the step: the numbers, and the bits of training, are those of inputs that were ready from the start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nncli.data.lazy import LazyInputs
from nncli.data.preprocessing import Preparation
from nncli.data.samples import Samples, Splits
from nncli.data.shapes import shape_after_all
from nncli.data.steps import apply, fit
from nncli.engine.batches import ready
from nncli.spec.preprocessing import ChannelsFirst, ChannelsLast, Flatten, Preprocessing, Rescale, Reshape, Standardize

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

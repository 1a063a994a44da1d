"""Holds the layers of sounds to Keras: shapes, numbers of weights, and what they refuse."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nncli.engine.build import build, build_network
from nncli.spec.choice import OneOf
from nncli.spec.layers.base import Layer, Parameters, ShapeMistake
from nncli.spec.model import Model
from nncli.spec.values import Shape

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

few = settings(max_examples=50, deadline=None)

pytestmark = pytest.mark.filterwarnings("ignore:`fft_length` is recommended:UserWarning")


def spec_of(fields: dict[str, Any]) -> Layer:
    layer = OneOf("layer").resolve(fields)
    assert isinstance(layer, Layer)
    return layer


def by_rule(fields: dict[str, Any], shape: Shape) -> tuple[Shape, Parameters] | None:
    spec = spec_of(fields)
    try:
        return spec.resulting_shape(shape), spec.parameters(shape)
    except ShapeMistake as mistake:
        assert mistake.code in ("NN301", "NN302", "NN303") and mistake.message
        return None


def by_running(fields: dict[str, Any], shape: Shape) -> tuple[Shape, Parameters] | None:
    """What the layer gives and keeps, None where Keras refuses it or reckons with another shape."""
    layer = build(spec_of(fields))
    inputs = np.random.default_rng(0).normal(size=(2, *shape)).astype(np.float32)
    try:
        with tf.GradientTape() as tape:
            outputs = layer(inputs)
        tape.gradient(outputs, layer.trainable_variables)
    except (ValueError, tf.errors.InvalidArgumentError):
        return None
    except tf.errors.AbortedError as fault:
        # oneDNN, on the CPUs for which TensorFlow takes it, knows no gradient of some convolutions over a single value.
        assert "could not create a primitive" in str(fault)
        assume(False)
    predicted, computed = (tuple(found[1:]) for found in (layer.compute_output_shape((2, *shape)), outputs.shape))
    if predicted != computed or 0 in computed:
        return None
    return computed, Parameters(sum(int(weight.shape.num_elements()) for weight in layer.trainable_variables))


@few
@given(
    st.integers(1, 40),
    st.integers(2, 16),
    st.integers(1, 9),
    st.none() | st.integers(1, 16),
    st.sampled_from(["hann", "hamming", None]),
    st.integers(1, 6),
    st.booleans(),
)
def test_mel_spectrogram(
    length: int, fft_length: int, stride: int, sequence_length: int | None, window: str | None, bins: int, power_to_db: bool
) -> None:
    assume(sequence_length is None or sequence_length <= fft_length)
    fields = {"fft_length": fft_length, "sequence_stride": stride, "sequence_length": sequence_length, "num_mel_bins": bins}
    fields |= {"type": "mel_spectrogram", "window": window, "power_to_db": power_to_db}
    assert by_rule(fields, (length,)) == by_running(fields, (length,)), (fields, length)


MODES = ["log", "magnitude", "psd", "real", "imag", "angle", "stft"]


@few
@given(
    st.integers(1, 20),
    st.integers(1, 3),
    st.fixed_dictionaries(
        {"frame_length": st.integers(2, 9)},
        optional={
            "mode": st.sampled_from(MODES),
            "frame_step": st.integers(1, 2),
            "fft_length": st.integers(9, 17),
            "window": st.sampled_from(["hann", "hamming", "boxcar", None]),
            "periodic": st.booleans(),
            "scaling": st.sampled_from(["density", "spectrum", None]),
            "padding": st.sampled_from(["valid", "same"]),
            "expand_dims": st.booleans(),
            "data_format": st.sampled_from(["channels_last", "channels_first"]),
        },
    ),
)
def test_stft_spectrogram(length: int, channels: int, fields: dict[str, Any]) -> None:
    fields = {"type": "stft_spectrogram", **fields}
    shape = (channels, length) if fields.get("data_format") == "channels_first" else (length, channels)
    assert by_rule(fields, shape) == by_running(fields, shape), (fields, shape)


@pytest.mark.parametrize("expand_dims", [False, True])
def test_channels_first_gives_what_stock_keras_gives_when_compiled(expand_dims: bool) -> None:
    fields = {"type": "stft_spectrogram", "frame_length": 4, "data_format": "channels_first", "expand_dims": expand_dims}
    inputs = np.random.default_rng(0).normal(size=(2, 3, 9)).astype(np.float32)
    stock = keras.layers.STFTSpectrogram(frame_length=4, data_format="channels_first", expand_dims=expand_dims)
    np.testing.assert_allclose(build(spec_of(fields))(inputs), tf.function(stock, jit_compile=True)(inputs), atol=1e-4)


@pytest.mark.parametrize(
    ("fields", "shape"),
    [
        ({"type": "stft_spectrogram", "frame_length": 4, "fft_length": 8, "mode": "psd"}, (9, 2)),
        ({"type": "mel_spectrogram", "fft_length": 8, "sequence_stride": 4, "power_to_db": False}, (18,)),
    ],
)
def test_half_precision(fields: dict[str, Any], shape: Shape) -> None:
    model = Model.model_validate({"layers": [fields, "flatten", {"type": "dense", "units": 2}]})
    network = build_network(model, name="tiny", input_shape=shape, precision="mixed_bfloat16")
    assert np.isfinite(network(np.ones((2, *shape), np.float32), training=True)).all()


def test_a_spectrogram_multiplies_every_place_of_its_window_by_every_wave() -> None:
    spec = spec_of({"type": "stft_spectrogram", "frame_length": 4, "frame_step": 1})
    assert spec.multiply_adds((9, 3)) == 6 * 3 * 4 * 3 * 2  # places, channels, length, frequencies, cosine and sine
    assert spec.multiply_adds((None, 3)) == spec.multiply_adds((4, 3))


@pytest.mark.parametrize(
    ("fields", "code", "at"),
    [
        ({"type": "mel_spectrogram", "sequence_length": 4096}, "NN206", "sequence_length"),
        ({"type": "mel_spectrogram", "min_freq": 8000}, "NN206", "min_freq"),
        ({"type": "stft_spectrogram", "frame_step": 257}, "NN206", "frame_step"),
        ({"type": "stft_spectrogram", "fft_length": 255}, "NN206", "fft_length"),
        ({"type": "stft_spectrogram", "window": [1, 2]}, "NN206", "window"),
        ({"type": "stft_spectrogram", "window": "han"}, "NN205", "window"),
    ],
)
def test_what_is_refused(fields: dict[str, Any], code: str, at: str) -> None:
    with pytest.raises(ValidationError) as caught:
        spec_of(fields)
    [found] = caught.value.errors()
    assert found["type"] == code
    assert at in (*found["loc"], *found["ctx"]["at"])


@pytest.mark.parametrize(
    ("fields", "shape", "code"),
    [
        ({"type": "mel_spectrogram"}, (4, 4), "NN301"),
        ({"type": "mel_spectrogram"}, (1024,), "NN302"),
        ({"type": "mel_spectrogram", "fft_length": 8, "sequence_stride": 4}, (19,), "NN303"),
        ({"type": "stft_spectrogram"}, (400,), "NN301"),
        ({"type": "stft_spectrogram"}, (255, 1), "NN302"),
    ],
)
def test_sounds_that_do_not_fit(fields: dict[str, Any], shape: Shape, code: str) -> None:
    with pytest.raises(ShapeMistake) as caught:
        spec_of(fields).resulting_shape(shape)
    assert caught.value.code == code

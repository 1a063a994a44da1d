"""Holds the layers to Keras: argument names, defaults, and which of them have weights."""

from __future__ import annotations

import inspect
import os
from typing import Any

import pytest

from nncli.engine.build import build
from nncli.spec import registry
from nncli.spec.base import TypedSpec
from nncli.spec.choice import OneOf
from nncli.spec.layers.base import Layer
from tests.layers import REQUIRED

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

ANY = "*"
LEFT_OUT: dict[str, dict[str, str]] = {
    ANY: {
        "kwargs": "the arguments of every layer, of which `name` and `trainable` are fields",
        "lora_rank": "fine-tuning by low-rank additions adds weights after the build",
        "lora_alpha": "goes with lora_rank",
        "quantization_config": "quantizing is no part of training",
        "return_state": "a layer of a stack gives one tensor",
        "dtype": "a matter of `training.precision`",
        "name": "a field of every layer, which Keras takes by keyword",
        "sparse": "tensors are dense",
    },
    "input": {
        "batch_size": "a matter of `training.batch_size`",
        "batch_shape": "a matter of `training.batch_size`",
        "ragged": "the data are dense",
        "input_tensor": "an object, not a value",
        "optional": "a stack has one input",
    },
    "embedding": {"weights": "an array; `model.weights_from` starts from trained weights"},
    "reversible_embedding": {
        "tie_weights": "a matter of the way back, which a stack never takes",
        "reverse_dtype": "a matter of the way back, which a stack never takes",
        "logit_soft_cap": "a matter of the way back, which a stack never takes",
    },
    "einsum_dense": {"gptq_unpacked_column_size": "quantizing is no part of training"},
    "lstm": {"use_cudnn": "a GPU's choice of kernel"},
    "gru": {"use_cudnn": "a GPU's choice of kernel"},
    "bidirectional": {"weights": "an array; `model.weights_from` starts from trained weights"},
}
"""Type, or any -> argument of Keras -> why it is no field."""

OWN = {"type", "name", "trainable"}
DATA_FORMAT = inspect.Parameter("data_format", inspect.Parameter.KEYWORD_ONLY, default=None)
INHERITED = {
    name: {"data_format": DATA_FORMAT} for name in ("auto_contrast", "random_brightness", "random_contrast", "solarization")
}
"""Type -> the arguments that Keras passes on to the base class of its image layers."""

TYPES = registry.names("layer")
CELLS = {"simple_rnn_cell": {"units": 2}, "lstm_cell": {"units": 2}, "gru_cell": {"units": 2}, "stacked_rnn_cells": {"cells": []}}


def spec_class(name: str) -> type[TypedSpec]:
    found = registry.find("cell" if name in CELLS else "layer", name)
    assert found is not None
    return found


KERAS_TYPES = [name for name in (*TYPES, *CELLS) if spec_class(name).keras_class]
OWN_TYPES = {"stochastic_pooling2d", "residual", "parallel", "repeat"}
"""Layers that Keras does not have."""


def test_keras_has_all_layers_but_our_own() -> None:
    assert {*TYPES, *CELLS} - set(KERAS_TYPES) == OWN_TYPES


def minimal(name: str, **more: Any) -> Layer:
    layer = OneOf("layer").resolve({"type": name, **REQUIRED.get(name, {}), **more})
    assert isinstance(layer, Layer)
    return layer


def keras_parameters(name: str) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(getattr(keras.layers, spec_class(name).keras_class)).parameters
    left_out = LEFT_OUT[ANY].keys() | LEFT_OUT.get(name, {}).keys()
    return {entry: parameter for entry, parameter in parameters.items() if entry not in left_out} | INHERITED.get(name, {})


def plain(value: Any) -> Any:
    """A default as Keras writes it: the name of a choice; sizes as one number where all are the same."""
    if isinstance(value, TypedSpec):
        assert value == type(value)(), "a default that is a choice has default arguments"
        return value.type
    while isinstance(value, tuple) and len(set(value)) == 1:
        value = value[0]
    return value


@pytest.mark.parametrize("name", KERAS_TYPES)
def test_fields_are_the_arguments_of_keras(name: str) -> None:
    assert set(spec_class(name).model_fields) - OWN == set(keras_parameters(name))


@pytest.mark.parametrize("name", KERAS_TYPES)
def test_defaults_are_those_of_keras(name: str) -> None:
    fields = spec_class(name).model_fields
    for argument, parameter in keras_parameters(name).items():
        field = fields[argument]
        required = parameter.default is inspect.Parameter.empty
        if (name, argument) in (("input", "shape"), ("category_encoding", "num_tokens")):
            assert field.is_required(), "Keras takes `batch_shape` in its place; and refuses to go without the other"
            continue
        assert field.is_required() == required, argument
        if not required:
            default = plain(parameter.default)
            if argument.endswith("_initializer"):
                default = registry.former_name("initializer", default) or default.lower()
            assert plain(field.get_default(call_default_factory=True)) == default, argument


@pytest.mark.parametrize("name", KERAS_TYPES)
def test_nothing_is_left_out_that_keras_does_not_have(name: str) -> None:
    parameters = inspect.signature(getattr(keras.layers, spec_class(name).keras_class)).parameters
    assert set(LEFT_OUT.get(name, {})) <= set(parameters)


def test_every_reason_is_needed() -> None:
    names = {
        argument
        for name in KERAS_TYPES
        for argument in inspect.signature(getattr(keras.layers, spec_class(name).keras_class)).parameters
    }
    assert set(LEFT_OUT[ANY]) <= names | {"dtype", "name"}
    assert set(LEFT_OUT) - {ANY} <= set(TYPES)


@pytest.mark.parametrize("name", (*TYPES, *CELLS))
def test_every_field_is_documented(name: str) -> None:
    own = spec_class(name)
    source = "".join(inspect.getsource(base) for base in own.__mro__ if issubclass(base, TypedSpec))
    for field in set(own.model_fields) - {"type"}:
        assert f"    {field}: " in source
    assert own.__doc__


WITH_WEIGHTS = {
    "dense",
    "einsum_dense",
    "embedding",
    "reversible_embedding",
    *(f"conv{rank}d{kind}" for rank in (1, 2, 3) for kind in ("", "_transpose")),
    *(f"{kind}_conv{rank}d" for rank in (1, 2) for kind in ("depthwise", "separable")),
    *(f"conv_lstm{rank}d" for rank in (1, 2, 3)),
    "spectral_normalization",
    "stft_spectrogram",
    "batch_normalization",
    "layer_normalization",
    "group_normalization",
    "rms_normalization",
    "prelu",
    "simple_rnn",
    "lstm",
    "gru",
    "rnn",
    "bidirectional",
    "time_distributed",
    "residual",
    "repeat",
    "parallel",
}


@pytest.mark.parametrize("name", TYPES)
def test_a_layer_is_trained_where_keras_has_weights_to_train(name: str) -> None:
    assert minimal(name).is_trained == (name in WITH_WEIGHTS)
    assert not minimal(name, trainable=False).is_trained


@pytest.mark.parametrize(
    "layer",
    [
        minimal("batch_normalization", center=False, scale=False),
        minimal("layer_normalization", center=False, scale=False),
        minimal("time_distributed", layer={"type": "dense", "units": 2, "trainable": False}),
        minimal("time_distributed", layer="flatten"),
        minimal("bidirectional", layer={"type": "gru", "units": 2, "trainable": False}),
    ],
)
def test_a_layer_is_not_trained_where_nothing_in_it_is(layer: Layer) -> None:
    assert not layer.is_trained


@pytest.mark.parametrize("name", TYPES)
def test_what_convolves_or_pools_says_so(name: str) -> None:
    """The rules of speed go by it."""
    found = spec_class(name)
    assert issubclass(found, Layer)
    convolves = "conv" in name or name == "stft_spectrogram"
    assert found.has_windows == (convolves or ("pooling" in name and not name.startswith("global_")))


@pytest.mark.parametrize("name", KERAS_TYPES)
def test_what_xla_cannot_compile_says_so(name: str) -> None:
    """By Keras itself; it does not say so of all."""
    spec = minimal(name) if name in TYPES else None
    if spec is not None and name not in ("input", "bidirectional", "time_distributed", "spectral_normalization"):
        layer = build(spec)
        assert layer.supports_jit or not spec.suits_xla

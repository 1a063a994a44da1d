"""Keras's layers, listed by Keras itself: each has a spec, or a reason why it has none."""

from __future__ import annotations

import inspect
import os
from typing import Any

import pytest

from nncli.spec import registry
from nncli.spec.base import TypedSpec

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

SEVERAL_INPUTS = "takes several tensors, a stack has one"
ABSTRACT = "a base class"
FOREIGN = "wraps an object of another framework, which no config can hold"
TEXTS = "takes texts, inputs are numbers"
MIXED = "mixes samples and their targets, a layer of a stack sees the inputs alone"

LEFT_OUT: dict[str, str] = {
    "Layer": ABSTRACT,
    "Wrapper": ABSTRACT,
    "InputSpec": "describes a layer's input; no layer itself",
    **dict.fromkeys(("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract"), SEVERAL_INPUTS),
    **dict.fromkeys(("AdditiveAttention", "Attention", "GroupQueryAttention", "MultiHeadAttention"), SEVERAL_INPUTS),
    "HashedCrossing": SEVERAL_INPUTS,
    "Lambda": "runs code",
    **dict.fromkeys(("FlaxLayer", "JaxLayer", "TorchModuleWrapper", "TFSMLayer"), FOREIGN),
    "StringLookup": TEXTS,
    "TextVectorization": TEXTS,
    "CutMix": MIXED,
    "MixUp": MIXED,
    "MaxNumBoundingBoxes": "takes boxes beside the images",
    "AugMix": "picks its layers by Python's own random numbers, once, when a step is traced: no resumed run picks the same",
    "Pipeline": "a list of layers, which the stack is, or `repeat` with `times: 1`",
}
"""Public class -> why no config can ask for it."""


def public() -> dict[str, type[Any]]:
    """Keras's public layer classes, each once: of its aliases (`Convolution2D`) by the name that it has itself (`Conv2D`)."""
    found: dict[type[Any], str] = {}
    for name, value in vars(keras.layers).items():
        if inspect.isclass(value) and (value not in found or name == value.__name__):
            found[value] = name
    return {name: value for value, name in found.items()}


def spec_classes() -> list[type[TypedSpec]]:
    names = [(kind, name) for kind in ("layer", "cell") for names in registry.MODULES[kind].values() for name in names]
    found = [registry.find(kind, name) for kind, name in names]
    assert None not in found
    return [spec for spec in found if spec is not None and spec.keras_class]


PUBLIC = public()


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_public_layer_has_a_spec_or_a_reason(name: str) -> None:
    has_spec = any(getattr(keras.layers, spec.keras_class) is PUBLIC[name] for spec in spec_classes())
    assert has_spec != (name in LEFT_OUT), f"keras.layers.{name}: write a spec, or a reason in LEFT_OUT, not both"


def test_nothing_is_left_out_that_keras_does_not_have() -> None:
    assert set(LEFT_OUT) <= set(PUBLIC)


def test_aliases_are_one_class() -> None:
    assert {"Convolution2D", "GlobalAvgPool2D", "MaxPool1D"} & set(PUBLIC) == set()
    assert {"Conv2D", "GlobalAveragePooling2D", "MaxPooling1D"} <= set(PUBLIC)


def written(name: str) -> str:
    """Keras's class name as a type name: in snake_case, `2D` and acronyms as one word each."""
    words = name
    for acronym in ("LSTM", "GRU", "RNN", "RMS", "STFT"):
        words = words.replace(acronym, acronym.capitalize())
    for whole, one in (("ReLU", "Relu"), ("PRelu", "Prelu"), ("ELU", "Elu"), ("RNNCells", "RnnCells")):
        words = words.replace(whole, one)
    pieces = [
        ("_" if letter.isupper() and index and not words[index - 1].isdigit() else "") + letter
        for index, letter in enumerate(words)
    ]
    return "".join(pieces).lower().replace("dtranspose", "d_transpose")


@pytest.mark.parametrize(
    "spec", [spec for spec in spec_classes() if spec.keras_class != "InputLayer"], ids=lambda spec: spec.keras_class
)
def test_a_type_name_is_the_class_name_in_snake_case(spec: type[TypedSpec]) -> None:
    assert spec.model_fields["type"].default == written(spec.keras_class)

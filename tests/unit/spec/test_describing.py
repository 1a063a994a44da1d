"""What the specs say about themselves is whole, and their examples are configs."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from pydantic import BaseModel

from nncli.config.load import parse_config
from nncli.problems import NncliError
from nncli.spec import registry
from nncli.spec.base import TypedSpec
from nncli.spec.choice import target
from nncli.spec.describing.classes import class_schema
from nncli.spec.describing.config import spec_class, type_names
from nncli.spec.describing.docstrings import field_meanings, meaning
from nncli.spec.describing.examples import example
from nncli.spec.describing.words import in_words, shown
from nncli.spec.experiment import Experiment

TYPES = [(kind, name) for kind in registry.MODULES for name in type_names(kind)]
BASE = """\
name: digits
dataset: mnist_5k
model: {layers: [flatten, {type: dense, units: 10, activation: softmax}]}
optimizer: adam
loss: sparse_categorical_crossentropy
"""


def parts(spec: type[BaseModel] = Experiment) -> list[type[BaseModel]]:
    """The mappings of a config that have no type, itself first."""
    inner = [found for name in spec.model_fields if (found := target(spec, name)[1]) is not None]
    return [spec, *(part for found in inner for part in parts(found))]


SPECS = list(dict.fromkeys([*parts(), *(spec_class(kind, name) for kind, name in TYPES)]))


def completed(fragment: str) -> str:
    keys = set(re.findall(r"^(\w+):", fragment, re.MULTILINE))
    return "".join(line for line in BASE.splitlines(keepends=True) if line.partition(":")[0] not in keys) + fragment + "\n"


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{getattr(spec, 'kind', 'part')}-{spec.__name__}")
def test_everything_has_a_meaning_and_a_type_in_words(spec: type[BaseModel]) -> None:
    assert meaning(spec)
    fields = set(spec.model_fields) - ({"type"} if issubclass(spec, TypedSpec) else set())
    assert set(field_meanings(spec)) >= fields
    for name in fields:
        text = field_meanings(spec)[name]
        assert text[0].isupper() or text[0] in "`0123456789", text
        assert text.endswith("."), text
        words = in_words(class_schema(spec)["properties"][name])
        assert words and "any value" not in words and "{" not in words, (name, words)


@pytest.mark.parametrize(("kind", "name"), TYPES)
def test_the_example_of_a_type_is_a_valid_config_with_that_type(kind: str, name: str) -> None:
    text = example(kind, name)
    if text is None:
        layer = f"model: {{layers: [{{type: dense, units: 10, {kind}: {name}}}]}}"
        with pytest.raises(NncliError, match="NN206"):
            parse_config(completed(layer), "example.yaml", "/")
        return
    experiment = parse_config(completed(text), "example.yaml", "/").experiment
    assert (kind, name) in set(chosen(experiment))
    assert max(map(len, text.splitlines())) <= 110


def chosen(part: Any) -> list[tuple[str, str]]:
    """Every type in a part of a config."""
    if isinstance(part, tuple):
        return [found for entry in part for found in chosen(entry)]
    if not isinstance(part, BaseModel):
        return []
    own = [(part.kind, part.type)] if isinstance(part, TypedSpec) else []
    return own + [found for field in type(part).model_fields for found in chosen(getattr(part, field))]


@pytest.mark.parametrize(
    ("kind", "name", "field", "words"),
    [
        ("layer", "conv2d", "filters", "a whole number (1 or more)"),
        ("layer", "conv2d", "kernel_size", "a whole number (1 or more) or a list of 2 whole numbers (1 or more)"),
        ("layer", "conv2d", "data_format", "`channels_last`, `channels_first` or null"),
        ("layer", "max_pooling1d", "pool_size", "a whole number (1 or more) or a list of 1 whole number (1 or more)"),
        ("layer", "dense", "use_bias", "`true` or `false`"),
        ("layer", "dense", "activation", "an activation or null"),
        ("dataset", "mnist", "validation", "a number (0 or more, below 1)"),
        ("optimizer", "adam", "learning_rate", "a number (above 0) or a schedule"),
        ("dataset", "mnist", "preprocess", "a list of preprocessing steps"),
        ("dataset", "series", "inputs", "a text or a list of texts"),
        ("metric", "auc", "thresholds", "a list of numbers (0 to 1) or null"),
        ("cell", "stacked_rnn_cells", "cells", "a list of cells"),
    ],
)
def test_types_in_words(kind: str, name: str, field: str, words: str) -> None:
    assert in_words(class_schema(spec_class(kind, name))["properties"][field]) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "null"), (True, "true"), (0.5, "0.5"), (1e-7, "1e-07"), ("adam", "adam"), ([1, [2]], "[1, [2]]"), ({"a": 1}, "{a: 1}")],
)
def test_defaults_as_one_writes_them(value: Any, text: str) -> None:
    assert shown(value) == text


def test_a_check_does_not_pay_for_it() -> None:
    program = (
        "import sys, nncli.commands.check; print(*(name for name in sys.modules if 'describing' in name or 'explanations' in name))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split() == []

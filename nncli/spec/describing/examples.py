"""An example of every type, as it stands in a config.

What a type cannot do without gets a value that one meets in practice, by the name of its field; the rest is left to its default.
"""

from __future__ import annotations

from typing import Any, Final

from nncli.spec.describing.classes import class_schema
from nncli.spec.describing.config import spec_class
from nncli.spec.describing.words import shown

_PLACES: Final = {
    "dataset": "dataset: {}",
    "preprocessing": "dataset:\n  type: mnist_5k\n  preprocess:\n    - {}",
    "column": "dataset:\n  type: csv\n  path: people.csv\n  target: survived\n  columns:\n    - {}",
    "layer": "model:\n  layers:\n    - {}",
    "cell": "model:\n  layers:\n    - type: rnn\n      cell: {}",
    "optimizer": "optimizer: {}",
    "schedule": "optimizer:\n  type: adam\n  learning_rate: {}",
    "loss": "loss: {}",
    "metric": "metrics:\n  - {}",
    "activation": "model:\n  layers:\n    - type: dense\n      units: 64\n      activation: {}",
    "initializer": "model:\n  layers:\n    - type: dense\n      units: 64\n      kernel_initializer: {}",
    "regularizer": "model:\n  layers:\n    - type: dense\n      units: 64\n      kernel_regularizer: {}",
    "constraint": "model:\n  layers:\n    - type: dense\n      units: 64\n      kernel_constraint: {}",
}
"""Kind -> the part of a config that one of them stands in."""

_VALUES: Final[dict[str, Any]] = {
    "units": 64,
    "filters": 32,
    "kernel_size": 3,
    "pool_size": 2,
    "rate": 0.5,
    "stddev": 0.1,
    "factor": 0.1,
    "height_factor": 0.1,
    "width_factor": 0.1,
    "input_dim": 1000,
    "output_dim": 64,
    "height": 32,
    "width": 32,
    "scale": 0.5,
    "num_tokens": 10,
    "num_bins": 100,
    "activation": "relu",
    "shape": [28, 28, 1],
    "target_shape": [28, 28, 1],
    "dims": [2, 1],
    "n": 10,
    "cell": {"type": "lstm_cell", "units": 64},
    "cells": [{"type": "lstm_cell", "units": 64}, {"type": "gru_cell", "units": 32}],
    "layer": {"type": "lstm", "units": 64},
    "path": "data.npz",
    "inputs": [[0, 0], [0, 1], [1, 0], [1, 1]],
    "targets": [0, 1, 1, 0],
    "slope": 2,
    "length": 20,
    "formula": "square(y_true - y_pred)",
    "initial_learning_rate": 0.01,
    "decay_steps": 1000,
    "first_decay_steps": 1000,
    "decay_rate": 0.9,
    "boundaries": [1000, 2000],
    "values": [0.1, 0.01, 0.001],
    "num_classes": 3,
    "target_class_ids": [0, 2],
    "recall": 0.5,
    "precision": 0.5,
    "sensitivity": 0.5,
    "specificity": 0.5,
}
"""Required field -> a value for it."""

_FIELDS: Final[dict[tuple[str, str], dict[str, Any]]] = {
    ("dataset", "series"): {"num_points": 1000, "inputs": "sin(n / 10)", "targets": "cos(n / 10)", "length": 20},
    ("dataset", "npy"): {"inputs": "x.npy", "targets": "y.npy", "test": 0.2},
    ("dataset", "csv"): {"path": "people.csv", "target": "survived", "test": 0.2},
    ("dataset", "parquet"): {"path": "parts/*.parquet", "target": "price", "test": 0.2},
    ("dataset", "json_lines"): {"path": "people.jsonl.gz", "target": "survived", "test": 0.2},
    ("dataset", "image_folder"): {"path": "pictures", "size": [64, 64], "test": 0.2},
    ("dataset", "text_folder"): {"path": "reviews", "length": 50, "test": 0.2},
    ("column", "number"): {"names": ["age", "fare"], "scale": "robust", "missing": "median"},
    ("column", "category"): {"names": "port", "unseen": "error"},
    ("column", "date"): {"names": "born", "format": "%d.%m.%Y", "parts": ["year", "month"]},
    ("column", "text"): {"names": "review", "length": 200},
    ("column", "ignore"): {"names": ["name", "ticket"]},
    ("layer", "time_distributed"): {"layer": {"type": "dense", "units": 64}},
    ("layer", "spectral_normalization"): {"layer": {"type": "dense", "units": 64}},
    ("layer", "einsum_dense"): {"equation": "abc,cd->abd", "output_shape": [None, 64], "bias_axes": "d"},
    ("layer", "residual"): {"layers": [{"type": "conv2d", "filters": 32, "kernel_size": 3, "padding": "same"}, "relu"]},
    ("layer", "repeat"): {"times": 3, "layers": [{"type": "dense", "units": 64, "activation": "relu"}]},
    ("layer", "parallel"): {"branches": [[], [{"type": "dense", "units": 64}]], "join": "concatenate"},
    ("layer", "random_posterization"): {"factor": 4},
    ("layer", "random_color_jitter"): {"brightness_factor": 0.2, "contrast_factor": 0.2},
    ("layer", "rescaling"): {"scale": 0.0078125, "offset": -1},
    ("layer", "normalization"): {"mean": [5.8, 3.1], "variance": [0.7, 0.2]},
    ("layer", "discretization"): {"bin_boundaries": [0, 18, 65]},
    ("layer", "integer_lookup"): {"vocabulary": [10, 20, 40]},
    ("metric", "expression"): {"name": "error", "formula": "abs(y_true - y_pred)"},
    ("preprocessing", "rescale"): {"to": [0, 1]},
    ("optimizer", "sgd"): {"learning_rate": 0.1, "momentum": 0.9},
    ("optimizer", "adam"): {"learning_rate": 0.0001},
    ("regularizer", "l2"): {"l2": 0.001},
}
"""(kind, type) -> the fields of its example, where those above do not fit or others say more."""


_NOWHERE: Final = frozenset({("activation", "glu")})
"""What no field takes: `glu` halves the last axis, which no layer of Keras reckons with."""


def example(kind: str, name: str) -> str | None:
    """A part of a config with one such type in it, as YAML; None for a type that no config can use."""
    if (kind, name) in _NOWHERE:
        return None
    chosen = _chosen(kind, name)
    return _PLACES[kind].replace("{}", shown({"type": name, **chosen}) if chosen else name)


def _chosen(kind: str, name: str) -> dict[str, Any]:
    if (kind, name) in _FIELDS:
        return _FIELDS[kind, name]
    schema = class_schema(spec_class(kind, name))
    return {field: _value(field, schema["properties"][field]) for field in schema.get("required", ())}


def _value(field: str, schema: dict[str, Any]) -> Any:
    """The value that is known for a field, else the plainest that its type allows."""
    if field in _VALUES:
        return _VALUES[field]
    branch = schema.get("anyOf", [schema])[0]
    if "enum" in branch:
        return branch["enum"][0]
    plain = {"integer": branch.get("minimum", 1), "number": branch.get("minimum", 0.5), "string": "text", "boolean": True}
    return plain[branch["type"]]

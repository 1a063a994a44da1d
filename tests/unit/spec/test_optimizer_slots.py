"""How many numbers an optimizer keeps for each weight, held to the variables of Keras's own."""

from __future__ import annotations

import os
from typing import Any

import pytest

from nncli.engine.build import build
from nncli.spec.choice import OneOf
from nncli.spec.describing.config import type_names
from nncli.spec.optimizers.base import Optimizer

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

OPTIONS: list[dict[str, Any]] = [
    {"type": "sgd", "momentum": 0.9},
    {"type": "rmsprop", "momentum": 0.5},
    {"type": "rmsprop", "centered": True},
    {"type": "adam", "amsgrad": True},
    {"type": "adamw", "amsgrad": True, "use_ema": True},
    {"type": "lion", "gradient_accumulation_steps": 2},
]
SHAPES = ((64, 32), (32, 16))


@pytest.mark.parametrize("fields", [*({"type": name} for name in type_names("optimizer")), *OPTIONS], ids=str)
def test_slots(fields: dict[str, Any]) -> None:
    spec = OneOf("optimizer").resolve(fields)
    assert isinstance(spec, Optimizer)
    optimizer = build(spec)
    optimizer.build([keras.Variable(keras.ops.zeros(shape), name="kernel") for shape in SHAPES])
    weights = sum(rows * columns for rows, columns in SHAPES)
    others = sum(rows + columns for rows, columns in SHAPES) + 4  # Adafactor's rows and columns; counters and the learning rate
    kept = sum(int(variable.value.shape.num_elements()) for variable in optimizer.variables)
    assert spec.slots * weights <= kept <= spec.slots * weights + others

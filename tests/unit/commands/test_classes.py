"""What outputs say about classes: a probability only where the loss or the last activation means one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nncli.commands.classes import class_scores
from nncli.spec.experiment import Experiment

CASES: list[tuple[Any, str | None, list[float], list[float], str]] = [
    ("binary_crossentropy", "sigmoid", [0.25], [0.75, 0.25], "probability"),
    ({"type": "binary_crossentropy", "from_logits": True}, None, [0.0], [0.5, 0.5], "probability"),
    ("hinge", "tanh", [0.25], [-0.25, 0.25], "score"),
    ("mse", None, [1.5], [-0.5, 1.5], "score"),
    ("sparse_categorical_crossentropy", "softmax", [0.25, 0.75], [0.25, 0.75], "probability"),
    ({"type": "sparse_categorical_crossentropy", "from_logits": True}, None, [3.0, 3.0], [0.5, 0.5], "probability"),
    ("categorical_hinge", None, [-1.0, 2.0], [-1.0, 2.0], "score"),
]


@pytest.mark.parametrize(("loss", "activation", "output", "values", "kind"), CASES)
def test_a_probability_or_a_score(loss: Any, activation: str | None, output: list[float], values: list[float], kind: str) -> None:
    experiment = Experiment.model_validate(
        {
            "name": "two",
            "dataset": {"type": "inline", "inputs": [[1.0], [2.0]], "targets": [0, 1]},
            "model": {"layers": [{"type": "dense", "units": len(output), "activation": activation}]},
            "optimizer": "sgd",
            "loss": loss,
        }
    )
    scores = class_scores(experiment, np.array([output], np.float32), 2)
    assert scores is not None
    assert (scores.values.tolist(), scores.kind) == ([values], kind)
    assert class_scores(experiment, np.array([output], np.float32), 3) is None

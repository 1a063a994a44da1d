"""What outputs say about classes: a probability only where the loss or the last activation means one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nncli.commands.classes import ClassScores, balanced_accuracy, class_report, class_scores, confusion
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


def test_a_report_on_each_class_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import balanced_accuracy_score, classification_report

    rng = np.random.default_rng(0)
    true, scores = rng.integers(0, 3, 200), ClassScores(rng.random((200, 4)).astype(np.float32), "probability")
    chosen = scores.values.argmax(axis=1)
    counts = confusion(true, scores, 4)
    assert np.array_equal(counts, confusion(np.eye(4, dtype=np.float32)[true], scores, 4))
    report = class_report(counts, "abcd")
    expected = classification_report(true, chosen, labels=range(4), target_names=list("abcd"), output_dict=True, zero_division=0)
    for entry in report[:3]:
        known = expected[entry["class"]]
        assert entry["samples"] == known["support"]
        assert [entry[name] for name in ("precision", "recall", "f1")] == pytest.approx(
            [known["precision"], known["recall"], known["f1-score"]]
        )
    assert report[3]["samples"] == 0 and report[3]["recall"] is None and report[3]["precision"] == 0
    with pytest.warns(UserWarning, match="not in y_true"):
        assert balanced_accuracy(report) == pytest.approx(balanced_accuracy_score(true, chosen))
    assert balanced_accuracy(()) is None

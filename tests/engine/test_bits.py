"""A run is a pure function of its config and data: to the bit, however it is cut into calls and sessions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.whole import WHOLE

WATCHED = {
    "epochs": 4,
    "evaluate_every": {"steps": 5},
    "log_every": {"steps": 3},
    "early_stopping": {"monitor": "val_loss", "patience": 3, "mode": "max"},
    "reduce_lr_on_plateau": {"monitor": "val_loss", "patience": 1, "factor": 0.5, "min_delta": 0.01},
    "best": {"monitor": "val_accuracy"},
}
RUNS = {
    "mlp_averaged": "loop",
    "cnn": "update",
    "augmented": "update",
    "recoloured": "loop",
    "cnn_channels_first": "update",
    "lstm": "loop",
    "lstm_stateful": "loop",
    "embedding": "loop",
    "bidirectional": "update",
    "time_distributed": "update",
    "composites": "loop",
    "bfloat16": "loop",
}
FEW = ["cnn", "lstm_stateful", "mlp_averaged", "composites"]


@pytest.mark.parametrize("name", RUNS if WHOLE else FEW)
def test_interrupted_and_resumed_in_calls_of_any_size_it_is_the_same_run(name: str, lab: Any, run: Any, interrupted: Any) -> None:
    experiment, splits = lab.experiment(name, training=WATCHED), lab.splits(name)
    lab.call_size(7)
    trainer = lab.trainer(experiment, splits, mode=RUNS[name])
    whole = run(trainer)
    assert trainer.loop.num_compilations == 1
    assert len(whole.measured) > 3
    cuts = [5, 6, 11] if name == "cnn" else [6]  # each session takes seconds to compile
    courses = list(interrupted(experiment, splits, cuts, sizes=(1, 50, 3, 2), mode=RUNS[name]))
    assert [course.ended.step for course in courses[:-1]] == cuts
    assert [event for course in courses for event in course.measured] == whole.measured
    resumed, undisturbed = courses[-1].bits(), whole.bits()
    for part in undisturbed:
        assert resumed[part] == undisturbed[part], part


def test_another_seed_gives_another_run(lab: Any, run: Any) -> None:
    splits = lab.splits("mlp")
    digests = {run(lab.trainer(lab.experiment("mlp", seed=seed), splits)).best.digest() for seed in (1, 2)}
    assert len(digests) == 2

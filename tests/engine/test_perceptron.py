"""Rosenblatt's rule: gradient descent through `step` is, bit for bit, the loop that he would have written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncli.config.load import load_config
from nncli.data.prepare import prepare
from nncli.engine.order import DataOrder
from nncli.engine.plan import make_plan
from nncli.engine.rules import choose_mode
from nncli.engine.train import Trainer

CONFIG = Path(__file__).parents[2] / "configs" / "perceptron_or.yaml"
RATE = np.float32(0.2)


def weights_of(trainer: Trainer) -> np.ndarray:
    ((_, kernel),) = trainer.learner.capture_weights().layers["dense"]
    assert kernel.dtype == np.float32 and kernel.shape == (3, 1)
    return kernel[:, 0].copy()


def step(z: np.float32) -> np.float32:
    return np.float32(1.0 if z >= 0 else 0.0)


@pytest.mark.parametrize("seed", [0, 1, 2, 12345])
def test_every_step_is_rosenblatt_s(seed: int, tf: Any) -> None:
    experiment = load_config(CONFIG, [f"seed={seed}"]).experiment
    splits = prepare(experiment.dataset, seed=seed)
    plan = make_plan(experiment, len(splits.train))
    trainer = Trainer(experiment, splits, plan, choose_mode(experiment))
    inputs, truths = splits.train.inputs.astype(np.float32), splits.train.targets[:, 0]
    rows = DataOrder(plan, experiment.training.order, seed).rows(0, plan.total_steps)
    assert rows.shape == (100, 1)

    w = weights_of(trainer)
    assert (w >= 0).all() and (w < 1).all()
    changes = 0
    for number, (row,) in enumerate(rows):
        x, truth = inputs[row], truths[row]
        output = step((w[0] * x[0] + w[1] * x[1]) + w[2] * x[2])
        before, w = w, w + RATE * (truth - output) * x
        done = trainer.loop.run(number, number + 1)
        assert (done.step, done.loss) == (number + 1, 0.5 * (truth - output) ** 2)
        found = weights_of(trainer)
        assert found.tobytes() == w.tobytes(), (number, found, w)
        changes += int(not np.array_equal(before, w))
    assert changes > 1, "nothing was learnt"
    assert [step(np.float32(x @ w)) for x in inputs] == truths.tolist()


@pytest.mark.parametrize("seed", [0, 7])
def test_all_steps_in_one_run_end_at_the_same_weights(seed: int, tf: Any) -> None:
    experiment = load_config(CONFIG, [f"seed={seed}"]).experiment
    splits = prepare(experiment.dataset, seed=seed)
    plan = make_plan(experiment, len(splits.train))
    one, other = (Trainer(experiment, splits, plan, choose_mode(experiment)) for _ in range(2))
    w = weights_of(one)
    for row in DataOrder(plan, experiment.training.order, seed).rows(0, plan.total_steps)[:, 0]:
        x, truth = splits.train.inputs[row].astype(np.float32), splits.train.targets[row, 0]
        w = w + RATE * (truth - step((w[0] * x[0] + w[1] * x[1]) + w[2] * x[2])) * x
    assert one.loop.run(0, plan.total_steps).step == plan.total_steps
    list(other.run())
    assert weights_of(one).tobytes() == weights_of(other).tobytes() == w.tobytes()

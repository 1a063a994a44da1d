"""What the configs on small real data come to, on parts that were held out. `make test-new` takes the mean over five seeds."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SEEDS = range(5) if os.environ.get("NNCLI_EXAMPLES") == "new" else range(1)
LEAST = {
    "iris_csv": ("accuracy", 0.93),
    "review_mood": ("accuracy", 0.88),
    "digits": ("accuracy", 0.96),
    "breast_cancer": ("accuracy", 0.95 if len(SEEDS) > 1 else 0.92),
    "diabetes_regression": ("r2_score", 0.40),
}


@pytest.fixture(scope="module")
def results(one_process: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[float]]:
    """The metric of the test part of each config, by seed."""
    folder = tmp_path_factory.mktemp("accuracy")
    runs = [(name, seed) for name in LEAST for seed in SEEDS]
    settings = ["expect=[]", "training.figures=false", "training.threads=1"]
    quick = [argument for setting in settings for argument in ("--set", setting)]
    commands = [
        ["train", ROOT / "configs" / f"{name}.yaml", "--json", "--out", f"{name}{seed}", "--set", f"seed={seed}", *quick]
        for name, seed in runs
    ]
    found: dict[str, list[float]] = {name: [] for name in LEAST}
    for (name, _), done in zip(runs, one_process(commands, cwd=folder)(), strict=True):
        assert done.returncode == 0, done.stderr
        found[name].append(json.loads(done.stdout)["report"]["metrics"]["test"][LEAST[name][0]])
    return found


@pytest.mark.parametrize("name", LEAST)
def test_a_config_on_real_data_is_as_good_as_it_should_be(name: str, results: dict[str, list[float]]) -> None:
    assert sum(results[name]) / len(SEEDS) >= LEAST[name][1], results[name]

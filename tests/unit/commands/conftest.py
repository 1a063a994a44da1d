"""What the tests of the commands share."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nncli.checkpoint.contents import Checkpoint
from nncli.checkpoint.write import checkpoint_bytes
from nncli.commands.train import pinned
from nncli.config.load import load_config
from nncli.config.write import to_yaml
from nncli.data.prepare import prepare
from nncli.engine.plan import make_plan
from nncli.problems import NncliError, Problem
from nncli.reports.base import plain
from nncli.runs.folder import RunFolder
from nncli.runs.records import document_bytes
from tests.past_runs import CONFIG, HISTORY, MANIFEST

Refused = Callable[..., Problem]


@pytest.fixture
def refused() -> Refused:
    """`refused(call, *arguments)` is the single problem that the call raises."""

    def only_problem(call: Callable[..., Any], *arguments: Any, **named: Any) -> Problem:
        with pytest.raises(NncliError) as caught:
            call(*arguments, **named)
        (problem,) = caught.value.problems
        return problem

    return only_problem


@pytest.fixture
def untrained(tmp_path: Path) -> Callable[[Path], Path]:
    """`untrained(config)`: a checkpoint of the config's network with its first weights."""

    def write(config: Path) -> Path:
        from nncli.engine.build import build_network
        from nncli.engine.state import architecture, capture_weights

        experiment = load_config(config).experiment
        splits = prepare(experiment.dataset, seed=experiment.seed)
        preparation = splits.preparation
        network = build_network(
            experiment.model, name=experiment.name, input_shape=preparation.input_shape, precision=experiment.training.precision
        )
        run = {"threads": 2, "mode": "loop", "versions": {}, "fingerprint": splits.fingerprint, "step": 0}
        weights = capture_weights(network, architecture(network))
        path = tmp_path / f"{experiment.name}.h5"
        path.write_bytes(checkpoint_bytes(Checkpoint(weights, experiment.model_dump(mode="json"), preparation.to_json(), run)))
        return path

    return write


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def make(tmp_path: Path, config: Path) -> Callable[..., Path]:
    """`make(state=...)`: the next run of the config, as `nncli train` leaves it."""

    def run(overrides: tuple[str, ...] = (), report: dict[str, Any] | None = None, **changes: Any) -> Path:
        experiment = load_config(config, overrides).experiment
        resolved = to_yaml(pinned(experiment, make_plan(experiment, 3), threads=1))
        files = {
            "config.yaml": resolved.encode(),
            "manifest.json": document_bytes(plain(replace(MANIFEST, **changes))),
            "checkpoints/last.h5": b"weights",
            "metrics.jsonl": b"".join(json.dumps(record).encode() + b"\n" for record in HISTORY),
        }
        if report is not None:
            files["report.json"] = document_bytes(report)
        with RunFolder.create("tiny", files, runs_dir=tmp_path / "runs") as folder:
            return folder.path

    return run

"""What the tests of the commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nncli.checkpoint.contents import Checkpoint
from nncli.checkpoint.write import checkpoint_bytes
from nncli.config.load import load_config
from nncli.data.prepare import prepare
from nncli.problems import NncliError, Problem

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

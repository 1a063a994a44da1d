"""What the tests of the engine share: tiny networks of every kind, their data, and runs of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncli.checkpoint.contents import Checkpoint, Weights
from nncli.checkpoint.read import read_checkpoint
from nncli.checkpoint.write import checkpoint_bytes
from nncli.data.preprocessing import Preparation
from nncli.data.samples import Samples, Splits
from nncli.engine import train as train_module
from nncli.engine.events import Ended, Event, Measured, Saved, Snapshot
from nncli.engine.plan import make_plan
from nncli.engine.rules import choose_mode
from nncli.engine.runtime import start, tensorflow
from nncli.engine.train import Trainer
from nncli.spec.experiment import Experiment

THREADS = 2
start(THREADS)  # before any test of any folder touches TensorFlow: the number of threads cannot be changed later


@pytest.fixture(scope="session")
def tf() -> Any:
    return tensorflow()


@dataclass(frozen=True)
class Network:
    """A network for tests: its layers, the shape of its samples, and what else of the config it needs."""

    layers: Sequence[Any]
    shape: tuple[int, ...]
    optimizer: Any = "adam"
    training: Mapping[str, Any] = field(default_factory=dict)
    num_samples: int = 22
    vocabulary: int = 0
    """Above 0: inputs are whole numbers below it."""


OUT = {"type": "dense", "units": 3, "activation": "softmax"}
CONV = {"type": "conv2d", "filters": 2, "kernel_size": 3, "activation": "relu"}
POOL = {"type": "max_pooling2d", "pool_size": 2}

NETWORKS = {
    "mlp": Network([{"type": "dense", "units": 5, "activation": "relu"}, OUT], (4,)),
    "mlp_averaged": Network(
        [{"type": "dense", "units": 5}, "batch_normalization", {"type": "dropout", "rate": 0.3}, OUT],
        (4,),
        {"type": "adamw", "learning_rate": 0.01, "use_ema": True, "ema_momentum": 0.8},
    ),
    "cnn": Network([CONV, POOL, "batch_normalization", {"type": "dropout", "rate": 0.3}, "flatten", OUT], (6, 6, 1)),
    "augmented": Network(
        [
            {"type": "random_crop", "height": 4, "width": 4},
            {"type": "random_shear", "x_factor": 0.2},
            {"type": "random_elastic_transform", "value_range": [-3, 3]},
            {"type": "random_color_jitter", "value_range": [-3, 3], "brightness_factor": 0.2, "contrast_factor": 0.2},
            {"type": "random_erasing", "value_range": [-3, 3]},
            "flatten",
            OUT,
        ],
        (6, 6, 1),
    ),
    "recoloured": Network(
        [{"type": "random_brightness", "factor": 0.2, "value_range": [-3, 3]}, "random_invert", "flatten", OUT], (4, 4, 1)
    ),
    "cnn_channels_first": Network(
        [CONV | {"data_format": "channels_first"}, POOL | {"data_format": "channels_first"}, "flatten", OUT], (2, 6, 6)
    ),
    "lstm": Network([{"type": "lstm", "units": 3, "dropout": 0.2, "recurrent_dropout": 0.2}, OUT], (4, 2)),
    "lstm_stateful": Network(
        [{"type": "lstm", "units": 3, "stateful": True, "recurrent_dropout": 0.2}, OUT],
        (4, 2),
        {"type": "sgd", "learning_rate": 0.1, "momentum": 0.9},
        {"order": "sequential"},
        num_samples=20,
    ),
    "embedding": Network(
        [{"type": "embedding", "input_dim": 7, "output_dim": 3, "mask_zero": True}, {"type": "gru", "units": 3}, OUT],
        (4,),
        vocabulary=7,
    ),
    "bidirectional": Network(
        [{"type": "bidirectional", "layer": {"type": "simple_rnn", "units": 2, "recurrent_dropout": 0.2}}, OUT], (4, 2)
    ),
    "time_distributed": Network(
        [
            {"type": "time_distributed", "layer": {"type": "dense", "units": 2, "activation": {"type": "elu", "alpha": 0.5}}},
            "flatten",
            OUT,
        ],
        (4, 2),
    ),
    "composites": Network(
        [
            {
                "type": "residual",
                "layers": [
                    {"type": "simple_rnn", "units": 2, "return_sequences": True, "stateful": True, "recurrent_dropout": 0.2},
                    "batch_normalization",
                ],
            },
            "flatten",
            {"type": "parallel", "branches": [[], [{"type": "dense", "units": 3}, {"type": "dropout", "rate": 0.3}]]},
            {"type": "repeat", "times": 2, "layers": [{"type": "dense", "units": 4, "activation": "tanh"}]},
            OUT,
        ],
        (4, 2),
        {"type": "adam", "use_ema": True},
        {"order": "sequential"},
        num_samples=20,
    ),
    "bfloat16": Network(
        [
            {"type": "dense", "units": 5, "activation": {"type": "leaky_relu", "negative_slope": 0.1}},
            {"type": "dropout", "rate": 0.3},
            OUT,
        ],
        (4,),
        training={"precision": "mixed_bfloat16"},
    ),
}
"""Together they hold everything that can make a run unrepeatable: seeds, moving statistics, states, averages, schedules."""


class Lab:
    """Makes experiments, data and runs of the tiny networks."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._folder, self._patch = folder, patch

    def experiment(self, network: str | Network, **parts: Any) -> Experiment:
        """A config of a network; `training` is merged, every other part replaced."""
        chosen = NETWORKS[network] if isinstance(network, str) else network
        training = {
            "batch_size": 4,
            "threads": THREADS,
            "epochs": 2,
            "evaluate_every": {"epochs": 1},
            **chosen.training,
            **parts.pop("training", {}),
        }
        if training.get("steps") is not None:
            del training["epochs"]
        document = {
            "name": "tiny",
            "seed": 3,
            "dataset": {"type": "inline", "inputs": [0], "targets": [0]},
            "model": {"layers": list(chosen.layers)},
            "optimizer": chosen.optimizer,
            "loss": "sparse_categorical_crossentropy",
            "metrics": ["accuracy"],
            "training": training,
        }
        return Experiment.model_validate(document | parts)

    def splits(self, network: str | Network, *, validation: int = 37, weights: bool = False, one_hot: bool = False) -> Splits:
        """Random samples with three classes that a network can learn a little of."""
        chosen = NETWORKS[network] if isinstance(network, str) else network
        labels, target_shape, dtype = ("one_hot", (3,), "float32") if one_hot else ("index", (), "int32")
        preparation = Preparation("inline", chosen.shape, "float32", chosen.shape, labels, ("0", "1", "2"), target_shape, dtype, ())

        def part(seed: int, count: int) -> Samples:
            generator = np.random.default_rng(seed)
            if chosen.vocabulary:
                inputs = generator.integers(0, chosen.vocabulary, (count, *chosen.shape)).astype(np.int32)
            else:
                inputs = generator.normal(size=(count, *chosen.shape)).astype(np.float32)
            targets = (np.abs(inputs.reshape(count, -1)).sum(1) * 10 % 3).astype(np.int32)
            weight = generator.random(count, np.float32) if weights else None
            return Samples(inputs, np.eye(3, dtype=np.float32)[targets] if one_hot else targets, weight)

        held = part(2, validation) if validation else None
        return Splits(part(1, chosen.num_samples), held, part(3, 40), preparation, "0" * 64)

    def trainer(self, experiment: Experiment, splits: Splits, **named: Any) -> Trainer:
        """A trainer in the mode that the rule gives, or in `mode`."""
        plan = make_plan(experiment, len(splits.train))
        return Trainer(experiment, splits, plan, named.pop("mode", choose_mode(experiment)), **named)

    def call_size(self, num_steps: int) -> None:
        """From now on every call into the loop takes this many steps, the first of a run apart."""
        self._patch.setattr(train_module, "next_size", lambda *_: num_steps)

    def checkpoint(self, snapshot: Snapshot, trainer: Trainer) -> Checkpoint:
        """A snapshot as it comes back from the disk."""
        path = self._folder / "last.h5"
        experiment = trainer.experiment.model_dump(mode="json")
        run = {"threads": THREADS, "mode": "loop", "step": snapshot.step}
        preparation = trainer.splits.preparation.to_json()
        path.write_bytes(
            checkpoint_bytes(Checkpoint(snapshot.weights, experiment, preparation, run, snapshot.state, snapshot.variables))
        )
        return read_checkpoint(path)


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    return Lab(tmp_path, monkeypatch)


@dataclass
class Course:
    """What a run left: all but the time it took."""

    events: list[Event]

    @property
    def ended(self) -> Ended:
        assert isinstance(self.events[-1], Ended)
        return self.events[-1]

    @property
    def last(self) -> Snapshot:
        """The state that was saved last."""
        return [event for event in self.events if isinstance(event, Saved)][-1].last

    @property
    def best(self) -> Weights:
        return self.ended.best

    @property
    def measured(self) -> list[Measured]:
        return [replace(event, seconds=0.0) for event in self.events if isinstance(event, Measured)]

    def bits(self) -> dict[str, Any]:
        """Everything that has to be equal in two equal runs, the events apart."""
        state = {**(self.last.state or {}), "seconds": 0.0}
        variables = {
            f"variables of {group}": [f"{path} {array.dtype} {array.shape} {array.tobytes().hex()}" for path, array in arrays]
            for group, arrays in self.last.variables.items()
        }
        return {
            "weights": self.last.weights.digest(),
            "best": self.best.digest(),
            "architecture": self.last.weights.architecture,
            "state": json.dumps(state, sort_keys=True),
            "reason": self.ended.reason,
            **variables,
        }


Run = Callable[..., Course]


def run_to_end(trainer: Trainer, best: Weights | None = None) -> Course:
    return Course(list(trainer.run(best)))


@pytest.fixture
def run() -> Run:
    """`run(trainer)` is the course of its run."""
    return run_to_end


@pytest.fixture
def interrupted(lab: Lab) -> Callable[..., Iterator[Course]]:
    """`interrupted(experiment, splits, cuts, sizes)`: a run that is stopped at each step of `cuts` and then resumed."""

    def courses(
        experiment: Experiment, splits: Splits, cuts: Sequence[int], sizes: Sequence[int] = (1,), **named: Any
    ) -> Iterator[Course]:
        resume: Checkpoint | None = None
        best: Weights | None = None
        for number, cut in enumerate([*cuts, 10**9]):
            lab.call_size(sizes[number % len(sizes)])
            trainer: Trainer
            trainer = lab.trainer(experiment, splits, resume=resume, should_stop=lambda: trainer.state.step >= cut, **named)  # noqa: B023
            course = run_to_end(trainer, best)
            yield course
            if course.ended.reason != "interrupted":
                return
            resume = lab.checkpoint(course.last, trainer)
            best = course.best if trainer.state.best_step is not None else None

    return courses


@pytest.fixture
def network_of() -> type[Network]:
    """`network_of(layers, shape)`: a network of one's own."""
    return Network

"""Runs that are killed, stopped, and refused their disk; and the runs that they have to equal."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from nncli.checkpoint.read import read_checkpoint

WATCHED: Final = {
    "batch_size": 16,
    "evaluate_every": {"steps": 25},
    "log_every": {"steps": 10},
    "checkpoint_every": {"steps": 15},
    "early_stopping": {"monitor": "val_loss", "patience": 9},
    "best": {"monitor": "val_accuracy"},
    "figures": False,
}
PLATEAU: Final = {"reduce_lr_on_plateau": {"monitor": "val_loss", "patience": 1, "factor": 0.7, "min_delta": 0.01}}
DECAY: Final = {"type": "cosine_decay", "initial_learning_rate": 0.01, "decay_steps": 150}
IMAGES: Final = [{"type": "random_translation", "height_factor": 0.1, "width_factor": 0.1}, "random_flip"]
OUT: Final = {"type": "dense", "units": 3, "activation": "softmax"}

NETWORKS: Final[dict[str, dict[str, Any]]] = {
    "averaged": {
        "shape": (6,),
        "layers": [{"type": "dense", "units": 8}, "batch_normalization", "relu", {"type": "dropout", "rate": 0.3}, OUT],
        "optimizer": {"type": "adam", "learning_rate": 0.01, "use_ema": True, "ema_momentum": 0.9},
        "training": PLATEAU,
    },
    "images": {
        "shape": (6, 6, 1),
        "layers": [*IMAGES, {"type": "conv2d", "filters": 3, "kernel_size": 3}, "batch_normalization", "relu", "flatten", OUT],
        "optimizer": {"type": "sgd", "learning_rate": DECAY, "momentum": 0.9, "nesterov": True},
        "training": {},
    },
    "recurrent": {
        "shape": (5, 2),
        "layers": [{"type": "lstm", "units": 4, "dropout": 0.2, "recurrent_dropout": 0.2, "stateful": True}, OUT],
        "optimizer": {"type": "adamw", "learning_rate": 0.02, "use_ema": True, "ema_overwrite_frequency": 20},
        "training": {**PLATEAU, "order": "sequential"},
    },
    "accumulated": {
        "shape": (6,),
        "layers": [{"type": "gaussian_noise", "stddev": 0.1}, {"type": "dense", "units": 8, "activation": "tanh"}, OUT],
        "optimizer": {"type": "rmsprop", "learning_rate": 0.005, "gradient_accumulation_steps": 3},
        "training": {"order": "with_replacement"},
    },
    "unvalidated": {
        "shape": (6,),
        "layers": [{"type": "dense", "units": 8, "activation": "relu"}, {"type": "dropout", "rate": 0.2}, OUT],
        "optimizer": {"type": "nadam", "learning_rate": 0.01},
        "training": {"best": {}, "early_stopping": None, "figures": True},
        "validation": 0.0,
    },
}
"""Together they hold all that can make a run unrepeatable."""
SMALL: Final[dict[str, Any]] = {
    "shape": (6,),
    "layers": [OUT],
    "optimizer": {"type": "adam", "learning_rate": 0.01, "use_ema": True, "ema_momentum": 0.9},
    "training": {"threads": 2},  # as the other tests that train in the test process
}
"""A network that is compiled in no time, for what does not depend on it."""


@dataclass(frozen=True)
class Course:
    """A config, and its run that nothing disturbed.

    Attributes:
        config: the file.
        run: the run folder.
        startup: seconds until the folder was there.
        seconds: from then until the process had ended.
    """

    config: Path
    run: Path
    startup: float
    seconds: float


def write_config(folder: Path, name: str, steps: int = 160) -> Path:
    """Write data that a network can learn a little of, and the config of one of `NETWORKS`, or of `SMALL`."""
    network = {**NETWORKS, "small": SMALL}[name]
    generator = np.random.default_rng(7)
    inputs = generator.normal(size=(180, *network["shape"])).astype(np.float32)
    targets = (np.abs(inputs.reshape(180, -1)).sum(1) * 3 % 3).astype(np.int64)
    np.savez(folder / f"{name}.npz", x=inputs, y=targets)
    document = {
        "name": name,
        "seed": 5,
        "dataset": {"type": "npz", "path": f"{name}.npz", "validation": network.get("validation", 0.2), "labels": "index"},
        "model": {"layers": network["layers"]},
        "optimizer": network["optimizer"],
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
        "training": {**WATCHED, "steps": steps, **network["training"]},
    }
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(document, indent=1))
    return path


def bits(run_dir: Path) -> dict[str, Any]:
    """Everything of a run that has to be equal in two equal runs: all but the time it took and the place where it lies."""
    found: dict[str, Any] = {}
    for name in ("best", "last"):
        checkpoint = read_checkpoint(run_dir / "checkpoints" / f"{name}.h5")
        found[name] = checkpoint.weights.digest()
        found[f"{name}: state"] = {**(checkpoint.state or {}), "seconds": 0.0}
        found[f"{name}: step"] = checkpoint.run["step"]
        for group, arrays in checkpoint.variables.items():
            found[f"{name}: {group}"] = [(path, array.dtype.str, array.shape, array.tobytes()) for path, array in arrays]
    lines = (run_dir / "metrics.jsonl").read_text().splitlines()
    found["history"] = [{**json.loads(line), "seconds": 0.0} for line in lines]
    report = json.loads((run_dir / "report.json").read_text())
    timed = ("seconds", "samples_per_second", "run_dir", "checkpoint", "best_checkpoint")
    found["report"] = {key: value for key, value in report.items() if key not in timed}
    found["config"] = (run_dir / "config.yaml").read_text()
    found["pictures"] = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(run_dir.glob("figures/*"))}
    return found


def assert_same(run_dir: Path, course: Course) -> None:
    """Check that a run has all the bits of the one that nothing disturbed."""
    own, expected = bits(run_dir), bits(course.run)
    assert list(own) == list(expected)
    for part, value in expected.items():
        assert own[part] == value, part

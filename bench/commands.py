"""How long commands take that nobody should have to wait for, and the time until the first step."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.measure import seconds_to_line, wall

Pair = tuple[float, float]


def help_pair(folder: Path) -> Pair:
    """`nncli --help` and the imports that it cannot do without."""
    return wall("-m", "nncli", "--help"), wall("-c", "import typer, rich")


def check_pair(folder: Path) -> Pair:
    """`nncli check` of 60 layers, and the import of the framework that other tools need for it."""
    return wall("-m", "nncli", "check", str(deep_config(folder))), wall("-c", "import tensorflow")


def first_step_pair(config: str) -> Callable[[Path], Pair]:
    """A pair of functions' times: from the command to the end of the first step, and the import of TensorFlow."""

    def pair(folder: Path) -> Pair:
        out = folder / f"first{len(list(folder.iterdir()))}"
        overrides = ("training.steps=2", "training.log_every={steps: 1}", "expect=[]", "training.figures=false")
        command = [sys.executable, "-m", "nncli", "train", f"configs/{config}.yaml", "--out", str(out)]
        command += [part for override in overrides for part in ("--set", override)]
        return seconds_to_line(command, "step 1/"), wall("-c", "import tensorflow")

    return pair


def deep_config(folder: Path) -> Path:
    """A config of 60 layers of six kinds."""
    kinds = (
        "{type: conv2d, filters: 8, kernel_size: 3, padding: same, activation: relu}",
        "batch_normalization",
        "{type: max_pooling2d, pool_size: 1}",
        "{type: dropout, rate: 0.1}",
        "{type: conv2d, filters: 8, kernel_size: 3, padding: same, kernel_regularizer: {type: l2, l2: 0.01}}",
        "{type: activation, activation: relu}",
    )
    layers = [*(kinds[number % len(kinds)] for number in range(58)), "flatten", "{type: dense, units: 10, activation: softmax}"]
    head = "name: deep\ndataset: {type: mnist_5k, validation: 0.1}\noptimizer: adam\nloss: sparse_categorical_crossentropy\n"
    path = folder / "deep.yaml"
    path.write_text(f"{head}metrics: [accuracy]\nmodel:\n  layers:\n" + "".join(f"    - {layer}\n" for layer in layers))
    return path


COMMANDS: dict[str, tuple[str, Callable[[Path], Pair], str, tuple[tuple[str, float], ...]]] = {
    "help": ("nncli --help", help_pair, "import typer, rich", (("s", 0.15),)),
    "check": ("nncli check, 60 layers", check_pair, "import tensorflow", (("s", 0.35), ("ratio", 0.25))),
    "first_dense": ("first step of mlp_mnist", first_step_pair("mlp_mnist"), "import tensorflow", (("s beyond it", 1.5),)),
    "first_convolution": ("first step of cnn_mnist", first_step_pair("cnn_mnist"), "import tensorflow", (("s beyond it", 1.5),)),
    "first_recurrent": ("first step of lstm_mnist", first_step_pair("lstm_mnist"), "import tensorflow", (("s beyond it", 3.0),)),
}
"""Title, what is measured, against what, and what is asked: seconds, their ratio, or seconds beyond the other's."""


def figures(name: str, pairs: list[Pair]) -> dict[str, Any]:
    """The figures of a command, in the form of a workload's."""
    title, _, against, asked = COMMANDS[name]
    found = {
        "s": median(own for own, _ in pairs),
        "ratio": median(own / other for own, other in pairs),
        "s beyond it": median(own - other for own, other in pairs),
    }
    other = median(other for _, other in pairs)
    return {
        "title": title,
        "rounds": len(pairs),
        "contenders": {},
        "asked": [
            {"what": "nncli", "measure": kind, "against": f"{against} ({other:.2f} s)", "ratio": found[kind], "most": most}
            for kind, most in asked
        ],
        "same_bits": None,
        "failures": {},
    }

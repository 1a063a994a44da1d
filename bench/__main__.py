"""`python -m bench`: runs both sides in turn, in processes of their own, and prints medians and the median of the pairs' ratios."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Run:
    """What one process took.

    Attributes:
        wall: seconds from start to end.
        training: seconds of training, as the process itself reports them.
        peak: largest resident memory, MiB.
    """

    wall: float
    training: float
    peak: float


def run(command: list[str], seconds: Any) -> Run:
    """Run a command to its end.

    Args:
        command: what to run.
        seconds: takes the JSON document on its standard output and gives the seconds of training.
    """
    with tempfile.TemporaryFile() as out:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        if process.returncode:
            sys.exit(f"{' '.join(command)} ended with {process.returncode}: {out.read().decode()}")
        return Run(wall, seconds(json.loads(out.read())), usage.ru_maxrss / 1024)


def train_pair(folder: Path, number: int, epochs: int) -> tuple[Run, Run]:
    """`nncli train` and the plain Keras script, the same network, data, steps, evaluations and files."""
    out, overrides = folder / f"run{number}", [f"training.steps={57 * epochs}", "expect=[]"]
    command = [sys.executable, "-m", "nncli", "train", "configs/cnn_mnist.yaml", "--json", "--out", str(out)]
    ours = run([*command, *(part for override in overrides for part in ("--set", override))], lambda got: got["report"]["seconds"])
    theirs = run([sys.executable, "-m", "bench.keras_cnn", str(epochs), str(folder)], lambda got: got["seconds"])
    return ours, theirs


def xor_pair() -> tuple[Run, Run]:
    """`nncli train` on XOR, from the first step to the last, and the same 60,000 steps in NumPy."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "nncli", "train", "configs/xor.yaml", "--json", "--out", f"{folder}/run"]
        ours = run(command, lambda got: seconds_of_steps(Path(got["report"]["run_dir"])))
    return ours, run([sys.executable, "-m", "bench.numpy_xor"], lambda got: got["seconds"])


def seconds_of_steps(run_dir: Path) -> float:
    """Seconds of all steps without building and compiling, from the log: between its first line and its last, and for the steps
    before the first line as many as each of the others took.
    """
    records = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text().splitlines()]
    first, last = records[0], records[-1]
    return float(last["seconds"] - first["seconds"]) * last["step"] / (last["step"] - first["step"])


def wall(*arguments: str) -> float:
    """Seconds of a whole Python process."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    return time.perf_counter() - began


def help_pair() -> tuple[float, float]:
    """`nncli --help` and the imports that it cannot do without."""
    return wall("-m", "nncli", "--help"), wall("-c", "import typer, rich")


def check_pair(config: Path) -> tuple[float, float]:
    """`nncli check` and the import of the framework that other tools need for it."""
    return wall("-m", "nncli", "check", str(config)), wall("-c", "import tensorflow")


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


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--pairs", type=int, default=3, help="how often each side runs (default: 3)")
    parser.add_argument("--epochs", type=int, default=4, help="epochs of cnn_mnist, 57 steps each (default: 4)")
    arguments = parser.parse_args()
    table = Table("work", "nncli", "against", "ratio", "asked", title=f"medians of {arguments.pairs} pairs, in turn")
    with tempfile.TemporaryDirectory() as folder:
        pairs = [train_pair(Path(folder), number, arguments.epochs) for number in range(arguments.pairs)]
    rows = [
        ("cnn_mnist: training", "training", "Keras fit", "1.30", "s"),
        ("cnn_mnist: whole process", "wall", "Keras script", "", "s"),
        ("cnn_mnist: peak memory", "peak", "Keras script", "", "MiB"),
    ]
    for work, field, against, asked, unit in rows:
        add_row(table, work, [(getattr(a, field), getattr(b, field)) for a, b in pairs], against, asked, unit)
    xor = [xor_pair() for _ in range(arguments.pairs)]
    add_row(table, "xor: 60,000 steps", [(a.training, b.training) for a, b in xor], "NumPy loop", "1.00", "s")
    helps = [help_pair() for _ in range(4 * arguments.pairs)]
    add_row(table, "nncli --help (0.15 s)", helps, "import typer, rich", "3.00", "s")
    with tempfile.TemporaryDirectory() as folder:
        config = deep_config(Path(folder))
        checks = [check_pair(config) for _ in range(2 * arguments.pairs)]
    add_row(table, "nncli check, 60 layers (0.35 s)", checks, "import tensorflow", "0.25", "s")
    Console().print(table)


def add_row(table: Table, work: str, pairs: list[tuple[float, float]], against: str, asked: str, unit: str) -> None:
    """Add medians and the median of the pairs' ratios."""
    ours, theirs = median(a for a, _ in pairs), median(b for _, b in pairs)
    table.add_row(work, f"{ours:.4g} {unit}", f"{theirs:.4g} {unit} ({against})", f"{median(a / b for a, b in pairs):.2f}", asked)


main()

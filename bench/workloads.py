"""What is measured: workloads, and who does each of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bench.contenders import KERAS, TORCH, Contender, by_hand, lightning, nncli, script
from bench.digits import write_repeated
from bench.measure import run

Measure = Literal["step", "training", "wall", "peak"]
MEASURES: dict[Measure, str] = {
    "step": "ms a step",
    "training": "s, compilation included",
    "wall": "s, whole process",
    "peak": "MiB at most",
}


@dataclass(frozen=True)
class Asked:
    """What nncli is held to.

    Attributes:
        measure: what is compared.
        contender: whose figure is compared, the first's or a variant's of it.
        against: with whose; None: with nobody's.
        most: the largest ratio, or the largest figure.
    """

    measure: Measure
    contender: str
    against: str | None
    most: float


@dataclass(frozen=True)
class Workload:
    """The same work, done by several.

    Attributes:
        title: what the work is.
        batch_size: samples a step.
        contenders: nncli first.
        asked: what nncli is held to.
    """

    title: str
    batch_size: int
    contenders: tuple[Contender, ...]
    asked: tuple[Asked, ...] = field(default=())


def steps(epochs: int) -> tuple[str, ...]:
    """Overrides with which nothing but steps happens, and each epoch is an interval."""
    every = ("training.log_every={epochs: 1}", "training.evaluate_every={epochs: 1}")
    return (*every, "dataset.validation=0", f"training.epochs={epochs}")


def recurrent(config: str, network: str, against_torch: float) -> Workload:
    """A recurrent network that reads the rows of digits."""
    asked = (Asked("step", "nncli", KERAS, 0.5), Asked("step", "nncli", TORCH, against_torch))
    contenders = (nncli(config, *steps(12)), *by_hand(network, 50, 12, compiled=False))
    return Workload(f"{config}: 50 units over 28 rows", 50, contenders, asked)


def repeated(num_samples: int, epochs: int) -> Workload:
    """The dense network on the shipped digits, repeated."""

    def data(folder: Path) -> Path:
        return write_repeated(folder, num_samples)

    every = ("training.log_every={steps: 78}", "training.evaluate_every={epochs: 1}")
    ours = nncli("mlp_mnist", *every, "training.batch_size=64", f"training.epochs={epochs}", data=data)
    theirs = script(KERAS, "keras_script", "mlp", "--batch-size", "64", "--epochs", str(epochs), data=data)
    asked = (Asked("peak", "nncli", KERAS, 0.8),) if num_samples == 60_000 else ()
    return Workload(f"mlp_mnist, {num_samples:,} digits, batches of 64", 64, (ours, theirs), asked)


def sized(units: int) -> Workload:
    """The dense network with more units."""
    ours = nncli("mlp_mnist", *steps(8), f"model.layers.0.units={units}")
    return Workload(f"mlp_mnist, {units:,} hidden units", 32, (ours, *by_hand("mlp", 32, 8, "--units", str(units), compiled=False)))


def streamed() -> Workload:
    """600,000 digits that do not fit into the memory they are given, and the same digits in memory."""

    def data(folder: Path) -> Path:
        return write_repeated(folder, 600_000)

    every = (
        "training.log_every={steps: 937}",
        "training.evaluate_every={epochs: 1}",
        "training.batch_size=64",
        "training.epochs=1",
    )
    ours = nncli("mlp_mnist", *every, "training.data_memory=100", name="nncli, data_memory: 100", data=data)
    resident = nncli("mlp_mnist", *every, name="nncli, resident", data=data)
    title = "mlp_mnist, 600,000 digits read from the disk"
    return Workload(title, 64, (ours, resident), (Asked("training", ours.name, resident.name, 1.25),))


def whole() -> Workload:
    """The main job from the command to its end, and the same in half the bits."""
    half = nncli("cnn_mnist", "training.precision=mixed_bfloat16", name="nncli, mixed_bfloat16")
    arguments = ("cnn", "--batch-size", "64", "--epochs", "16", "--last-steps", "26", "--validation", "0.1")
    theirs = script(KERAS, "keras_script", *arguments)
    asked = (Asked("wall", "nncli", KERAS, 0.9), Asked("step", half.name, KERAS, 0.45))
    return Workload("cnn_mnist as it ships: 938 steps, evaluated, saved", 64, (nncli("cnn_mnist"), half, theirs), asked)


def xor() -> Workload:
    """60,000 steps of a network of 16 weights."""
    numpy = Contender("NumPy loop", lambda seed, folder: run([sys.executable, "-m", "bench.numpy_xor"]))
    return Workload("xor: 60,000 steps", 4, (nncli("xor"), numpy), (Asked("training", "nncli", numpy.name, 0.6),))


WORKLOADS: Mapping[str, Workload] = {
    "cnn": Workload(
        "cnn_mnist: the steps alone",
        64,
        (nncli("cnn_mnist", *steps(5)), *by_hand("cnn", 64, 5), *lightning("cnn", 64, 5)),
        (Asked("step", "nncli", KERAS, 0.8), Asked("step", "nncli", TORCH, 0.85)),
    ),
    "whole": whole(),
    "mlp": Workload(
        "mlp_mnist: 32 hidden units",
        32,
        (nncli("mlp_mnist", *steps(8)), *by_hand("mlp", 32, 8), *lightning("mlp", 32, 8)),
        (Asked("step", "nncli", KERAS, 0.15),),
    ),
    "xor": xor(),
    "simple_rnn": recurrent("rnn_mnist", "simple_rnn", 0.8),
    "gru": recurrent("gru_mnist", "gru", 0.8),
    "lstm": recurrent("lstm_mnist", "lstm", 1.0),
    "sine": Workload(
        "lstm_sine: 501 steps, the state is kept",
        50,
        (nncli("lstm_sine", "training.log_every={steps: 50}"), *by_hand("sine", 50, 1, compiled=False)),
    ),
    **{f"digits_{size}": repeated(size, epochs) for size, epochs in ((5000, 8), (60_000, 2), (600_000, 1))},
    **{f"units_{units}": sized(units) for units in (32, 256, 2048)},
    "streamed": streamed(),
}

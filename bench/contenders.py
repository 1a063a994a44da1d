"""Who does the work: `nncli train`, and what one would write by hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from bench.measure import Run, run

_numbers = count()


@dataclass(frozen=True)
class Contender:
    """One way to do the work of a workload.

    Attributes:
        name: what it is called.
        run: does it once, given a seed and a folder for its files.
    """

    name: str
    run: Callable[[int, Path], Run]


def nncli(
    config: str | Callable[[Path], Path], *overrides: str, name: str = "nncli", data: Callable[[Path], Path] | None = None
) -> Contender:
    """`nncli train`.

    Args:
        config: the name of one that ships, or what writes one.
        overrides: `--set` arguments.
        name: what the contender is called.
        data: writes the digits to train on, where these are not the config's own.
    """

    def work(seed: int, folder: Path) -> Run:
        out = folder / f"run{next(_numbers)}"
        changed = [*overrides, f"seed={seed}", "expect=[]", "training.figures=false"]
        if data is not None:
            path = json.dumps(str(data(folder)))
            changed.append(
                f"dataset={{type: npz, path: {path}, labels: one_hot, preprocess: [{{type: rescale, to: [0, 1]}}, flatten]}}"
            )
        file = f"configs/{config}.yaml" if isinstance(config, str) else str(config(folder))
        command = [sys.executable, "-m", "nncli", "train", file, "--json", "--out", str(out)]
        done = run([*command, *(part for override in changed for part in ("--set", override))])
        report = done.told["report"]
        records = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
        marks = [(record["step"], record["seconds"]) for record in records]
        accuracy = (report["metrics"]["test"] or {}).get("accuracy")
        return replace(done, told={"marks": marks, "accuracy": accuracy, "digest": report["weights_digest"]})

    return Contender(name, work)


def script(name: str, module: str, *arguments: str, data: Callable[[Path], Path] | None = None) -> Contender:
    """A script that one would write by hand.

    Args:
        name: what the contender is called.
        module: in `bench`.
        arguments: for it; `--seed` and, for Keras, `--folder` are added.
        data: writes the digits to train on, where these are not the shipped ones.
    """

    def work(seed: int, folder: Path) -> Run:
        command = [sys.executable, "-W", "ignore", "-m", f"bench.{module}", *arguments, "--seed", str(seed)]
        if module == "keras_script":
            command += ["--folder", str(folder)]
        return run([*command, *([] if data is None else ["--data", str(data(folder))])])

    return Contender(name, work)


KERAS, KERAS_BEST, TORCH, COMPILED = "Keras script", "Keras, best settings", "PyTorch", "PyTorch, compiled"


def by_hand(network: str, batch_size: int, epochs: int, *more: str, compiled: bool = True) -> tuple[Contender, ...]:
    """The scripts of a network, those of PyTorch where it is installed."""
    common = (network, "--batch-size", str(batch_size), "--epochs", str(epochs), *more)
    keras = (script(KERAS, "keras_script", *common), script(KERAS_BEST, "keras_script", *common, "--best"))
    if find_spec("torch") is None:
        return keras
    torch = script(TORCH, "torch_script", *common)
    return (*keras, torch, *([script(COMPILED, "torch_script", *common, "--compiled")] if compiled else []))


def lightning(network: str, batch_size: int, epochs: int) -> tuple[Contender, ...]:
    """Lightning's command line, where it is installed."""
    if find_spec("lightning") is None:
        return ()
    trainer = {
        **{"max_epochs": str(epochs), "logger": "false", "accelerator": "cpu"},
        **dict.fromkeys(("enable_checkpointing", "enable_progress_bar", "enable_model_summary"), "false"),
    }
    arguments = [
        f"--model.network={network}",
        f"--data.batch_size={batch_size}",
        *(f"--trainer.{k}={v}" for k, v in trainer.items()),
    ]

    def work(seed: int, folder: Path) -> Run:
        command = [sys.executable, "-W", "ignore", "-m", "bench.lightning_script", "fit", *arguments]
        return run([*command, f"--seed_everything={seed}", f"--trainer.default_root_dir={folder}"])

    return (Contender("Lightning's CLI", work),)

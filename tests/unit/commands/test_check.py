"""`nncli check` of folders and of what is no plain file."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nncli.commands.check import check
from nncli.commands.configs import load_experiment, load_network
from nncli.problems import NncliError

VALID = "name: a\ndataset: mnist_5k\nmodel: {layers: [flatten, {type: dense, units: 10, activation: softmax}]}\n" + (
    "optimizer: adam\nloss: sparse_categorical_crossentropy\n"
)


def test_a_folder_is_searched_for_configs_that_people_keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.yaml", "b/c.yml", ".git/x.yaml", "b/.venv/y.yaml", "runs/a/001/config.yaml", "folder.yaml/d.yaml", "e.txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(VALID)
    Path("runs/a/001/manifest.json").write_text("{}")
    Path("runs/a/001/checkpoints").mkdir()
    os.mkfifo("pipe.yaml")
    report = check(["."])
    assert [entry["file"] for entry in report.files] == ["a.yaml", "b/c.yml", "folder.yaml/d.yaml"]
    assert report.problems == ()
    assert [entry["file"] for entry in check(["runs/a/001"]).files] == ["runs/a/001/config.yaml"], "a run that is named is meant"


@pytest.mark.parametrize("load", [load_experiment, load_network])
def test_every_command_tells_of_a_config_what_check_does(load: Callable[..., Any], tmp_path: Path) -> None:
    config = tmp_path / "wrong.yaml"
    config.write_text(
        "name: a\ndataset: mnist_5k\nmodel:\n  layers:\n    - {type: dens, units: 3}\n"
        "    - {type: conv2d, filters: 1, kernel_size: 50}\n"
        "optimizer: {type: adam, learning_rte: 1}\nloss: sparse_categorical_crossentropy\ntraining: {steps: 1, epochs: 1}\n"
    )
    problems = check([config]).problems
    assert {problem.code for problem in problems} == {"NN201", "NN205", "NN206", "NN302", "NN401"}
    with pytest.raises(NncliError) as caught:
        load(config)
    assert caught.value.problems == problems


def test_a_pipe_without_a_writer_is_empty(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (problem,) = check([tmp_path / "pipe"]).problems
    assert (problem.code, problem.message) == ("NN203", "the config is empty")


def test_a_pipe_with_a_writer_is_read(capfd: pytest.CaptureFixture[str]) -> None:
    reading, writing = os.pipe()  # as a shell's `<(...)` makes it
    with subprocess.Popen([sys.executable, "-m", "nncli", "check", f"/dev/fd/{reading}"], pass_fds=[reading]) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)  # it waits for what is still to come
        os.write(writing, VALID.encode())
        os.close(writing)
    os.close(reading)
    assert process.returncode == 0
    assert capfd.readouterr().out == f"/dev/fd/{reading}: ok\n"

"""`nncli check` of folders and of what is no plain file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nncli.commands.check import check

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

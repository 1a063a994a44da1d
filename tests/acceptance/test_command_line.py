"""The contract of the command line: streams, exit codes, one JSON document, quick and quiet start."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


def modules_after(*arguments: str) -> set[str]:
    """Names of all modules that a command has imported when it ends."""
    script = (
        "import atexit, sys\n"
        "atexit.register(lambda: print('\\n'.join(sys.modules), file=sys.stderr))\n"
        f"sys.argv = ['nncli', *{list(arguments)!r}]\n"
        "from nncli.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stderr.splitlines())


@pytest.mark.parametrize("arguments", [("--help",), ("train", "--help"), ("--version",)])
def test_help_imports_no_framework(arguments: tuple[str, ...]) -> None:
    modules = modules_after(*arguments)
    assert "typer" in modules
    assert not {"tensorflow", "keras", "numpy", "h5py", "nncli.spec"} & modules


def test_the_first_help_does_not_even_import_pydantic() -> None:
    assert "pydantic" not in modules_after("--help")  # Typer itself imports it as soon as a command has parameters


def test_check_imports_no_tensorflow() -> None:
    modules = modules_after("check", "configs")
    assert "nncli.spec.experiment" in modules
    assert not {"tensorflow", "keras", "pandas", "sklearn", "matplotlib"} & modules


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "conv2d"),
        ("schema",),
        ("show-config", "configs/xor.yaml"),
        ("summary", "configs/cnn_mnist.yaml"),
    ],
    ids=" ".join,
)
def test_what_tells_of_the_language_imports_no_tensorflow(arguments: tuple[str, ...]) -> None:
    modules = modules_after(*arguments)
    assert "nncli.spec" in modules
    assert not {"tensorflow", "keras", "pandas", "sklearn", "matplotlib"} & modules


BAD_INVOCATIONS = [
    (["train"], "NN606", 2),
    (["train", "nowhere.yaml"], "NN107", 2),
    (["train", "a.yaml", "--resume", "run"], "NN606", 2),
    (["train", "--resume", "nowhere"], "NN603", 3),
    (["train", "--resume", "."], "NN603", 3),
    (["train", "--no-such-option"], "NN606", 2),
    (["no-such-command"], "NN606", 2),
    (["eval"], "NN606", 2),
    (["eval", "nowhere.h5"], "NN603", 3),
    (["eval", "empty.h5"], "NN603", 3),
    (["eval", "text.h5"], "NN603", 3),
    (["eval", "."], "NN603", 3),
    (["eval", "nowhere.h5", "--checkpoint", "worst"], "NN606", 2),
    (["eval", "nowhere.h5", "--split", "all"], "NN606", 2),
    (["predict", "text.h5", "x.npy"], "NN603", 3),
    (["predict", "text.h5", "x.npy", "-o", "x.xlsx"], "NN606", 2),
    (["predict", "text.h5", "x.npy", "-o", "text.h5", "--format", "csv"], "NN601", 2),
    (["predict", "text.h5", "x.npy", "-o", "nowhere/x.csv"], "NN604", 3),
    (["predict", "text.h5", "x.npy", "--format", "npy"], "NN606", 2),
    (["init", "--from-h5", "nowhere.h5"], "NN603", 3),
    (["init", "--from-h5", "text.h5"], "NN603", 3),
    (["init", "xor", "--from-h5", "text.h5"], "NN606", 2),
    (["init", "--list", "--from-h5", "text.h5"], "NN606", 2),
    (["export", "text.h5"], "NN603", 3),
    (["explain", "cov2d"], "NN606", 2),
    (["schema", "-o", "text.h5"], "NN601", 2),
    (["show-config", "nowhere.yaml"], "NN107", 2),
    (["export", "text.h5", "--format", "onnx"], "NN606", 2),
]


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"), BAD_INVOCATIONS, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_bad_invocations_are_problems(arguments: list[str], code: str, exit_code: int, nncli: Any, tmp_path: Path) -> None:
    (tmp_path / "empty.h5").touch()
    (tmp_path / "text.h5").write_text("no HDF5 at all")
    before = sorted(tmp_path.rglob("*"))
    plain = nncli(*arguments, cwd=tmp_path)
    assert plain.returncode == exit_code, plain.stderr
    assert plain.stderr.startswith(f"error[{code}]: ")
    assert "Traceback" not in plain.stderr
    assert plain.stdout == ""
    as_json = nncli(*arguments, "--json", cwd=tmp_path)
    document = json.loads(as_json.stdout)
    assert as_json.returncode == exit_code
    assert (document["status"], document["report"]) == ("failed", None)
    assert [problem["code"] for problem in document["problems"]] == [code]
    assert sorted(tmp_path.rglob("*")) == before


def test_check_says_everything_at_once(nncli: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: bad\noptimiser: adam\n")
    done = nncli("check", "bad.yaml", "nowhere.yaml", ROOT / "configs", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout.splitlines()[:2] == ["bad.yaml: 4 errors", "nowhere.yaml: 1 error"]
    assert done.stderr.count("error[NN202]") == 3  # the optimizer is there, under a name not quite right
    assert done.stderr.count("error[NN201]") == done.stderr.count("error[NN107]") == 1
    document = json.loads(nncli("check", "bad.yaml", "--json", cwd=tmp_path).stdout)
    assert (document["status"], document["report"], len(document["problems"])) == ("failed", None, 4)


LOOKUP = """\
name: lookup
dataset: {type: npz, path: numbers.npz, labels: index}
model: {layers: [{type: embedding, input_dim: 5, output_dim: 2}, flatten, {type: dense, units: 2, activation: softmax}]}
optimizer: sgd
loss: sparse_categorical_crossentropy
"""


@pytest.mark.parametrize("number", ["5", "-1", "0.5"])
def test_numbers_that_an_embedding_has_no_row_for(number: str, nncli: Any, tmp_path: Path) -> None:
    inputs = np.array([[0, 1], [2, float(number)]])
    np.savez(tmp_path / "numbers.npz", x=inputs if "." in number else inputs.astype(int), y=[0, 1])
    (tmp_path / "lookup.yaml").write_text(LOOKUP)
    done = nncli("train", "lookup.yaml", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr.startswith(f"error[NN502]: the training part holds {number} at [1, 1], the network looks up whole numbers")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lookup.yaml", "numbers.npz"]


def test_an_existing_run_folder_is_refused_before_anything_is_done(nncli: Any, xor_config: Path, xor_run: Path) -> None:
    before = {path: path.read_bytes() for path in xor_run.rglob("*") if path.is_file()}
    done = nncli("train", xor_config, "--out", xor_run)
    assert done.returncode == 2
    assert done.stderr.startswith("error[NN601]")
    assert f"--resume {xor_run}" in done.stderr
    assert {path: path.read_bytes() for path in xor_run.rglob("*") if path.is_file()} == before


def test_a_finished_run_is_not_resumed(nncli: Any, xor_run: Path) -> None:
    done = nncli("train", "--resume", xor_run)
    assert (done.returncode, done.stderr.partition(":")[0]) == (2, "error[NN602]")


@pytest.fixture(scope="module")
def outcomes(one_process: Any, xor_config: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What some trainings came to, one after the other."""
    changes = ["optimizer.learning_rate=1e30", "model.layers.0.activation=relu", "model.layers.1.activation=linear"]
    diverging = [part for change in changes for part in ("--set", change)]
    commands = {
        "numbered": ["train", xor_config, "--json", "--quiet"],
        "numbered again": ["train", xor_config, "--json", "--quiet"],
        "diverging": ["train", xor_config, *diverging, "--json", "--out", "diverged"],
        "best": ["eval", "diverged", "--checkpoint", "best", "--json"],
        "last": ["eval", "diverged", "--checkpoint", "last", "--json"],
        "unexpected": ["train", xor_config, "--set", "expect=[loss <= 1e-9]", "--json", "--out", "unexpected"],
    }
    cwd = tmp_path_factory.mktemp("outcomes")
    return dict(zip(commands, one_process(list(commands.values()), cwd=cwd)(), strict=True))


def test_numbered_run_folders(outcomes: dict[str, Any]) -> None:
    done = [outcomes[name] for name in ("numbered", "numbered again")]
    assert [json.loads(each.stdout)["report"]["run_dir"] for each in done] == ["runs/xor/001", "runs/xor/002"]
    assert [each.stderr for each in done] == ["", ""]


def test_divergence_keeps_the_last_good_checkpoint(outcomes: dict[str, Any]) -> None:
    training, document = outcomes["diverging"], json.loads(outcomes["diverging"].stdout)
    assert (training.returncode, document["status"], document["report"]["outcome"]) == (5, "failed", "diverged")
    assert [problem["code"] for problem in document["problems"]] == ["NN801"]
    assert document["report"]["metrics"] == {"train": None, "validation": None, "test": None}
    for name in ("best", "last"):
        assert outcomes[name].returncode == 0, outcomes[name].stderr
        assert np.isfinite(json.loads(outcomes[name].stdout)["report"]["metrics"]["loss"])


def test_an_expectation_that_fails(outcomes: dict[str, Any]) -> None:
    done, document = outcomes["unexpected"], json.loads(outcomes["unexpected"].stdout)
    assert (done.returncode, document["status"]) == (4, "failed")
    assert document["report"]["outcome"] == "finished"
    (problem,) = document["problems"]
    assert (problem["code"], problem["where"]["path"]) == ("NN701", "expect.0")
    assert problem["where"].get("argument") or problem["where"]["line"]


def heed_signals() -> None:
    """In a new process, before it becomes nncli: a shell's background jobs, and all they start, ignore SIGINT."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def start(arguments: list[str], cwd: Path, **more: Any) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "nncli", *arguments], cwd=cwd, text=True, preexec_fn=heed_signals, **more)


def wait_for(path: Path, text: str, process: subprocess.Popen[str]) -> None:
    """Wait until a file holds `text`, for as long as the process runs."""
    while process.poll() is None and text not in (path.read_text() if path.exists() else ""):
        time.sleep(0.05)
    assert process.poll() is None, path.read_text()


def test_a_signal_saves_and_says_how_to_go_on(xor_config: Path, tmp_path: Path) -> None:
    """Every signal, at any instant, and how the run ends: a matter of the faults."""
    steps = ["--set", "training.steps=3000000", "--set", "training.log_every={steps: 1000}"]
    log = tmp_path / "log"
    with log.open("w") as stderr:
        process = start(["train", str(xor_config), *steps, "--out", "run"], tmp_path, stdout=subprocess.PIPE, stderr=stderr)
        wait_for(log, "\nstep ", process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert log.read_text().endswith("to go on: nncli train --resume run\n")
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["state"] == "interrupted"
    assert 0 < manifest["step"] < 3_000_000


def test_a_second_signal_ends_at_once(xor_config: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as stderr:
        arguments = ["train", str(xor_config), "--set", "training.steps=90000000", "--out", "run"]
        process = start(arguments, tmp_path, stdout=subprocess.PIPE, stderr=stderr)
        wait_for(log, "\nstep ", process)
        process.send_signal(signal.SIGSTOP)  # so that both arrive before it can finish on the first
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=60)
    assert process.returncode in (130, 143), "of two that arrive together, either may come second"
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["state"] == "running"


def test_a_hang_up_that_is_to_be_ignored_is_ignored(xor_config: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as stderr:
        command = [
            "nohup",
            sys.executable,
            "-m",
            "nncli",
            "train",
            str(xor_config),
            "--set",
            "training.steps=90000000",
            "--out",
            "run",
        ]
        streams: Any = {"stdin": subprocess.DEVNULL, "stdout": stderr, "stderr": stderr}
        process = subprocess.Popen(command, cwd=tmp_path, text=True, preexec_fn=heed_signals, **streams)
        wait_for(log, "\nstep ", process)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    assert process.returncode == 130, "the first that counts is the second"
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["state"] == "interrupted"


def test_a_reader_that_goes_away_ends_no_training(xor_config: Path, tmp_path: Path) -> None:
    process = start(["train", str(xor_config), "--out", "run"], tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    process.stderr.close()
    assert process.wait(timeout=60) == 0
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["state"] == "finished"


def test_the_exit_code_outlives_the_reader(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: bad\n")
    for more in ([], ["--json"]):
        process = start(["check", "bad.yaml", *more], tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        process.stderr.close()
        assert process.wait(timeout=60) == 2


def test_a_closed_pipe_ends_in_silence(xor_config: Path, tmp_path: Path) -> None:
    for arguments in (["check", *[str(xor_config)] * 300], ["--help"]):  # more than Python holds back
        process = start(arguments, tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.close()
        _, stderr = process.communicate(timeout=60)
        assert stderr == ""


def test_no_terminal_no_control_characters(nncli: Any, xor_config: Path, tmp_path: Path) -> None:
    done = nncli("train", xor_config, cwd=tmp_path)
    assert done.returncode == 0
    for text in (done.stdout, done.stderr):
        assert not [character for character in text if ord(character) < 32 and character != "\n"]
    assert "step 200/200" in done.stderr
    assert "TensorFlow" not in done.stderr
    assert "cuda" not in done.stderr.lower()


def test_a_terminal_gets_a_progress_bar_and_its_cursor_back(xor_config: Path, tmp_path: Path) -> None:
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "140"}
    environment.pop("NO_COLOR", None)
    arguments = ["train", str(xor_config), "--set", "training.steps=300000"]
    process = start(arguments, tmp_path, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    shown = bytearray()
    while True:
        try:
            shown += os.read(master, 65536)
        except OSError:  # the other end is closed
            break
    os.close(master)
    assert process.wait(timeout=60) == 0
    text = shown.decode()
    assert "300000/300000" in text
    assert "loss" in text
    assert text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l")
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h")

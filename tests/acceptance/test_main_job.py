"""Train, evaluate, predict and export the network of configs/cnn_mnist.yaml, as the README tells it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

Run = tuple[Path, dict[str, Any]]
Digits = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


def test_one_json_document_with_the_whole_report(cnn_mnist: Run) -> None:
    folder, document = cnn_mnist
    report = document["report"]
    assert {**document, "report": None} == {"schema": 1, "command": "train", "status": "ok", "report": None, "problems": []}
    assert report["run_dir"] == str(folder)
    assert report["checkpoint"] == str(folder / "checkpoints" / "last.h5")
    assert report["best_checkpoint"] == str(folder / "checkpoints" / "best.h5")
    assert (report["steps"], report["epochs"], report["outcome"]) == (938, 16.4561, "finished")
    assert report["dataset"] == {"type": "mnist_5k", "train": 3600, "validation": 400, "test": 1000}
    assert report["seconds"] > 0
    seen = 16 * 3600 + 26 * 64
    assert report["samples_per_second"] == pytest.approx(seen / report["seconds"], rel=0.01)


def test_it_reads_digits_it_never_saw(cnn_mnist: Run) -> None:
    metrics = cnn_mnist[1]["report"]["metrics"]
    assert set(metrics) == {"train", "validation", "test"}
    assert all(set(part) == {"loss", "accuracy"} for part in metrics.values())
    assert metrics["test"]["accuracy"] >= 0.955


def test_the_run_folder_is_complete(cnn_mnist: Run) -> None:
    folder, document = cnn_mnist
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {".lock"}
    assert files == {
        "config.yaml",
        "manifest.json",
        "metrics.jsonl",
        "report.json",
        *(f"checkpoints/{name}.h5" for name in ("best", "best.previous", "last", "last.previous")),
        *(f"figures/{name}.{ending}" for name in ("learning_curves", "confusion_matrix", "filters") for ending in ("png", "csv")),
    }
    assert json.loads((folder / "report.json").read_text()) == document["report"]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {"state": "finished", "step": 938, "seed": 0, "order": "shuffled", "mode": "update"}.items() <= manifest.items()
    assert manifest["threads"] >= 1
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [*range(57, 938, 57), 938]
    assert all({"loss", "accuracy", "val_loss", "val_accuracy"} <= line.keys() for line in lines)
    best = min(lines, key=lambda line: line["val_loss"])
    assert best["step"] == document["report"]["best_step"]
    assert best["val_loss"] == document["report"]["metrics"]["validation"]["loss"]


def test_eval_repeats_the_test_figures_exactly(cnn_mnist: Run, one_process: Any, test_digits: Digits, tmp_path: Path) -> None:
    folder, document = cnn_mnist
    np.savez(tmp_path / "digits.npz", x=test_digits[0], y=test_digits[1])
    file = folder / "checkpoints" / "best.h5"
    gate = ("--fail-under", "accuracy > 0.999")
    done = one_process([("eval", folder, "--json"), ("eval", file, "--data", tmp_path / "digits.npz", "--json", *gate)])()
    own, foreign = (json.loads(each.stdout) for each in done)
    assert own["report"]["metrics"] == foreign["report"]["metrics"] == document["report"]["metrics"]["test"]
    assert own["report"]["samples"] == foreign["report"]["samples"] == 1000
    assert (done[0].returncode, own["status"], own["problems"]) == (0, "ok", [])
    assert (done[1].returncode, foreign["status"], [problem["code"] for problem in foreign["problems"]]) == (4, "failed", ["NN701"])


def test_stock_keras_predicts_the_same_bits(cnn_mnist: Run, one_process: Any, test_digits: Digits, tmp_path: Path) -> None:
    folder = cnn_mnist[0]
    np.save(tmp_path / "digits.npy", test_digits[0])
    np.save(tmp_path / "prepared.npy", test_digits[0].astype(np.float32) * np.float32(1 / 255))
    commands = [
        ("predict", folder, "digits.npy", "-o", "p.npy"),
        ("predict", folder, "prepared.npy", "--prepared", "-o", "q.npy"),
        *(("export", folder, "--format", ending, "-o", f"out.{ending}", "--json") for ending in ("h5", "keras")),
    ]
    done = one_process(commands, cwd=tmp_path)()
    assert [each.returncode for each in done] == [0] * 4, done
    assert [json.loads(each.stdout)["report"]["largest_difference"] for each in done[2:]] == [0.0, 0.0]
    assert np.array_equal(np.load(tmp_path / "p.npy"), np.load(tmp_path / "q.npy"))
    script = (
        "import sys, keras, numpy as np\n"
        "inputs, expected = np.load('prepared.npy'), np.load('p.npy')\n"
        "for file in sys.argv[1:]:\n"
        "    network = keras.models.load_model(file, compile=False)\n"
        "    assert np.array_equal(network.predict(inputs, batch_size=32, verbose=0), expected), file\n"
        "print('equal')\n"
    )
    command = [sys.executable, "-c", script, str(folder / "checkpoints" / "best.h5"), "out.h5", "out.keras"]
    stock = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert stock.stdout == "equal\n", stock.stderr


def test_it_names_digits_in_image_files(cnn_mnist: Run, nncli: Any, test_digits: Digits, tmp_path: Path) -> None:
    files, truth = [], []
    for row in range(5, 1000, 100):  # one of each class
        image = Image.fromarray(test_digits[0][row, :, :, 0])
        for name, variant in (("28", image), ("56", image.resize((56, 56))), ("colour", image.convert("RGB"))):
            variant.save(tmp_path / f"{row}_{name}.png")
            files.append(tmp_path / f"{row}_{name}.png")
            truth.append(str(test_digits[1][row]))
    done = nncli("predict", cnn_mnist[0], *files, "--top-k", "2", "--json")
    document = json.loads(done.stdout)
    rows = document["report"]["predictions"]
    assert [row["input"] for row in rows] == [str(file) for file in files]
    right = sum(row["class"] == label for row, label in zip(rows, truth, strict=True))
    assert right >= 24  # of 30: the network is right 96 times in 100, and one picture stands here three times
    assert all(row["top"][0] == {"class": row["class"], "probability": row["probability"]} for row in rows)
    assert all(row["top"][0]["probability"] >= row["top"][1]["probability"] for row in rows)
    said = [problem["message"] for problem in document["problems"]]
    assert sum("resized from 56x56 to 28x28" in message for message in said) == 10
    assert all(problem["severity"] == "warning" for problem in document["problems"])


def test_predictions_go_into_every_kind_of_file(cnn_mnist: Run, one_process: Any, test_digits: Digits, tmp_path: Path) -> None:
    import pyarrow.parquet

    np.save(tmp_path / "three.npy", test_digits[0][:3])
    names = ("p.csv", "p.jsonl", "p.parquet", "p.csv")
    done = one_process([("predict", cnn_mnist[0], "three.npy", "-o", name) for name in names], cwd=tmp_path)()
    assert [each.returncode for each in done] == [0, 0, 0, 2], done
    assert done[3].stderr.startswith("error[NN601]"), "nothing is overwritten"
    lines = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text().splitlines()]
    assert [(line["input"], line["class"]) for line in lines] == [(f"three.npy[{row}]", "0") for row in range(3)]
    assert pyarrow.parquet.read_table(tmp_path / "p.parquet").to_pylist() == lines
    header, *rows = (tmp_path / "p.csv").read_text().splitlines()
    assert header == "input,class,probability"
    assert [row.split(",")[:2] for row in rows] == [[line["input"], line["class"]] for line in lines]


def test_the_resolved_config_trains_the_same_run(cnn_mnist: Run, nncli: Any, one_process: Any, tmp_path: Path) -> None:
    """The same config twice gives the same weights, another seed does not; the run's own config is such a config."""

    def command(name: str, config: str | Path, seed: int) -> list[str | Path]:
        changes = ["training.steps=20", "training.figures=false", "expect=[]", f"seed={seed}"]
        return ["train", config, "--json", "--out", tmp_path / name, *(part for change in changes for part in ("--set", change))]

    done = one_process([command("a", "configs/cnn_mnist.yaml", 0), command("b", "configs/cnn_mnist.yaml", 1)])()
    done.append(nncli(*command("c", cnn_mnist[0] / "config.yaml", 0)))
    first, other_seed, resolved = (json.loads(each.stdout)["report"]["weights_digest"] for each in done)
    assert first == resolved != other_seed


def test_another_kind_of_cpu_predicts_the_same_within_rounding(
    cnn_mnist: Run, nncli: Any, test_digits: Digits, tmp_path: Path
) -> None:
    """As it would without the vector instructions that oneDNN chooses by the CPU, and without oneDNN."""
    run, _ = cnn_mnist
    np.save(tmp_path / "x.npy", test_digits[0][:64])
    predictions = []
    for number, env in enumerate(({}, {"ONEDNN_MAX_CPU_ISA": "SSE41"}, {"TF_ENABLE_ONEDNN_OPTS": "0"})):
        done = nncli("predict", run, tmp_path / "x.npy", "-o", tmp_path / f"{number}.npy", env=env)
        assert done.returncode == 0, done.stderr
        predictions.append(np.load(tmp_path / f"{number}.npy"))
    for other in predictions[1:]:
        np.testing.assert_allclose(other, predictions[0], rtol=0, atol=1e-5)

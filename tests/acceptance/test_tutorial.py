"""Every system of the tutorial, from its config, held to its figures."""

from __future__ import annotations

import json
import os
import pickle
import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
XOR = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], np.float32)
SEEDS = range(20)
FEW = range(5)

GROUPS = (
    ("cnn_", "regularization", "convolution", "pretrain", "fine_tune"),
    ("rnn_", "birnn_", "deep_rnn_", "lstm_", "gru_", "language_"),
)
"""Beginnings of the names of configs that share a process; all others share a third. Those of the first take all cores, and one
process has one number of threads."""
QUIET = "training.figures=false"
VARIANTS: Mapping[str, tuple[str, list[str]]] = {
    "gradient_descent_to_the_end": ("gradient_descent", ["training.steps=3000", "training.log_every={steps: 100}", "expect=[]"]),
    "linear_regression_to_the_end": ("linear_regression", ["training.steps=20000", QUIET]),
    "xor_until_logged": ("xor_until", ["training.log_every={steps: 1}", QUIET]),
    "convolution_by_hand": ("convolution_by_hand", []),
    "convolution_with_stride_1": ("convolution_by_hand", ["model.layers.1.strides=1", f"dataset.targets={[[[[0]] * 5] * 5]}"]),
    "cnn_channels_first": ("cnn_mnist_channels_first", ["training.steps=20", "training.log_every.steps=5", QUIET]),
    "fine_tune_at_once": ("fine_tune_mnist", ["training.steps=0"]),
    "fine_tune_frozen": ("fine_tune_mnist", ["model.layers.0.trainable=false", "training.steps=20", QUIET]),
    "sample_weights_at_once": ("sample_weights", ["training.steps=0"]),
    "cnn_cifar10": ("cnn_cifar10", ["training.epochs=1", QUIET]),
    "cnn_cifar100": ("cnn_cifar100", ["training.epochs=1", QUIET]),
    "cnn_cifar100_coarse": ("cnn_cifar100", ["training.steps=0", QUIET, "dataset.label_mode=coarse", "model.layers.11.units=20"]),
    **{f"perceptron_{seed}": ("perceptron_or", [f"seed={seed}", QUIET]) for seed in SEEDS},
    **{f"scratch_{seed}": ("fine_tune_mnist", [f"seed={seed}", "model.weights_from=null", QUIET]) for seed in FEW},
    **{f"fine_tune_{seed}": ("fine_tune_mnist", [f"seed={seed}", QUIET]) for seed in FEW},
}
"""Runs that the tutorial does not show: name -> config, changes."""
RECURRENT = ("rnn_mnist", "lstm_mnist", "gru_mnist", "birnn_mnist", "deep_rnn_mnist")
BY_HAND = {"convolution_by_hand": 2, "convolution_with_stride_1": 1}
IMAGE = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]], np.float32)
PREDICTED = {f"runs/{name}/001": "rows.npy" for name in RECURRENT} | {f"variants/{name}": "image.npy" for name in BY_HAND}
"""Runs whose predictions are held to a formula, and for which inputs; the predictions lie in the run's folder."""
CONTINUATION = "predict runs/language_model/001 --prompt The --length 40 --temperature 0.5 --json"


@dataclass(frozen=True)
class Run:
    """A run of the tutorial, by its folder."""

    folder: Path

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_text())
        return report

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "metrics.jsonl").read_text().splitlines()]

    def weights(self, which: str = "best") -> dict[str, np.ndarray[Any, Any]]:
        """The weights by layer and name, such as `dense/kernel`, read by h5py alone."""
        found: dict[str, np.ndarray[Any, Any]] = {}

        def visit(_: str, entry: Any) -> None:
            if isinstance(entry, h5py.Dataset):
                found["/".join(entry.name.split("/")[4:])] = entry[()]

        with h5py.File(self.folder / "checkpoints" / f"{which}.h5") as file:
            file["model_weights"].visititems(visit)
        return found


def cifar_cache(folder: Path) -> None:
    """A cache as Keras lays it out, with 20 images in each file of the right names."""
    generator = np.random.default_rng(0)

    def batch(path: Path, labels: dict[bytes, int], size: int = 100) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        data: dict[bytes, Any] = {b"data": generator.integers(0, 256, (size, 3072), np.uint8)}
        data |= {key: (np.arange(size) % count).tolist() for key, count in labels.items()}
        path.write_bytes(pickle.dumps(data, protocol=3))

    ten, hundred = folder / "cifar-10-batches-py-target", folder / "cifar-100-python-target"
    for name in (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"):
        batch(ten / "cifar-10-batches-py" / name, {b"labels": 10})
    for name in ("train", "test"):
        batch(hundred / "cifar-100-python" / name, {b"fine_labels": 100, b"coarse_labels": 20}, 300)


@dataclass(frozen=True)
class Tutorial:
    """What came of the tutorial's commands.

    Attributes:
        folder: where they ran.
        outputs: arguments of a command -> exit code and standard output.
        log: what they said besides.
    """

    folder: Path
    outputs: Mapping[tuple[str, ...], tuple[int, str]]
    log: str

    def output(self, command: str) -> str:
        """What a command printed on standard output."""
        code, printed = self.outputs[tuple(shlex.split(command)[1:])]
        assert code == 0, (command, self.log)
        return printed

    def __call__(self, name: str) -> Run:
        """The run of a variant, or of a config as it is."""
        folder = self.folder / ("variants" if name in VARIANTS else "runs") / name
        run = Run(folder if name in VARIANTS else folder / "001")
        assert (run.folder / "report.json").exists(), self.log
        return run


def shown_commands() -> list[str]:
    """Every command of the tutorial, in order."""
    lines = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


@pytest.fixture(scope="session")
def tutorial(one_process: Any, tmp_path_factory: pytest.TempPathFactory) -> Tutorial:
    """All commands of the tutorial and the variants, run once each."""
    folder = tmp_path_factory.mktemp("tutorial")
    shutil.copytree(ROOT / "configs", folder / "configs")  # a config's paths count from its own folder
    cifar_cache(folder / "keras" / "datasets")
    np.save(folder / "rows.npy", rows_of_digits())
    np.save(folder / "image.npy", IMAGE[np.newaxis, :, :, np.newaxis])
    commands = [shlex.split(command)[1:] for command in shown_commands()]
    for name, (config, changes) in VARIANTS.items():
        overrides = [part for change in changes for part in ("--set", change)]
        commands.append(["train", f"configs/{config}.yaml", "--out", f"variants/{name}", "--quiet", *overrides])
    commands += [["predict", run, inputs, "--prepared", "-o", f"{run}/p.npy"] for run, inputs in PREDICTED.items()]
    commands.append(CONTINUATION.split())
    environment = {"KERAS_HOME": str(folder / "keras")}
    groups = [[command for command in commands if _group(command) == number] for number in range(len(GROUPS) + 1)]
    waiting = [one_process(group, cwd=folder, env=environment) for group in groups]
    done = [result for wait in waiting for result in wait()]
    log = "\n".join(result.stderr for result in done)
    return Tutorial(folder, {tuple(result.args): (result.returncode, result.stdout) for result in done}, log)


def _group(command: Sequence[str]) -> int:
    """Which process runs a command."""
    return next((number for number, names in enumerate(GROUPS) if any(f"/{name}" in part for name in names for part in command)), 2)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def test_1_the_error_of_a_given_line(tutorial: Any) -> None:
    run = tutorial("least_squares")
    assert run.report["metrics"]["train"]["loss"] == pytest.approx(22.0, rel=1e-5)
    assert run.report["steps"] == 0


def test_2_the_path_of_a_descent(tutorial: Any) -> None:
    run = tutorial("gradient_descent")
    x, path = 0.5, []
    for _ in range(60):
        path.append(x)
        x -= 0.01 * (5 * x**4 - 6 * x**2)
    assert run.weights()["dense/kernel"].item() == pytest.approx(1.0928374, abs=1e-5)
    assert x == pytest.approx(1.0928374, abs=1e-7)
    assert [record["x"] for record in run.records] == pytest.approx(path, abs=1e-5)
    assert (run.folder / "figures" / "descent.png").stat().st_size > 5000
    end = tutorial("gradient_descent_to_the_end").weights()["dense/kernel"].item()
    assert end == pytest.approx(np.sqrt(6 / 5), abs=1e-5)


def test_3_wheat_and_bread(tutorial: Any) -> None:
    weights = tutorial("linear_regression").weights()
    assert weights["dense/bias"].item() == pytest.approx(3.3044624, abs=1e-5)
    assert weights["dense/kernel"].item() == pytest.approx(2.9660627, abs=1e-5)
    end = tutorial("linear_regression_to_the_end").weights()
    assert end["dense/bias"].item() == pytest.approx(4.1072993, abs=5e-4)
    assert end["dense/kernel"].item() == pytest.approx(2.2189781, abs=5e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_4_the_perceptron_learns_or(seed: int, tutorial: Any) -> None:
    run = tutorial(f"perceptron_{seed}")
    weights = run.weights()["dense/kernel"]
    assert ((XOR @ weights)[:, 0] >= 0).tolist() == [False, True, True, True]
    assert run.report["metrics"]["train"]["accuracy"] == 1.0


def test_5_xor(tutorial: Any) -> None:
    run = tutorial("xor")
    weights = run.weights()
    outputs = sigmoid(sigmoid(XOR @ weights["dense/kernel"]) @ weights["dense_1/kernel"])[:, 0]
    assert outputs == pytest.approx([0.0026, 0.9967, 0.9970, 0.0039], abs=0.002)


def test_6_a_line_through_noisy_points(tutorial: Any) -> None:
    run = tutorial("regression")
    with (run.folder / "figures" / "fit.csv").open() as file:
        points = np.genfromtxt(file, delimiter=",", names=True)
    slope, intercept = np.polyfit(points["x"], points["y"], 1)
    assert len(points) == 200
    weights = run.weights()
    assert weights["dense/kernel"].item() == pytest.approx(slope, abs=0.05)
    assert weights["dense/bias"].item() == pytest.approx(intercept, abs=0.05)
    assert (run.folder / "figures" / "fit.png").stat().st_size > 5000


@pytest.mark.parametrize(
    ("name", "accuracy"), [("mlp_mnist", 0.85), ("rnn_mnist", 0.88), ("lstm_mnist", 0.90), ("gru_mnist", 0.90)]
)
def test_7_10_13_networks_that_read_digits(name: str, accuracy: float, tutorial: Any) -> None:
    run = tutorial(name)
    assert run.report["metrics"]["test"]["accuracy"] >= accuracy
    assert (run.folder / "figures" / "confusion_matrix.png").exists()
    assert (run.folder / "figures" / "learning_curves.png").exists()


def test_8_the_main_job(cnn_mnist: Any) -> None:
    folder, document = cnn_mnist
    assert document["report"]["metrics"]["test"]["accuracy"] >= 0.955
    assert (folder / "figures" / "filters.png").exists()


def test_8_channels_first_has_the_shapes_of_the_text(tutorial: Any, nncli: Any) -> None:
    run = tutorial("cnn_channels_first")
    assert run.records[-1]["loss"] < run.records[0]["loss"]
    summary = json.loads(nncli("summary", run.folder, "--json").stdout)["report"]
    shapes = [summary["input_shape"], *(layer["output_shape"] for layer in summary["layers"])]
    assert shapes == [[1, 28, 28], [32, 28, 28], [32, 14, 14], [64, 14, 14], [64, 7, 7], [3136], [1024], [10]]


@pytest.mark.parametrize(("name", "classes"), [("cnn_cifar10", 10), ("cnn_cifar100", 100), ("cnn_cifar100_coarse", 20)])
def test_9_cifar_from_the_cache_of_keras(name: str, classes: int, tutorial: Any) -> None:
    run = tutorial(name)
    assert run.report["dataset"]["type"] == name.removeprefix("cnn_").removesuffix("_coarse")
    assert run.report["dataset"]["test"] == (100 if classes == 10 else 300)
    assert run.weights()["dense_1/kernel"].shape == (512, classes)


def test_9_without_cache_and_network_there_is_a_clear_message(nncli: Any, tmp_path: Path) -> None:
    offline = {"KERAS_HOME": str(tmp_path / "keras"), "https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
    done = nncli("train", "configs/cnn_cifar10.yaml", "--out", tmp_path / "run", env=offline)
    assert done.returncode == 3
    assert done.stderr.startswith("error[NN503]")
    assert "mnist_5k" in done.stderr
    assert not (tmp_path / "run").exists()


def test_10_the_figures_along_the_way(tutorial: Any) -> None:
    run = tutorial("rnn_mnist")
    measured = [record["step"] for record in run.records if "val_accuracy" in record]
    assert measured == [500, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 4001]


def rows_of_digits(count: int = 8) -> np.ndarray[Any, Any]:
    """Inputs like prepared digits: (count, 28, 28) from 0 to 1."""
    return np.random.default_rng(5).random((count, 28, 28)).astype(np.float32)


def softmax(z: Any) -> Any:
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def simple_rnn(x: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    """States of s = tanh(U x + W s + b), one after the other: (batch, time, units)."""
    state, states = np.zeros((len(x), len(recurrent))), []
    for step in range(x.shape[1]):
        state = np.tanh(x[:, step] @ kernel + state @ recurrent + bias)
        states.append(state)
    return np.stack(states, axis=1)


def lstm(x: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    """The last state of an LSTM: gates i, f, o and the candidate g; c = f c + i g; s = o tanh(c)."""
    state = memory = np.zeros((len(x), len(recurrent)))
    for step in range(x.shape[1]):
        i, f, g, o = np.split(x[:, step] @ kernel + state @ recurrent + bias, 4, axis=1)
        memory = sigmoid(f) * memory + sigmoid(i) * np.tanh(g)
        state = sigmoid(o) * np.tanh(memory)
    return state


def gru(x: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    """The last state of a GRU as the text has it, the reset gate before the product. Keras's z is the text's 1 - z."""
    state = np.zeros((len(x), len(recurrent)))
    uz, ur, uh = np.split(kernel, 3, axis=1)
    wz, wr, wh = np.split(recurrent, 3, axis=1)
    bz, br, bh = np.split(bias, 3)
    for step in range(x.shape[1]):
        z = 1 - sigmoid(x[:, step] @ uz + state @ wz + bz)
        r = sigmoid(x[:, step] @ ur + state @ wr + br)
        h = np.tanh(x[:, step] @ uh + (state * r) @ wh + bh)
        state = z * h + (1 - z) * state
    return state


def last_state(name: str, x: Any, weights: Mapping[str, Any]) -> Any:
    def arrays(layer: str) -> list[Any]:
        return [weights[f"{layer}/{part}"].astype(np.float64) for part in ("kernel", "recurrent_kernel", "bias")]

    if name == "rnn_mnist":
        return simple_rnn(x, *arrays("simple_rnn/simple_rnn_cell"))[:, -1]
    if name == "lstm_mnist":
        return lstm(x, *arrays("lstm/lstm_cell"))
    if name == "gru_mnist":
        return gru(x, *arrays("gru/gru_cell"))
    states = []
    for direction, inputs in (("forward", x), ("backward", x[:, ::-1])):
        if name == "birnn_mnist":
            states.append(simple_rnn(inputs, *arrays(f"bidirectional/{direction}_simple_rnn/simple_rnn_cell"))[:, -1])
            continue
        for number in (1, 2):
            cell = f"bidirectional/{direction}_rnn/stacked_rnn_cells/simple_rnn_cell_{number}"
            inputs = simple_rnn(inputs, *arrays(cell))
        states.append(inputs[:, -1])
    return np.concatenate(states, axis=1)


@pytest.mark.parametrize("name", RECURRENT)
def test_10_11_13_forward_passes_are_those_of_the_formulas(name: str, tutorial: Any) -> None:
    run = tutorial(name)
    weights = run.weights()
    state = last_state(name, rows_of_digits().astype(np.float64), weights)
    expected = softmax(state @ weights["dense/kernel"].astype(np.float64) + weights["dense/bias"])
    assert np.load(run.folder / "p.npy") == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("name", ["birnn_mnist", "deep_rnn_mnist"])
def test_11_both_directions_and_deep_networks_train(name: str, tutorial: Any) -> None:
    run = tutorial(name)
    assert run.records[-1]["loss"] < 0.5 * run.records[0]["loss"]


def test_12_from_a_sine_to_the_cosine(tutorial: Any) -> None:
    run = tutorial("lstm_sine")
    assert run.records[-1]["loss"] <= 0.02
    assert [record["step"] for record in run.records] == [*range(10, 501, 10), 501]
    table = np.genfromtxt(run.folder / "figures" / "series.csv", delimiter=",", names=True)
    assert table["truth"] == pytest.approx(np.cos(table["point"] / (10 * np.pi)), abs=1e-6)
    assert np.abs(table["predicted"] - table["truth"])[200:].max() < 0.2


def test_14_a_language_model_goes_on_with_a_text(tutorial: Any, nncli: Any) -> None:
    run = tutorial("language_model")
    assert run.records[-1]["val_accuracy"] > 0.4
    said = tutorial.output(f"nncli {CONTINUATION}")
    text = json.loads(said)["report"]["text"]
    assert text.startswith("The")
    assert len(text) == len("The") + 40
    assert nncli(*CONTINUATION.split(), cwd=tutorial.folder).stdout == said, "the same in a process of its own"


def test_18_regularization(tutorial: Any) -> None:
    assert tutorial("regularization_mnist").report["metrics"]["test"]["accuracy"] >= 0.9


@pytest.mark.parametrize(("name", "stride"), BY_HAND.items())
def test_20_a_convolution_by_hand(name: str, stride: int, tutorial: Any, nncli: Any) -> None:
    run = tutorial(name)
    kernel = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]], np.float32)
    padded = np.pad(IMAGE, 1)
    side = (5 - 3 + 2) // stride + 1
    expected = [
        [(padded[r * stride : r * stride + 3, c * stride : c * stride + 3] * kernel).sum() for c in range(side)]
        for r in range(side)
    ]
    assert np.load(run.folder / "p.npy")[0, :, :, 0].tolist() == expected
    summary = json.loads(nncli("summary", run.folder, "--json").stdout)["report"]
    assert [(layer["output_shape"], layer["parameters"]) for layer in summary["layers"]] == [([7, 7, 1], 0), ([side, side, 1], 9)]


def test_22_fine_tuning_starts_from_what_was_pre_trained(tutorial: Any) -> None:
    before, after = tutorial("pretrain_autoencoder").weights(), tutorial("fine_tune_at_once").weights()
    for name in ("encoder/kernel", "encoder/bias", "code/kernel", "code/bias"):
        assert after[name].tobytes() == before[name].tobytes(), name
    frozen = tutorial("fine_tune_frozen").weights()
    assert frozen["encoder/kernel"].tobytes() == before["encoder/kernel"].tobytes()
    assert frozen["code/kernel"].tobytes() != before["code/kernel"].tobytes()
    accuracy = {
        kind: np.mean([tutorial(f"{kind}_{seed}").report["metrics"]["test"]["accuracy"] for seed in FEW])
        for kind in ("scratch", "fine_tune")
    }
    assert accuracy["fine_tune"] > accuracy["scratch"]


def test_23_until_an_error_is_reached(tutorial: Any) -> None:
    run = tutorial("xor_until")
    assert run.report["outcome"] == "stop_when"
    assert "loss <= 0.001" in run.report["message"]
    logged = tutorial("xor_until_logged")
    losses = [record["loss"] for record in logged.records]
    assert logged.report["steps"] == run.report["steps"] == len(losses)
    assert losses[-1] <= 0.001 < min(losses[:-1])


def test_24_sample_weights_of_time_steps(tutorial: Any) -> None:
    inputs = np.array([[1, 2, 3], [2, 1, 0]], np.float64)
    targets = np.array([[2, 4, 6], [4, 2, 9]], np.float64)
    weights = np.array([[1, 1, 0.5], [2, 1, 0]])
    loss = tutorial("sample_weights_at_once").report["metrics"]["train"]["loss"]
    assert loss == pytest.approx((weights * (inputs - targets) ** 2).sum() / 6, rel=1e-6)
    assert tutorial("sample_weights").weights()["time_distributed/dense/kernel"].item() == pytest.approx(2.0, abs=1e-4)


MASKS = [(r"\d[\d,.]* (s|samples/s)\b", r"# \1"), (r"[━─┏┳┓┡╇┩└┴┘├┼┤]+", "-")]
NUMBER = re.compile(r"-?\d[\d,]*\.?\d*(?:e[-+]?\d+)?")


def masked(text: str) -> str:
    """A text without times, without the lines of tables, and with single spaces."""
    for pattern, replacement in MASKS:
        text = re.sub(pattern, replacement, text)
    return re.sub(r"[ \t]+", " ", NUMBER.sub("#", text)).strip()


def numbers(text: str) -> list[float]:
    for pattern, replacement in MASKS:
        text = re.sub(pattern, replacement, text)
    return [float(number.replace(",", "")) for number in NUMBER.findall(text)]


PAGES = ("tutorial.md", "tutorial.zh.md")


def examples(page: str) -> list[tuple[str, str]]:
    """Each command of a page, and the output that the page shows for it."""
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.DOTALL)
    return [(part.partition("\n")[0], part.partition("\n")[2]) for block in blocks for part in block.split("$ ")[1:]]


def shown_configs(page: str) -> list[tuple[str, str]]:
    """Each YAML block of a page: the config that the paragraph before it links to last, and the block."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    blocks = re.findall(r"((?:[^\n]+\n)+)\n```yaml\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == text.count("```yaml"), page
    return [(re.findall(r"\]\(\.\./(configs/\w+\.yaml)\)", before)[-1], block) for before, block in blocks]


def test_the_pages_show_the_configs_as_they_are() -> None:
    shown = shown_configs(PAGES[0])
    for name, block in shown:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert f"\n{block}" in f"\n{text}", f"{name} has no such lines:\n{block}"
    own_data = set(re.findall(r"\]\(\.\./(configs/\w+\.yaml)\)", (ROOT / "docs" / "data.md").read_text(encoding="utf-8")))
    assert {name for name, _ in shown} | own_data == {f"configs/{path.name}" for path in (ROOT / "configs").glob("*.yaml")}
    for page in PAGES[1:]:
        assert shown_configs(page) == shown, page


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_stop_at_every_system(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    stops = re.findall(r"^## (\d+)\. [^\n]*\n(.*?)(?=^## )", text, re.MULTILINE | re.DOTALL)
    assert [int(number) for number, _ in stops] == [*range(1, 25)]
    assert [number for number, stop in stops if "\n$ nncli " not in stop] == []


def test_the_pages_show_what_the_commands_print(tutorial: Tutorial) -> None:
    """`NNCLI_REGENERATE=1` writes the outputs and pictures of this run into the pages."""
    for page in PAGES:
        if "NNCLI_REGENERATE" in os.environ:
            regenerate(tutorial, page)
        assert [command for command, _ in examples(page)] == shown_commands()
        for command, shown in examples(page):
            printed = tutorial.output(command)
            if "--prompt" not in command:  # another CPU may choose other words
                assert masked(shown) == masked(printed), command
                assert numbers(shown) == pytest.approx(numbers(printed), rel=0.1, abs=0.02), command


PICTURES = {
    "descent": "gradient_descent", "fit": "regression", "confusion_matrix": "mlp_mnist", "series": "lstm_sine",
}  # fmt: skip


def regenerate(tutorial: Tutorial, page: str) -> None:
    path = ROOT / "docs" / page
    text = path.read_text(encoding="utf-8")
    for command, shown in examples(page):
        text = text.replace(f"$ {command}\n{shown}", f"$ {command}\n{tutorial.output(command)}")
    path.write_text(text, encoding="utf-8")
    (ROOT / "docs" / "figures").mkdir(exist_ok=True)
    for picture, name in PICTURES.items():
        source = tutorial(name).folder / "figures" / f"{picture}.png"
        (ROOT / "docs" / "figures" / f"{picture}.png").write_bytes(source.read_bytes())

"""`nncli summary`: the same of a config and of its checkpoint, and as Keras has it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from nncli.checkpoint.read import read_checkpoint
from nncli.commands.summary import MOST_VALUES, shortest, summarize
from nncli.problems import Problem
from nncli.render.networks import size
from nncli.render.reports import show_report
from nncli.reports.networks import LayerSummary, MemorySummary

Refused = Callable[..., Problem]

CONFIG = """\
name: digits
seed: 1
dataset: {type: npz, path: data.npz, preprocess: [rescale]}
model:
  layers:
    - {type: input, shape: [6, 6, 1]}
    - {type: conv2d, filters: 2, kernel_size: 3, activation: relu}
    - stochastic_pooling2d
    - {type: batch_normalization, name: norm}
    - flatten
    - {type: dense, units: 40, trainable: false}
    - {type: reshape, target_shape: [10, 4]}
    - {type: rnn, cell: {type: stacked_rnn_cells, cells: [{type: gru_cell, units: 3}, {type: lstm_cell, units: 2}]}}
    - {type: dense, units: 3, activation: softmax}
optimizer: adam
loss: sparse_categorical_crossentropy
"""
LAYERS = (
    LayerSummary(name="conv2d", type="conv2d", output_shape=(4, 4, 2), parameters=20, trained=20),
    LayerSummary(name="stochastic_pooling2d", type="stochastic_pooling2d", output_shape=(2, 2, 2), parameters=0, trained=0),
    LayerSummary(name="norm", type="batch_normalization", output_shape=(2, 2, 2), parameters=8, trained=4),
    LayerSummary(name="flatten", type="flatten", output_shape=(8,), parameters=0, trained=0),
    LayerSummary(name="dense", type="dense", output_shape=(40,), parameters=360, trained=0),
    LayerSummary(name="reshape", type="reshape", output_shape=(10, 4), parameters=0, trained=0),
    LayerSummary(name="rnn", type="rnn", output_shape=(2,), parameters=81 + 48, trained=81 + 48),
    LayerSummary(name="dense_1", type="dense", output_shape=(3,), parameters=9, trained=9),
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "data.npz", x=rng.integers(0, 256, (33, 6, 6, 1), np.uint8), y=np.arange(33) % 3)
    path = tmp_path / "digits.yaml"
    path.write_text(CONFIG)
    return path


def test_a_config_is_summarized_without_its_samples_or_tensorflow(config: Path) -> None:
    report = summarize(config)
    layers = tuple(replace(layer, multiply_adds=0) for layer in report.layers)
    assert (report.name, report.input_shape, layers, report.weights) == ("digits", (6, 6, 1), LAYERS, None)
    assert (report.parameters, report.trained) == (20 + 8 + 360 + 129 + 9, 20 + 4 + 129 + 9)
    assert report.problems == ()


def test_a_config_that_states_its_shape_needs_no_data(config: Path, refused: Refused) -> None:
    with_data = summarize(config)
    (config.parent / "data.npz").unlink()
    report = summarize(config)
    assert [(problem.code, problem.severity) for problem in report.problems] == [("NN501", "warning")]
    assert replace(report, problems=()) == replace(with_data, memory=report.memory)
    removed = refused(summarize, config, overrides=["model.layers.0=flatten"])
    assert (removed.code, removed.hint) == ("NN501", "check the path, or state the shape of a sample: `model.input_shape`")


def test_config_and_checkpoint_agree_with_each_other_and_with_the_arrays(config: Path, untrained: Any) -> None:
    checkpoint = untrained(config)
    report = summarize(checkpoint, weights=True)
    assert replace(report, weights=None) == summarize(config) == summarize(checkpoint)
    assert report.weights is not None
    stored = read_checkpoint(checkpoint).weights.layers
    sizes = {name: sum(array.size for _, array in arrays) for name, arrays in stored.items() if arrays}
    assert sizes == {layer.name: layer.parameters for layer in LAYERS if layer.parameters}
    assert sum(int(np.prod(weight.shape)) for weight in report.weights) == report.parameters


def test_small_arrays_are_shown_whole_and_large_ones_in_figures(config: Path, untrained: Any) -> None:
    checkpoint = untrained(config)
    arrays = [(path, array) for entries in read_checkpoint(checkpoint).weights.layers.values() for path, array in entries]
    found = summarize(checkpoint, weights=True).weights
    assert found is not None
    assert [(weight.name, weight.shape) for weight in found] == [
        (path.removeprefix("digits/"), array.shape) for path, array in arrays
    ]
    assert {"conv2d/kernel", "norm/gamma", "dense/kernel", "dense_1/bias"} <= {weight.name for weight in found}
    for weight, (_, array) in zip(found, arrays, strict=True):
        assert (weight.values is None) == (array.size > MOST_VALUES)
        if weight.values is not None:
            assert np.array_equal(np.array(weight.values, np.float32), array)  # the shortest decimals mean the same numbers
        exact = array.astype(np.float64)
        assert weight.statistics == {"min": exact.min(), "max": exact.max(), "mean": exact.mean(), "std": exact.std()}
    assert [weight.name for weight in found if weight.values is None] == ["dense/kernel"]


@pytest.mark.parametrize(
    ("array", "values"),
    [
        (np.float32([0.1, -1e-8, 3]), [0.1, -1e-08, 3.0]),
        (np.array([[1, 2]], np.int32), [[1, 2]]),
        (np.array(0.25, np.float32), 0.25),
        (np.zeros((0, 3), np.float32), []),
    ],
)
def test_the_shortest_decimals(array: np.ndarray, values: Any) -> None:
    assert shortest(array) == values


def test_overrides_are_for_configs_and_weights_for_checkpoints(config: Path, untrained: Any, refused: Refused) -> None:
    wider = summarize(config, overrides=["model.layers.1.filters=4"])
    assert wider.layers[0].parameters == 40 and wider.layers[0].output_shape == (4, 4, 4)
    problem = refused(summarize, config, weights=True)
    assert (problem.code, problem.message) == ("NN606", "a config has no weights yet")
    problem = refused(summarize, untrained(config), overrides=["seed=2"])
    assert problem.code == "NN606" and problem.where is not None and problem.where.argument == "--set seed=2"


def test_what_is_no_network_is_a_problem(tmp_path: Path, config: Path, refused: Refused) -> None:
    assert refused(summarize, tmp_path / "none.h5").code == "NN603"
    assert refused(summarize, tmp_path).code == "NN603"
    assert refused(summarize, tmp_path / "none.yaml").code == "NN107"
    assert refused(summarize, config, overrides=["model.layers.0={type: flatten}"]).code == "NN301"


KEPT = 36 + 32 + 8 + 8 + 8 + 40 + 40 + 2 + 3
"""Values of the input and of every layer's output."""


@pytest.mark.parametrize(
    ("overrides", "slots", "samples", "value"),
    [
        ([], 2, 32, 4),
        (["optimizer=sgd"], 0, 32, 4),
        (["optimizer.amsgrad=true", "optimizer.use_ema=true"], 4, 32, 4),
        (["training.batch_size=5", "training.precision=mixed_bfloat16"], 2, 5, 2),
        (["training.batch_size=full"], 2, 33, 4),
        (["training.batch_size=100"], 2, 33, 4),  # no more than there are
    ],
)
def test_the_memory_of_a_step(overrides: list[str], slots: int, samples: int, value: int, config: Path) -> None:
    memory = summarize(config, overrides=overrides).memory
    parameters, trained, activations = 526, 162, samples * value * KEPT
    assert memory == MemorySummary(
        batch_size=samples,
        weights=4 * parameters,
        gradients=4 * trained,
        optimizer=4 * trained * slots,
        activations=activations,
        total=4 * (parameters + trained + trained * slots) + activations,
    )


def test_what_composites_hold_is_listed_and_kept(config: Path) -> None:
    head, _ = CONFIG.split("model:")
    config.write_text(
        head
        + """\
model:
  layers:
    - flatten
    - type: repeat
      times: 2
      layers:
        - {type: dense, units: 5}
        - type: parallel
          join: add
          branches: [[], [relu, {type: dense, units: 5, trainable: false}]]
    - {type: dense, units: 3, activation: softmax}
optimizer: sgd
loss: sparse_categorical_crossentropy
"""
    )
    report = summarize(config)
    assert report.memory is not None

    def dense(inputs: int, trained: bool = True, branch: str = "") -> LayerSummary:
        count, name = inputs * 5 + 5, f"dense{branch}"
        parts = {"parameters": count, "trained": count * trained, "multiply_adds": inputs * 5}
        return LayerSummary(name=name, type="dense", output_shape=(5,), **parts)

    relu = LayerSummary(name="relu (branch 1)", type="relu", output_shape=(5,), parameters=0, trained=0)
    frozen = dense(5, trained=False, branch=" (branch 1)")
    numbers = {"parameters": 30, "trained": 0, "multiply_adds": 25}
    parallel = LayerSummary(name="parallel", type="parallel", output_shape=(5,), inside=(relu, frozen), **numbers)
    assert report.layers[1].inside == (dense(36), parallel, dense(5), parallel)
    assert report.layers[1].parameters == sum(layer.parameters for layer in report.layers[1].inside)
    # Input, flatten, twice (dense, relu, frozen dense, their sum), what `repeat` gives, the last layer.
    assert report.memory.activations == 4 * 32 * (36 + 36 + 2 * 4 * 5 + 5 + 3)
    console = Console(file=io.StringIO(), width=100)
    show_report(report, console)
    assert "│     dense (branch 1)" in console.file.getvalue()  # type: ignore[attr-defined]


def test_all_samples_of_a_checkpoint_are_not_known(config: Path, untrained: Any) -> None:
    config.write_text(CONFIG + "training: {batch_size: full}\n")
    assert summarize(untrained(config)).memory is None
    assert summarize(config).memory is not None


@pytest.mark.parametrize(("name", "begins"), [("a.png", b"\x89PNG"), ("a.SVG", b"<?xml")])
def test_a_picture_of_the_network(name: str, begins: bytes, config: Path, tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / name
    assert summarize(config, plot=path) == replace(summarize(config), plot=str(path))
    assert path.read_bytes().startswith(begins)
    assert refused(summarize, config, plot=path).code == "NN601"


def test_what_is_no_picture_is_refused_before_anything_is_read(tmp_path: Path, refused: Refused) -> None:
    problem = refused(summarize, tmp_path / "none.yaml", plot=tmp_path / "a.pdf")
    assert (problem.code, problem.message) == ("NN606", "a picture is a .svg or a .png file")
    assert refused(summarize, tmp_path / "none.yaml", plot=tmp_path / "none" / "a.svg").code == "NN604"


def test_at_80_columns(config: Path) -> None:
    text = io.StringIO()
    show_report(summarize(config), Console(file=text, width=80, color_system=None))
    lines = text.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[-3:] == [
        "training in batches of 32 samples takes about 26.1 KiB of memory:",
        "  weights 2.05 KiB, gradients 648 B, optimizer 1.27 KiB, activations 22.1 KiB",
        "  on top of that: the data, and TensorFlow itself (0.5 to 1 GiB)",
    ]
    assert "(batch_normalization)" in text.getvalue()  # which the layer's own name, `norm`, does not say


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (1000 * 1024, "1000 KiB"),
        (2**20, "1 MiB"),
        (3 * 2**40, "3 TiB"),
    ],
)
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text


CONFIGS = Path(__file__).parents[3] / "configs"


@pytest.mark.parametrize("name", [path.stem for path in sorted(CONFIGS.glob("*.yaml"))])
def test_every_config_that_ships_has_a_summary(name: str) -> None:
    report = summarize(CONFIGS / f"{name}.yaml")
    assert report.name == name
    assert report.parameters == sum(layer.parameters for layer in report.layers) >= report.trained > 0

"""A mistake in one part of a config hides none in the others, and makes none up there."""

from __future__ import annotations

from pathlib import Path

import pytest

from nncli.commands.check import check
from nncli.config.load import read_config
from nncli.config.partial import sound_parts
from nncli.problems import Problem
from nncli.spec.meaning import find_mistakes

ROOT = Path(__file__).parents[3]
VALID = sorted((ROOT / "configs").glob("*.yaml")) + sorted((ROOT / "tests" / "configs" / "valid").rglob("*.yaml"))

BROKEN = {
    "training.stepz=3": ("NN201", "training.stepz"),
    "optimizer=addam": ("NN205", "optimizer"),
    "loss=msee": ("NN205", "loss"),
    "metrics=[acuracy]": ("NN205", "metrics.0"),
    "dataset=mnist_6k": ("NN205", "dataset"),
    "model.layers.0.trainable=maybe": ("NN203", "model.layers.0.trainable"),
    "model.layers.0.foo=1": ("NN201", "model.layers.0.foo"),
    "training.batch_size=0": ("NN204", "training.batch_size"),
    "training.order=random": ("NN205", "training.order"),
    "training.precision=float31": ("NN205", "training.precision"),
    "training.nb_epoch=3": ("NN201", "training.nb_epoch"),
    "expect=[x]": ("NN207", "expect.0"),
    "optimizer.foo=1": ("NN201", "optimizer.foo"),
    "seed=-1": ("NN204", "seed"),
    "name=a b": ("NN204", "name"),
}
"""A `--set` argument that breaks one part -> the code and the path of its mistake."""


def brief(problems: tuple[Problem, ...]) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.where.path if problem.where else None) for problem in problems if problem.severity == "error"]


@pytest.mark.parametrize("argument", BROKEN)
@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_in_a_valid_config_one_mistake_is_all_there_is(path: Path, argument: str) -> None:
    assert brief(check([path], overrides=[argument]).problems) == [BROKEN[argument]]


MANY = """\
name: a b
dataset: {type: mnist_5k, validation: 0.1}
model:
  layers:
    - {type: conv2d, filters: 4, kernel_size: 30, kernel_initializer: xavier}
    - {type: max_pooling2d, pool_size: 9}
    - flatten
    - {type: dense, units: 5, activation: softmax}
optimizer: {type: adam, lr: 1}
loss: sparse_categorical_crossentropy
metrics: [categorical_accuracy]
training: {steps: 10, early_stopping: {monitor: val_f1}}
expect: [test_loss < one]
"""


def test_mistakes_of_all_parts_come_together(tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_text(MANY)
    assert brief(check([path]).problems) == [
        ("NN204", "name"),
        ("NN302", "model.layers.0.kernel_size"),
        ("NN205", "model.layers.0.kernel_initializer"),
        ("NN401", "model.layers.3.units"),
        ("NN201", "optimizer.lr"),
        ("NN401", "metrics.0"),
        ("NN402", "training.early_stopping.monitor"),
        ("NN207", "expect.0"),
    ]


def test_the_sound_parts_of_a_config(tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_text(MANY)
    sound = sound_parts(read_config(path)[0])
    assert sound.unknown == {"name"}
    assert [layer.type for layer in sound.experiment.model.layers] == ["conv2d", "max_pooling2d", "flatten", "dense"]
    assert sound.experiment.loss.type == "sparse_categorical_crossentropy"
    path.write_text("name: a\nmodel: {layers: [flatten, {type: dense, units: a}, relu]}\n")
    sound = sound_parts(read_config(path)[0])
    assert sound.unknown == {"dataset", "model", "optimizer", "loss"}
    assert [layer.type for layer in sound.experiment.model.layers] == ["flatten"], "what follows the unknown is unknown"


@pytest.mark.parametrize("model", ["1", "[]", "{}", "{layers: 3}", "{layers: []}", "{layers: [[]]}", "{layers: [null]}"])
def test_a_model_without_a_layer_is_no_bug(model: str, tmp_path: Path) -> None:
    path = tmp_path / "bare.yaml"
    path.write_text(f"name: a\ndataset: mnist_5k\noptimizer: sgd\nloss: mse\nmodel: {model}\n")
    assert all(code.startswith("NN2") for code, _ in brief(check([path]).problems))
    sound = sound_parts(read_config(path)[0])
    assert find_mistakes(sound.experiment, None, sound.unknown) == []

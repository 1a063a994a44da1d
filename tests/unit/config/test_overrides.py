"""`--set`: what each argument does to the tree, and where its mistakes point."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from nncli.commands.configs import check_config
from nncli.config.load import load_config, parse_config
from nncli.config.overrides import apply_overrides
from nncli.config.reader import read_tree
from nncli.config.tree import Source, plain
from nncli.problems import NncliError, Problem

CONFIG = """\
name: digits
dataset: {type: mnist_5k, preprocess: [rescale, flatten]}
model:
  layers:
    - flatten
    - {type: dense, units: 10, activation: softmax}
  weights_from: trained/best.h5
optimizer: adam
loss: sparse_categorical_crossentropy
metrics: [accuracy, {type: sparse_top_k_categorical_accuracy, k: 3}]
training: {epochs: 2, early_stopping: {patience: 3}}
"""


def changed(*overrides: str, config: str = CONFIG) -> Any:
    """The whole config after the overrides."""
    root, found = apply_overrides(read_tree(Source(config, "/configs", "c.yaml")), overrides)
    assert found == []
    return plain(root)


def original() -> Any:
    return changed()


def problems(*overrides: str, config: str = CONFIG) -> tuple[Problem, ...]:
    with pytest.raises(NncliError) as caught:
        parse_config(config, "c.yaml", "/configs", overrides=overrides)
    return caught.value.problems


def marked(problem: Problem) -> str:
    """The part of the argument that a problem points at."""
    where = problem.where
    assert where is not None and where.argument is not None and where.column is not None and where.end_column is not None
    assert where.file is None and where.source_line == where.argument
    return where.argument[where.column - 1 : where.end_column - 1]


@pytest.mark.parametrize(
    ("override", "path", "value"),
    [
        ("seed=7", ("seed",), 7),
        ("name=other", ("name",), "other"),
        ("name='1e5'", ("name",), "1e5"),
        ("optimizer=sgd", ("optimizer",), "sgd"),
        ("optimizer={type: sgd, momentum: 0.9}", ("optimizer",), {"type": "sgd", "momentum": 0.9}),
        ("optimizer.learning_rate=1e-4", ("optimizer",), {"type": "adam", "learning_rate": 1e-4}),
        ("optimizer.type=sgd", ("optimizer",), {"type": "sgd"}),
        ("optimizer.learning_rate.type=cosine_decay", ("optimizer",), {"type": "adam", "learning_rate": {"type": "cosine_decay"}}),
        ("loss.from_logits=true", ("loss",), {"type": "sparse_categorical_crossentropy", "from_logits": True}),
        ("model.layers.1.units=16", ("model", "layers", 1, "units"), 16),
        ("model.layers.0.data_format=channels_first", ("model", "layers", 0), {"type": "flatten", "data_format": "channels_first"}),
        ("model.layers.1.activation.axis=1", ("model", "layers", 1, "activation"), {"type": "softmax", "axis": 1}),
        ("model.layers.0={type: dropout, rate: 0.5}", ("model", "layers", 0), {"type": "dropout", "rate": 0.5}),
        ("model.layers=[flatten]", ("model", "layers"), ["flatten"]),
        ("model.weights_from.partial=true", ("model", "weights_from"), {"checkpoint": "trained/best.h5", "partial": True}),
        ("model.weights_from=other.h5", ("model", "weights_from"), "other.h5"),
        ("metrics.0.name=acc", ("metrics", 0), {"type": "accuracy", "name": "acc"}),
        ("metrics.1.k=5", ("metrics", 1, "k"), 5),
        ("dataset.preprocess.0.to=[-1, 1]", ("dataset", "preprocess", 0), {"type": "rescale", "to": [-1, 1]}),
        ("training.best.mode=max", ("training", "best"), {"mode": "max"}),
        ("training.early_stopping.patience=9", ("training", "early_stopping", "patience"), 9),
        ("expect=[test_accuracy >= 0.9]", ("expect",), ["test_accuracy >= 0.9"]),
        ("training.stop_when=[a=b]", ("training", "stop_when"), ["a=b"]),
    ],
)
def test_an_override_sets_one_value_and_leaves_the_rest(override: str, path: tuple[str | int, ...], value: object) -> None:
    expected = original()
    node = expected
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    assert changed(override) == expected


def test_missing_mappings_are_made_and_null_ones_filled() -> None:
    assert changed("training.best.monitor=loss", config="name: a") == {"name": "a", "training": {"best": {"monitor": "loss"}}}
    assert changed("training.steps=1", config="training:") == {"training": {"steps": 1}}
    assert changed("seed=1", config="") == {"seed": 1}


def test_steps_and_epochs_remove_each_other() -> None:
    assert changed("training.steps=5")["training"] == {"early_stopping": {"patience": 3}, "steps": 5}
    assert changed("training.steps=5", "training.epochs=3")["training"] == {"early_stopping": {"patience": 3}, "epochs": 3}
    assert changed("training.steps=null")["training"] == original()["training"]
    assert changed("training={steps: 1}")["training"] == {"steps": 1}
    assert changed("training.evaluate_every.steps=5")["training"]["epochs"] == 2


@pytest.mark.parametrize("null", ["null", "~", "", "Null"])
def test_null_removes_a_key(null: str) -> None:
    expected = original()
    del expected["training"]["early_stopping"]
    assert changed(f"training.early_stopping={null}") == expected


def test_null_removes_an_entry_of_a_list_and_later_arguments_count_anew() -> None:
    assert changed("metrics.0=null")["metrics"] == original()["metrics"][1:]
    assert changed("metrics.0=null", "metrics.0.k=2")["metrics"] == [{"type": "sparse_top_k_categorical_accuracy", "k": 2}]
    assert changed("metrics.0=null", "metrics.0=null")["metrics"] == []


@pytest.mark.parametrize(
    "path", ["expect", "training.best", "training.best.mode", "training.reduce_lr_on_plateau.patience", "model.input_shape"]
)
def test_to_remove_what_is_not_there_changes_nothing(path: str) -> None:
    assert changed(f"{path}=null") == original()


def test_a_quoted_null_is_text() -> None:
    assert changed("name='null'")["name"] == "null"


def test_arguments_apply_from_left_to_right() -> None:
    assert changed("optimizer.learning_rate=1", "optimizer=sgd")["optimizer"] == "sgd"
    assert changed("optimizer=sgd", "optimizer.learning_rate=1")["optimizer"] == {"type": "sgd", "learning_rate": 1}


@pytest.mark.parametrize(
    ("override", "code", "message", "hint", "part"),
    [
        ("training.steps", "NN110", "expected `path=value`", "for example `--set training.steps=100`", "training.steps"),
        ("=5", "NN110", "`` is no path of a config", "for example `model.layers.0.filters`", "="),
        ("a..b=5", "NN110", "`a..b` is no path of a config", "for example `model.layers.0.filters`", "a..b"),
        (
            "training steps=5",
            "NN110",
            "`training steps` is no path of a config",
            "for example `model.layers.0.filters`",
            "training steps",
        ),
        (
            "model.layers.2.units=5",
            "NN110",
            "`model.layers` is a list of 2, it has no entry `2`",
            "entries count from 0 to 1",
            "model.layers.2.units",
        ),
        (
            "model.layers.dense.units=5",
            "NN110",
            "`model.layers` is a list of 2, it has no entry `dense`",
            "entries count from 0 to 1: `dense` is `model.layers.1`",
            "model.layers.dense.units",
        ),
        (
            "model.layers.-1=flatten",
            "NN110",
            "`model.layers` is a list of 2, it has no entry `-1`",
            "entries count from 0 to 1",
            "model.layers.-1",
        ),
        (
            "model.layers.units=5",
            "NN110",
            "`model.layers` is a list of 2, it has no entry `units`",
            "entries count from 0 to 1",
            "model.layers.units",
        ),
        (
            "metrics.\u0661=x",
            "NN110",
            "`metrics` is a list of 2, it has no entry `\u0661`",
            "entries count from 0 to 1",
            "metrics.\u0661",
        ),
        ("name.first=x", "NN110", "`name` is a plain value and has no `first`", None, "name.first"),
        ("training.epochs.x=1", "NN110", "`training.epochs` is a plain value and has no `x`", None, "training.epochs.x"),
        (
            "optimizer.learning_rte=1",
            "NN201",
            "unknown key `learning_rte` in optimizer `adam`",
            "did you mean `learning_rate`?",
            "optimizer.learning_rte",
        ),
        ("trainig.steps=1", "NN201", "unknown key `trainig` in the config", "did you mean `training`?", "trainig.steps"),
        ("training.stpes=null", "NN201", "unknown key `stpes` in `training`", "did you mean `steps`?", "training.stpes"),
        (
            "training.earlystopping.patience=null",
            "NN201",
            "unknown key `earlystopping` in `training`",
            "did you mean `early_stopping`?",
            "training.earlystopping.patience",
        ),
        ("optimizer.lr=null", "NN201", "unknown key `lr` in optimizer `adam`", "did you mean `learning_rate`?", "optimizer.lr"),
        ("training={steps: 1, epoch: 2}", "NN201", "unknown key `epoch` in `training`", "did you mean `epochs`?", "epoch"),
        ("model.layers.1.units=ten", "NN203", "expected a whole number, received the string 'ten'", None, "ten"),
        ("model.layers.1.units='10'", "NN203", "expected a whole number, received the string '10'", "remove the quotes", "'10'"),
        ("training.batch_size=0", "NN204", "expected a whole number of 1 or more, or `full`, received the number 0", None, "0"),
        ("metrics=[accuracy, \U0001f600, acuracy]", "NN205", "unknown metric `acuracy`", "did you mean `accuracy`?", "acuracy"),
        ("metrics=[\naccuracy,\n  acuracy]", "NN205", "unknown metric `acuracy`", "did you mean `accuracy`?", "acuracy"),
        ("optimizer={type: adam, type: sgd}", "NN103", "duplicate key `type`, first on line 1", "keep one of them", "type"),
        ("optimizer={type: *x}", "NN104", "the alias `*x`: configs do without", "write the value out", "*x"),
        ("seed=1e400", "NN106", "`1e400` is beyond the largest float", "quote it if it is meant as text", "1e400"),
        ("seed=\x1b", "NN101", "the character U+001B cannot stand in a config", "remove it", "\x1b"),
        ("loss.type=null", "NN202", "`type` is missing: which loss is it?", "write `type:` and a loss's name", "loss.type"),
    ],
)
def test_a_mistake_points_into_the_argument(override: str, code: str, message: str, hint: str | None, part: str) -> None:
    found = [problem for problem in problems(override) if problem.where and problem.where.argument and problem.message == message]
    assert [(problem.code, problem.hint, marked(problem)) for problem in found] == [(code, hint, part)]


def test_syntax_mistakes_of_an_argument_point_behind_its_equals_sign() -> None:
    (problem,) = problems("optimizer=[1, @]")
    assert (problem.code, marked(problem)) == ("NN102", "@")


def test_all_arguments_at_fault_are_told_at_once() -> None:
    assert [problem.code for problem in problems("training", "name.x=1", "seed=*x")] == ["NN110", "NN110", "NN104"]


def test_an_argument_at_fault_hides_neither_the_file_nor_the_other_arguments(tmp_path: Path) -> None:
    arguments = ("x", "model.layers.1.units=0", "model.layers.9.units=3", "optimizer.foo=1", "training.class_weight={ten: 2}")
    expected = [(6, None, "NN205"), (None, arguments[1], "NN204"), (None, arguments[2], "NN110")]
    expected += [(None, arguments[3], "NN201"), (None, "x", "NN110")]
    config = CONFIG.replace("softmax", "sofmax")

    def told(found: Iterable[Problem]) -> list[tuple[object, ...]]:
        return [(problem.where and problem.where.line, problem.where and problem.where.argument, problem.code) for problem in found]

    assert told(problems(*arguments, config=config)) == expected
    path = tmp_path / "c.yaml"
    path.write_text(config, encoding="utf-8")
    # `check` looks behind the mistakes, too: the monitor and the last argument are at odds with the data.
    behind = [(11, None, "NN402"), (None, arguments[4], "NN402")]
    assert told(check_config(path, arguments)) == [expected[0], behind[0], *expected[1:4], behind[1], expected[4]]


def test_mistakes_in_the_file_and_in_an_argument_come_together_the_file_first() -> None:
    found = problems("seed=x", config=CONFIG.replace("units: 10", "units: ten"))
    assert [problem.where and (problem.where.line, problem.where.argument) for problem in found] == [(6, None), (None, "seed=x")]


def test_a_config_that_is_no_mapping_takes_no_overrides() -> None:
    for config, kind in (
        ("[1]", "the config is a list of 1, it has no entry `seed`"),
        ("x", "the config is a plain value and has no `seed`"),
    ):
        of_file, problem = problems("seed=1", config=config)
        assert of_file.code == "NN203"
        assert (problem.code, problem.message, marked(problem)) == ("NN110", kind, "seed")


def test_paths_of_an_argument_count_from_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, here = tmp_path / "configs", tmp_path / "here"
    folder.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)
    config = folder / "c.yaml"
    config.write_text(CONFIG, encoding="utf-8")

    def weights(*overrides: str) -> str | None:
        source = load_config("../configs/c.yaml", overrides).experiment.model.weights_from
        return source and source.checkpoint

    assert weights() == str(folder / "trained/best.h5")
    assert weights("model.weights_from.partial=true") == str(folder / "trained/best.h5")
    assert weights("model.weights_from=w.h5") == str(here / "w.h5")
    assert weights("model.weights_from={checkpoint: ../w.h5}") == str(tmp_path / "w.h5")
    assert weights("model.weights_from.checkpoint=/w.h5") == "/w.h5"
    assert weights("model.weights_from=null") is None

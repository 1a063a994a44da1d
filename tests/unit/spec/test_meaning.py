"""Mistakes that only the whole config, held against its data, shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from nncli.spec.base import Mistake
from nncli.spec.experiment import Experiment
from nncli.spec.meaning import find_mistakes
from nncli.spec.outline import Outline

CLASSES = Outline((4,), (), "index", 3, ("cat", "dog", "eel"), 100, 0, 20)
VALIDATED = Outline((4,), (), "index", 3, ("cat", "dog", "eel"), 90, 10, 20)
ROWS = Outline((4,), (3,), "one_hot", 3, ("cat", "dog", "eel"), 90, 10, 20)
NUMBERS = Outline((4,), (1,), None, None, (), 90, 0, 0)
SEQUENCES = Outline((5, 1), (1,), None, None, (), 90, 0, 0)

SOFTMAX = {"type": "dense", "units": 3, "activation": "softmax"}
SCALAR = {"type": "dense", "units": 1}


def experiment(*layers: Any, **more: Any) -> Experiment:
    document: dict[str, Any] = {
        "name": "a",
        "dataset": "mnist_5k",  # never looked at: the outline says what the data are
        "model": {"layers": list(layers) or [SOFTMAX]},
        "optimizer": "adam",
        "loss": "sparse_categorical_crossentropy",
    }
    return Experiment.model_validate(document | more)


def found(config: Experiment, outline: Outline = CLASSES) -> list[Mistake]:
    """All but what looks wrong with the last layer, which has tests of its own: test_output_fit.py."""
    return [mistake for mistake in find_mistakes(config, outline) if (mistake.code, mistake.severity) != ("NN401", "warning")]


def brief(mistakes: list[Mistake]) -> list[tuple[str, str]]:
    return [(mistake.code, ".".join(map(str, mistake.path))) for mistake in mistakes]


@pytest.mark.parametrize(
    ("config", "outline", "expected"),
    [
        (experiment(), CLASSES, []),
        (experiment({"type": "dense", "units": 5}), CLASSES, []),
        (experiment(SCALAR, loss="mse"), NUMBERS, []),
        (experiment(loss="categorical_crossentropy"), ROWS, []),
        (experiment(SCALAR, loss="mae"), CLASSES, []),
        (experiment({"type": "dense", "units": 2}), CLASSES, [("NN401", "model.layers.0.units")]),
        (experiment(SOFTMAX, {"type": "activation", "activation": "relu"}, SCALAR, loss="hinge"), CLASSES, [("NN401", "loss")]),
        (experiment(), ROWS, [("NN401", "loss")]),
        (experiment(), NUMBERS, [("NN401", "loss")]),
        (experiment({"type": "reshape", "target_shape": [2, 2]}, SOFTMAX), CLASSES, [("NN401", "loss")]),
        (experiment(loss="categorical_crossentropy"), CLASSES, [("NN401", "loss")]),
        (experiment(loss="mse"), NUMBERS, [("NN401", "model.layers.0.units")]),
        (experiment(SCALAR, loss="binary_crossentropy"), CLASSES, [("NN401", "loss")]),
        (experiment(loss={"type": "mse", "reduction": "none"}), ROWS, [("NN403", "loss.reduction")]),
        (experiment(loss={"type": "mse", "reduction": None}), ROWS, [("NN403", "loss.reduction")]),
        (experiment(loss={"type": "mse", "reduction": "sum"}), ROWS, []),
        (experiment(loss="categorical_generalized_cross_entropy"), CLASSES, []),
        (experiment(loss="categorical_generalized_cross_entropy"), ROWS, [("NN401", "loss")]),
        (
            experiment({"type": "dense", "units": 2}, loss="categorical_generalized_cross_entropy"),
            CLASSES,
            [("NN401", "model.layers.0.units")],
        ),
        (experiment({"type": "dense", "units": 2}, loss="circle"), CLASSES, []),
        (experiment({"type": "dense", "units": 2}, loss="circle"), ROWS, [("NN401", "loss")]),
        (experiment(loss="dice"), ROWS, []),
        (experiment(loss="tversky"), ROWS, []),
        (experiment(SCALAR, loss="dice"), NUMBERS, []),
        (experiment(loss="dice"), CLASSES, [("NN401", "loss")]),
        (experiment(SCALAR, loss="ctc"), SEQUENCES, []),
        (experiment({"type": "lstm", "units": 2}, loss="ctc"), SEQUENCES, [("NN401", "loss")]),
        (experiment(loss="ctc"), CLASSES, [("NN401", "loss")]),
    ],
    ids=lambda part: part.loss.type if isinstance(part, Experiment) else None,
)
def test_loss_labels_and_last_layer(config: Experiment, outline: Outline, expected: list[tuple[str, str]]) -> None:
    assert brief(found(config, outline)) == expected


@pytest.mark.parametrize(
    ("layers", "outline", "message", "hint"),
    [
        (
            [{"type": "lstm", "units": 1, "return_sequences": True}],
            SEQUENCES,
            "the last layer gives 5 x 1, the targets are 1",
            "remove `return_sequences` from the last `lstm`",
        ),
        (
            [SCALAR],
            SEQUENCES,
            "the last layer gives 5 x 1, the targets are 1",
            "add a `flatten` layer before the last `dense` layer",
        ),
        ([SOFTMAX], NUMBERS, "the last layer gives 3, the targets are 1", "give it 1 unit"),
        ([{"type": "dense", "units": 2}], ROWS, "the last layer gives 2, the targets are 3", "give it 3 units"),
        (
            ["flatten", SCALAR],
            Outline((4,), (2, 2), None, None, (), 9, 0, 0),
            "the last layer gives 1, the targets are 2 x 2",
            None,
        ),
    ],
)
def test_an_output_of_another_shape(layers: list[Any], outline: Outline, message: str, hint: str | None) -> None:
    (mistake,) = found(experiment(*layers, loss="mse"), outline)
    assert (mistake.code, mistake.message, mistake.hint) == ("NN401", message, hint)


@pytest.mark.parametrize(
    ("metric", "outline", "hint"),
    [
        ("accuracy", CLASSES, None),
        ("sparse_categorical_accuracy", CLASSES, None),
        ("sparse_top_k_categorical_accuracy", CLASSES, None),
        ("sparse_categorical_crossentropy", CLASSES, None),
        ("categorical_accuracy", CLASSES, "use `sparse_categorical_accuracy`"),
        ("top_k_categorical_accuracy", CLASSES, "use `sparse_top_k_categorical_accuracy`"),
        ("categorical_crossentropy", CLASSES, "use `sparse_categorical_crossentropy`"),
        ("categorical_hinge", CLASSES, "set `dataset.labels: one_hot`"),
        ("f1_score", CLASSES, "set `dataset.labels: one_hot`"),
        ("precision", CLASSES, "set `dataset.labels: one_hot`"),
        ("auc", CLASSES, "set `dataset.labels: one_hot`"),
        ({"type": "mean_iou", "num_classes": 3}, CLASSES, "set `sparse_y_pred: false`"),
        ({"type": "mean_iou", "num_classes": 3, "sparse_y_pred": False}, CLASSES, None),
        ({"type": "mean_iou", "num_classes": 3, "sparse_y_true": False}, CLASSES, "remove it"),
        ({"type": "one_hot_mean_iou", "num_classes": 3}, CLASSES, "use `mean_iou` with `sparse_y_pred: false`"),
        ("accuracy", ROWS, None),
        ("categorical_accuracy", ROWS, None),
        ("f1_score", ROWS, None),
        ("precision", ROWS, None),
        ("mse", ROWS, None),
        ({"type": "one_hot_mean_iou", "num_classes": 3}, ROWS, None),
        ({"type": "mean_iou", "num_classes": 3, "sparse_y_true": False, "sparse_y_pred": False}, ROWS, None),
        ("sparse_categorical_accuracy", ROWS, "use `categorical_accuracy`"),
        ("sparse_top_k_categorical_accuracy", ROWS, "use `top_k_categorical_accuracy`"),
        ("sparse_categorical_crossentropy", ROWS, "use `categorical_crossentropy`"),
        ({"type": "mean_iou", "num_classes": 3}, ROWS, "use `one_hot_mean_iou`"),
        ({"type": "iou", "num_classes": 3, "target_class_ids": [0]}, ROWS, "use `one_hot_iou`"),
    ],
)
def test_metrics_and_labels(metric: Any, outline: Outline, hint: str | None) -> None:
    loss = "categorical_crossentropy" if outline is ROWS else "sparse_categorical_crossentropy"
    mistakes = found(experiment(loss=loss, metrics=["accuracy", metric] if metric != "accuracy" else [metric]), outline)
    assert [(mistake.code, mistake.path, mistake.hint) for mistake in mistakes] == (
        [] if hint is None else [("NN401", ("metrics", 1), hint)]
    )


@pytest.mark.parametrize(
    "metric", ["precision", "auc", "mse", "binary_accuracy", {"type": "iou", "num_classes": 3, "target_class_ids": [1]}]
)
def test_with_one_output_metrics_compare_class_numbers_value_by_value(metric: Any) -> None:
    assert found(experiment(SCALAR, loss="mse", metrics=[metric])) == []


@pytest.mark.parametrize(
    ("metric", "hint"),
    [
        ("categorical_accuracy", "give the last layer an output for each class, or use `binary_accuracy`"),
        ("sparse_categorical_crossentropy", "give the last layer an output for each class, or use `binary_accuracy`"),
        ("categorical_hinge", "give the last layer an output for each class, or use `binary_accuracy`"),
        ("f1_score", "give the targets as rows of one number, and leave `labels` out"),
        ("binary_crossentropy", "give the targets as rows of one number, and leave `labels` out"),
    ],
)
def test_with_one_output_other_metrics_are_refused(metric: str, hint: str) -> None:
    (mistake,) = found(experiment(SCALAR, loss="mse", metrics=[metric]))
    assert (mistake.code, mistake.path, mistake.hint) == ("NN401", ("metrics", 0), hint)


def test_without_classes_and_with_one_output_too() -> None:
    assert brief(found(experiment(SCALAR, loss="mse", metrics=["categorical_accuracy", "binary_crossentropy"]), NUMBERS)) == [
        ("NN401", "metrics.0")
    ]
    assert brief(found(experiment(SCALAR, loss="categorical_crossentropy"), NUMBERS)) == [("NN401", "loss")]
    top = {"type": "sparse_top_k_categorical_accuracy", "from_sorted_ids": True}
    assert found(experiment(SCALAR, loss="mse", metrics=[top])) == []


NO_VALIDATION = "there is no validation part: set `dataset.validation`, for example to 0.1"
FOR_THE_END = "the test part is for the end: use the validation part"


@pytest.mark.parametrize(
    ("more", "outline", "path", "message", "hint"),
    [
        (
            {"training": {"early_stopping": {}}},
            CLASSES,
            "training.early_stopping.monitor",
            "nothing measures `val_loss` while training",
            NO_VALIDATION,
        ),
        (
            {"training": {"reduce_lr_on_plateau": {"monitor": "val_accuracy"}}},
            CLASSES,
            "training.reduce_lr_on_plateau.monitor",
            "nothing measures `val_accuracy` while training",
            NO_VALIDATION,
        ),
        (
            {"training": {"best": {"monitor": "val_accuracy"}}},
            CLASSES,
            "training.best.monitor",
            "nothing measures `val_accuracy` while training",
            NO_VALIDATION,
        ),
        (
            {"training": {"best": {"monitor": "acc"}}},
            VALIDATED,
            "training.best.monitor",
            "nothing in this run measures `acc`",
            "did you mean `accuracy`?",
        ),
        (
            {"training": {"best": {"monitor": "val_acc"}}},
            VALIDATED,
            "training.best.monitor",
            "nothing in this run measures `val_acc`",
            "did you mean `val_accuracy`?",
        ),
        (
            {"training": {"best": {"monitor": "val_acc"}}},
            CLASSES,
            "training.best.monitor",
            "nothing in this run measures `val_acc`",
            f"did you mean `val_accuracy`? T{NO_VALIDATION[1:]}",
        ),
        (
            {"training": {"best": {"monitor": "test_loss"}}},
            VALIDATED,
            "training.best.monitor",
            "nothing measures `test_loss` while training",
            FOR_THE_END,
        ),
        (
            {"training": {"stop_when": ["val_loss < 1"]}},
            CLASSES,
            "training.stop_when.0",
            "nothing measures `val_loss` while training",
            NO_VALIDATION,
        ),
        (
            {"training": {"stop_when": ["loss < 1", "zzz < 1"]}},
            VALIDATED,
            "training.stop_when.1",
            "nothing in this run measures `zzz`",
            "there are: loss, accuracy, val_loss, val_accuracy",
        ),
        (
            {"expect": ["zzz < 1"]},
            VALIDATED,
            "expect.0",
            "nothing in this run measures `zzz`",
            "there are: loss, accuracy, test_loss, test_accuracy, val_loss, val_accuracy",
        ),
        (
            {"expect": ["test_lss < 1"]},
            VALIDATED,
            "expect.0",
            "nothing in this run measures `test_lss`",
            "did you mean `test_loss`?",
        ),
        ({"expect": ["val_loss < 1"]}, CLASSES, "expect.0", "nothing measures `val_loss` in this run", NO_VALIDATION),
        (
            {"expect": ["test_loss < 1"]},
            Outline((4,), (), "index", 3, (), 9, 0, 0),
            "expect.0",
            "nothing measures `test_loss` in this run",
            "there is no test part in these data",
        ),
    ],
)
def test_names_that_nothing_measures(more: dict[str, Any], outline: Outline, path: str, message: str, hint: str) -> None:
    mistakes = found(experiment(metrics=["accuracy"], **more), outline)
    assert [("NN402", path, message, hint)] == [(m.code, ".".join(map(str, m.path)), m.message, m.hint) for m in mistakes]


def test_names_that_are_measured() -> None:
    training = {
        "early_stopping": {"monitor": "val_top"},
        "reduce_lr_on_plateau": {"monitor": "loss"},
        "best": {"monitor": "top"},
        "stop_when": ["val_hits > 0.9", "test_hits > 0.9"],
    }
    metrics = [{"type": "accuracy", "name": "top"}, {"type": "sparse_categorical_accuracy", "name": "hits"}]
    with pytest.raises(ValueError, match="the test part is for the end"):
        experiment(metrics=metrics, training=training)
    training["stop_when"] = ["val_hits > 0.9"]
    expect = ["hits > 0", "test_hits > 0", "val_hits > 0", "loss < 1", "test_top > 0"]
    assert found(experiment(metrics=metrics, training=training, expect=expect), VALIDATED) == []


def test_the_default_of_best_needs_no_validation_part() -> None:
    assert found(experiment(training={"best": {}})) == []
    assert found(experiment(training={"best": {"monitor": "val_loss"}})) == []


@pytest.mark.parametrize(
    ("metric", "hint"),
    [
        ("f1_score", "give it an `average`, such as `macro`"),
        ({"type": "fbeta_score", "average": None}, "give it an `average`, such as `macro`"),
        ({"type": "f1_score", "average": "micro"}, None),
        ({"type": "r2_score", "class_aggregation": None}, "give it a `class_aggregation`, such as `uniform_average`"),
        ("r2_score", None),
        ({"type": "precision", "thresholds": [0.1, 0.2]}, "give it one threshold"),
        ({"type": "false_positives", "thresholds": [0.1, 0.2]}, "give it one threshold"),
        ({"type": "recall", "thresholds": [0.1]}, None),
        ({"type": "auc", "thresholds": [0.1, 0.2]}, None),
        ({"type": "auc", "multi_label": True}, None),
    ],
)
def test_a_list_of_numbers_can_be_measured_but_not_compared(metric: Any, hint: str | None) -> None:
    metric = {"name": "m"} | ({"type": metric} if isinstance(metric, str) else metric)
    parts: dict[str, Any] = {"loss": "categorical_crossentropy", "metrics": [metric]}
    assert found(experiment(**parts), ROWS) == []
    parts["training"] = {"early_stopping": {"monitor": "val_m"}, "best": {"monitor": "m"}, "stop_when": ["m > 0.9"]}
    parts["expect"] = ["test_m > 0.9"]
    paths = ["training.early_stopping.monitor", "training.best.monitor", "training.stop_when.0", "expect.0"]
    mistakes = found(experiment(**parts), ROWS)
    assert brief(mistakes) == ([] if hint is None else [("NN402", path) for path in paths])
    assert {mistake.hint for mistake in mistakes} == ({hint} if mistakes else set())


def test_two_metrics_of_one_name() -> None:
    metrics = ["accuracy", {"type": "sparse_categorical_accuracy", "name": "accuracy"}, {"type": "accuracy", "name": "loss"}]
    mistakes = found(experiment(metrics=metrics))
    assert [(m.code, m.path, m.message) for m in mistakes] == [
        ("NN403", ("metrics", 1), "two metrics are called `accuracy`"),
        ("NN403", ("metrics", 2), "a metric cannot be called `loss`: it is a column of a run's `metrics.jsonl`"),
    ]


def test_the_same_reserved_name_twice_is_one_mistake_each() -> None:
    mistakes = found(experiment(metrics=[{"type": "accuracy", "name": "epoch"}] * 2))
    assert [(m.code, m.path) for m in mistakes] == [("NN403", ("metrics", 0)), ("NN403", ("metrics", 1))]


FROZEN = {**SOFTMAX, "trainable": False}
NO_WEIGHTS = "no layer of this network has weights to train"
ALL_FROZEN = "every layer that could be trained has `trainable: false`"


@pytest.mark.parametrize(
    ("layers", "training", "message"),
    [
        (["flatten"], {}, NO_WEIGHTS),
        (["flatten"], {"steps": 3}, NO_WEIGHTS),
        (["flatten"], {"steps": 0}, None),
        (["flatten"], {"epochs": 0}, None),
        ([FROZEN], {}, ALL_FROZEN),
        ([FROZEN], {"steps": 0}, None),
        ([FROZEN, SOFTMAX], {}, None),
        ([{"type": "batch_normalization"}], {}, None),
        ([{"type": "batch_normalization", "center": False, "scale": False}], {}, NO_WEIGHTS),
    ],
)
def test_a_network_with_nothing_to_train(layers: list[Any], training: dict[str, Any], message: str | None) -> None:
    outline = Outline((3,), (3,), None, None, (), 90, 0, 0)
    mistakes = found(experiment(*layers, loss="mse", training=training), outline)
    assert [(m.code, m.path, m.message) for m in mistakes] == ([] if message is None else [("NN403", ("model", "layers"), message)])


@pytest.mark.parametrize(
    ("training", "paths"),
    [
        ({"batch_size": 30, "order": "sequential"}, []),
        ({"batch_size": "full"}, []),
        ({"batch_size": "full", "order": "sequential"}, []),
        ({"batch_size": 90, "order": "sequential"}, []),
        ({"batch_size": 40, "order": "sequential"}, ["training.batch_size"]),
        ({"batch_size": 30}, ["layer"]),
        ({"batch_size": 30, "order": "shuffled"}, ["training.order"]),
        ({"batch_size": 30, "order": "with_replacement"}, ["training.order"]),
        ({}, ["layer", "layer"]),
    ],
)
def test_stateful_layers_need_equal_batches_in_the_datas_order(training: dict[str, Any], paths: list[str]) -> None:
    for layer, place in (
        ({"type": "gru", "units": 2, "stateful": True}, "model.layers.0.stateful"),
        ({"type": "bidirectional", "layer": {"type": "gru", "units": 2, "stateful": True}}, "model.layers.0"),
    ):
        mistakes = found(experiment(layer, SCALAR, loss="mse", training=training), SEQUENCES)
        assert brief(mistakes) == [("NN403", place if path == "layer" else path) for path in paths]


def test_a_stateful_layer_may_get_one_batch_of_all_samples() -> None:
    layer = {"type": "gru", "units": 2, "stateful": True}
    mistakes = found(experiment(layer, SCALAR, loss="mse", training={"batch_size": 100, "order": "sequential"}), SEQUENCES)
    assert [(mistake.severity, mistake.path) for mistake in mistakes] == [("warning", ("training", "batch_size"))]


def test_batches_larger_than_the_training_part_are_worth_a_warning() -> None:
    (mistake,) = found(experiment(training={"batch_size": 101}))
    assert (mistake.severity, mistake.code, mistake.path) == ("warning", "NN403", ("training", "batch_size"))
    assert mistake.message == "batches of 101 are larger than the training part: each takes all 100 samples"
    assert found(experiment(training={"batch_size": 100})) == []
    assert found(experiment(), Outline((4,), (), "index", 3, (), 5, 0, 0)) == []  # the default is nobody's wish


def test_class_weights_name_classes() -> None:
    mistakes = found(experiment(training={"class_weight": {"cat": 1, "dgo": 2, "7": 1}}))
    assert [(m.code, m.path, m.hint, m.at_key) for m in mistakes] == [
        ("NN402", ("training", "class_weight", "dgo"), "did you mean `dog`?", True),
        ("NN402", ("training", "class_weight", "7"), "there are: cat, dog, eel", True),
    ]
    unnamed = Outline((4,), (), "index", 3, (), 100, 0, 20)
    assert brief(found(experiment(training={"class_weight": {"0": 1, "3": 2}}), unnamed)) == [("NN402", "training.class_weight.3")]
    many = Outline((4,), (), "index", 30, (), 100, 0, 20)
    (mistake,) = found(experiment({"type": "dense", "units": 30}, training={"class_weight": {"30": 2}}), many)
    assert mistake.hint is not None and mistake.hint.endswith(", 18, 19, ...")
    assert brief(found(experiment(SCALAR, loss="mse", training={"class_weight": {"0": 1, "1": 1}}), NUMBERS)) == [
        ("NN403", "training.class_weight")
    ]


def test_mixed_float16_is_warned_of() -> None:
    (mistake,) = found(experiment(training={"precision": "mixed_float16"}))
    assert (mistake.code, mistake.severity, mistake.path) == ("NN404", "warning", ("training", "precision"))


EMBEDDING = {"type": "embedding", "input_dim": 7, "output_dim": 2}
DENSE = {"type": "dense", "units": 3}


@pytest.mark.parametrize(
    ("layers", "paths"),
    [
        ([EMBEDDING, "flatten", SOFTMAX], []),
        ([{"type": "reshape", "target_shape": [2, 2]}, "flatten", EMBEDDING, "flatten", SOFTMAX], []),
        ([DENSE, EMBEDDING, "flatten", SOFTMAX], ["model.layers.1"]),
        ([EMBEDDING, "flatten", EMBEDDING, "flatten", SOFTMAX], ["model.layers.2"]),
        ([DENSE, {"type": "time_distributed", "layer": EMBEDDING}, "flatten", SOFTMAX], ["model.layers.1"]),
    ],
)
def test_an_embedding_needs_the_whole_numbers_of_the_data(layers: list[Any], paths: list[str]) -> None:
    mistakes = [mistake for mistake in found(experiment(*layers)) if "embedding" in mistake.message]
    assert brief(mistakes) == [("NN403", path) for path in paths]


def test_mistakes_of_all_kinds_come_together() -> None:
    config = experiment(
        {"type": "dense", "units": 3, "name": "a"},
        {"type": "dense", "units": 2, "name": "a"},
        metrics=["categorical_accuracy"],
        training={"precision": "mixed_float16", "class_weight": {"x": 1}},
        expect=["val_loss < 1"],
    )
    assert brief(found(config)) == [
        ("NN403", "model.layers.1.name"),
        ("NN402", "expect.0"),
        ("NN404", "training.precision"),
        ("NN401", "model.layers.1.units"),
        ("NN401", "metrics.0"),
        ("NN402", "training.class_weight.x"),
    ]


def test_where_the_shapes_end_early_loss_and_metrics_are_not_judged() -> None:
    assert brief(found(experiment("max_pooling2d", metrics=["categorical_accuracy"], expect=["x < 1"]))) == [
        ("NN301", "model.layers.0"),
        ("NN402", "expect.0"),
        ("NN403", "model.layers"),
    ]


def said(config: Experiment, outline: Outline = CLASSES) -> list[tuple[str, str, str | None]]:
    return [(mistake.severity, ".".join(map(str, mistake.path)), mistake.hint) for mistake in find_mistakes(config, outline)]


AMOUNTS = Outline((4,), (1,), None, None, (), 90, 10, 0, target_range=(-1.0, 7.0))
WORDS = Outline((4,), (), "index", 3, (), 90, 0, 0, input_dtype="int32", input_range=(0, 49))
LOOKED_UP = ["flatten", SOFTMAX]


@pytest.mark.parametrize(
    ("metric", "config", "outline", "expected"),
    [
        ({"type": "mean_iou", "num_classes": 2, "sparse_y_pred": False}, {}, CLASSES, ("error", "num_classes", "write 3")),
        ({"type": "mean_iou", "num_classes": 2, "sparse_y_pred": False, "ignore_class": 2}, {}, CLASSES, None),
        (
            {"type": "one_hot_mean_iou", "num_classes": 2},
            {"loss": "categorical_crossentropy"},
            ROWS,
            ("error", "num_classes", "write 3"),
        ),
        ("sparse_top_k_categorical_accuracy", {}, CLASSES, ("warning", "k", "use less than 3")),
        ({"type": "sparse_top_k_categorical_accuracy", "k": 2}, {}, CLASSES, None),
        (
            "accuracy",
            {"model": {"layers": [SCALAR]}, "loss": "mse"},
            AMOUNTS,
            ("warning", "", "use `mean_absolute_error`, or `r2_score`"),
        ),
        ("mae", {"model": {"layers": [SCALAR]}, "loss": "mse"}, AMOUNTS, None),
        ("accuracy", {"model": {"layers": [SCALAR]}, "loss": "mse"}, NUMBERS, None),
    ],
)
def test_metrics_that_say_nothing(metric: Any, config: Any, outline: Outline, expected: tuple[str, str, str] | None) -> None:
    if expected is not None:
        expected = (expected[0], f"metrics.0.{expected[1]}".rstrip("."), expected[2])
    assert said(experiment(metrics=[metric], **config), outline) == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("condition", "hint"),
    [
        ("val_accuracy >= 95", "write 0.95: it is a share of 1, no percentage"),
        ("val_accuracy > 1", "it is a share of 1"),
        ("val_accuracy < 0", "it is a share of 1"),
        ("val_accuracy <= -0.5", "it is a share of 1"),
        ("test_accuracy > 300", "it is a share of 1"),
        ("val_accuracy >= 1", None),
        ("val_accuracy < 95", None),
        ("val_loss >= 95", None),
    ],
)
def test_a_condition_that_never_holds(condition: str, hint: str | None) -> None:
    config = experiment(metrics=["accuracy"], expect=[condition])
    assert said(config, VALIDATED) == ([] if hint is None else [("warning", "expect.0", hint)])


@pytest.mark.parametrize("field", ["early_stopping", "reduce_lr_on_plateau", "best"])
@pytest.mark.parametrize(
    ("monitor", "mode", "is_told"), [("val_loss", "max", True), ("val_loss", "min", False), ("val_accuracy", "min", True)]
)
def test_a_mode_that_looks_for_the_worst(field: str, monitor: str, mode: str, is_told: bool) -> None:
    config = experiment(metrics=["accuracy"], training={field: {"monitor": monitor, "mode": mode}})
    assert said(config, VALIDATED) == ([("warning", f"training.{field}.mode", "remove `mode`")] if is_told else [])


@pytest.mark.parametrize(
    ("layer", "data", "path", "hint"),
    [
        ({"type": "embedding", "input_dim": 20, "output_dim": 2}, (0, 49), "input_dim", "write 50, the largest number plus 1"),
        ({"type": "embedding", "input_dim": 50, "output_dim": 2}, (0, 49), None, ""),
        ({"type": "embedding", "input_dim": 50, "output_dim": 2}, (-1, 9), "input_dim", "number them from 0 on"),
        ({"type": "category_encoding", "num_tokens": 3}, (0, 3), "num_tokens", "write 4, the largest number plus 1"),
        ({"type": "embedding", "input_dim": 2, "output_dim": 2}, None, None, ""),
        ({"type": "discretization", "bin_boundaries": [1.0, 2.0]}, (0, 49), None, ""),
    ],
)
def test_numbers_that_have_no_place(layer: Any, data: tuple[int, int] | None, path: str | None, hint: str) -> None:
    outline = replace(WORDS, input_range=data)
    expected = [] if path is None else [("error", f"model.layers.0.{path}", hint)]
    assert said(experiment(layer, *LOOKED_UP), outline) == expected
    if path is not None:
        wrapped = experiment("identity", layer, *LOOKED_UP)
        assert ("error", f"model.layers.1.{path}", hint) not in said(
            wrapped, outline
        )  # only what comes straight from the data is known


@pytest.mark.parametrize("training", [{}, {"epochs": None}, {"epochs": None, "steps": None}])
def test_one_epoch_is_what_a_run_takes_that_says_nothing(training: dict[str, None]) -> None:
    config = experiment(training=training).training
    assert (config.epochs, config.steps) == (1, None)
    config = experiment(training={"steps": 5}).training
    assert (config.epochs, config.steps) == (None, 5)

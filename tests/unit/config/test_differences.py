"""What differs between two configs is told by its path, once."""

from __future__ import annotations

from typing import Any

import pytest

from nncli.config.differences import ABSENT, Difference, differences
from nncli.spec.experiment import Experiment

CONFIG: dict[str, Any] = {
    "name": "tiny",
    "dataset": {"type": "inline", "inputs": [[0.0], [1.0]], "targets": [0.0, 1.0]},
    "model": {"layers": [{"type": "dense", "units": 2, "activation": "relu"}, {"type": "dense", "units": 1}]},
    "optimizer": {"type": "adam", "learning_rate": 0.1},
    "loss": "mse",
}


def experiment(**changes: Any) -> Experiment:
    return Experiment.model_validate({**CONFIG, **changes})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ()),
        ({"seed": 3}, [(("seed",), 0, 3)]),
        ({"optimizer": {"type": "adam", "learning_rate": 0.2}}, [(("optimizer", "learning_rate"), 0.1, 0.2)]),
        ({"expect": ["loss < 1"]}, [(("expect",), [], ["loss < 1"])]),
        ({"training": {"steps": 3, "early_stopping": {"patience": 2}}}, "the budget and the whole of early stopping"),
        ({"training": {"class_weight": {"a": 1.0}}}, [(("training", "class_weight"), None, {"a": 1.0})]),
        (
            {"dataset": {"type": "inline", "inputs": [[0.0], [2.0]], "targets": [0.0, 1.0]}},
            [(("dataset", "inputs", 1, 0), 1.0, 2.0)],
        ),
    ],
)
def test_each_key_that_differs(changes: dict[str, Any], expected: Any) -> None:
    found = differences(experiment(), experiment(**changes))
    if isinstance(expected, str):
        assert [difference.path for difference in found] == [
            ("training", "steps"),
            ("training", "epochs"),
            ("training", "early_stopping"),
        ]
    else:
        assert found == tuple(Difference(*entry) for entry in expected)


def test_another_type_stands_for_all_that_it_changes() -> None:
    (found,) = differences(experiment(), experiment(optimizer="sgd"))
    assert (found.path, found.before["type"], found.after["type"]) == (("optimizer",), "adam", "sgd")


def test_layers_are_compared_one_by_one() -> None:
    first, second = CONFIG["model"]["layers"]
    found = differences(experiment(), experiment(model={"layers": [{**first, "units": 3}, second, "relu"]}))
    assert [difference.path for difference in found] == [("model", "layers", 0, "units"), ("model", "layers", 2)]
    assert (found[1].before, found[1].after["type"]) == (ABSENT, "relu")


def test_a_list_of_values_of_another_length_is_one_difference() -> None:
    (found,) = differences(experiment(expect=["loss < 1"]), experiment(expect=["loss < 1", "loss < 2"]))
    assert (found.path, len(found.before), len(found.after)) == (("expect",), 1, 2)


def test_a_key_that_one_mapping_lacks() -> None:
    pair = [experiment(training={"class_weight": weights}) for weights in ({"a": 1.0}, {"a": 1.0, "b": 2.0})]
    assert differences(*pair) == (Difference(("training", "class_weight", "b"), ABSENT, 2.0),)
    assert repr(ABSENT) == "not there"

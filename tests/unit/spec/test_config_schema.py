"""The JSON Schema of configs lets through what `check` lets through, and stops what a schema can stop."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from nncli.config.reader import read_tree
from nncli.config.tree import Source, plain
from nncli.spec import registry
from nncli.spec.describing.config import config_schema, spec_class, type_names
from nncli.spec.describing.examples import example

ROOT = Path(__file__).parents[3]
VALID = sorted([*(ROOT / "configs").glob("*.yaml"), *(ROOT / "tests/configs/valid").rglob("*.yaml")])
INVALID = sorted((ROOT / "tests/configs/invalid/schema").rglob("*.yaml"))
SCHEMA = config_schema()
VALIDATOR = Draft202012Validator(SCHEMA)

BEYOND = {
    "bad_formulas": "the grammar of formulas",
    "bidirectional_of_dense": "which layers are recurrent",
    "bidirectional_same_direction": "two fields together",
    "bidirectional_units": "two fields together",
    "constraint_range": "two fields together",
    "duplicate_class_names": "a list of different entries",
    "excluding_keys": "two fields together",
    "full_batch_with_replacement": "two fields together",
    "glu": "the one activation that no layer takes",
    "initializer_range": "two fields together",
    "metric_targets": "two fields together",
    "muon_pattern": "regular expressions",
    "not_finite": "a number that JSON does not have",
    "class_numbers_below_zero": "samples, one by one",
    "fewer_targets": "two fields together",
    "infinite_formula": "the values of formulas",
    "ragged_inputs": "lists of equal length",
    "pictures_table_and_parts": "two fields together",
    "pictures_two_test_parts": "two fields together",
    "repeats_that_unfold": "products of fields",
    "repeats_that_unfold_together": "sums of fields",
    "words_as_inputs": "samples, one by one",
    "schedule_too_few_values": "two fields together",
    "schedule_values": "two fields together",
    "steps_and_epochs": "two fields together",
    "table_column_twice": "two fields together",
    "table_group_and_time": "two fields together",
    "table_target_among_features": "two fields together",
    "table_target_as_time": "two fields together",
    "table_target_as_weight": "two fields together",
    "table_two_test_parts": "two fields together",
    "texts_two_test_parts": "two fields together",
    "time_distributed_of_input": "where a layer stands",
    "two_test_parts": "two fields together",
    "warmup_without_target": "two fields together",
    "wrapped_layer_with_name": "where a layer stands",
}
"""Files whose mistakes a schema of single fields does not see, and what they are about; `check` does."""


def document(text: str) -> Any:
    return plain(read_tree(Source(text, "/", "config.yaml")))


def complaints(content: Any) -> list[str]:
    """Every complaint, those of the branches of an alternative included."""
    pending, found = list(VALIDATOR.iter_errors(content)), []
    while pending:
        problem = pending.pop()
        found.append(problem.message)
        pending += problem.context
    return found


def test_it_is_a_json_schema_of_the_draft_that_it_names() -> None:
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(SCHEMA)


def test_every_reference_leads_somewhere_and_every_mapping_is_closed() -> None:
    pending: list[Any] = [SCHEMA]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            if "$ref" in part:
                assert part["$ref"].removeprefix("#/$defs/") in SCHEMA["$defs"]
            assert part.get("additionalProperties", False) is False or "properties" not in part
            assert "choice" not in part or isinstance(part["choice"], dict)
            pending += part.values()
        elif isinstance(part, list):
            pending += part


@pytest.mark.parametrize("kind", registry.MODULES)
def test_every_type_has_a_definition_with_all_its_fields_described(kind: str) -> None:
    for name in type_names(kind):
        definition = SCHEMA["$defs"][f"{kind}.{name}"]
        assert definition["additionalProperties"] is False
        assert definition["required"][0] == "type"
        assert set(definition["properties"]) == set(spec_class(kind, name).model_fields)
        assert all(field["description"] for field in definition["properties"].values())


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid_configs_pass(path: Path) -> None:
    assert complaints(document(path.read_text(encoding="utf-8"))) == []


def test_the_examples_of_all_types_pass() -> None:
    for kind in registry.MODULES:
        for name in type_names(kind):
            if (text := example(kind, name)) is not None:
                wrong = [problem for problem in complaints(document(text)) if "required property" not in problem]
                assert wrong == [], (kind, name)


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_configs_are_stopped_where_a_schema_can(path: Path) -> None:
    assert bool(complaints(document(path.read_text(encoding="utf-8")))) == (path.stem not in BEYOND)


GOOD = {
    "name": "digits",
    "dataset": "mnist_5k",
    "model": {"layers": ["flatten", {"type": "dense", "units": 10, "activation": "softmax"}]},
    "optimizer": "adam",
    "loss": "mse",
}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"optimiser": "adam"}, r"'optimiser' was unexpected"),
        ({"optimizer": {"type": "adam", "lr": 1}}, r"'lr' was unexpected"),
        ({"optimizer": {"type": "addam"}}, r"'addam' is not one of \['sgd'"),
        ({"optimizer": "addam"}, r"'addam' is not one of \['sgd'"),
        ({"optimizer": {"learning_rate": 1}}, r"'type' is a required property"),
        ({"seed": "0"}, r"'0' is not of type 'integer'"),
        ({"model": {"layers": [{"type": "dense"}]}}, r"'units' is a required property"),
        ({"model": {"layers": ["dense"]}}, r"'dense' is not one of"),
        ({"model": {"layers": [{"type": "conv2d", "filters": 1, "kernel_size": [3, 3, 3]}]}}, r"\[3, 3, 3\] is too long"),
        ({"model": {"layers": [{"type": "conv2d", "filters": 0, "kernel_size": 3}]}}, r"0 is less than the minimum of 1"),
        ({"training": {"early_stopping": {"patience": -1}}}, r"-1 is less than the minimum of 0"),
    ],
)
def test_a_mistake_is_called_by_its_name(change: dict[str, Any], complaint: str) -> None:
    assert complaints(GOOD) == []
    found = complaints(GOOD | change)
    assert any(re.search(complaint, message) for message in found), found


def test_a_complaint_speaks_of_the_type_that_is_meant() -> None:
    """And of none of the others, of which there are many."""
    (problem,) = VALIDATOR.iter_errors(GOOD | {"optimizer": {"type": "adam", "lr": 1}})
    assert {inner.message for inner in problem.context if inner.validator == "additionalProperties"} == {
        "Additional properties are not allowed ('lr' was unexpected)"
    }

"""An experiment written as YAML or JSON reads back as the same experiment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nncli.config.load import load_config, parse_config
from nncli.config.write import to_yaml
from nncli.data.outline import outline
from nncli.spec.experiment import Experiment
from nncli.spec.meaning import find_mistakes

CONFIGS = Path(__file__).parents[2] / "configs" / "valid"
VALID = sorted(CONFIGS.rglob("*.yaml"))

TRICKY = [
    "1e5",
    "no",
    "null",
    "~",
    "0x1",
    "",
    "010",
    ".inf",
    "True",
    "- a",
    "a: b",
    "#",
    "'",
    '"',
    "\\",
    "@a",
    "*",
    "&",
    "!",
    "%",
    "|",
    ">",
    "<<",
    "=",
]
TEXTS = st.sampled_from(TRICKY) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def read_back(experiment: Experiment) -> Experiment:
    return parse_config(to_yaml(experiment), "written.yaml", "/elsewhere").experiment


def name(path: Path) -> str:
    return path.relative_to(CONFIGS).with_suffix("").as_posix()


@pytest.mark.parametrize("path", VALID, ids=name)
def test_yaml_reads_back_as_the_same(path: Path) -> None:
    experiment = load_config(path).experiment
    assert read_back(experiment) == experiment
    assert to_yaml(read_back(experiment)) == to_yaml(experiment)


@pytest.mark.parametrize("path", VALID, ids=name)
def test_json_reads_back_as_the_same(path: Path) -> None:
    experiment = load_config(path).experiment
    assert Experiment.model_validate(json.loads(json.dumps(experiment.model_dump(mode="json")))) == experiment


@pytest.mark.parametrize("path", VALID, ids=name)
def test_what_is_written_is_as_free_of_mistakes(path: Path) -> None:
    written = read_back(load_config(path).experiment)
    assert [found for found in find_mistakes(written, outline(written.dataset)) if found.severity == "error"] == []


def experiment(**changes: Any) -> Experiment:
    document = {
        "name": "a",
        "dataset": {"type": "npz", "path": "/data.npz", "class_names": ["a"]},
        "model": {"layers": ["flatten", {"type": "dense", "units": 2}]},
        "optimizer": "adam",
        "loss": "mse",
    }
    return Experiment.model_validate(document | changes)


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5, unique=True), TEXTS.filter(bool), TEXTS)
@example(["x\x85y", "a\u2028b", "\ufeff", "\x00", "\n", " a ", "\t", "a\n\nb "], "\x07", "\U0001f600 " * 50)
def test_any_text_survives(names: list[str], path: str, monitor: str) -> None:
    drawn = experiment(
        dataset={"type": "npz", "path": path, "class_names": names},
        training={"best": {"monitor": monitor}, "class_weight": dict.fromkeys(names, 1.5)},
    )
    # A text that was written in a file is a path from its folder; the writer only ever writes absolute ones.
    back = parse_config(to_yaml(drawn), "written.yaml", "").experiment
    assert back.training == drawn.training
    assert back.dataset.class_names == drawn.dataset.class_names  # type: ignore[attr-defined]


@settings(max_examples=200, deadline=None)
@given(
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,40}", fullmatch=True)
    | st.sampled_from(["1e5", "no", "null", "0x1", "010", "1.", "true"])
)
def test_any_name_survives(drawn: str) -> None:
    assert read_back(experiment(name=drawn)).name == drawn


@settings(max_examples=300, deadline=None)
@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False, allow_nan=False), st.integers(0, 2**32 - 1))
def test_any_number_survives(rate: float, seed: int) -> None:
    drawn = experiment(seed=seed, optimizer={"type": "adam", "learning_rate": rate})
    assert read_back(drawn) == drawn

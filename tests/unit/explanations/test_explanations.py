"""Every problem code is explained, and its examples are what they claim to be."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from nncli.commands.check import check
from nncli.explanations.table import EXPLANATIONS
from nncli.problems import CODES

BASE = """\
name: digits
dataset: mnist_5k
model: {layers: [flatten, {type: dense, units: 10, activation: softmax}]}
optimizer: adam
loss: sparse_categorical_crossentropy
"""


def completed(fragment: str) -> str:
    """A config with the keys of a fragment, and those of a small config that it lacks."""
    keys = set(re.findall(r"^(\w+):", fragment, re.MULTILINE))
    return "".join(line for line in BASE.splitlines(keepends=True) if line.partition(":")[0] not in keys) + fragment + "\n"


def codes_of(example: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What `check` finds in an example."""
    monkeypatch.chdir(folder)
    config = folder / "config.yaml"
    if not example.startswith("nncli "):
        config.write_text(completed(example), encoding="utf-8")
        return {problem.code for problem in check([config]).problems}
    config.write_text(BASE, encoding="utf-8")
    program, command, file, *rest = shlex.split(example)
    assert (program, command, rest[::2]) == ("nncli", "check", ["--set"] * (len(rest) // 2))
    return {problem.code for problem in check([file], overrides=rest[1::2]).problems}


def test_every_code_is_explained() -> None:
    assert list(EXPLANATIONS) == list(CODES)


@pytest.mark.parametrize("code", EXPLANATIONS)
def test_an_explanation_is_whole_sentences_and_two_examples(code: str) -> None:
    explanation = EXPLANATIONS[code]
    assert explanation.meaning[0].isupper() and explanation.meaning.endswith(".")
    assert explanation.wrong != explanation.right
    for example in (explanation.wrong, explanation.right):
        assert example == example.strip(" \n")
        assert code == "NN105" or max(map(len, example.splitlines())) <= 76


@pytest.mark.parametrize("code", [code for code in EXPLANATIONS if code < "NN500"])
def test_what_is_wrong_gives_the_code_and_what_is_right_passes(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert codes_of(EXPLANATIONS[code].wrong, tmp_path, monkeypatch) == {code}
    assert codes_of(EXPLANATIONS[code].right, tmp_path, monkeypatch) == set()


def test_the_same_of_data_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = np.zeros((20, 3), np.float32), np.arange(20) % 10
    np.savez(tmp_path / "columns.npz", a=x, b=y)
    np.savez(tmp_path / "samples.npz", x=x, y=y)
    assert codes_of(EXPLANATIONS["NN502"].wrong, tmp_path, monkeypatch) == {"NN502"}
    assert codes_of(EXPLANATIONS["NN502"].right, tmp_path, monkeypatch) == set()

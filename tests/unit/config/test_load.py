"""Config -> experiment, and the places of what is found wrong later."""

from __future__ import annotations

import io
import sys
import types
from pathlib import Path

import pytest

from nncli.commands.check import check
from nncli.config.load import LoadedConfig, load_config, parse_config
from nncli.config.mistakes import MOST_AT_ONCE
from nncli.config.reader import MAX_BYTES
from nncli.problems import NncliError, Problem, Where
from nncli.spec.base import Mistake

CONFIG = """\
name: digits
dataset: {type: npz, path: data.npz}
model:
  layers: [flatten, {type: dense, units: 3}]
optimizer: adam
loss: mse
"""


def loaded(text: str = CONFIG, *overrides: str) -> LoadedConfig:
    return parse_config(text, "c.yaml", "/folder", overrides=overrides)


def place(problem: Problem) -> tuple[int | None, int | None, int | None, str | None]:
    assert problem.where is not None
    return problem.where.line, problem.where.column, problem.where.end_column, problem.where.path


@pytest.mark.parametrize(
    ("path", "at_key", "code", "expected"),
    [
        (("loss",), False, "NN401", (6, 7, 10, "loss")),
        (("loss",), True, "NN401", (6, 1, 5, "loss")),
        (("loss", "reduction"), False, "NN403", (6, 7, 10, "loss.reduction")),
        (("model", "layers", 1, "units"), False, "NN401", (4, 42, 43, "model.layers.1.units")),
        (("model", "layers", 1, "units"), True, "NN401", (4, 35, 40, "model.layers.1.units")),
        (("model", "layers", 1), False, "NN401", (4, 28, 33, "model.layers.1")),
        (("model", "layers", 1), False, "NN203", (4, 22, 26, "model.layers.1")),
        (("model", "layers", 0, "name"), True, "NN403", (4, 12, 19, "model.layers.0.name")),
        (("model", "layers", 9), False, "NN403", (4, 11, 45, "model.layers.9")),
        (("model",), False, "NN202", (3, 1, 6, "model")),
        (("training", "steps"), False, "NN403", (1, 1, 5, "training.steps")),
        ((), False, "NN202", (1, 1, 5, None)),
    ],
)
def test_a_mistake_is_placed_as_near_as_the_text_allows(
    path: tuple[str | int, ...], at_key: bool, code: str, expected: tuple[int, int, int, str | None]
) -> None:
    (problem,) = loaded().locate([Mistake(path, code, "what", "how", "warning", at_key)])
    assert place(problem) == expected
    assert (problem.code, problem.message, problem.hint, problem.severity) == (code, "what", "how", "warning")


def test_problems_come_in_the_order_of_the_text_and_once() -> None:
    paths: list[tuple[str | int, ...]] = [("loss",), ("name",), ("loss",), ("model", "layers", 0)]
    problems = loaded().locate([Mistake(path, "NN403", "what") for path in paths])
    assert [problem.where and problem.where.path for problem in problems] == ["name", "model.layers.0", "loss"]


def test_a_path_may_be_placed_in_an_argument() -> None:
    (problem,) = loaded(CONFIG, "dataset.validation=0.5").locate([Mistake(("dataset", "validation"), "NN403", "what")])
    assert problem.where == Where(
        argument="dataset.validation=0.5", column=20, end_column=23, path="dataset.validation", source_line="dataset.validation=0.5"
    )


def test_what_the_data_readers_find_gets_its_place() -> None:
    found = [
        Problem("NN502", "what", "how", Where(path="dataset.path")),
        Problem("NN403", "what", None, Where(path="model.layers.1.units")),
        Problem("NN501", "gone", None, Where(file="/folder/data.npz", path="dataset.path")),
        Problem("NN503", "no network"),
    ]
    placed = loaded().relocate(found)
    assert [place(problem) for problem in placed[:2]] == [(2, 28, 36, "dataset.path"), (4, 42, 43, "model.layers.1.units")]
    assert placed[2:] == found[2:]


def test_paths_count_from_the_configs_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "c.yaml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.chdir("/")
    assert load_config(tmp_path / "c.yaml").experiment.dataset.path == str(tmp_path / "data.npz")  # type: ignore[attr-defined]
    text = CONFIG.replace("data.npz", "~/data.npz")
    monkeypatch.setenv("HOME", "/home/someone")
    assert loaded(text).experiment.dataset.path == "/home/someone/data.npz"  # type: ignore[attr-defined]


def test_standard_input_is_a_config_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(b"\xef\xbb\xbf" + CONFIG.encode())))
    assert load_config("-").experiment.dataset.path == str(tmp_path / "data.npz")  # type: ignore[attr-defined]


def test_standard_input_is_not_read_beyond_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            assert size == MAX_BYTES + 1
            return b"a" * size

    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=Endless()))
    with pytest.raises(NncliError) as caught:
        load_config("-")
    assert [(problem.code, problem.where and problem.where.file) for problem in caught.value.problems] == [("NN101", "-")]


def test_a_schema_mistake_hides_no_other() -> None:
    with pytest.raises(NncliError) as caught:
        loaded(CONFIG.replace("units: 3", "unit: 3").replace("loss: mse", "loss: msee\nexpect: [x]"))
    assert [problem.code for problem in caught.value.problems] == ["NN201", "NN205", "NN207"]


def test_of_very_many_mistakes_the_first_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    layers = "".join(f"    - dens{number}\n" for number in range(MOST_AT_ONCE + 50))
    path.write_text(f"name: a\ndataset: mnist_5k\noptimizer: adam\nloss: mse\nmodel:\n  layers:\n{layers}")
    problems = check([path]).problems
    assert len(problems) == MOST_AT_ONCE + 1
    assert problems[0].message == "unknown layer `dens0`"
    assert problems[-1].message == "50 more mistakes, from here on, are not shown"
    assert problems[-1].where is not None and problems[-1].where.line == 7 + MOST_AT_ONCE


def test_of_very_many_mistakes_in_shapes_the_first_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    layers = "    - {type: max_pooling2d, pool_size: 99}\n" * (MOST_AT_ONCE + 50)
    path.write_text(f"name: a\ndataset: mnist_5k\noptimizer: adam\nloss: mse\nmodel:\n  layers:\n{layers}")
    problems = check([path]).problems
    assert len(problems) == MOST_AT_ONCE + 1
    assert "mistakes, from here on, are not shown" in problems[-1].message

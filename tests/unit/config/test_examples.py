"""Every file in tests/configs: valid ones pass without a word, the others give exactly the text that lies beside them: `warned`
ones nothing but warnings, `invalid` ones an error.

After a change of messages: `NNCLI_REGENERATE=1 pytest tests/unit/config/test_examples.py`, then read the difference.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from nncli.commands import configs
from nncli.commands.check import check
from nncli.problems import CODES, Problem
from nncli.render.problems import show_problems
from nncli.spec.former import FORMER_HINTS, FORMER_KEYS
from nncli.spec.former_types import FORMER_NAMES, FORMER_TYPE_HINTS

CONFIGS = Path(__file__).parents[2] / "configs"
VALID = sorted((CONFIGS / "valid").rglob("*.yaml"))
WARNED = sorted((CONFIGS / "warned").rglob("*.yaml"))
INVALID = sorted((CONFIGS / "invalid").rglob("*.yaml"))

ONLY_OUTSIDE_FILES = {"NN107": "the file itself is missing", "NN110": "an override"}
"""Codes below NN500 that no file can bring about: test_load.py and test_overrides.py have them."""


def name(path: Path) -> str:
    return path.relative_to(CONFIGS).with_suffix("").as_posix()


def problems_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> Sequence[Problem]:
    monkeypatch.chdir(path.parent)  # so that the output names no folder
    monkeypatch.setattr(configs, "installed_memory", lambda: 16 * 2**30)  # nor this machine
    return check([path.name]).problems


def shown(problems: Sequence[Problem]) -> str:
    text = io.StringIO()
    show_problems(problems, Console(file=text, width=80, color_system=None))
    return text.getvalue()


@pytest.mark.parametrize("path", VALID, ids=name)
def test_a_valid_config_passes_without_a_word(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(problems_of(path, monkeypatch)) == ""


@pytest.mark.parametrize("path", WARNED + INVALID, ids=name)
def test_any_other_config_gives_exactly_the_expected_output(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = shown(problems_of(path, monkeypatch))
    expected = path.with_suffix(".txt")
    if os.environ.get("NNCLI_REGENERATE"):
        expected.write_text(output, encoding="utf-8")
    assert output == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WARNED + INVALID, ids=name)
def test_every_problem_points_into_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problems = problems_of(path, monkeypatch)
    lines = path.read_bytes().decode("utf-8", errors="replace").removeprefix("\ufeff").split("\n")
    severities = {problem.severity for problem in problems}
    assert severities == {"warning"} if path in WARNED else "error" in severities
    for problem in problems:
        where = problem.where
        assert where is not None and where.file == path.name
        assert where.line is not None and where.column is not None and where.end_line is not None and where.end_column is not None
        assert 1 <= where.line <= len(lines)
        assert 1 <= where.column <= len(lines[where.line - 1]) + 1
        assert (where.line, where.column) < (where.end_line, where.end_column)
        assert where.source_line == lines[where.line - 1].rstrip("\r")


def test_no_expected_output_is_left_over() -> None:
    for folder, paths in (("warned", WARNED), ("invalid", INVALID)):
        assert sorted((CONFIGS / folder).rglob("*.txt")) == [path.with_suffix(".txt") for path in paths]


def test_every_code_of_configs_has_an_example() -> None:
    texts = [path.with_suffix(".txt").read_text(encoding="utf-8") for path in WARNED + INVALID]
    seen = {code for text in texts for code in CODES if f"error[{code}]" in text or f"warning[{code}]" in text}
    assert seen >= {code for code in CODES if code < "NN500"} - set(ONLY_OUTSIDE_FILES)


FORMER = [("keys", key, right) for key, right in FORMER_KEYS.items()] + [
    (kind, name, right) for kind, names in FORMER_NAMES.items() for name, right in names.items()
]


@pytest.mark.parametrize(("folder", "name", "right"), FORMER, ids=lambda part: str(part))
def test_every_former_name_has_an_example_that_gives_the_right_one(folder: str, name: str, right: str) -> None:
    expected = CONFIGS / "invalid" / "former" / folder / f"{name}.txt"
    assert f"did you mean `{right}`?" in expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("key", FORMER_HINTS)
def test_every_key_that_nothing_took_the_place_of_has_an_example(key: str) -> None:
    expected = CONFIGS / "invalid" / "former" / "keys" / f"{key}.txt"
    assert FORMER_HINTS[key] in expected.read_text(encoding="utf-8")


WITHOUT_SUCCESSOR = [(kind, name) for kind, names in FORMER_TYPE_HINTS.items() for name in names]


@pytest.mark.parametrize(("kind", "name"), WITHOUT_SUCCESSOR)
def test_every_type_that_nothing_took_the_place_of_has_an_example(kind: str, name: str) -> None:
    expected = CONFIGS / "invalid" / "former" / kind / f"{name}.txt"
    assert FORMER_TYPE_HINTS[kind][name] in expected.read_text(encoding="utf-8")

"""Problems as values, and the exit codes that they end in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import nncli
from nncli.problems import CODES, NncliError, Problem, Where, error, exit_code


def test_a_problem_has_a_known_code() -> None:
    with pytest.raises(KeyError, match="unknown problem code NN000"):
        Problem("NN000", "what")


def test_codes_have_a_title_and_an_exit_code_of_the_documented_ones() -> None:
    for code, entry in CODES.items():
        assert re.fullmatch(r"NN[1-9][0-9]{2}", code)
        assert entry.title and not entry.title.endswith(".")
        assert entry.exit_code in (1, 2, 3, 4, 5)


def test_every_code_is_used_and_every_code_in_the_package_is_known() -> None:
    paths = [path for path in Path(nncli.__file__).parent.rglob("*.py") if path.parent.name != "explanations"]
    source = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    assert set(re.findall(r'"(NN[0-9]{3})"', source)) - set(CODES) == set()
    unused = {code for code in CODES if source.count(f'"{code}"') < 2}
    assert unused == set()


@pytest.mark.parametrize(
    ("codes", "expected"),
    [((), 0), (("NN201",), 2), (("NN501",), 3), (("NN701", "NN501"), 3), (("NN701", "NN801"), 4), (("NN901", "NN201"), 1)],
)
def test_the_exit_code_is_the_lowest(codes: tuple[str, ...], expected: int) -> None:
    assert exit_code([Problem(code, "what") for code in codes]) == expected


def test_warnings_do_not_fail() -> None:
    assert exit_code([Problem("NN403", "what", severity="warning")]) == 0
    assert exit_code([Problem("NN403", "what", severity="warning"), Problem("NN701", "what")]) == 4


def test_an_error_carries_all_its_problems() -> None:
    first, second = Problem("NN201", "one"), Problem("NN202", "two")
    assert NncliError(iter([first, second])).problems == (first, second)
    assert NncliError(first).problems == (first,)
    assert str(NncliError([first, second])) == "NN201 one; NN202 two"


def test_error_names_a_file_or_an_argument_or_nothing() -> None:
    assert error("NN501", "gone", "look", file=Path("a/b")).problems == (Problem("NN501", "gone", "look", Where(file="a/b")),)
    assert error("NN606", "what", argument="x>1").problems == (Problem("NN606", "what", None, Where(argument="x>1")),)
    assert error("NN606", "what").problems == (Problem("NN606", "what"),)

"""What is said of columns that are left out, or taken for categories, though they hold something else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nncli.data.headers import read_facts
from nncli.data.prepare import prepare
from nncli.data.tables.likeness import likeness
from nncli.data.tables.source import close_source
from nncli.spec.choice import OneOf
from nncli.spec.datasets.tables import Table
from tests.unit.data.conftest import Refused

Write = Callable[..., Table]


@pytest.fixture(autouse=True)
def _forget() -> Any:
    yield
    close_source()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write(text, **settings)` writes a table and gives its data set."""

    def write(text: str | bytes, name: str = "a.csv", **fields: Any) -> Table:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        found = OneOf("dataset").resolve({"type": "csv", "path": str(path), "target": "y"} | fields)
        assert isinstance(found, Table)
        return found

    return write


@pytest.mark.parametrize(
    ("entries", "like", "hint"),
    [
        (["15.10.2023", "1.2.2024", "?"], "dates such as '15.10.2023'", '`{type: date, names: x, format: "%d.%m.%Y"}`'),
        (["1/2/2024", "10/15/2023"], "dates such as '1/2/2024'", '`{type: date, names: x, format: "%m/%d/%Y"}`'),
        (["1/2/2024", "15/10/2023"], "dates such as '1/2/2024'", '`{type: date, names: x, format: "%d/%m/%Y"}`'),
        (["3.402,19", "85,9"], "numbers with a decimal comma such as '3.402,19'", '`decimal: ","` says so'),
        (
            ["3", "4.5", "k.A."],
            "numbers such as '3'",
            "leave cells such as 'k.A.' empty, and it is a column of numbers",
        ),
        (["12.3%", "4%", "k.A."], "numbers with a unit such as '12.3%'", "store the numbers without it"),
        (["5 EUR", "1.200 EUR"], "numbers with a unit such as '5 EUR'", "store the numbers without it"),
        (["$5", "$1,200.50"], "numbers with a unit such as '$5'", "store the numbers without it"),
    ],
)
def test_entries_look_like_what_they_are(entries: list[str], like: str, hint: str) -> None:
    assert likeness(dict.fromkeys(entries, 1), "x") == (like, hint)


@pytest.mark.parametrize("entries", [["red", "blue"], ["A12", "B7"], ["3a", "4b", "5c"], ["1", "x"], ["2023-10-15", "?", "x"], []])
def test_other_entries_look_like_nothing(entries: list[str]) -> None:
    assert likeness(dict.fromkeys(entries, 1), "x") is None


@pytest.mark.parametrize(
    ("cells", "message", "hint"),
    [
        (
            ["15.10.2023", "16.10.2023", "17.10.2023", "18.10.2023"],
            "column `x` holds texts of which most occur only once: it is left out",
            "its entries look like dates such as '15.10.2023': `{type: date, names: x, format: \"%d.%m.%Y\"}`; "
            "else say so: `columns: [{type: ignore, names: x}]`",
        ),
        (
            ["5 EUR", "6 EUR", "5 EUR", "6 EUR"],
            "column `x` is taken for categories, but most of its entries look like numbers with a unit such as '5 EUR'",
            "store the numbers without it; else say so: `{type: category, names: x}`",
        ),
        (
            ["I like it", "not my taste at all", "never again", "what a day"],
            "column `x` holds texts of which most occur only once: it is left out",
            "say so: `columns: [{type: ignore, names: x}]`, or `{type: text, names: x}` to give its words to an `embedding`",
        ),
        (
            ["", "", "", ""],
            "column `x` holds nothing in the training part: it is left out",
            "say so: `columns: [{type: ignore, names: x}]`",
        ),
    ],
)
def test_a_hint_says_what_to_write(cells: list[str], message: str, hint: str, write: Write) -> None:
    rows = "".join(f"{cell},{number / 2},{'ab'[number % 2]}\n" for number, cell in enumerate(cells))
    (note,) = prepare(write(f"x,z,y\n{rows}"), seed=0).notes
    assert (note.message, note.hint) == (message, hint)
    close_source()
    said = [{"type": "ignore", "names": "x"}]
    assert prepare(write(f"x,z,y\n{rows}", columns=said), seed=0).notes == ()


def test_where_no_column_is_left_the_error_says_why(write: Write, refused: Refused) -> None:
    problem = refused(prepare, write("review,y\nI like it,up\nnot my taste,down\n"), seed=0)
    assert problem.message == (
        "no column is left to learn from; column `review` holds texts of which most occur only once: it is left out"
    )
    assert "`{type: text, names: review}`" in (problem.hint or "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_ragged_row_is_told_with_its_row_and_line(encoding: str, end: str, write: Write, refused: Refused) -> None:
    lines = ["ä,y", *["1,a"] * 300, '"two', 'lines",b', "", "1,a,3", "1"]
    dataset = write(end.join(lines).encode(encoding))
    problem = refused(prepare, dataset, seed=0)
    assert problem.message == "row 302 (line 305) has 3 cells, 2 were expected: '1,a,3'"
    bare = write("1;2\n3\n", header=False, delimiter=";", target="column_1")
    assert refused(prepare, bare, seed=0).message.startswith("row 2 (line 2) has 1 cells")


@pytest.mark.parametrize(
    ("good", "bad", "encoding"),
    [
        ("x,y\n1,a\n2,b\n", b"M\xfcnchen,a\n", "utf-8"),
        ("x,y\r\n1,ä\r\n2,b\r\n", "\ud800,".encode("utf-16-le", "surrogatepass"), "utf-16"),
    ],
)
@pytest.mark.parametrize("times", [1, 40_000], ids=["in the sample", "behind it"])
def test_what_is_not_of_an_encoding_is_told_with_its_line(
    good: str, bad: bytes, encoding: str, times: int, write: Write, refused: Refused
) -> None:
    first, rest = good.split("\n", 1)
    dataset = write((first + "\n" + rest * times).encode(encoding) + bad, encoding=encoding)
    assert refused(prepare, dataset, seed=0).message == f"line {2 + 2 * times:,} is no {encoding}"


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (["a", "", "b"], "row 2: the target `y` is missing"),
        (["a", "b", *[""] * 300], "the target `y` is missing in 300 rows, the first is row 3"),
    ],
)
def test_missing_targets_are_counted(targets: list[str], message: str, write: Write, refused: Refused) -> None:
    rows = "".join(f"{number / 2},{target}\n" for number, target in enumerate(targets))
    assert refused(prepare, write(f"x,y\n{rows}"), seed=0).message == message


@pytest.mark.parametrize(
    ("target", "message", "hint"),
    [
        (
            "{}.980,00",
            "holds what looks like numbers with a decimal comma, 40 different entries in 40 rows, such as '100.980,00'",
            '`decimal: ","`',
        ),
        ("town {}", "holds texts, 40 different entries in 40 rows, such as 'town 100'", "`targets: classes`"),
    ],
)
def test_a_target_of_endless_texts_is_no_class(target: str, message: str, hint: str, write: Write, refused: Refused) -> None:
    rows = "".join(f'{number / 2},"{target.format(100 + number)}"\n' for number in range(40))
    problem = refused(prepare, write(f"x,y\n{rows}", test=0.2), seed=0)
    assert problem.message == f"the target `y` {message}"
    assert hint in (problem.hint or "")
    assert len(prepare(write(f"x,y\n{rows}", targets="classes"), seed=0).preparation.class_names) == 40


def test_numbers_that_begin_with_0_are_told(write: Write) -> None:
    rows = "".join(f"{code},0,0.5,{'ab'[number % 2]}\n" for number, code in enumerate(["80331", "01234", "4", "-0.5"]))
    (note,) = prepare(write(f"plz,zero,half,y\n{rows}"), seed=0).notes
    assert (note.severity, note.message) == (
        "warning",
        "column `plz` is taken for amounts, but holds '01234', and no amount begins with 0",
    )
    assert note.hint == "`{type: category, names: plz}`; else say so: `{type: number, names: plz}`"
    assert prepare(write(f"plz,zero,half,y\n{rows}", columns=[{"type": "number", "names": "plz"}]), seed=0).notes == ()


@pytest.mark.parametrize(("target", "fields"), [("a", {}), ("7.5", {}), ("1", {"targets": "classes"})])
def test_from_a_target_that_never_differs_nothing_is_learnt(
    target: str, fields: dict[str, Any], tmp_path: Path, write: Write, refused: Refused
) -> None:
    (tmp_path / "test.csv").write_text("x,y\n0.5,3\n")
    dataset = write("x,y\n" + f"0.5,{target}\n" * 3, test_path=str(tmp_path / "test.csv"), **fields)
    problem = refused(prepare, dataset, seed=0)
    assert problem == refused(read_facts, dataset, 0)
    assert problem.message == (
        f"the target `y` is the same in all 3 rows of the training part, {target!r}: there is nothing to learn"
    )

"""Numbers with decimal commas: the network is given the same as of plain ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nncli.data.headers import resolve_table
from nncli.data.prepare import load_evaluation, prepare
from nncli.data.preprocessing import Preparation
from nncli.data.samples import Splits
from nncli.data.tables.encoding import TableEncoding
from nncli.data.tables.files import open_table
from nncli.data.tables.notation import GERMAN, PLAIN, Notation, find_notation
from nncli.data.tables.reading import stream_rows
from nncli.data.tables.source import close_source
from nncli.spec.choice import OneOf
from nncli.spec.datasets.tables import Table
from tests.unit.data.conftest import Refused


@pytest.fixture(autouse=True)
def _forget() -> Any:
    yield
    close_source()


def table(path: Path, text: str, **fields: Any) -> Table:
    path.write_text(text, encoding="utf-8")
    found = OneOf("dataset").resolve({"type": "csv", "path": str(path), "target": "y", "preprocess": []} | fields)
    assert isinstance(found, Table)
    return found


def asked(path: Path, text: str, splits: Splits, dataset: Table | None) -> np.ndarray[Any, Any]:
    """The network's inputs for a new table, by what a checkpoint holds."""
    path.write_text(text, encoding="utf-8")
    encoding = Preparation.from_json(json.loads(json.dumps(splits.preparation.to_json()))).encoding
    assert isinstance(encoding, TableEncoding)
    return np.concatenate([rows.inputs for rows in stream_rows(str(path), encoding, dataset)])


def german(number: float, decimals: int) -> str:
    return f"{number:,.{decimals}f}".translate({ord(","): ".", ord("."): ","})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(*[st.integers(-(10**9), 10**9)] * 2, st.integers(1, 10**6)), min_size=2, max_size=8, unique=True),
    decimals=st.integers(0, 4),
    is_said=st.booleans(),
)
def test_german_numbers_are_what_plain_ones_are(rows: Any, decimals: int, is_said: bool, tmp_path: Path) -> None:
    """As features, weights and targets, in training, evaluation and prediction."""
    close_source()
    numbers = [[cell / 10**decimals for cell in row] for row in rows]
    plain = "x;y;w;seen\n" + "".join(";".join(f"{cell:.{decimals}f}" for cell in row) + ";15.10.2023\n" for row in numbers)
    text = "x;y;w;seen\n" + "".join(";".join(german(cell, decimals) for cell in row) + ";15.10.2023\n" for row in numbers)
    columns = [{"type": "date", "names": "seen", "format": "%d.%m.%Y"}, {"type": "number", "names": "x", "scale": "min_max"}]
    fields: dict[str, Any] = {"targets": "numbers", "sample_weight": "w", "columns": columns}
    expected = prepare(table(tmp_path / "plain.csv", plain, decimal=".", **fields), seed=0)
    said: dict[str, Any] = {"decimal": ","} if is_said or not decimals else {}
    dataset = table(tmp_path / "german.csv", text, **said, **fields)
    splits = prepare(dataset, seed=0)
    for part in (splits.train, load_evaluation(dataset.path[0], splits.preparation, dataset)[0]):
        assert np.array_equal(part.inputs[:], expected.train.inputs[:])
        assert np.array_equal(part.targets, expected.train.targets)
        assert part.sample_weight is not None and np.array_equal(part.sample_weight, expected.train.sample_weight)
    assert np.array_equal(asked(tmp_path / "new.csv", text, splits, dataset), expected.train.inputs[:])


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["85,9"], GERMAN),
        (["name", "3.402,19", "1.234", "15.10.2023"], GERMAN),
        (["1,5", " 85.9 "], PLAIN),
        (["1,5", "0.123"], PLAIN),
        (["353.980", "7"], None),
        (["a,b", "1,2,3", "15.10.2023", ""], None),
    ],
)
def test_cells_tell_how_numbers_are_written(cells: list[str], expected: Notation | None) -> None:
    assert find_notation(cells) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("3.402,19", 3402.19), ("-1.000.000", -1e6), ("+5", 5), (" 7,5 ", 7.5), ("1,5E-3", 0.0015), ("", None), (None, None)],
)
def test_a_german_number_is_read(cell: str | None, expected: float | None) -> None:
    numbers = GERMAN.as_numbers(pyarrow.array([cell, None], pyarrow.string()))
    assert numbers is not None and numbers.to_pylist() == [expected, None]


@pytest.mark.parametrize("cell", ["85.9", "0.123", "1.23,4", "15.10.2023", "1,2,3", "12.3456", "1234.567", "x", "1.5,", ",", "inf"])
def test_what_is_no_german_number_is_left_as_it_is(cell: str) -> None:
    cells = pyarrow.array([cell], pyarrow.string())
    assert GERMAN.as_numbers(cells) is None
    assert GERMAN.plain(cells).equals(cells)


HOUSES = "id;size;kind;seen;y\n1,0;85,9;1,5;15.10.2023;353.980\n2,0;70,1;a;16.10.2023;1.200.500\n3,0;1.100,5;a;17.10.2023;99,5\n"


def test_what_is_found_is_said_and_shown_and_kept_for_those_who_ask(tmp_path: Path, refused: Refused) -> None:
    dataset = table(tmp_path / "a.csv", HOUSES, columns=[{"type": "number", "names": "size", "scale": "none"}], id="id")
    file = open_table(dataset.path[0], dataset)
    assert file.said == "CSV, UTF-8, cells between `;`, a header, numbers such as 1.234,5"
    splits = prepare(dataset, seed=0)
    found = resolve_table(dataset, 0)[0]
    assert (found["decimal"], found["thousands"]) == (",", ".")
    assert splits.train.targets.ravel().tolist() == [353_980, 1_200_500, 99.5]
    assert asked(tmp_path / "new.csv", "size;kind\n1.234;a\n", splits, dataset)[0, 0] == 1234, "in doubt as in training"
    assert asked(tmp_path / "new.csv", "size;kind\n1.5;a\n", splits, dataset)[0, 0] == 1.5, "what the file tells counts"
    assert asked(tmp_path / "new.json", '{"size": 1.5, "kind": "1,5"}\n', splits, dataset)[0, 0] == 1.5
    problem = refused(asked, tmp_path / "new.csv", "size;kind\n1,5;a\nquatsch;a\n", splits, dataset)
    assert problem.message == "row 2: column `size` holds 'quatsch', a number such as 1.234,5 was expected"


def test_names_and_classes_keep_their_points(tmp_path: Path) -> None:
    rows = "id;x;y\n1.000;1,5;ja, 1\n2.000;2,5;nein\n"
    dataset = table(tmp_path / "a.csv", rows, id="id")
    splits = prepare(dataset, seed=0)
    assert splits.preparation.class_names == ("ja, 1", "nein")
    assert isinstance(splits.preparation.encoding, TableEncoding)
    assert [rows.ids for rows in stream_rows(dataset.path[0], splits.preparation.encoding, dataset)] == [("1.000", "2.000")]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"thousands": "'"}, [[1234.5], [2.0]]),
        ({"thousands": "'", "decimal": "."}, [[1234.5], [2.0]]),
    ],
)
def test_thousands_are_parted_as_is_said(fields: dict[str, Any], expected: Any, tmp_path: Path) -> None:
    column = {"type": "number", "names": "x", "scale": "none"}
    dataset = table(tmp_path / "a.csv", "x,y\n1'234.5,a\n2,b\n", columns=[column], **fields)
    assert prepare(dataset, seed=0).train.inputs[:].tolist() == expected


@pytest.mark.parametrize("fields", [{"decimal": ",", "thousands": ","}, {"thousands": "1"}])
def test_thousands_are_parted_by_what_stands_for_nothing_else(fields: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="cannot part thousands"):
        table(tmp_path / "a.csv", "x,y\n1,2\n", **fields)


def test_a_first_row_of_german_numbers_is_no_header(tmp_path: Path) -> None:
    dataset = table(tmp_path / "a.csv", "1,5;2,5\n3,5;4,5\n", target="column_2")
    assert len(prepare(dataset, seed=0).train) == 2

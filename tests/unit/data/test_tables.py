"""Tables: whatever the file, its cells become the same numbers, in training and when somebody brings rows later."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nncli.data.headers import read_facts, resolve_table
from nncli.data.outline import is_large, outline
from nncli.data.prepare import load_evaluation, prepare
from nncli.data.preprocessing import Preparation
from nncli.data.rows import RawRows, regrouped
from nncli.data.samples import Splits
from nncli.data.tables import contents
from nncli.data.tables.cells import texts_of
from nncli.data.tables.encoding import TableEncoding
from nncli.data.tables.files import open_table
from nncli.data.tables.json_lines import as_batch
from nncli.data.tables.place import RowPlace
from nncli.data.tables.reading import answer_lines, stream_rows
from nncli.data.tables.source import close_source
from nncli.data.texts.unknown import UnknownTexts
from nncli.problems import NncliError
from nncli.spec.choice import OneOf
from nncli.spec.datasets.tables import Table
from tests.unit.data.conftest import Refused

PEOPLE = """\
name,age,fare,port,born,survived
Ann,20,1.5,S,2001-01-05,yes
Bob,30,2.5,C,2001-02-06,no
Cleo,,3.5,S,2002-03-07,yes
Dan,40,4.5,,2003-04-08,no
Eve,50,5.5,C,2004-05-09,yes
Fay,60,6.5,S,2005-06-10,no
"""


@pytest.fixture(autouse=True)
def _forget() -> Any:
    yield
    close_source()


@pytest.fixture
def people(tmp_path: Path) -> Callable[..., Table]:
    """`people(text, suffix, **settings)` writes a table and gives its data set."""

    def write(text: str | bytes = PEOPLE, name: str = "people.csv", **fields: Any) -> Table:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return table({"type": "csv", "path": str(path), "target": "survived"} | fields)

    return write


def table(fields: dict[str, Any]) -> Table:
    found = OneOf("dataset").resolve(fields)
    assert isinstance(found, Table)
    return found


def features(splits: Splits) -> tuple[str, ...]:
    assert isinstance(splits.preparation.encoding, TableEncoding)
    return splits.preparation.encoding.features


def predicted_from(path: str, splits: Splits, dataset: Table | None = None) -> np.ndarray[Any, Any]:
    """The network's inputs for a file, by what a checkpoint holds."""
    preparation = Preparation.from_json(json.loads(json.dumps(splits.preparation.to_json())))
    assert preparation == splits.preparation
    assert isinstance(preparation.encoding, TableEncoding)
    rows = list(regrouped(stream_rows(path, preparation.encoding, dataset), 32))
    return np.concatenate([preparation.inputs(part.inputs) for part in rows])


def test_a_table_needs_no_more_than_its_path_and_target(people: Callable[..., Table]) -> None:
    splits = prepare(people(), seed=0)
    assert features(splits) == (
        "age", "age is missing", "fare", "port is C", "port is S", "port is missing",
        "year of born", "month of born (sine)", "month of born (cosine)", "day of born (sine)", "day of born (cosine)",
        "weekday of born (sine)", "weekday of born (cosine)",
    )  # fmt: skip
    assert splits.preparation.class_names == ("no", "yes")
    assert splits.train.targets.tolist() == [1, 0, 1, 0, 1, 0]
    ages = np.array([20, 30, 40, 40, 50, 60])  # the mean stands for the missing one
    np.testing.assert_allclose(splits.train.inputs[:, 0], (ages - 40) / np.array([20, 30, 40, 50, 60]).std(), rtol=1e-6)
    assert splits.train.inputs[:, 1].tolist() == [0, 0, 1, 0, 0, 0]
    assert splits.train.inputs[:, 3:6].tolist() == [[0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]]
    month = 2 * np.pi * np.arange(6) / 12
    np.testing.assert_allclose(splits.train.inputs[:, 7:9], np.stack([np.sin(month), np.cos(month)], axis=1), atol=1e-7)
    assert [note.message for note in splits.notes] == ["column `name` holds texts of which most occur only once: it is left out"]
    assert outline(people()).input_shape == (13,)


SORTED = {"z": [(7 * n) % 30 / 4 for n in range(30)], "y": ["a"] * 15 + ["b"] * 15}


def sorted_csv(index: str, numbers: list[int]) -> str:
    rows = zip(numbers, *SORTED.values(), strict=True)
    return f"{index},z,y\n" + "".join(f"{number},{z},{y}\n" for number, z, y in rows)


@pytest.mark.parametrize(
    ("index", "numbers", "named", "why"),
    [
        ("", range(1, 60, 2), "column_1", "has no name of its own, as the index that pandas stores"),
        ("Unnamed: 0", range(1, 60, 2), "Unnamed: 0", "has no name of its own, as the index that pandas stores"),
        ("nr", range(5, 35), "nr", "numbers the rows"),
    ],
)
def test_a_column_that_numbers_the_rows_is_left_out(
    index: str, numbers: range, named: str, why: str, people: Callable[..., Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nncli.data.tables.contents.BLOCK_ROWS", 7)
    dataset = people(sorted_csv(index, list(numbers)), target="y", test=0.2)
    splits = prepare(dataset, seed=0)
    assert features(splits) == ("z",)
    assert [(note.code, note.severity, note.message) for note in splits.notes] == [
        ("NN502", "warning", f"column `{named}` {why}: it is left out")
    ]
    columns = resolve_table(dataset, 0)[0]["columns"]
    assert [(column.type, column.names) for column in columns] == [("ignore", (named,)), ("number", ("z",))]
    (tmp_path / "new.csv").write_text("z\n1.5\n")
    assert predicted_from(str(tmp_path / "new.csv"), splits, dataset).shape == (1, 1)
    stated = people(sorted_csv(index, list(numbers)), target="y", columns=[{"type": "number", "names": named}])
    assert (features(prepare(stated, seed=0)), prepare(stated, seed=0).notes) == ((named, "z"), ())


def test_the_index_of_a_parquet_file_is_left_out(people: Callable[..., Table]) -> None:
    dataset = people(b"", "filtered.parquet", type="parquet", target="y")
    pyarrow.parquet.write_table(pyarrow.table({**SORTED, "__index_level_0__": range(0, 90, 3)}), dataset.path[0])
    splits = prepare(dataset, seed=0)
    assert features(splits) == ("z",)
    assert [note.message.split("`")[1] for note in splits.notes] == ["__index_level_0__"]


@pytest.mark.parametrize(
    "numbers",
    [range(19), [*range(29), 30], [0, 0, *range(1, 29)], range(30, 0, -1), [n + 0.5 for n in range(30)], [*range(29), ""]],
    ids=["few", "jump", "twice", "down", "halves", "missing"],
)
def test_other_numbers_are_inputs(numbers: Any, people: Callable[..., Table]) -> None:
    rows = "".join(f"{number},{place % 2}\n" for place, number in enumerate(numbers))
    assert features(prepare(people(f"nr,y\n{rows}", target="y"), seed=0))[0] == "nr"


def test_each_file_numbers_its_own_rows(people: Callable[..., Table], tmp_path: Path) -> None:
    for name in ("one", "two"):
        people(sorted_csv("nr", list(range(30))), f"{name}.csv")
    fields = {"type": "csv", "path": [str(tmp_path / "one.csv"), str(tmp_path / "two.csv")], "target": "y"}
    assert features(prepare(table(fields), seed=0)) == ("z",)


def test_the_kind_of_the_file_changes_no_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nncli.data.tables.contents.BLOCK_ROWS", 37)
    monkeypatch.setattr("nncli.data.tables.csv_file._BLOCK_BYTES", 1000)
    monkeypatch.setattr("nncli.data.tables.parquet_file._BATCH_ROWS", 50)
    rng = np.random.default_rng(0)
    columns = {
        "x": rng.normal(size=500),
        "y": rng.lognormal(size=500),
        "c": rng.choice(list("abc"), 500),
        "survived": rng.integers(0, 2, 500),
    }
    found = pyarrow.table(columns)
    pyarrow.csv.write_csv(found, tmp_path / "t.csv")
    pyarrow.parquet.write_table(found, tmp_path / "t.parquet")
    (tmp_path / "t.json_lines").write_text("".join(json.dumps(row) + "\n" for row in found.to_pylist()))
    settings = {"target": "survived", "test": 0.2, "columns": [{"type": "number", "names": "y", "scale": "log"}]}
    splits = [
        prepare(table({"type": kind, "path": str(tmp_path / f"t.{kind}"), **settings}), seed=0)
        for kind in ("csv", "parquet", "json_lines")
    ]
    for other in splits[1:]:
        assert other.train.inputs[:].tobytes() == splits[0].train.inputs[:].tobytes()
        assert other.train.targets.tobytes() == splits[0].train.targets.tobytes()


@pytest.mark.parametrize("sizes", [[1] * 9, [9], [4, 1, 4], [20, 3]])
def test_blocks_do_not_depend_on_how_rows_come(sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    ends = np.cumsum(sizes)
    parts = [pyarrow.record_batch({"a": list(range(end - size, end))}) for size, end in zip(sizes, ends, strict=True)]
    blocks = [block.column("a").to_pylist() for block in contents._blocks(iter(parts), 4)]
    assert blocks == [list(range(start, min(start + 4, ends[-1]))) for start in range(0, ends[-1], 4)]
    monkeypatch.setattr(contents, "BLOCK_BYTES", 8)  # so few that no two rows are held
    rows = [row for block in contents._blocks(iter(parts), 4) for row in block.column("a").to_pylist()]
    assert rows == list(range(ends[-1]))


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ({"type": "number", "scale": "none", "missing": "median"}, [[20, 0], [30, 0], [40, 1], [40, 0], [50, 0], [60, 0]]),
        ({"type": "number", "scale": "min_max", "missing": 20, "indicator": False}, [[0], [0.25], [0], [0.5], [0.75], [1]]),
        ({"type": "number", "scale": "robust", "indicator": False}, [[-1], [-0.5], [0], [0], [0.5], [1]]),
        ({"type": "category", "encode": "index", "max_categories": 2}, [[1], [2], [3], [0], [0], [0]]),
    ],
)
def test_a_column_is_treated_as_said(people: Callable[..., Table], column: Any, expected: Any) -> None:
    others = {"type": "ignore", "names": ["name", "fare", "port", "born"]}
    splits = prepare(people(columns=[{**column, "names": "age"}, others]), seed=0)
    np.testing.assert_allclose(splits.train.inputs[:], expected, rtol=1e-6)
    assert splits.preparation.input_dtype == ("int32" if column["type"] == "category" else "float32")


def test_a_logarithm_takes_all_numbers(people: Callable[..., Table]) -> None:
    dataset = people("x,y\n-100,1\n0,2\n1000,3.5\n", target="y", columns=[{"type": "number", "names": "x", "scale": "log"}])
    logs = np.array([-np.log(101), 0, np.log(1001)])
    splits = prepare(dataset, seed=0)
    np.testing.assert_allclose(splits.train.inputs[:, 0], (logs - logs.mean()) / logs.std(), rtol=1e-6)
    assert splits.train.targets.tolist() == [[1], [2], [3.5]]


def test_sentences_become_the_numbers_of_their_words(people: Callable[..., Table], tmp_path: Path) -> None:
    text = 'review,mood\nGood good!,up\n"Bad, bad",down\n,down\nnever so good as ever,up\n'
    column = {"type": "text", "names": "review", "length": 4, "max_vocabulary": 5}
    splits = prepare(people(text, target="mood", columns=[column]), seed=0)
    assert isinstance(splits.preparation.encoding, TableEncoding)
    (fitted,) = splits.preparation.encoding.columns
    assert fitted.vocabulary == ("!", ",", "as", "bad", "good")  # type: ignore[union-attr]
    assert splits.train.inputs[:].tolist() == [[0, 5, 5, 1], [0, 4, 2, 4], [0, 0, 0, 0], [0, 0, 5, 3]]
    assert (splits.preparation.input_dtype, splits.preparation.encoding.range) == ("int32", (0, 5))
    (tmp_path / "new.jsonl").write_text('{"review": "GOOD riddance"}\n{"review": null}\n')
    assert predicted_from(str(tmp_path / "new.jsonl"), splits).tolist() == [[0, 0, 5, 0], [0, 0, 0, 0]]


def test_words_and_amounts_do_not_go_together(people: Callable[..., Table], refused: Refused) -> None:
    column = {"type": "text", "names": "name"}
    ignored = {"type": "ignore", "names": ["port", "born", "fare"]}
    problem = refused(prepare, people(columns=[column, ignored]), seed=0)
    assert (problem.code, problem.message) == (
        "NN403",
        "column `age` holds amounts, which cannot stand beside the numbers of words",
    )


def test_everything_is_fitted_on_the_training_part_alone(people: Callable[..., Table], tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text("age,port,survived\n1000,X,yes\n,S,no\n")
    dataset = people("age,port,survived\n1,S,yes\n3,C,no\n2,S,no\n", test_path=str(tmp_path / "test.csv"))
    splits = prepare(dataset, seed=0)
    assert splits.test is not None
    assert features(splits) == ("age", "port is C", "port is S")
    np.testing.assert_allclose(splits.test.inputs[:, 0], [(1000 - 2) / np.sqrt(2 / 3), 0], rtol=1e-6)
    assert splits.test.inputs[:, 1:].tolist() == [[0, 0], [0, 1]]


def same_rows(kind: str, folder: Path, rows: list[dict[str, Any]]) -> str:
    """The rows as a file of some kind."""
    path = folder / f"same.{kind}"
    names = list(rows[0])
    lines = [",".join(names), *(",".join("" if row[name] is None else str(row[name]) for name in names) for row in rows)]
    text = "\n".join(lines) + "\n"
    match kind:
        case "jsonl":
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        case "jsonl.gz":
            path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
        case "parquet":
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path, row_group_size=2)
        case "csv.gz":
            path.write_bytes(gzip.compress(text.encode()))
        case "semicolon.csv":
            path.write_text(text.replace(",", ";"))
        case "utf16.csv":
            path.write_bytes(text.encode("utf-16"))
        case "bom.csv":
            path.write_bytes(text.encode("utf-8-sig"))
        case "latin.csv":
            path.write_bytes(text.encode("latin-1"))
        case "windows.csv":
            path.write_bytes(text.replace("\n", "\r\n").replace(",", " , ").encode())
        case _:
            path.write_text(text)
    return str(path)


ROWS = [
    {"size": 1, "weight": 0.5, "town": "Köln", "seen": "2020-01-02 03:04:05", "kind": 7},
    {"size": 2, "weight": None, "town": "Köln", "seen": "2020-02-03 04:05:06", "kind": 7},
    {"size": 3, "weight": 2.5, "town": "Rom", "seen": "2021-03-04 05:06:07", "kind": 8},
    {"size": 4, "weight": 1e-3, "town": "Rom", "seen": None, "kind": 8},
]
KINDS = ["csv", "csv.gz", "semicolon.csv", "utf16.csv", "bom.csv", "latin.csv", "windows.csv", "jsonl", "jsonl.gz", "parquet"]


@pytest.mark.parametrize("trained_on", KINDS)
def test_every_kind_of_file_gives_the_same_numbers(trained_on: str, tmp_path: Path) -> None:
    fields = {"target": "kind", "columns": [{"type": "category", "names": "size"}]}
    types = {"jsonl": "json_lines", "jsonl.gz": "json_lines", "parquet": "parquet"}
    expected = prepare(table({"type": "csv", "path": same_rows("csv", tmp_path, ROWS), **fields}), seed=0)
    dataset = table({"type": types.get(trained_on, "csv"), "path": same_rows(trained_on, tmp_path, ROWS), **fields})
    splits = prepare(dataset, seed=0)
    assert np.array_equal(splits.train.inputs[:], expected.train.inputs[:])
    assert features(splits) == features(expected)
    assert splits.preparation.class_names == ("7", "8")
    for kind in KINDS:
        path = same_rows(kind, tmp_path, ROWS)
        assert np.array_equal(predicted_from(path, splits), splits.train.inputs[:]), kind
        samples, _ = load_evaluation(path, splits.preparation, dataset)
        assert np.array_equal(samples.targets, splits.train.targets), kind


def test_what_is_found_of_a_csv_file_is_said(tmp_path: Path) -> None:
    said = {kind: open_table(same_rows(kind, tmp_path, ROWS), None).said for kind in KINDS}
    assert said["semicolon.csv"] == "CSV, UTF-8, cells between `;`, a header"
    assert said["latin.csv"] == "CSV, WINDOWS-1252, cells between `,`, a header"
    assert said["utf16.csv"] == "CSV, UTF-16, cells between `,`, a header"
    (tmp_path / "bare.csv").write_text("1\t2\n3\t4\n")
    file = open_table(str(tmp_path / "bare.csv"), None)
    assert (file.said, file.names) == ("CSV, UTF-8, cells between a tab, no header", ("column_1", "column_2"))


def test_columns_without_a_header_keep_their_names_when_the_target_is_left_out(
    people: Callable[..., Table], tmp_path: Path
) -> None:
    rows = "".join(f"{row % 2},{row},{10 * row}\n" for row in range(20))
    columns = [{"type": "number", "names": ["column_2", "column_3"], "scale": "none"}]
    splits = prepare(people(rows, target="column_1", header=False, columns=columns, test=0.2), seed=0)
    encoding = Preparation.from_json(splits.preparation.to_json()).encoding
    assert isinstance(encoding, TableEncoding)

    def read(text: str) -> list[list[float]]:
        (tmp_path / "new.csv").write_text(text, encoding="utf-8")
        dataset = people(rows, target="column_1", header=False)
        return [row for part in stream_rows(str(tmp_path / "new.csv"), encoding, dataset) for row in part.inputs.tolist()]

    assert read("1,5,50\n") == read("5,50\n") == [[5, 50]]
    with pytest.raises(NncliError, match="no header and 4 columns, but 3 were trained on"):
        read("1,5,50,0\n")


def test_a_first_line_that_names_the_target_is_a_header(people: Callable[..., Table]) -> None:
    splits = prepare(people("2019,2020, y\n1,2,0.5\n3,4,1.5\n", target="y"), seed=0)
    assert (features(splits), len(splits.train)) == (("2019", "2020"), 2)
    splits = prepare(people("2019,2020,0\n1,2,0.5\n3,4,1.5\n", target="column_3"), seed=0)
    assert (features(splits), len(splits.train)) == (("column_1", "column_2"), 3)


@pytest.mark.parametrize(("encode", "expected"), [("one_hot", [[1, 0], [0, 1], [0, 0]]), ("index", [[1], [2], [0]])])
def test_a_category_that_is_too_rare_is_not_unseen(
    encode: str, expected: Any, people: Callable[..., Table], tmp_path: Path, refused: Refused
) -> None:
    column = {"type": "category", "names": "port", "encode": encode, "max_categories": 2, "unseen": "error"}
    splits = prepare(people("port,y\nS,1\nS,2\nC,3\nC,4\nQ,5.5\n", target="y", columns=[column]), seed=0)
    assert splits.train.inputs[[2, 0, 4]].tolist() == expected
    (tmp_path / "new.csv").write_text("port\nC\nS\nQ\n")
    assert predicted_from(str(tmp_path / "new.csv"), splits).tolist() == expected
    (tmp_path / "new.csv").write_text("port\nQ\nX\n")
    problem = refused(predicted_from, str(tmp_path / "new.csv"), splits)
    assert problem.message == "row 2: column `port` holds 'X', which is no category of the training part"


def test_several_files_and_patterns_are_one_table(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"part{number}.csv").write_text(f"a,y\n{number},{number}.5\n")
    splits = prepare(table({"type": "csv", "path": str(tmp_path / "part*.csv"), "target": "y"}), seed=0)
    assert splits.train.targets.tolist() == [[0.5], [1.5], [2.5]]
    one = prepare(table({"type": "csv", "path": [str(tmp_path / f"part{n}.csv") for n in (2, 0, 1)], "target": "y"}), seed=0)
    assert one.train.targets.tolist() == [[2.5], [0.5], [1.5]]


def test_groups_stay_together_and_the_latest_rows_are_held_out(people: Callable[..., Table]) -> None:
    rows = "".join(f"{n * n},{n % 10},20{50 - n:02}-01-01,{n}.5\n" for n in range(50))
    grouped = prepare(people(f"a,patient,day,y\n{rows}", target="y", group="patient", test=0.2, validation=0.25), seed=3)
    assert grouped.validation is not None and grouped.test is not None
    groups = [set((part.targets[:, 0] - 0.5).astype(int) % 10) for part in (grouped.train, grouped.validation, grouped.test)]
    assert [len(group) for group in groups] == [6, 2, 2] and len(set.union(*groups)) == 10
    timed = prepare(people(f"a,patient,day,y\n{rows}", target="y", time="day", test=0.2, validation=0.25), seed=3)
    assert timed.validation is not None and timed.test is not None
    assert timed.test.targets[:, 0].tolist() == [n + 0.5 for n in range(10)]
    assert timed.validation.targets[:, 0].tolist() == [n + 0.5 for n in range(10, 20)]
    assert features(timed) == ("a", "patient")


def test_a_time_is_read_as_its_column_says(people: Callable[..., Table]) -> None:
    text = "when,a,y\n31012020,1,1.5\n01022021,2,2.5\n15012022,3,3.5\n02012019,4,4.5\n"
    columns = [{"type": "date", "names": "when", "format": "%d%m%Y"}]
    splits = prepare(people(text, target="y", time="when", columns=columns, validation=0.25), seed=0)
    assert splits.validation is not None
    assert splits.validation.targets.ravel().tolist() == [3.5]


@pytest.mark.parametrize(
    ("second", "fields", "message"),
    [
        ("3,7,1.5\n,8,2.5\n", {"time": "when"}, "row 2: column `when`, by which rows are held out, has no time"),
        ("3,7,1.5\nx,8,2.5\n", {"time": "when"}, "row 1: column `when` holds '3', a date such as"),
        ("3,7,1.5\n4,8,inf\n", {"targets": "numbers"}, "row 2: column `y` holds inf, but every number must be finite"),
    ],
)
def test_a_bad_time_or_target_is_named_by_its_own_file_and_row(
    second: str, fields: dict[str, Any], message: str, people: Callable[..., Table], tmp_path: Path, refused: Refused
) -> None:
    first = "2020-01-01" if "x" in second else "1"
    (tmp_path / "second.csv").write_text(f"when,a,y\n{second}")
    dataset = people(
        f"when,a,y\n{first},5,0.5\n", target="y", path=[str(tmp_path / "people.csv"), str(tmp_path / "second.csv")], **fields
    )
    problem = refused(prepare, dataset, seed=0)
    assert problem.message.startswith(message)
    assert problem.where is not None and problem.where.file == str(tmp_path / "second.csv")


def test_weights_ids_and_targets_in_their_own_units(people: Callable[..., Table]) -> None:
    text = "key,a,w,y\nk1,1,1,100\nk2,2,0.5,200\nk3,3,2,300.5\n"
    splits = prepare(people(text, target="y", id="key", sample_weight="w", scale_target=True), seed=0)
    assert splits.train.sample_weight is not None
    assert splits.train.sample_weight.tolist() == [1, 0.5, 2]
    targets = np.array([100, 200, 300.5])
    np.testing.assert_allclose(splits.train.targets[:, 0], (targets - targets.mean()) / targets.std(), rtol=1e-6)
    np.testing.assert_allclose(splits.preparation.in_own_units(splits.train.targets)[:, 0], targets, rtol=1e-6)
    assert features(splits) == ("a",)


@pytest.mark.parametrize("scale_target", [False, True])
def test_the_range_of_targets_is_that_of_what_is_trained_on(scale_target: bool, people: Callable[..., Table]) -> None:
    dataset = people("a,y\n1,100\n2,200\n3,300.5\n4,150\n", target="y", scale_target=scale_target, validation=0.25)
    facts, targets = read_facts(dataset, 0), prepare(dataset, seed=0).train.targets
    assert facts.target_range == pytest.approx((targets.min(), targets.max()))
    assert scale_target == bool(targets.min() < 0)


@pytest.mark.parametrize(
    ("text", "code"), [("a,y\n1,7.5\n2,7.5\n3,7.5\n", "NN502"), ("a,y\n1,yes\n2,no\n3,no\n", "NN403")], ids=["equal", "classes"]
)
def test_targets_that_cannot_be_scaled_are_told_before_the_training(
    text: str, code: str, people: Callable[..., Table], refused: Refused
) -> None:
    dataset = people(text, target="y", scale_target=True)
    problem = refused(read_facts, dataset, 0)
    assert (problem, problem.code) == (refused(prepare, dataset, seed=0), code)


def test_a_table_larger_than_memory_gives_the_same_numbers(people: Callable[..., Table], monkeypatch: pytest.MonkeyPatch) -> None:
    from nncli.data.lazy import LazyInputs
    from nncli.data.tables import csv_file, store

    rng = np.random.default_rng(0)
    rows = "".join(f"{a:.3f},{'xyz'[b]},{b}.5\n" for a, b in zip(rng.normal(size=3000), rng.integers(0, 3, 3000), strict=True))
    dataset = people(f"a,b,y\n{rows}", target="y", test=0.1)
    monkeypatch.setattr(csv_file, "_BLOCK_BYTES", 4096)
    expected = prepare(dataset, seed=0)
    close_source()
    monkeypatch.setattr(store, "MEMORY", 1000)
    streamed = prepare(dataset, seed=0, memory=1000)
    assert isinstance(streamed.train.inputs, LazyInputs)
    assert streamed.test is not None and expected.test is not None
    assert np.array_equal(streamed.train.inputs[:], expected.train.inputs[:])
    assert np.array_equal(streamed.test.inputs[:], expected.test.inputs[:])
    assert (streamed.fingerprint, streamed.preparation) == (expected.fingerprint, expected.preparation)


def test_a_column_that_turns_out_to_be_texts_is_one_of_texts(people: Callable[..., Table], monkeypatch: pytest.MonkeyPatch) -> None:
    from nncli.data.tables import csv_file

    monkeypatch.setattr(csv_file, "_BLOCK_BYTES", 64)
    rows = "007,1.5\n" * 40 + "abc,2.5\n" * 40
    assert features(prepare(people(f"code,y\n{rows}", target="y"), seed=0)) == ("code is 007", "code is abc")


BAD = {
    "no such target": (PEOPLE, {"target": "surived"}, "NN402", "there is no column `surived`", "did you mean `survived`?"),
    "no such column": (
        PEOPLE,
        {"columns": [{"type": "ignore", "names": ["age", "far"]}]},
        "NN402",
        "there is no column `far`",
        "fare",
    ),
    "ragged": ("a,survived\n1,2\n3\n", {}, "NN502", "row 2 (line 3) has 1 cells, 2 were expected: '3'", "quotes"),
    "twice": ("a,a,survived\n1,2,3\n", {}, "NN502", "two columns are called `a`", "name of its own"),
    "empty": ("a,survived\n", {}, "NN502", "the table has no rows", ""),
    "no number": (
        PEOPLE,
        {"columns": [{"type": "number", "names": "port"}]},
        "NN502",
        "row 1: column `port` holds 'S', a number",
        "",
    ),
    "no date": (
        PEOPLE,
        {"columns": [{"type": "date", "names": "port"}]},
        "NN502",
        "row 1: column `port` holds 'S', a date",
        "format",
    ),
    "infinite": ("a,survived\n1,x\ninf,y\n", {}, "NN502", "row 2: column `a` holds inf", "replace"),
    "missing": (
        PEOPLE,
        {"columns": [{"type": "number", "names": "age", "missing": "error"}]},
        "NN502",
        "row 3: column `age` has no",
        "mean",
    ),
    "no target": ("a,survived\n1,x\n2,\n", {}, "NN502", "row 2: the target `survived` is missing", "fill it in"),
    "negative weight": ("a,w,survived\n1,1,x\n2,-1,y\n", {"sample_weight": "w"}, "NN502", "row 2: column `w` holds -1", ""),
    "texts as amounts": (PEOPLE, {"targets": "numbers"}, "NN502", "row 1: the target `survived` holds 'yes'", ""),
    "scaled classes": (PEOPLE, {"scale_target": True}, "NN403", "column `survived` holds classes, which are not scaled", "targets"),
    "nothing left": ("name,survived\na,x\nb,y\n", {}, "NN502", "no column is left to learn from", "columns"),
    "beyond float32": (
        "a,survived\n1e300,x\n1,y\n",
        {"columns": [{"type": "number", "names": "a", "scale": "none"}]},
        "NN502",
        "the table holds numbers too large for float32 in sample 0",
        "",
    ),
    "binary": (b"\x00\x01\x02", {}, "NN502", "it holds null characters: this is no text", ""),
    "not gzip": (b"\x1f\x8b broken", {}, "NN502", "the table cannot be read", ""),
    "one group": (
        "g,a,survived\n1,1,x\n1,2,y\n1,3,x\n1,4,y\n",
        {"group": "g", "test": 0.5},
        "NN403",
        "`test: 0.5` cannot be held out",
        "",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_table_is_a_problem(what: str, people: Callable[..., Table], refused: Refused) -> None:
    text, fields, code, message, hint = BAD[what]
    problem = refused(prepare, people(text, **fields), seed=0)
    assert (problem.code, problem.message[: len(message)]) == (code, message)
    assert hint in (problem.hint or "")
    assert problem.where is not None and (problem.where.file or problem.where.path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("age,fare\n1,2\n", "there is no column `port`"),
        ("age,fare,port\nx,2,S\n", "row 1: column `age` holds 'x', a number was expected"),
        ("age,fare,port\n1,2,S\n1,2,Q\n", "row 2: column `port` holds 'Q', which is no category of the training part"),
        ('{"age": 1, "fare": [2], "port": "S"}\n', "row 1: column `fare` holds a list, a number or a text was expected"),
        ('{"age": 1\n', "line 1 is no JSON: Expecting ',' delimiter: line 2 column 1 (char 10)"),
        ("[1]\n", "there is no column `age`"),
    ],
)
def test_rows_that_do_not_fit_the_network_are_a_problem(
    text: str, message: str, people: Callable[..., Table], tmp_path: Path
) -> None:
    columns = [{"type": "category", "names": "port", "unseen": "error"}, {"type": "ignore", "names": ["name", "born"]}]
    splits = prepare(people(columns=columns), seed=0)
    (tmp_path / "new").write_text(text)
    with pytest.raises(NncliError) as caught:
        predicted_from(str(tmp_path / "new"), splits)
    assert caught.value.problems[0].message == message


@pytest.mark.parametrize(
    ("text", "fields", "why"),
    [
        (f"port,a,survived\n{'S' * 1_500},1,x\n{'S' * 1_500},2,y\n", {}, "encoding.columns[0].categories[0]"),
        (f"{'n' * 1_001},survived\n1,x\n2,y\n", {}, "encoding.columns[0].name"),
        (f"a,survived\n1,{'x' * 1_001}\n2,y\n", {}, "class_names[0]"),
        (
            f"a,survived\n2001{'-' * 1_000},x\n2002{'-' * 1_000},y\n",
            {"columns": [{"type": "date", "names": "a", "format": f"%Y{'-' * 1_000}"}]},
            "encoding.columns[0].format",
        ),
    ],
    ids=["category", "column", "class", "format"],
)
def test_what_a_checkpoint_could_not_give_back_is_not_trained(
    text: str, fields: dict[str, Any], why: str, people: Callable[..., Table], refused: Refused
) -> None:
    problem = refused(prepare, people(text, **fields), seed=0)
    expected = f"this cannot be kept in a checkpoint: `{why}` is not a text of at most 1000 characters"
    assert (problem.code, problem.message) == ("NN502", expected)


@pytest.mark.parametrize(
    "column", [{"type": "date", "names": "born", "parts": []}, {"type": "text", "names": "name", "length": 2**20 + 1}]
)
def test_a_column_of_no_parts_or_of_endless_texts_is_a_problem(column: Any, people: Callable[..., Table]) -> None:
    with pytest.raises(ValidationError, match=r"columns\.0\.(parts|length)"):
        people(columns=[column])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (("1e39", "1"), "row 1: column `w` holds 1e+39, but a weight is at most 3.4e+38"),
        (("1", "-1"), "row 2: column `w` holds -1, but a weight is 0 or more"),
        (("1", ""), "row 2: column `w` holds nan, but a weight is 0 or more"),
        (("0", "1e-60"), "column `w` holds only zeros: no sample would count"),
    ],
)
def test_no_part_has_weights_that_nothing_can_be_measured_by(
    weights: tuple[str, str], message: str, people: Callable[..., Table], tmp_path: Path, refused: Refused
) -> None:
    good, bad = (f"a,w,y\n1,{first},0.5\n2,{second},1.5\n" for first, second in (("1", "0"), weights))
    (tmp_path / "bad.csv").write_text(bad)
    (tmp_path / "good.csv").write_text(good)
    fields = {"target": "y", "sample_weight": "w"}
    assert refused(prepare, people(bad, **fields), seed=0).message == message
    problem = refused(prepare, people(good, validation_path=str(tmp_path / "bad.csv"), **fields), seed=0)
    assert problem.message == message
    assert problem.where is not None and problem.where.file == str(tmp_path / "bad.csv")
    splits = prepare(people(good, **fields), seed=0)
    assert refused(load_evaluation, str(tmp_path / "bad.csv"), splits.preparation).message == message


@pytest.mark.parametrize("encoding", ["utf-9", "rot13", "quopri", "base64", "a\0b"])
def test_what_encodes_no_text_is_a_problem(encoding: str, people: Callable[..., Table], refused: Refused) -> None:
    problem = refused(prepare, people(encoding=encoding), seed=0)
    assert (problem.code, problem.message) == ("NN205", f"there is no encoding `{encoding}`")
    assert problem.where is not None and problem.where.path == "dataset.encoding"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("block", [4, 2**21])
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["a", "1", "", "3"], ["1", None, "3"]),
        (["", "", "a", "", "2"], [None, "2"]),
        (["1", "", "3"], ["1", None, "3"]),
        (["", "2"], [None, "2"]),
        (["", "a,b", "1,2", "", "3,4"], ["1", "3"]),
    ],
)
def test_an_empty_line_is_a_missing_cell_of_a_table_of_one_column(
    lines: list[str], expected: list[str | None], block: int, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nncli.data.tables import csv_file

    monkeypatch.setattr(csv_file, "_BLOCK_BYTES", block)
    path = tmp_path / "one.csv"
    path.write_bytes("".join(f"{line}{end}" for line in lines).encode())
    file = open_table(str(path), table({"type": "csv", "path": str(path), "target": "y"}))
    assert [cell for batch in file.batches() for cell in batch.column(0).to_pylist()] == expected


def test_a_label_that_training_has_not_seen_is_a_problem(people: Callable[..., Table], tmp_path: Path, refused: Refused) -> None:
    dataset = people()
    splits = prepare(dataset, seed=0)
    (tmp_path / "new.csv").write_text(PEOPLE.replace("2.5,C,2001-02-06,no", "2.5,C,2001-02-06,maybe"))
    problem = refused(load_evaluation, str(tmp_path / "new.csv"), splits.preparation, dataset)
    assert (problem.message, problem.hint) == ("row 2: `maybe` is no class of this network", "its classes: `no`, `yes`")


def test_data_that_were_trained_on_are_known_under_any_name(people: Callable[..., Table], tmp_path: Path) -> None:
    splits = prepare(people(), seed=0)
    (tmp_path / "renamed.csv").write_text(PEOPLE)
    (tmp_path / "others.csv").write_text(
        "".join(line.replace(",", ",9", 1) + "\n" for line in PEOPLE.splitlines()).replace("name,9", "name,")
    )
    found = [load_evaluation(str(tmp_path / name), splits.preparation)[1] for name in ("renamed.csv", "others.csv")]
    assert [[problem.code for problem in problems] for problems in found] == [["NN504"], []]


@pytest.mark.parametrize("sizes", [[1] * 70, [33, 0, 64, 1], [200], []])
def test_rows_are_regrouped_without_loss(sizes: list[int]) -> None:
    numbers = np.arange(sum(sizes))
    parts = np.split(numbers, np.cumsum(sizes)[:-1]) if sizes else []
    stream = (RawRows(part, tuple(map(str, part)), tuple(map(str, part))) for part in parts)
    found = list(regrouped(stream, 32))
    assert [len(rows.names) for rows in found] == [32] * (len(numbers) // 32) + [len(numbers) % 32] * (len(numbers) % 32 > 0)
    for rows in found:
        assert rows.names == tuple(map(str, rows.inputs)) == rows.ids
    assert [int(number) for rows in found for number in rows.inputs] == numbers.tolist()


@pytest.mark.parametrize(
    "change",
    [
        {"type": "picture"},
        {"columns": []},
        {"columns": [{"type": "number"}]},
        {"target": 3},
        {"more": 1},
    ],
)
def test_a_stored_encoding_is_not_trusted(change: Any, people: Callable[..., Table], refused: Refused) -> None:
    document = prepare(people(), seed=0).preparation.to_json()
    document["encoding"] = {**document["encoding"], **change}
    assert refused(Preparation.from_json, document).code == "NN603"


@pytest.mark.parametrize("value", [None, "x", [], {}, -1.0, float("nan"), True, 10**400, ["a", "a"], [None]], ids=repr)
def test_no_field_of_a_stored_column_is_trusted(value: Any, people: Callable[..., Table]) -> None:
    """Any value in any place is refused, or gives a preparation that can be written again."""
    good = prepare(people(), seed=0).preparation.to_json()
    words = {"type": "text", "name": "remark", "words": True, "lowercase": True, "length": 2, "vocabulary": ["a"]}
    good["encoding"]["columns"].append(words)
    good["raw_shape"] = good["input_shape"] = [15]
    assert Preparation.from_json(good).to_json() == good
    for index, column in enumerate(good["encoding"]["columns"]):
        for field in column:
            document = json.loads(json.dumps(good))
            document["encoding"]["columns"][index][field] = value
            try:
                assert Preparation.from_json(document).to_json() == document
            except NncliError as failure:
                assert {problem.code for problem in failure.problems} == {"NN603"}


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=6)
NUMBERS = st.none() | st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, allow_infinity=False)
CELLS = st.one_of(
    NUMBERS,
    st.none() | st.sampled_from(["a", "b", "Ü", "7", "7.0", " x ", "=1", '"q"', "a,b", "line\nend", "true"]),
    st.none() | TEXTS,
    st.none() | st.booleans(),
    st.none() | st.dates().map(str),
)
NAMES = st.lists(TEXTS.map(str.strip).filter(lambda name: name not in ("", "target")), min_size=1, max_size=4, unique=True)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[dict[str, Any]], str]:
    names = draw(NAMES)
    kinds = {name: draw(st.sampled_from([NUMBERS, CELLS, st.none() | st.sampled_from("abc")])) for name in names}
    target = draw(st.sampled_from([st.sampled_from(["yes", "no"]), st.floats(-1e6, 1e6), st.integers(0, 3)]))
    rows = draw(st.lists(st.fixed_dictionaries({**kinds, "target": target}), min_size=2, max_size=12))
    return rows, draw(st.sampled_from(["json_lines", "csv"]))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(drawn=tables(), share=st.sampled_from([0.0, 0.3]))
def test_whatever_the_table_its_rows_predict_as_they_were_trained(
    drawn: tuple[list[dict[str, Any]], str], share: float, tmp_path: Path
) -> None:
    """Every row of the file, read again by what the checkpoint holds, is to the bit the row that was trained or tested on; or a
    problem says why not.
    """
    import csv

    rows, kind = drawn
    path = tmp_path / "drawn"
    if kind == "json_lines":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            writer.writerow(list(rows[0]))
            writer.writerows(list(row.values()) for row in rows)
    close_source()
    try:
        dataset = table({"type": kind, "path": str(path), "target": "target", "test": share})
        splits = prepare(dataset, seed=0)
    except NncliError as failure:
        assert all(problem.message for problem in failure.problems)
        return
    parts = [part for part in (splits.train, splits.test) if part is not None]
    used = np.concatenate([part.inputs[:] for part in parts])
    again = predicted_from(str(path), splits, dataset)
    assert len(used) == len(again) == len(rows)
    assert sorted(map(bytes, used)) == sorted(map(bytes, again))
    samples, _ = load_evaluation(str(path), splits.preparation, dataset)
    assert np.array_equal(samples.inputs[:], again)
    together = [
        (*row, *target) for part in parts for row, target in zip(part.inputs[:], np.atleast_2d(part.targets.T).T, strict=True)
    ]
    measured = [(*row, *target) for row, target in zip(samples.inputs[:], np.atleast_2d(samples.targets.T).T, strict=True)]
    assert sorted(together) == sorted(measured)


def test_what_gzip_packed_is_counted_whatever_it_says_of_itself(
    people: Callable[..., Table], refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = gzip.compress(b"a,survived\n" + b"1,1\n" * 100_000)
    dataset = people(packed, "honest.csv.gz")
    assert sum(batch.num_rows for batch in open_table(dataset.path[0], dataset).batches()) == 100_000
    monkeypatch.setattr("nncli.data.arrays.SMALL_BYTES", 2**17)
    assert refused(open_table, dataset.path[0], dataset).message == (
        f"the file expands more than 100 times, from {len(packed)} to 400,011 bytes"
    )
    liar = people(packed[:-4] + bytes(4), "liar.csv.gz")
    assert "the file expands more than 100 times" in refused(lambda: list(open_table(liar.path[0], liar).batches())).message


def test_texts_of_a_parquet_file_are_laid_out_a_few_at_a_time(
    people: Callable[..., Table], refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = pyarrow.table({"a": ["x" * 100, None, "y"] * 5, "survived": [Decimal("1.5")] * 15, "b": [b"12"] * 15})
    dataset = people(b"", "texts.parquet", type="parquet")
    pyarrow.parquet.write_table(cells, dataset.path[0])
    monkeypatch.setattr("nncli.data.tables.parquet_file._BATCH_BYTES", 250)
    batches = list(open_table(dataset.path[0], dataset).batches())
    assert [batch.num_rows for batch in batches] == [6, 6, 3]
    assert pyarrow.Table.from_batches(batches).equals(cells)
    monkeypatch.setattr("nncli.data.tables.parquet_file._BATCH_BYTES", 1)
    batches = list(open_table(dataset.path[0], dataset).batches())
    assert [batch.num_rows for batch in batches] == [1] * 15, "a text longer than all is still read"
    assert pyarrow.Table.from_batches(batches).equals(cells)


def test_a_table_is_large_by_what_it_holds(people: Callable[..., Table]) -> None:
    assert not is_large(people())
    assert is_large(people(gzip.compress(b"a,survived\n" + b"1,1\n" * 2_100_000, 1), "packed.csv.gz"))
    dataset = people(b"", "rows.parquet", type="parquet")
    assert not is_large(dataset)
    pyarrow.parquet.write_table(pyarrow.table({"survived": np.zeros(2**21, np.int8)}), dataset.path[0])
    assert is_large(dataset)


def test_wide_rows_are_encoded_a_few_at_a_time(
    people: Callable[..., Table], refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = people(id="name", sample_weight="fare")
    splits = prepare(dataset, seed=0)
    encoding = splits.preparation.encoding
    assert isinstance(encoding, TableEncoding)
    (whole,) = stream_rows(dataset.path[0], encoding, dataset)
    measured, _ = load_evaluation(dataset.path[0], splits.preparation, dataset)
    monkeypatch.setattr("nncli.data.on_disk.CHUNK_VALUES", 4 * len(encoding.features))
    parts = list(stream_rows(dataset.path[0], encoding, dataset))
    assert [len(part.inputs) for part in parts] == [4, 2]
    (joined,) = regrouped(parts, 100)
    assert (joined.names, joined.ids) == (whole.names, whole.ids)
    np.testing.assert_array_equal(joined.inputs, whole.inputs)
    again, _ = load_evaluation(dataset.path[0], splits.preparation, dataset)
    np.testing.assert_array_equal(again.inputs[:], measured.inputs[:])
    np.testing.assert_array_equal(again.targets[:], measured.targets[:])
    np.testing.assert_array_equal(again.sample_weight, measured.sample_weight)
    assert measured.sample_weight is not None
    monkeypatch.setattr("nncli.data.tables.reading.MAX_BYTES", 5 * 4 * len(encoding.features))
    told = refused(load_evaluation, dataset.path[0], splits.preparation, dataset)
    assert told.message == "row 6: the rows up to here take more than 0 GiB as the network's inputs"


@pytest.mark.parametrize("beside", [None, 3, 0.5, "x", True])
@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (1234567890123456789, "1234567890123456789"),
        (2**60 + 1, str(2**60 + 1)),
        (-(2**70), str(-(2**70))),
        (12345678901, "12345678901"),
        (9_999_999_999, "9999999999"),
        (7, "7"),
        (7.0, "7"),
        (1e-05, "0.00001"),
        (1e20, "1e+20"),
        (float("nan"), None),
    ],
)
def test_a_number_in_json_is_the_same_text_whatever_stands_beside_it(cell: Any, expected: str | None, beside: Any) -> None:
    place = RowPlace("rows.jsonl")
    texts = texts_of(as_batch([{"a": cell}, {"a": beside}], ["a"], place).column("a"), "a", place)
    assert texts[0].as_py() == expected


@pytest.mark.parametrize(
    ("name", "text", "ids"),
    [
        ("a.csv", "name,age,survived\n10.00,1,yes\n007,2,no\n", ("10.00", "007")),
        ("a.jsonl", '{"name": 1234567890123456789, "age": 1, "survived": "yes"}\n{"name": 2, "age": 2, "survived": "no"}\n',
         ("1234567890123456789", "2")),
        ("b.jsonl", '{"name": " NA ", "age": 1, "survived": "yes"}\n{"name": "10.0", "age": 2, "survived": "no"}\n',
         (" NA ", "10.0")),
    ],
)  # fmt: skip
def test_a_row_is_called_as_it_stands(people: Callable[..., Table], name: str, text: str, ids: tuple[str, ...]) -> None:
    dataset = people(text, name, type="csv" if name.endswith("csv") else "json_lines", id="name", preprocess=[])
    encoding = prepare(dataset, seed=0).preparation.encoding
    assert isinstance(encoding, TableEncoding)
    (rows,) = stream_rows(dataset.path[0], encoding, dataset)
    assert rows.ids == ids


@pytest.mark.parametrize(
    ("name", "text", "ids"),
    [
        ("a.csv", "name,age,survived\nNA,1,yes\n,NA,no\nnull,3,no\n", ("NA", None, "null")),
        ("a.jsonl", '{"name": 10.0, "age": 1, "survived": "yes"}\n{"name": 10, "age": null, "survived": "no"}\n', ("10.0", "10")),
    ],
)
def test_a_name_is_no_number_and_not_missing(
    people: Callable[..., Table], name: str, text: str, ids: tuple[str | None, ...]
) -> None:
    """Beside it a missing cell stays one: the rows encode as in training."""
    dataset = people(text, name, type="csv" if name.endswith("csv") else "json_lines", id="name", preprocess=[])
    splits = prepare(dataset, seed=0)
    encoding = splits.preparation.encoding
    assert isinstance(encoding, TableEncoding)
    (rows,) = stream_rows(dataset.path[0], encoding, dataset)
    assert rows.ids == ids
    assert np.array_equal(splits.preparation.inputs(rows.inputs), splits.train.inputs[:])
    if name.endswith("jsonl"):
        with open(dataset.path[0], "rb") as stream:
            told = [row for part in answer_lines(stream, encoding, lambda: False) for row in part.ids or ()]
        assert tuple(told) == ids


def test_sentences_of_which_nothing_is_known_are_told(people: Callable[..., Table]) -> None:
    column = {"type": "text", "names": "review", "max_vocabulary": 1}
    dataset = people("review,mood\none one,up\none,down\ntwo,up\n,down\n", target="mood", columns=[column])
    splits = prepare(dataset, seed=0)
    (note,) = splits.notes
    assert (note.code, note.severity) == ("NN502", "warning")
    assert note.message == "2 of 4 texts hold nothing of the vocabulary, and are as empty ones; this is the first"
    assert note.where is not None and note.where.file == f"{dataset.path[0]}[2]"
    encoding = splits.preparation.encoding
    assert isinstance(encoding, TableEncoding)
    unknown = UnknownTexts(encoding.units)
    assert [len(rows.names) for rows in unknown.counted(stream_rows(dataset.path[0], encoding, dataset))] == [4]
    (note,) = unknown.notes()
    assert (note.code, note.message) == ("NN505", "texts that hold nothing that the network knows: 2, of which this is the first")


def test_a_table_without_sentences_has_none_of_which_nothing_is_known(people: Callable[..., Table]) -> None:
    dataset = people("age,survived\n0,yes\n0,no\n0,no\n", preprocess=[])
    encoding = prepare(dataset, seed=0).preparation.encoding
    assert isinstance(encoding, TableEncoding) and not encoding.units.any()
    unknown = UnknownTexts(encoding.units)
    assert len(list(unknown.counted(stream_rows(dataset.path[0], encoding, dataset)))) == 1
    assert unknown.notes() == []

"""Computed data: points about a line, and series cut into windows, held to NumPy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nncli.data import series as module
from nncli.data.generated import read_line
from nncli.data.outline import outline
from nncli.data.prepare import prepare
from nncli.data.series import read_series
from nncli.problems import NncliError, Problem
from nncli.spec.datasets.generated import Line, Series

Refused = Callable[..., Problem]
Save = Callable[..., str]


def series(**fields: Any) -> Series:
    return Series.model_validate({"inputs": "n", "targets": "n", "length": 1, **fields})


# Lines


def test_the_line_is_a_pure_function_of_the_seed() -> None:
    line = Line(slope=2.0, intercept=1.0, noise=0.5, num_samples=50)
    first, again, other = (read_line(line, seed) for seed in (7, 7, 8))
    for one, two, three in zip(first, again, other, strict=True):
        assert one.dtype == np.float32 and one.shape == (50,)
        assert one.tobytes() == two.tobytes()
        assert not np.array_equal(one, three)


def test_the_draws_of_a_seed_never_change() -> None:
    """Old runs depend on them."""
    x, y = read_line(Line(slope=2.0, noise=1.0, num_samples=3), 0)
    assert x.tolist() == [0.5260486602783203, 0.7846888303756714, 0.5547209978103638]
    assert y.tolist() == [2.1352450847625732, 1.6309912204742432, 0.7766791582107544]


@given(st.floats(-100, 100), st.floats(-100, 100), st.floats(-50, 49), st.integers(0, 2**32))
def test_without_noise_every_point_lies_on_the_line(slope: float, intercept: float, low: float, seed: int) -> None:
    line = Line(slope=slope, intercept=intercept, low=low, high=50.0, num_samples=20)
    x, y = read_line(line, seed)
    drawn = np.random.default_rng([seed, 0x11E5]).uniform(low, 50.0, 20)
    assert np.array_equal(x, drawn.astype(np.float32))
    assert np.array_equal(y, (slope * drawn + intercept).astype(np.float32))
    assert (x >= np.float32(low)).all() and (x <= 50).all()


def test_the_noise_has_its_deviation_and_moves_no_x() -> None:
    quiet, loud = (read_line(Line(slope=3.0, intercept=-1.0, noise=noise, num_samples=20_000), 3) for noise in (0.0, 0.2))
    assert np.array_equal(quiet[0], loud[0])
    rest = loud[1] - quiet[1]
    assert abs(rest.mean()) < 0.01 and abs(rest.std() - 0.2) < 0.01


def test_the_seed_of_the_experiment_draws_the_line_and_the_splits() -> None:
    line = Line(slope=2.0, noise=0.1, num_samples=40, validation=0.25, test=0.25)
    splits = prepare(line, seed=5)
    x, _ = read_line(line, 5)
    assert splits.validation is not None and splits.test is not None
    assert sorted(np.concatenate([part.inputs[:, 0] for part in (splits.train, splits.validation, splits.test)])) == sorted(x)
    assert splits.preparation.target_shape == (1,) and splits.preparation.labels is None
    found = outline(line)
    assert (found.num_train, found.num_validation, found.num_test) == (len(splits.train), len(splits.validation), 10)
    assert (found.input_shape, found.target_shape) == ((1,), (1,))


def test_a_line_needs_room_for_x() -> None:
    with pytest.raises(ValidationError) as caught:
        Line(slope=1.0, low=1.0, high=1.0)
    assert [(found["type"], found["loc"]) for found in caught.value.errors()] == [("NN206", ())]


def test_more_points_than_memory_holds_are_refused(refused: Refused) -> None:
    for dataset, path in (
        (Line(slope=1.0, num_samples=10**9), "dataset.num_samples"),
        (series(num_points=10**9), "dataset.num_points"),
    ):
        problem = refused(prepare, dataset, seed=0)
        assert problem.code == "NN403" and problem.where is not None and problem.where.path == path
        assert refused(outline, dataset) == problem


def test_a_line_beyond_float32_is_refused(refused: Refused) -> None:
    assert refused(prepare, Line(slope=1e300), seed=0).code == "NN208"


# Series


@settings(deadline=None)
@given(
    num_points=st.integers(1, 60),
    length=st.integers(1, 12),
    stride=st.none() | st.integers(1, 12),
    horizon=st.integers(0, 10),
    predict=st.sampled_from(["sequence", "last"]),
)
def test_windows_are_those_of_the_loop_one_would_write(
    num_points: int, length: int, stride: int | None, horizon: int, predict: Any
) -> None:
    dataset = series(
        num_points=num_points,
        inputs=["n", "n * n"],
        targets="n",
        length=length,
        stride=stride,
        horizon=horizon,
        predict=predict,
    )
    inputs, targets = [], []
    start = 0
    while start + length + horizon <= num_points:
        points = range(start, start + length)
        inputs.append([[n, n * n] for n in points])
        wanted = [[n + horizon] for n in points]
        targets.append(wanted if predict == "sequence" else wanted[-1])
        start += stride or length
    if not inputs:
        with pytest.raises(NncliError) as caught:
            read_series(dataset)
        (problem,) = caught.value.problems
        assert problem.code == "NN403"
        assert problem.message == f"a window and its targets take {length + horizon} points, the series has {num_points}"
        assert problem.where is not None and problem.where.path == "dataset.length"
        return
    found = read_series(dataset)
    assert [array.dtype for array in found] == [np.float32, np.float32]
    assert found[0].tolist() == inputs
    assert found[1].tolist() == targets


def test_formulas_are_computed_in_float64_and_a_number_is_a_series_too() -> None:
    dataset = series(
        num_points=10_000, inputs="sin(n / (10 * pi)) ** 2", targets=["1", "sigmoid(-n)", "step(n - 5)"], length=10_000
    )
    inputs, targets = read_series(dataset)
    n = np.arange(10_000.0)
    assert inputs[0, :, 0].tobytes() == (np.sin(n / (10 * np.pi)) ** 2).astype(np.float32).tobytes()
    with np.errstate(over="ignore"):
        expected = np.stack([np.ones_like(n), 1 / (1 + np.exp(n)), n >= 5], axis=1)
    assert np.array_equal(targets[0], expected.astype(np.float32))


TABLE = "day,high,low,name\n1,2.5,1,a\n2,3.5,2,b\n3,4.5,0,c\n4,5.5,1,d\n"


@pytest.fixture
def csv(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        (tmp_path / "table.csv").write_text(text)
        return str(tmp_path / "table.csv")

    return write


COLUMNS = {"inputs": ["high", "high - low", "n"], "targets": "low", "length": 2, "horizon": 1}
INPUTS = [[[2.5, 1.5, 0], [3.5, 1.5, 1]]]


def test_columns_come_from_a_table(csv: Any) -> None:
    inputs, targets = read_series(series(path=csv(TABLE), **COLUMNS))
    assert (inputs.tolist(), targets.tolist()) == (INPUTS, [[[2], [0]]])


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint8"])
def test_columns_come_from_vectors(dtype: str, save: Save) -> None:
    path = save(high=np.array([2, 3, 4, 5], dtype), low=np.array([1, 2, 0, 1], dtype))
    inputs, targets = read_series(series(path=path, **COLUMNS))
    assert (inputs.tolist(), targets.tolist()) == ([[[2, 1, 0], [3, 1, 1]]], [[[2], [0]]])


def test_the_shortest_column_ends_the_series(save: Save) -> None:
    path = save(a=np.arange(10.0), b=np.arange(7.0))
    assert len(read_series(series(path=path, inputs="a"))[0]) == 7
    assert len(read_series(series(path=path, inputs="a", num_points=3))[0]) == 3


def test_more_points_than_the_file_has_are_refused(save: Save, refused: Refused) -> None:
    problem = refused(read_series, series(path=save(a=np.arange(4.0)), inputs="a", num_points=5))
    assert (problem.code, problem.message) == ("NN403", "5 points are asked for, the file has 4")
    assert problem.where is not None and problem.where.path == "dataset.num_points"


def test_an_unknown_column_is_named_with_the_one_that_was_meant(csv: Any, refused: Refused) -> None:
    problem = refused(read_series, series(path=csv(TABLE), inputs=["low", "hihg / 2"], targets="low"))
    assert (problem.code, problem.message, problem.hint) == ("NN402", "unknown name `hihg`", "did you mean `high`?")
    assert problem.where is not None and problem.where.path == "dataset.inputs.1"
    problem = refused(read_series, series(path=csv(TABLE), inputs="low", targets="temperature"))
    assert (problem.message, problem.hint) == ("unknown name `temperature`", "there are: day, high, low, n, name, pi")
    assert problem.where is not None and problem.where.path == "dataset.targets.0"


def test_a_column_that_holds_no_numbers_is_told_from_one_that_is_not_there(csv: Any, refused: Refused) -> None:
    path = csv(TABLE)
    problem = refused(read_series, series(path=path, inputs=["low", "name"], targets="low"))
    assert (problem.code, problem.message) == ("NN502", "row 1: column `name` holds 'a', a number was expected")
    assert problem.where is not None and problem.where.file == path


def test_what_no_formula_uses_may_hold_anything(csv: Any) -> None:
    inputs, _ = read_series(series(path=csv("a,b,c\n1,,x\n2,3,y\n"), inputs="a", targets="n"))
    assert inputs.reshape(-1).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("formula", "shown"),
    [("1 / n", "inf at [0]"), ("sqrt(1 - n)", "nan at [2]"), ("exp(50 * n)", "inf at [2]"), ("log(n)", "-inf at [0]")],
)
def test_numbers_that_are_not_finite_are_refused(formula: str, shown: str, refused: Refused) -> None:
    problem = refused(read_series, series(num_points=5, targets=["n", formula]))
    assert (problem.code, problem.message) == ("NN208", f"`{formula}` holds {shown}, but every number must be finite")
    assert problem.where is not None and problem.where.path is not None and problem.where.path.startswith("dataset.targets.1")


def test_more_values_than_memory_holds_are_refused(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_VALUES", 1000)
    fields = {"num_points": 500, "length": 10, "stride": 9}
    assert read_series(series(**fields | {"num_points": 450}))[0].shape == (49, 10, 1)
    problem = refused(read_series, series(**fields))
    assert (problem.code, problem.message) == ("NN403", "55 windows of 10 points take more than 1,000 values")
    assert problem.where is not None and problem.where.path == "dataset.stride"


BAD_TABLES = {
    "gap": ("a,b\n1,2\n,3\n", "row 2: column `a` has no number"),
    "text": ("a,b\nx,y\n", "row 1: column `a` holds 'x', a number was expected"),
    "no rows": ("a,b\n", "the table has no rows"),
    "empty": ("", "the file is empty"),
    "ragged": ("a,b\n1,2\n3\n", "row 2 (line 3) has 1 cells, 2 were expected: "),
    "nan": ("a,b\n1,2\nnan,3\n", "row 2: column `a` has no number"),
    "inf": ("a,b\n1,2\ninf,3\n", "row 2: column `a` holds inf, but every number must be finite"),
}


@pytest.mark.parametrize("what", BAD_TABLES)
def test_a_bad_table_is_a_problem(what: str, csv: Any, refused: Refused) -> None:
    text, message = BAD_TABLES[what]
    problem = refused(read_series, series(path=csv(text), inputs="a", targets="a"))
    assert (problem.code, problem.message[: len(message)]) == ("NN502", message)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "the file holds no arrays"),
        ({"a": np.zeros((3, 1))}, "`a` has the shape (3, 1), but a series is a vector"),
        ({"a": np.zeros(3), "b": np.array(1.0)}, "`b` has the shape (), but a series is a vector"),
        ({"a": np.zeros(0)}, "`a` has the shape (0,), but a series is a vector"),
        ({"a": np.array([1, np.nan])}, "`a` holds nan at [1], but every number must be finite"),
    ],
)
def test_a_bad_file_of_vectors_is_a_problem(arrays: Any, message: str, save: Save, refused: Refused) -> None:
    problem = refused(read_series, series(path=save(**arrays), inputs="a", targets="a"))
    assert (problem.code, problem.message) == ("NN502", message)


def test_a_missing_file_is_a_problem(tmp_path: Path, refused: Refused) -> None:
    for name in ("none.csv", "none.npz"):
        assert refused(read_series, series(path=str(tmp_path / name), inputs="a")).code == "NN501"


def test_formulas_are_checked_where_the_columns_are_known() -> None:
    with pytest.raises(ValidationError) as caught:
        series(num_points=3, inputs=["n", "m", "n ^ 2"], targets="2 *")
    assert [(found["type"], found["loc"], found["ctx"]["offset"]) for found in caught.value.errors()] == [
        ("NN207", ("inputs", 1), 0),
        ("NN207", ("inputs", 2), 2),
        ("NN207", ("targets", 0), 3),
    ]
    with pytest.raises(ValidationError) as caught:
        series(path="a.csv", inputs=["m", "m ^ 2"])
    assert [found["loc"] for found in caught.value.errors()] == [("inputs", 1)]
    with pytest.raises(ValidationError, match="`num_points` is missing"):
        series()


# Held out from the end


@pytest.mark.parametrize(("validation", "test", "sizes"), [(0.2, 0.1, (7, 2, 1)), (0.3, 0.0, (7, 3, 0)), (0.0, 0.4, (6, 0, 4))])
def test_what_is_held_out_of_a_series_lies_in_its_future(validation: float, test: float, sizes: tuple[int, int, int]) -> None:
    dataset = series(num_points=20, length=2, validation=validation, test=test)
    for seed in (0, 1):
        splits = prepare(dataset, seed=seed)
        parts = (splits.train, splits.validation, splits.test)
        assert tuple(0 if part is None else len(part) for part in parts) == sizes
        order = np.concatenate([part.inputs.reshape(-1) for part in parts if part is not None])
        assert order.tolist() == list(range(20))
    found = outline(dataset)
    assert (found.num_train, found.num_validation, found.num_test) == sizes
    assert (found.input_shape, found.target_shape) == ((2, 1), (2, 1))


@given(st.integers(1, 40), st.floats(0.01, 0.95), st.floats(0.0, 0.5))
def test_outline_and_preparation_agree_on_what_is_held_out(num_points: int, validation: float, test: float) -> None:
    dataset = series(num_points=num_points, validation=validation, test=test)
    try:
        splits = prepare(dataset, seed=0)
    except NncliError as failure:
        with pytest.raises(NncliError) as caught:
            outline(dataset)
        assert caught.value.problems == failure.problems
        return
    found = outline(dataset)
    assert (found.num_train, found.num_validation) == (
        len(splits.train),
        0 if splits.validation is None else len(splits.validation),
    )

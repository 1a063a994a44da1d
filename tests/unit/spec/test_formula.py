"""Formulas: what may stand in them, how every other text is refused and where, and that they mean what Python's own mean."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nncli.config.load import parse_config
from nncli.data.series import _OPERATIONS
from nncli.problems import NncliError, Where
from nncli.spec.formula import (
    CONSTANTS,
    DEEPEST,
    FUNCTIONS,
    LONGEST,
    OPERATORS,
    Call,
    Formula,
    FormulaError,
    compute,
    names_in,
    parse_formula,
    variables_of,
)

VARIABLES = ("y_true", "y_pred")
A, B = VARIABLES
MEANING = "write it with `+ - * / **`, brackets and functions, such as `square(y_true - y_pred)`"


def refusal(text: str, variables: tuple[str, ...] = VARIABLES) -> tuple[str, str | None, int]:
    with pytest.raises(FormulaError) as caught:
        parse_formula(text, variables)
    found = caught.value
    assert str(found) == found.message
    return found.message, found.hint, found.column


READ: list[tuple[str, Formula]] = [
    ("1", 1.0),
    (" 2.5e-1 ", 0.25),
    ("1_000", 1000.0),
    ("pi", math.pi),
    ("y_pred", B),
    ("-y_pred", Call("negative", (B,))),
    ("+y_pred", B),
    ("--1", Call("negative", (Call("negative", (1.0,)),))),
    ("y_true - y_pred - 1", Call("-", (Call("-", (A, B)), 1.0))),
    ("y_true + 2 * y_pred", Call("+", (A, Call("*", (2.0, B))))),
    ("(y_true + 2) / y_pred", Call("/", (Call("+", (A, 2.0)), B))),
    ("-y_pred ** 2 ** 3", Call("negative", (Call("**", (B, Call("**", (2.0, 3.0)))),))),
    ("maximum(y_true, step(y_pred))", Call("maximum", (A, Call("step", (B,))))),
    ("square(y_true\n   - y_pred)\n", Call("square", (Call("-", (A, B)),))),
    ("y_true\t-\r\u00a0y_pred", Call("-", (A, B))),
]


@pytest.mark.parametrize(("text", "formula"), READ, ids=[text for text, _ in READ])
def test_what_is_read(text: str, formula: Formula) -> None:
    assert parse_formula(text, VARIABLES) == formula


@pytest.mark.parametrize(("name", "count"), FUNCTIONS.items())
def test_every_function_takes_its_number_of_arguments_and_no_other(name: str, count: int) -> None:
    right = f"{name}({', '.join('12'[:count])})"
    assert parse_formula(right, ()) == Call(name, (1.0, 2.0)[:count])
    message = f"`{name}` takes {count} argument{'' if count == 1 else 's'}"
    hint = f"write `{name}({'a' if count == 1 else 'a, b'})`"
    for arguments in ("", "1, 2, 3", "1" if count == 2 else "1, 2", "*y_true", "a=1", "1, b=2", "**y_true"):
        assert refusal(f"1 + {name}({arguments})") == (message, hint, 4)


def test_every_operator_is_read() -> None:
    for symbol in OPERATORS.values():
        assert parse_formula(f"y_true {symbol} y_pred", VARIABLES) == Call(symbol, (A, B))


REFUSED: list[tuple[str, str, str | None, int]] = [
    ("1 + y_prd", "unknown name `y_prd`", "did you mean `y_pred`?", 4),
    ("1 + nothing_alike", "unknown name `nothing_alike`", "there are: pi, y_pred, y_true", 4),
    ("True * 2", "`True` is nothing that a formula may hold", MEANING, 0),
    ("1 + None", "`None` is nothing that a formula may hold", MEANING, 4),
    ("2 * exp", "`exp` is a function", "write `exp(...)`", 4),
    ("2 * sqr(y_pred)", "unknown function `sqr`", "did you mean `sqrt`?", 4),
    ("eval('1')", "unknown function `eval`", f"there are: {', '.join(FUNCTIONS)}", 0),
    ("y_pred(1)", "unknown function `y_pred`", f"there are: {', '.join(FUNCTIONS)}", 0),
    ("(y_true - y_pred) ^ 2", "`^` is no operator of formulas", "write `**` for a power", 18),
    ("y_true ^ (y_pred ^ 2)", "`^` is no operator of formulas", "write `**` for a power", 7),
    ("y_true ^ y_pred ^ 2", "`^` is no operator of formulas", "write `**` for a power", 16),
    ("1 + y_true.shape", "`y_true.shape` is nothing that a formula may hold", MEANING, 4),
    ("y_true.mean()", "`y_true.mean()` is nothing that a formula may hold", MEANING, 0),
    ("y_true[0]", "`y_true[0]` is nothing that a formula may hold", MEANING, 0),
    ("1 * (y_true < y_pred)", "`y_true < y_pred` is nothing that a formula may hold", MEANING, 5),
    ("y_true and y_pred", "`y_true and y_pred` is nothing that a formula may hold", MEANING, 0),
    ("not y_true", "`not y_true` is nothing that a formula may hold", MEANING, 0),
    ("~y_true", "`~y_true` is nothing that a formula may hold", MEANING, 0),
    ("y_true // 2", "`y_true // 2` is nothing that a formula may hold", MEANING, 0),
    ("y_true % 2", "`y_true % 2` is nothing that a formula may hold", MEANING, 0),
    ("y_true @ y_pred", "`y_true @ y_pred` is nothing that a formula may hold", MEANING, 0),
    ("1 + (lambda: 0)", "`lambda: 0` is nothing that a formula may hold", MEANING, 5),
    ("(y_true := 1)", "`y_true := 1` is nothing that a formula may hold", MEANING, 1),
    ("1 if y_true else 2", "`1 if y_true else 2` is nothing that a formula may hold", MEANING, 0),
    ("[y_true for y_true in y_pred]", "`[y_true for y_true in y_pred]` is nothing that a formula may hold", MEANING, 0),
    ("exp(x for x in y_true)", "`(x for x in y_true)` is nothing that a formula may hold", MEANING, 3),
    ("y_true, y_pred", "`y_true, y_pred` is nothing that a formula may hold", MEANING, 0),
    ("(yield)", "`yield` is nothing that a formula may hold", MEANING, 1),
    ("'a' + 1", "`'a'` is nothing that a formula may hold", MEANING, 0),
    ("1 + b'a'", "`b'a'` is nothing that a formula may hold", MEANING, 4),
    ("1j", "`1j` is nothing that a formula may hold", MEANING, 0),
    ("f'{y_true}'", "`f'{y_true}'` is nothing that a formula may hold", MEANING, 0),
    ("...", "`...` is nothing that a formula may hold", MEANING, 0),
    (f"[{'1, ' * 20}]", f"`[{'1, ' * 20}"[:28] + "...` is nothing that a formula may hold", MEANING, 0),
    ("1 + 1e999", "the number is too large", None, 4),
    (f"2 * {'9' * 400}", "the number is too large", None, 4),
    ("", "this is no formula", MEANING, 0),
    ("  \n", "this is no formula", MEANING, 0),
    ("y_true -", "this is no formula", MEANING, 8),
    (" y_true -  ", "this is no formula", MEANING, 9),
    ("y_true y_pred", "this is no formula", MEANING, 7),
    ("1 + (y_true - 2", "this is no formula", MEANING, 4),
    ("1 + y_true) - 2", "this is no formula", MEANING, 10),
    ("y_true = y_pred", "this is no formula", MEANING, 7),
    ("y_true; y_pred", "this is no formula", MEANING, 6),
    ("import os", "this is no formula", MEANING, 0),
    ("y_true ² 2", "this is no formula", MEANING, 7),
    ("y_true\x00 + 1", "the character U+0000 is nothing that a formula may hold", MEANING, 6),
    ("1 + \x07", "the character U+0007 is nothing that a formula may hold", MEANING, 4),
    ("1 \ud800", "the character U+D800 is nothing that a formula may hold", MEANING, 2),
    ("\ufeff1", "the character U+FEFF is nothing that a formula may hold", MEANING, 0),
    ("1 + \\\n2", "`\\` is nothing that a formula may hold", MEANING, 4),
    ("y_true # - y_pred", "`#` is nothing that a formula may hold", MEANING, 7),
    ("  größe - größer", "unknown name `größe`", "there are: pi, y_pred, y_true", 2),
    ("größe('ß') + '✓'", "unknown function `größe`", f"there are: {', '.join(FUNCTIONS)}", 0),
    ("y_true * 'ß' + '✓'", "`'ß'` is nothing that a formula may hold", MEANING, 9),
    ("y_true -\r\n y_prd", "unknown name `y_prd`", "did you mean `y_pred`?", 11),
]


@pytest.mark.parametrize(("text", "message", "hint", "column"), REFUSED, ids=[repr(text[:30]) for text, *_ in REFUSED])
def test_what_is_refused_and_where(text: str, message: str, hint: str | None, column: int) -> None:
    assert refusal(text) == (message, hint, column)


def test_the_column_counts_characters_behind_wide_ones() -> None:
    with pytest.raises(FormulaError) as caught:
        parse_formula("größe + 精度 * grösse", ("größe", "精度"))
    assert (caught.value.column, caught.value.hint) == (13, "did you mean `größe`?")


def test_a_formula_has_an_end() -> None:
    longest = "1" + " + 1" * 5
    longest += " " * (LONGEST - len(longest))
    assert parse_formula(longest, ())
    assert refusal(longest + " ") == ("a formula has at most 500 characters, this one has 501", None, LONGEST)


def test_a_formula_has_a_depth() -> None:
    message = (f"more than {DEEPEST} parts lie inside each other", "make it simpler")
    assert parse_formula("-" * DEEPEST + "1", ())
    assert refusal("-" * (DEEPEST + 1) + "1") == (*message, DEEPEST + 1)
    assert refusal("abs(" * (DEEPEST + 1) + "1" + ")" * (DEEPEST + 1)) == (*message, 4 * (DEEPEST + 1))
    assert refusal("-" * (LONGEST - 1) + "1")[:2] == message
    assert parse_formula("(" * 100 + "1" + ")" * 100, ()) == 1.0
    assert refusal("(" * 249 + "1" + ")" * 249)[0] == "this is no formula"  # more than Python's own parser takes


SYMBOLS = "()[]{},.:;=<>^%@!~'\"\\#\n\r\t\x0c \x00_0e\ufeffäßﬁ²精\u2028\u0301\U0001f600\ud800"
WORDS = ("1e9", "lambda ", "if ", "0x", "not in", "f'", "await ")
PIECES = st.sampled_from([*FUNCTIONS, *OPERATORS.values(), *VARIABLES, *CONSTANTS, *SYMBOLS, *WORDS])


@settings(max_examples=1000, deadline=None)
@example("0x")
@example("1if 1else 2")
@example("(\r1\r+ ß")
@given(st.text() | st.lists(PIECES, max_size=30).map("".join) | st.text(st.sampled_from("(-1x+* ^)"), max_size=LONGEST + 1))
def test_any_text_is_a_formula_or_refused_at_a_place_inside(text: str) -> None:
    names = names_in(text)
    try:
        formula = parse_formula(text, VARIABLES)
    except FormulaError as found:
        assert 0 <= found.column <= len(text)
        assert found.message and found.message.isprintable()
    else:
        assert set(variables_of(formula)) == names <= set(VARIABLES)


def test_names_of_columns_are_found_before_the_columns_are_known() -> None:
    assert names_in("sin(pi * high) -\n low / n") == {"high", "low", "n"}
    assert names_in("sin(") == names_in("\0") == names_in("(" * 300) == names_in("0if x") == set()


NUMBERS = st.integers(0, 9).map(str) | st.floats(0, 100).map(repr) | st.sampled_from([*VARIABLES, "pi"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**", " - ", " ** -"]), inner).map("".join)
        | inner.map("({})".format)
        | inner.map("-{}".format)
        | st.tuples(st.sampled_from([name for name, count in FUNCTIONS.items() if count == 1]), inner).map("{0[0]}({0[1]})".format)
        | st.tuples(st.sampled_from(["maximum", "minimum"]), inner, inner).map("{0[0]}({0[1]}, {0[2]})".format)
    )


FUNCTIONS_OF_NUMPY: dict[str, Any] = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "step": lambda z: np.float64(1.0 if z >= 0 else 0.0),
    "stop_gradient": lambda z: z,
}


@settings(max_examples=400, deadline=None)
@given(
    st.recursive(NUMBERS, _grown, max_leaves=12).filter(lambda text: len(text) <= LONGEST),
    st.tuples(*[st.floats(-100, 100) | st.sampled_from([0.0, -0.0, 1e300])] * 2),
)
def test_formulas_mean_what_python_s_own_mean(text: str, values: tuple[float, float]) -> None:
    """Python's parser is asked for the meaning, not for the tree: `eval` computes the text itself."""
    try:
        formula = parse_formula(text, VARIABLES)
    except FormulaError as found:
        assert found.message == f"more than {DEEPEST} parts lie inside each other"
        return
    numbers = {name: np.float64(value) for name, value in zip(VARIABLES, values, strict=True)}
    functions = {name: FUNCTIONS_OF_NUMPY.get(name) or getattr(np, name) for name in FUNCTIONS}
    # Python's own numbers would overflow with an exception: each literal becomes an array of one, whose powers are those of
    # `np.power`. Two float64 may have other ones in the last bit, depending on the CPU.
    wrapped = _literals_as_float64(text)
    arrays = {name: np.array([value]) for name, value in (numbers | {"pi": np.float64(np.pi)}).items()}
    with np.errstate(all="ignore"):
        expected = builtins.eval(
            wrapped, {"__builtins__": {}, "float64": lambda number: np.array([number], np.float64), **functions, **arrays}
        )
        found = compute(formula, _OPERATIONS, numbers, np.float64)
    np.testing.assert_array_equal(np.asarray(found, np.float64), np.asarray(expected, np.float64).reshape(()))


def _literals_as_float64(text: str) -> str:
    import io
    import tokenize

    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return "".join(f"float64({token.string})" if token.type == tokenize.NUMBER else f" {token.string}" for token in tokens).strip()


def test_a_computation_is_done_in_the_arithmetic_it_is_given() -> None:
    symbols = {name: lambda *values, name=name: f"{name}({', '.join(values)})" for name in _OPERATIONS}
    formula = parse_formula("maximum(-y_true, 2 * sin(y_pred)) ** 2", VARIABLES)
    assert compute(formula, symbols, {A: "a", B: "b"}, str) == "**(maximum(negative(a), *(2.0, sin(b))), 2.0)"
    assert list(variables_of(formula)) == [A, B]
    assert set(_OPERATIONS) == {*OPERATORS.values(), *FUNCTIONS, "negative"}


CONFIG = """\
name: t
dataset: {type: inline, inputs: [[0]], targets: [0.0]}
model:
  layers: [{type: dense, units: 1}]
optimizer: sgd
loss: {type: expression, formula: y_pred}
"""


def problem_at(config: str, *overrides: str) -> Where:
    with pytest.raises(NncliError) as caught:
        parse_config(config, "c.yaml", "/", overrides=overrides)
    (problem,) = caught.value.problems
    assert problem.code == "NN207" and problem.where is not None
    assert problem.where.path == "loss.formula"
    return problem.where


@pytest.mark.parametrize(
    "written",
    [
        "square(y_true - y_prd)",
        "'square(y_true - y_prd)'",
        '"square(y_true - y_prd)"',
        "square(y_true -\n    y_prd)",
        "'square(\n\n    y_true - y_prd)'",
        "|\n    square(y_true -\n      y_prd)",
        ">-  # folded\n    square(y_true\n    - y_prd)",
        ">2\n    square(y_true - y_prd)\n\n",
        "y_true - y_prd  # y_prd",
    ],
)
def test_in_a_config_the_caret_stands_under_the_character_at_fault(written: str) -> None:
    config = CONFIG.replace("loss: {type: expression, formula: y_pred}", f"loss:\n  type: expression\n  formula: {written}")
    where = problem_at(config)
    assert where.line is not None and where.column is not None and where.source_line is not None
    assert (where.end_line, where.end_column) == (where.line, where.column + 1)
    assert where.source_line == config.splitlines()[where.line - 1]
    assert where.source_line[where.column - 1 :].startswith("y_prd")
    assert where.source_line[: where.column - 1].count("y_prd") == 0


@pytest.mark.parametrize(
    "argument",
    [
        "loss.formula=square(y_true - y_prd)",
        "loss.formula='square(y_true - y_prd)'",
        "loss={type: expression, formula: y_true - y_prd}",
        "loss.formula=|\n  y_true -\n  y_prd",
    ],
)
def test_in_an_override_the_caret_stands_under_the_character_at_fault(argument: str) -> None:
    where = problem_at(CONFIG, argument)
    assert where.argument == argument
    assert where.column is not None and where.end_column == where.column + 1
    assert argument[where.column - 1 :].startswith("y_prd")


@pytest.mark.parametrize("written", ['"y_true - y_\\x70rd"', "'y_true - ''a'''"])
def test_of_a_text_that_is_written_otherwise_all_is_marked(written: str) -> None:
    where = problem_at(CONFIG.replace("formula: y_pred", f"formula: {written}"))
    assert where.source_line is not None and where.column is not None and where.end_column is not None
    assert where.source_line[where.column - 1 : where.end_column - 1] == written


def test_what_ends_too_early_is_marked_behind_its_end() -> None:
    where = problem_at(CONFIG.replace("formula: y_pred", "formula: y_pred -"))
    assert where.source_line is not None and where.column is not None
    assert where.source_line[where.column - 1 :] == "}"

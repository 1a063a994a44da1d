"""Conditions such as `test_accuracy >= 0.955`."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncli.spec.conditions import OPERATORS, Condition, parse_condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("test_accuracy >= 0.955", Condition("test_accuracy", ">=", 0.955)),
        ("loss<1", Condition("loss", "<", 1.0)),
        ("  val_loss   <=  -1.5e-3  ", Condition("val_loss", "<=", -0.0015)),
        ("a > .5", Condition("a", ">", 0.5)),
        ("a > 5.", Condition("a", ">", 5.0)),
        ("a > +5", Condition("a", ">", 5.0)),
        ("_a1 > 1E3", Condition("_a1", ">", 1000.0)),
        ("a\t>\n1", Condition("a", ">", 1.0)),
    ],
)
def test_a_condition_is_read(text: str, condition: Condition) -> None:
    assert parse_condition(text) == condition


@pytest.mark.parametrize(
    "text",
    [
        "",
        "loss",
        "loss <",
        "< 1",
        "1 > loss",
        "loss = 1",
        "loss == 1",
        "loss != 1",
        "loss => 1",
        "loss > = 1",
        "loss > 1%",
        "loss > 1 2",
        "loss > one",
        "loss > nan",
        "loss > inf",
        "loss > 1e999",
        "loss > -1e999",
        "loss > 0x10",
        "loss > 1_000",
        "loss > 1,5",
        "loss > \u0661",
        "0.5 < loss < 1",
        "val loss < 1",
        "val-loss < 1",
        "1loss < 1",
        "l\u00f6ss < 1",
        "loss < 1 and val_loss < 1",
        "__import__('os').system('ls') > 1",
    ],
)
def test_everything_else_is_refused_with_the_text_and_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_condition(text)
    assert str(caught.value) == f"`{text}` is no condition: expected a metric, one of >= <= > <, and a number"


@pytest.mark.parametrize(
    ("operator", "below", "equal", "above"),
    [(">=", False, True, True), ("<=", True, True, False), (">", False, False, True), ("<", True, False, False)],
)
def test_a_condition_holds_or_not(operator: str, below: bool, equal: bool, above: bool) -> None:
    condition = Condition("loss", operator, 0.5)
    assert (condition.holds(0.4), condition.holds(0.5), condition.holds(0.6)) == (below, equal, above)
    assert not condition.holds(math.nan)


@given(
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True), st.sampled_from(sorted(OPERATORS)), st.integers(-(10**5), 10**5)
)
def test_what_is_written_reads_back(name: str, operator: str, threshold: int) -> None:
    condition = Condition(name, operator, threshold / 8)
    assert parse_condition(f"{name}{operator}{threshold / 8!r}") == condition
    shown = parse_condition(str(condition))
    assert (shown.name, shown.operator) == (name, operator)
    assert shown.threshold == threshold / 8

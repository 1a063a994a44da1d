"""Conditions that make a command fail where a metric does not meet them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nncli.problems import Problem, Where, error
from nncli.reports.base import Metrics
from nncli.spec.conditions import Condition, parse_condition
from nncli.spec.wording import closest

_PREFIXES = {"train": "", "validation": "val_", "test": "test_"}


def failed_conditions(texts: Iterable[str], metrics: Mapping[str, Metrics | None]) -> list[Problem]:
    """Hold the metrics of a run's parts to its conditions.

    Args:
        texts: the config's `expect`, conditions such as `test_accuracy >= 0.955`.
        metrics: part (`train`, `validation`, `test`) -> its metrics, or None.

    Returns:
        NN701 for each that does not hold, with its path in the config.
    """
    values = {
        f"{_PREFIXES[part]}{name}": value
        for part, measured in metrics.items()
        for name, value in (measured or {}).items()
        if isinstance(value, float)
    }
    held = (_hold(parse_condition(text), values, Where(path=f"expect.{index}")) for index, text in enumerate(texts))
    return [problem for problem in held if problem is not None]


def parse_fail_under(texts: Iterable[str], known: Iterable[str]) -> list[Condition]:
    """Read `--fail-under` arguments.

    Args:
        texts: conditions on bare names, such as `accuracy >= 0.9`.
        known: the names that the evaluation measures.

    Raises:
        NncliError: NN606, one is no condition, or names a metric that is not measured.
    """
    known, conditions = list(known), []
    for text in texts:
        try:
            condition = parse_condition(text)
        except ValueError as problem:
            raise error("NN606", str(problem), "for example `--fail-under 'accuracy >= 0.9'`", argument=text) from None
        if condition.name not in known:
            right = closest(condition.name, known)
            hint = f"did you mean `{right}`?" if right else f"there are: {', '.join(known)}"
            raise error("NN606", f"this network does not measure `{condition.name}`", hint, argument=text)
        conditions.append(condition)
    return conditions


def failed(conditions: Iterable[Condition], metrics: Metrics) -> list[Problem]:
    """NN701 for each condition that the metrics do not meet."""
    values = {name: value for name, value in metrics.items() if isinstance(value, float)}
    return [problem for condition in conditions if (problem := _hold(condition, values, None)) is not None]


def _hold(condition: Condition, values: Mapping[str, float], where: Where | None) -> Problem | None:
    value = values.get(condition.name)
    if value is None:
        return Problem("NN701", f"`{condition}` cannot be judged: `{condition.name}` has no single value here", where=where)
    if condition.holds(value):
        return None
    return Problem("NN701", f"expected {condition}, got {value:.6g}", where=where)

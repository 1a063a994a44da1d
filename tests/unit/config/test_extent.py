"""Whatever is accepted can be written out with all its defaults and read back; what cannot is refused beforehand."""

from __future__ import annotations

from pathlib import Path

import pytest

from nncli.config import extent
from nncli.config.load import load_config, parse_config
from nncli.config.reader import MAX_DEPTH, MAX_NODES
from nncli.config.write import to_yaml
from nncli.problems import NncliError, Problem

HEAD = "name: a\noptimizer: sgd\nloss: mse\n"
ROWS = HEAD + "dataset: {{type: inline, inputs: [{0}], targets: [{0}]}}\nmodel: {{layers: [{{type: dense, units: 1}}]}}\n"
STACK = HEAD + "dataset: mnist_5k\nmodel: {{layers: [{}]}}\n"


def refusal(text: str) -> Problem:
    with pytest.raises(NncliError) as caught:
        parse_config(text, "c.yaml", "/")
    (problem,) = caught.value.problems
    return problem


def rows(number: int) -> str:
    return ROWS.format("[1], " * number)


def most(text_of: object, low: int, high: int) -> int:
    """The largest number whose text is accepted."""
    while high - low > 1:
        middle = (low + high) // 2
        try:
            parse_config(text_of(middle), "c.yaml", "/")  # type: ignore[operator]
            low = middle
        except NncliError:
            high = middle
    return low


def nested(levels: int) -> str:
    return STACK.format("{type: residual, layers: [" * levels + "identity" + "]}" * levels)


@pytest.mark.parametrize(("text_of", "high"), [(rows, MAX_NODES), (nested, MAX_DEPTH)], ids=["values", "levels"])
def test_the_largest_config_that_is_accepted_reads_back(text_of: object, high: int) -> None:
    largest = most(text_of, 1, high)
    experiment = parse_config(text_of(largest), "c.yaml", "/").experiment  # type: ignore[operator]
    assert parse_config(to_yaml(experiment), "written.yaml", "/").experiment == experiment
    assert refusal(text_of(largest + 1)).code == "NN105"  # type: ignore[operator]


def test_thousands_of_rows_are_few_enough() -> None:
    assert most(rows, 1, MAX_NODES) > 4900


def test_too_many_layers_are_refused_where_they_stand() -> None:
    problem = refusal(STACK.format("{type: dense, units: 1}, " * 3000))
    assert (problem.code, problem.hint) == ("NN105", "`repeat` writes equal layers once")
    assert "with every default written out, the config holds 57," in problem.message
    assert problem.where is not None and (problem.where.path, problem.where.line) == ("model.layers", 5)


def test_texts_without_end_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(STACK.format("identity").replace("name: a", f"name: {'a' * 90}"))
    load_config(path)
    monkeypatch.setattr(extent, "MAX_CHARACTERS", 100)
    with pytest.raises(NncliError, match="texts of more than 100 characters"):
        load_config(path)

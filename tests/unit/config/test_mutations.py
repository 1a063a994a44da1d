"""Valid configs with random changes: every one passes or is refused with places in it, and nothing else ever happens.

`make test` tries a few hundred, `make test-new` 20,000 that nobody has tried yet.
"""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nncli.commands.check import check
from nncli.config.load import load_config
from nncli.config.write import to_yaml
from nncli.problems import Problem, exit_code
from nncli.spec import registry
from nncli.spec.former import FORMER_KEYS

ROOT = Path(__file__).parents[3]
VALID = sorted((ROOT / "tests" / "configs" / "valid").rglob("*.yaml")) + sorted((ROOT / "configs").glob("*.yaml"))
TEXTS = [path.read_text(encoding="utf-8") for path in VALID]
FULL = [to_yaml(load_config(path).experiment) for path in VALID]
"""The same with every default written out, so that each field is met."""

mutations = settings(
    max_examples=int(os.environ.get("NNCLI_MUTATIONS", "400")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

NAMES = sorted({name for kind in registry.MODULES for name in registry.names(kind)})
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2, 3, 7, 10**6, 10**18, 10**30, -(2**63), 0.5, -0.0, 1e-300, 1e300, float("inf"), float("nan"),
    "", "a", "0", "no", "1e-4", "full", "\x00", "\u202e", "é" * 50, "x" * 5000, [], [0], [1, 2], [[1]], [None], {},
    {"type": "relu"}, {"type": None}, {"type": "dense", "units": 3}, {"a": {"b": []}}, "val_loss", "loss < 0.1", "y_pred**2",
    "../..", "/", "{x}",
]  # fmt: skip
CHARACTERS = "{}[]:,-#&*!|>'\"%@`\t\n \\?~\x00\x07\x85\u2028\ufeffä😀019.eE+-_"


def mutate_text(text: str, rng: random.Random) -> str:
    """Some characters or lines changed, moved or lost."""
    lines = text.split("\n")
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        at, character = rng.randrange(len(text) + 1), rng.choice(CHARACTERS)
        line = rng.randrange(len(lines))
        match rng.randrange(8):
            case 0:
                text = text[:at] + character + text[at:]
            case 1:
                text = text[:at] + character + text[at + 1 :]
            case 2:
                text = text[:at] + text[at + rng.randrange(1, 20) :]
            case 3:
                text = text[:at]
            case 4:
                text = "\n".join(lines[:line] + lines[line + 1 :])
            case 5:
                text = "\n".join(lines[: line + 1] + lines[line:])
            case 6:
                text = "\n".join([*lines[:line], " " * rng.randrange(1, 4) + lines[line], *lines[line + 1 :]])
            case _:
                text = text[:at] + text[rng.randrange(len(text) + 1) :][:30] + text[at:]
    return text


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value below the top."""
    for key, entry in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(entry, (*path, key))


def mutate_tree(text: str, rng: random.Random) -> str:
    """Values replaced, keys renamed, entries lost, doubled or moved."""
    root = yaml.safe_load(text)
    for _ in range(rng.choice([1, 1, 2, 4])):
        known = list(places(root))
        if not known:
            break
        *parents, key = rng.choice(known)
        holder = root
        for step in parents:
            holder = holder[step]
        match rng.randrange(6):
            case 0 | 1:
                holder[key] = copy.deepcopy(rng.choice(VALUES))
            case 2:
                holder[key] = rng.choice(NAMES)
            case 3:
                del holder[key]
            case 4 if isinstance(holder, dict):
                holder[rng.choice([*FORMER_KEYS, f"{key}x", str(key)[1:] or "z"])] = holder.pop(key)
            case 4:
                holder.insert(key, copy.deepcopy(holder[key]))
            case _:
                other = root
                for step in rng.choice(known):
                    other = other[step] if isinstance(other, dict) and step in other else other
                holder[key] = copy.deepcopy(other)
    return str(yaml.safe_dump(root, sort_keys=False, allow_unicode=True, default_flow_style=rng.choice([None, True, False])))


def override(text: str, rng: random.Random) -> str:
    """A `--set` argument that may or may not fit the config."""
    path = ".".join(map(str, rng.choice(list(places(yaml.safe_load(text))))))
    path = rng.choice([path, path, path + rng.choice(["x", ".0", ".type", ".name", ""]), rng.choice(["", "=", "a b", "."])])
    value = rng.choice(
        [rng.choice(NAMES), "null", "{", "[1, 2", "1e-3", "&a 1", "{type: relu}", "\x1b", "é", "-1", "99999999999999999999"]
    )
    return rng.choice([f"{path}={value}", path, f"{path}={value}={value}"])


def require_places(problems: tuple[Problem, ...], file: Path, overrides: list[str]) -> None:
    """Every problem stands inside the file, or inside the argument."""
    lines = file.read_bytes().decode("utf-8", errors="replace").removeprefix("\ufeff").split("\n")
    for problem in problems:
        where = problem.where
        assert where is not None and where.column is not None and where.end_column is not None, problem
        if where.argument is not None:
            assert where.argument in overrides
            assert 1 <= where.column <= len(where.argument) + 1
        else:
            assert where.file == str(file) and where.line is not None and where.end_line is not None, problem
            assert 1 <= where.line <= len(lines), problem
            assert 1 <= where.column <= len(lines[where.line - 1]) + 1, problem
            assert (where.line, where.column) < (where.end_line, where.end_column), problem


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutations") / "config.yaml"


@mutations
@given(seed=st.integers(0, 2**64))
def test_a_mutation_passes_or_is_refused_with_its_place(seed: int, file: Path) -> None:
    rng = random.Random(seed)
    text, overrides = rng.choice(rng.choice([TEXTS, FULL])), list[str]()
    match rng.randrange(4):
        case 0:
            text = mutate_text(text, rng)
        case 1:
            text = mutate_text(mutate_tree(text, rng), rng)
        case 2:
            overrides = [override(text, rng) for _ in range(rng.choice([1, 1, 2, 3]))]
        case _:
            text = mutate_tree(text, rng)
    file.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    report = check([file], overrides=overrides)
    assert exit_code(report.problems) in (0, 2)
    require_places(report.problems, file, overrides)

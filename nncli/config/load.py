"""Config file -> experiment, or every problem in it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from nncli.config.extent import extent_mistakes
from nncli.config.mistakes import find_schema_mistakes, in_order, locate
from nncli.config.overrides import apply_overrides
from nncli.config.reader import MAX_BYTES, decode, read_tree
from nncli.config.tree import MapNode, Node, Source, plain
from nncli.problems import NncliError, Problem, error, reason
from nncli.spec.base import Mistake
from nncli.spec.experiment import Experiment
from nncli.spec.wording import describe


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A valid config, and the tree that tells where each of its values stands."""

    experiment: Experiment
    root: Node

    def locate(self, mistakes: Sequence[Mistake]) -> list[Problem]:
        """Give mistakes that were found later, in shapes or meaning, their places."""
        return locate(mistakes, self.root)

    def relocate(self, problems: Sequence[Problem]) -> list[Problem]:
        """Give the problems that name a path of the config and no file, as the data's readers do, their places."""
        return [self._place(problem) for problem in problems]

    def _place(self, problem: Problem) -> Problem:
        where = problem.where
        if where is None or where.path is None or where.file is not None or where.argument is not None:
            return problem
        path = tuple(int(part) if part.isdigit() else part for part in where.path.split("."))
        (placed,) = locate([Mistake(path, problem.code, problem.message, problem.hint, problem.severity)], self.root)
        return placed


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> LoadedConfig:
    """Read and validate a config.

    Args:
        path: a YAML file, or `-` for standard input.
        overrides: `--set` arguments, applied in order.

    Raises:
        NncliError: every mistake found (NN1xx, NN2xx), or NN107 where there is no such file.
    """
    return validated(*read_config(path, overrides))


def read_config(path: str | Path, overrides: Sequence[str] = ()) -> tuple[MapNode, list[Problem]]:
    """Read a config as far as its syntax goes.

    Args:
        path: a YAML file, or `-` for standard input.
        overrides: `--set` arguments, applied in order.

    Returns:
        Its tree, and what is wrong with overrides that could not be applied.

    Raises:
        NncliError: what is no YAML (NN1xx) or no mapping (NN203), or NN107 where there is no such file.
    """
    return _mapping(Source(*_read(path)), overrides)


def parse_config(text: str, file: str, folder: str, *, overrides: Sequence[str] = ()) -> LoadedConfig:
    """Validate the text of a config.

    Args:
        text: YAML.
        file: what messages call it.
        folder: where its relative paths count from.
        overrides: `--set` arguments, applied in order.

    Raises:
        NncliError: every mistake found (NN1xx, NN2xx).
    """
    return validated(*_mapping(Source(text, folder, file), overrides))


def validate(root: MapNode) -> LoadedConfig:
    """Turn a config's tree into its experiment.

    Raises:
        NncliError: every mistake found (NN2xx), or NN105, it holds too much to be written out and read back.
    """
    try:
        experiment = Experiment.model_validate(plain(root))
    except ValidationError as found:
        raise NncliError(locate(find_schema_mistakes(found, root), root)) from None
    if too_much := list(extent_mistakes(experiment)):
        raise NncliError(locate(too_much, root))
    return LoadedConfig(experiment, root)


def validated(root: MapNode, problems: Sequence[Problem]) -> LoadedConfig:
    """The config of a tree, as `read_config` gives it.

    Args:
        root: the tree.
        problems: what is wrong with the overrides.

    Raises:
        NncliError: every mistake found (NN2xx), those of the overrides included.
    """
    try:
        loaded = validate(root)
    except NncliError as failure:
        raise NncliError(in_order([*failure.problems, *problems])) from None
    if problems:
        raise NncliError(problems)
    return loaded


def _mapping(source: Source, overrides: Sequence[str]) -> tuple[MapNode, list[Problem]]:
    root, problems = apply_overrides(read_tree(source), overrides)
    if isinstance(root, MapNode):
        return root, problems
    value = plain(root)
    message = "the config is empty" if value is None else f"a config is a mapping, received {describe(value)}"
    mistake = Mistake((), "NN203", message, "start with `name:`, `dataset:`, `model:`, `optimizer:` and `loss:`")
    raise NncliError([*locate([mistake], root), *problems])


def _read(path: str | Path) -> tuple[str, str, str]:
    """Text, folder and name."""
    if str(path) == "-":
        try:
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        except OSError as problem:
            raise error("NN107", f"standard input cannot be read: {reason(problem)}", file="-") from None
        return decode(data, "-"), os.getcwd(), "-"
    path = Path(path)
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            os.set_blocking(file.fileno(), True)
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise error("NN107", "there is no such config", "`nncli init --list` shows some to start from", file=path) from None
    except OSError as problem:
        raise error("NN107", f"cannot be read: {problem.strerror}", file=path) from None
    return decode(data, str(path)), str(path.resolve().parent), str(path)


def _open_at_once(path: str, flags: int) -> int:
    """Open a file, and a pipe that nobody writes into, too, which then is empty: waiting for a writer would take for ever."""
    return os.open(path, flags | os.O_NONBLOCK)

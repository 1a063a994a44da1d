"""Configs, with everything checked that can be known before training."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from nncli.commands.machine import installed_memory
from nncli.config.load import LoadedConfig, read_config, validated
from nncli.config.mistakes import in_order, locate
from nncli.config.partial import sound_parts
from nncli.config.tree import MapNode
from nncli.data.outline import is_large, look_at_headers, outline
from nncli.problems import NncliError, Problem
from nncli.spec.base import Mistake
from nncli.spec.datasets.tables import Table
from nncli.spec.meaning import find_mistakes
from nncli.spec.outline import Outline


def load_experiment(config: str | Path, overrides: Sequence[str] = ()) -> tuple[LoadedConfig, tuple[Problem, ...]]:
    """Read a config and check it as far as that goes without training: syntax, values, shapes, and the data's headers.

    Args:
        config: a YAML file, or `-` for standard input.
        overrides: `--set` arguments.

    Returns:
        The config, and warnings.

    Raises:
        NncliError: every mistake found, or what is wrong with the data's file.
    """
    loaded = _load(config, overrides)
    with placed(loaded):
        known = outline(loaded.experiment.dataset, loaded.experiment.seed)
    problems = loaded.locate(find_mistakes(loaded.experiment, known, memory=installed_memory()))
    if any(problem.severity == "error" for problem in problems):
        raise NncliError(problems)
    return loaded, tuple(problems)


def load_network(config: str | Path, overrides: Sequence[str] = ()) -> tuple[LoadedConfig, Outline | None, tuple[Problem, ...]]:
    """Read a config for its network alone, which may be known without the data.

    Args:
        config: a YAML file, or `-` for standard input.
        overrides: `--set` arguments.

    Returns:
        The config, what is known of its data, and warnings. None is known of a data file that is not there, where the config
        states the shape of its samples.

    Raises:
        NncliError: every mistake found, or what is wrong with the data's file.
    """
    loaded = _load(config, overrides)
    known, problems = _known(loaded)
    if known is None and loaded.experiment.model.stated_shape is None:
        hint = "check the path, or state the shape of a sample: `model.input_shape`"
        problems = [replace(problem, hint=hint, severity="error") if problem.code == "NN501" else problem for problem in problems]
    problems += loaded.locate(find_mistakes(loaded.experiment, known, memory=installed_memory()))
    if any(problem.severity == "error" for problem in problems):
        raise NncliError(problems)
    return loaded, known, tuple(problems)


def check_config(config: str | Path, overrides: Sequence[str] = ()) -> list[Problem]:
    """Everything that is wrong, or looks wrong, with a config: what `load_experiment` finds, and what is behind that.

    A mistake in one part hides none in the others, and a data file that is not there yet is a warning: what depends on either is
    left out.

    Args:
        config: a YAML file, or `-` for standard input.
        overrides: `--set` arguments.

    Raises:
        NncliError: what is no YAML.
    """
    return _everything_wrong(*read_config(config, overrides))


def _load(config: str | Path, overrides: Sequence[str]) -> LoadedConfig:
    """The config; where it has a mistake, everything that is wrong with it, as `check_config` tells it."""
    root, problems = read_config(config, overrides)
    try:
        return validated(root, problems)
    except NncliError:
        raise NncliError(_everything_wrong(root, problems)) from None


def _everything_wrong(root: MapNode, problems: Sequence[Problem]) -> list[Problem]:
    sound = sound_parts(root)
    known, about_data = (None, []) if "dataset" in sound.unknown else _known(LoadedConfig(sound.experiment, sound.root), quick=True)
    mistakes = find_mistakes(sound.experiment, known, sound.unknown, memory=installed_memory())
    return in_order([*problems, *sound.problems, *about_data, *locate(mistakes, sound.root)])


def _known(loaded: LoadedConfig, *, quick: bool = False) -> tuple[Outline | None, list[Problem]]:
    """What the headers of the data tell, and what is wrong with them.

    Args:
        loaded: the config.
        quick: whether tables that take seconds to read are not read.
    """
    dataset = loaded.experiment.dataset
    try:
        with placed(loaded):
            if quick and isinstance(dataset, Table) and is_large(dataset):
                look_at_headers(dataset)
                hint = "`nncli check --data` reads it; shapes, labels and sizes are not checked without it"
                return None, loaded.locate(
                    [Mistake(("dataset", "path"), "NN501", "the table is too large to be looked at here", hint, "warning")]
                )
            return outline(loaded.experiment.dataset, loaded.experiment.seed), []
    except NncliError as failure:
        missing = [_not_there(problem) for problem in failure.problems if problem.code == "NN501"]
        return None, [*loaded.locate(missing), *(problem for problem in failure.problems if problem.code != "NN501")]


def _not_there(problem: Problem) -> Mistake:
    skipped = "shapes, labels and sizes are not checked without it"
    hint = f"{problem.hint}; {skipped}" if problem.hint else skipped
    return Mistake(("dataset", "path"), problem.code, f"the data cannot be looked at: {problem.message}", hint, "warning")


@contextlib.contextmanager
def placed(loaded: LoadedConfig) -> Iterator[None]:
    """Give what the data's readers find wrong with a setting its place in the config."""
    try:
        yield
    except NncliError as failure:
        raise NncliError(loaded.relocate(failure.problems)) from None

"""Configs, with everything checked that can be known before training."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from nncli.config.load import LoadedConfig, load_config
from nncli.data.outline import outline
from nncli.problems import NncliError, Problem
from nncli.spec.meaning import find_mistakes


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
    loaded = load_config(config, overrides)
    with placed(loaded):
        known = outline(loaded.experiment.dataset)
    problems = loaded.locate(find_mistakes(loaded.experiment, known))
    if any(problem.severity == "error" for problem in problems):
        raise NncliError(problems)
    return loaded, tuple(problems)


@contextlib.contextmanager
def placed(loaded: LoadedConfig) -> Iterator[None]:
    """Give what the data's readers find wrong with a setting its place in the config."""
    try:
        yield
    except NncliError as failure:
        raise NncliError(loaded.relocate(failure.problems)) from None

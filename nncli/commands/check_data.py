"""What is wrong, or looks wrong, with the data of a config: all of them are read."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from nncli.commands.configs import placed
from nncli.commands.datasets import load_splits
from nncli.config.load import LoadedConfig
from nncli.data.looks import look
from nncli.data.samples import Splits
from nncli.data.texts.encoding import TextEncoding
from nncli.problems import Problem, Where
from nncli.spec.datasets.tables import Table

_SCALES: Final = frozenset(
    {"rescaling", "normalization", "batch_normalization", "layer_normalization", "embedding", "discretization"}
)
"""Layers that take inputs of any scale."""
_MOST_CLASSES: Final = 10
"""So many are named."""


def check_data(loaded: LoadedConfig) -> tuple[list[str], list[Problem]]:
    """Read the data of a config, prepare them, and look at them.

    Args:
        loaded: a config without mistakes.

    Returns:
        What the data are, in lines, and warnings.

    Raises:
        NncliError: NN501 to NN503, what is wrong with the data; NN403, a setting that does not fit them.
    """
    experiment = loaded.experiment
    dataset, lines, problems = experiment.dataset, list[str](), list[Problem]()
    where, names = Where(path="dataset"), tuple[str, ...]()
    with placed(loaded):
        if isinstance(dataset, Table):
            from nncli.data.tables.source import open_source  # pyarrow takes 0.2 s, which other data need not pay

            contents = open_source(dataset).contents
            opened = [file for files in contents.roles.files.values() for file in files]
            lines += [f"{file.path}: {file.said}, {len(file.names)} columns" for file in opened]
            where = Where(file=contents.roles.first.path)
        splits = load_splits(experiment)
        if isinstance(dataset, Table):
            problems += [Problem("NN502", text, None, where, "warning") for text in contents.missing()]
    names = _names(splits)
    if isinstance(encoding := splits.preparation.encoding, TextEncoding):
        unit = "words" if encoding.words else "characters"
        lines.append(f"a {'line' if encoding.by_line else 'file'} a text; {len(encoding.vocabulary):,} kinds of {unit}")
    lines.append(_counts(splits))
    is_scaled = experiment.model.layers[0].type in _SCALES
    problems += [*splits.notes, *look(splits, names, where, is_scaled=is_scaled)]
    return lines, loaded.relocate([problem if problem.where else replace(problem, where=where) for problem in problems])


def _names(splits: Splits) -> tuple[str, ...]:
    """What each number of a sample is; empty where samples are no vectors, or texts."""
    if isinstance(splits.preparation.encoding, TextEncoding):
        return ()  # places of a text, and nothing by themselves
    if len(splits.preparation.input_shape) != 1 or len(splits.preparation.raw_shape) != 1:
        return ()
    named = getattr(splits.preparation.encoding, "features", ())
    (width,) = splits.preparation.input_shape
    return named if len(named) == width else tuple(f"input {index}" for index in range(width))


def _counts(splits: Splits) -> str:
    parts = {name: getattr(splits, name) for name in ("train", "validation", "test")}
    counted = ", ".join(f"{len(part):,} for {name}" for name, part in parts.items() if part is not None)
    shape = " x ".join(map(str, splits.preparation.input_shape))
    return f"samples of {shape}: {counted}; {_classes(splits) or 'numbers to predict'}"


def _classes(splits: Splits) -> str:
    """The classes with their training samples, the first ones by name; empty where there are none."""
    names = splits.preparation.class_names
    if not names:
        return ""
    targets = splits.train.targets[:]
    counts = np.bincount(targets if targets.ndim == 1 else targets.argmax(axis=1), minlength=len(names))
    named = ", ".join(f"{name} ({count:,})" for name, count in zip(names[:_MOST_CLASSES], counts, strict=False))
    return f"{len(names)} classes, with training samples: {named}{', ...' if len(names) > _MOST_CLASSES else ''}"

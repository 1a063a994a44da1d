"""How much a config holds with every default written out: what a run's `config.yaml` and `show-config` write must read back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from nncli.config.reader import MAX_BYTES, MAX_DEPTH, MAX_NODES
from nncli.spec.base import Mistake
from nncli.spec.experiment import Experiment

MAX_CHARACTERS: Final = MAX_BYTES // 16
"""Of all texts together. One character takes up to ten bytes between quotes, and the rest of the file its own."""


def extent_mistakes(experiment: Experiment) -> Iterator[Mistake]:
    """The first limit of the reader that the experiment breaks once its defaults are written out; nothing where it breaks none.

    Args:
        experiment: a valid one.
    """
    parts: dict[str, Any] = experiment.model_dump(mode="json")
    extents = {key: _extent(part) for key, part in parts.items()}
    num_values = 1 + sum(values for values, _, _ in extents.values())
    largest = max(extents, key=lambda key: extents[key][0])
    path: tuple[str, ...] = ("model", "layers") if largest == "model" else (largest,)
    if num_values > MAX_NODES:
        hint = "`repeat` writes equal layers once" if largest == "model" else "put large data into a file"
        message = f"with every default written out, the config holds {num_values:,} values, more than {MAX_NODES:,}"
        yield Mistake(path, "NN105", message, hint, at_key=True)
        return
    for key, (_, depth, _) in extents.items():
        if depth >= MAX_DEPTH:
            yield Mistake((key,), "NN105", f"with every default written out, nested deeper than {MAX_DEPTH} levels", at_key=True)
            return
    if sum(characters for _, _, characters in extents.values()) > MAX_CHARACTERS:
        longest = max(extents, key=lambda key: extents[key][2])
        yield Mistake((longest,), "NN105", f"texts of more than {MAX_CHARACTERS:,} characters", "shorten them", at_key=True)


def _extent(value: Any) -> tuple[int, int, int]:
    """Values, levels and characters of texts in a part of a config."""
    if not isinstance(value, dict | list):
        return 1, 0, len(value) if isinstance(value, str) else 0
    num_values, depth, characters = 1, 0, 0
    for entry in value.values() if isinstance(value, dict) else value:
        inner_values, inner_depth, inner_characters = _extent(entry)
        num_values, depth, characters = num_values + inner_values, max(depth, inner_depth), characters + inner_characters
    return num_values, depth + 1, characters

"""What can be told of a config some of whose parts are wrong, so that a mistake in one part hides none in the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from nncli.config.extent import extent_mistakes
from nncli.config.mending import mend
from nncli.config.mistakes import locate
from nncli.config.tree import ListNode, MapNode, plain
from nncli.problems import Problem
from nncli.spec.choice import OneOf
from nncli.spec.experiment import Experiment
from nncli.spec.layers.base import Layer
from nncli.spec.model import Model

_STAND_INS: Final[dict[str, Any]] = {
    "name": "unnamed",
    "dataset": "mnist_5k",
    "model": {"layers": ["flatten"]},
    "optimizer": "sgd",
    "loss": "mean_squared_error",
}
"""What takes the place of parts that every config has."""


@dataclass(frozen=True, slots=True)
class SoundParts:
    """The sound parts of a config.

    Attributes:
        experiment: those parts, and others that only stand in for what is wrong. Of a wrong model the layers up to the first
            that cannot be understood.
        root: the tree that they were read from, in which some mistakes are mended.
        problems: what is wrong with the others, each with its place.
        unknown: keys of the parts that are wrong.
    """

    experiment: Experiment
    root: MapNode
    problems: tuple[Problem, ...] = ()
    unknown: frozenset[str] = frozenset()


def sound_parts(root: MapNode) -> SoundParts:
    """Take what is sound of a config.

    Args:
        root: the config's tree.
    """
    mended = mend(root)
    if mended.experiment is not None:
        problems = (*mended.problems, *locate(extent_mistakes(mended.experiment), mended.root))
        return SoundParts(mended.experiment, mended.root, problems, frozenset(mended.unknown))
    document: Any = plain(mended.root)
    known = {key: value for key, value in document.items() if key in Experiment.model_fields}
    unsound = {key for key, value in known.items() if not _is_sound(key, value)} | (_STAND_INS.keys() - known.keys())
    sound = {key: value for key, value in known.items() if key not in unsound}
    experiment = Experiment.model_validate(_STAND_INS | sound)
    if "model" in unsound:
        layers = tuple(_first_layers(mended.root))
        experiment = experiment.model_copy(update={"model": Model.model_construct(layers=layers)})
    return SoundParts(experiment, mended.root, tuple(mended.problems), frozenset(unsound | mended.unknown))


def _is_sound(key: str, value: object) -> bool:
    try:
        Experiment.model_validate({**_STAND_INS, key: value})
    except ValidationError:
        return False
    return True


def _first_layers(root: MapNode) -> list[Layer]:
    """The layers up to the first that cannot be understood."""
    model = root.items.get("model")
    nodes = model.items.get("layers") if isinstance(model, MapNode) else None
    found: list[Layer] = []
    for node in nodes.items if isinstance(nodes, ListNode) else ():
        layer = _layer(plain(node))
        if layer is None:
            break
        found.append(layer)
    return found


def _layer(written: object) -> Layer | None:
    try:
        layer = OneOf("layer").resolve(written if isinstance(written, Mapping) else str(written))
    except (ValidationError, PydanticCustomError):
        return None
    return layer if isinstance(layer, Layer) else None

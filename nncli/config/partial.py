"""What can be told of a config some of whose parts are wrong, so that a mistake in one part hides none in the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from nncli.config.owners import is_choice
from nncli.config.tree import ListNode, MapNode, plain
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
        unknown: keys of the parts that are wrong.
    """

    experiment: Experiment
    unknown: frozenset[str] = frozenset()


def sound_parts(root: MapNode) -> SoundParts:
    """Take what is sound of a config.

    Args:
        root: the config's tree; something in it is wrong.
    """
    document: Any = plain(root)
    known = {key: value for key, value in document.items() if key in Experiment.model_fields}
    unknown = {key for key, value in known.items() if not _is_sound(key, value)} | (_STAND_INS.keys() - known.keys())
    sound = {key: value for key, value in known.items() if key not in unknown}
    experiment = Experiment.model_validate(_STAND_INS | sound)
    if "model" in unknown:
        layers = tuple(_first_layers(root))
        experiment = experiment.model_copy(update={"model": Model.model_construct(layers=layers)})
    return SoundParts(experiment, frozenset(unknown))


def _is_sound(key: str, value: object) -> bool:
    try:
        Experiment.model_validate({**_STAND_INS, key: value})
    except ValidationError:
        return False
    return True


def _first_layers(root: MapNode) -> list[Layer]:
    """The layers up to the first that cannot be understood; a wrong activation or initializer changes no shape."""
    model = root.items.get("model")
    nodes = model.items.get("layers") if isinstance(model, MapNode) else None
    found: list[Layer] = []
    for index, node in enumerate(nodes.items if isinstance(nodes, ListNode) else ()):
        layer = _layer(plain(node))
        if layer is None and isinstance(node, MapNode):
            choices = {key for key in node.items if is_choice(("model", "layers", index, key), root)}
            layer = _layer({key: plain(value) for key, value in node.items.items() if key not in choices})
        if layer is None:
            return found
        found.append(layer)
    return found


def _layer(written: object) -> Layer | None:
    try:
        layer = OneOf("layer").resolve(written if isinstance(written, Mapping) else str(written))
    except (ValidationError, PydanticCustomError):
        return None
    return layer if isinstance(layer, Layer) else None

"""Keras's JSON of a sequential network -> our own specs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from pydantic import ValidationError

from nncli.checkpoint.hdf5 import Damaged
from nncli.checkpoint.stock.parts import Faults, part, resolve
from nncli.spec.layers.base import Layer, dimensions
from nncli.spec.model import Model
from nncli.spec.shapes import output_shapes
from nncli.spec.values import Shape

_MOST_LAYERS: Final = 4096
MOST_VALUES: Final = 2**28
"""Most numbers of one layer's output for one sample: 1 GiB in 32 bits."""
_INPUT_DTYPES: Final = ("float32", "float64", "float16", "bfloat16", "uint8", "int8", "int16", "int32", "int64", None)
"""Types of inputs that mean the same to a network whose layers compute in 32 bits."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A sequential network.

    Attributes:
        model: its layers, each with the name that the file gives it.
        classes: Keras's class of each layer.
        input_shape: of one sample; None where it may vary.
        batch_size: where the file fixes one.
        shapes: output shape of each layer.
    """

    model: Model
    classes: tuple[str, ...]
    input_shape: Shape
    batch_size: int | None
    shapes: tuple[Shape, ...]


def read_stack(entries: list[Any], shape: Any, *, is_keras_2: bool) -> tuple[Stack | None, list[str]]:
    """Turn the architecture of a stock file into specs.

    Args:
        entries: Keras's JSON of the layers.
        shape: of a batch of inputs, where the network itself tells it.
        is_keras_2: whether Keras 2 wrote it.

    Returns:
        The network, and a sentence for each thing in it that no config can express; no network where there is any.

    Raises:
        Damaged: one of the layers is no description of a layer.
    """
    layers: list[Layer] = []
    classes: list[str] = []
    problems: list[str] = []
    for number, entry in enumerate(entries):
        config = entry.get("config") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(config, dict):
            raise Damaged(f"layer {number} of its architecture is no description of a layer")
        name = config.get("name")
        if not isinstance(name, str):
            raise Damaged(f"layer {number} of its architecture has no name")
        if number == 0:
            shape = config.get("batch_shape", config.get("batch_input_shape", shape))
        faults = Faults(is_keras_2, is_frozen=config.get("trainable") is False)
        if entry.get("class_name") == "InputLayer" and number == 0:
            _check_input(config, faults)
        elif (layer := _layer(entry, name, faults)) is not None:
            layers.append(layer)
            classes.append(str(entry["class_name"]).rpartition(">")[2])
        problems += [f"layer `{name[:100]}`: {f'`{path}` ' if path else 'it '}{message}" for path, message in faults.found]
    if problems:
        return None, problems
    return _stack(layers, classes, shape)


def layers_of(architecture: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Keras's JSON of the layers of a network, and of what is told besides.

    Raises:
        Damaged: it is no sequential network.
    """
    class_name, config = architecture.get("class_name"), architecture.get("config")
    if class_name != "Sequential":
        raise Damaged(f"it is a `{str(class_name)[:80]}` model; only `Sequential` ones are taken, one layer after the other")
    about = config if isinstance(config, dict) else {}
    entries = config if isinstance(config, list) else about.get("layers")  # the first versions of Keras 2 wrote the list alone
    if not isinstance(entries, list) or not 1 <= len(entries) <= _MOST_LAYERS:
        raise Damaged(f"its architecture is no list of 1 to {_MOST_LAYERS:,} layers")
    return entries, about


def _check_input(config: dict[str, Any], faults: Faults) -> None:
    for name in ("sparse", "ragged"):
        if config.get(name):
            faults.add((name,), "is true, which no config can express")
    if config.get("dtype") not in _INPUT_DTYPES:
        faults.add(("dtype",), f"is {config.get('dtype')!r:.80}; networks take numbers")


def _layer(entry: dict[str, Any], name: str, faults: Faults) -> Layer | None:
    fields = part("layer", entry, faults)
    if faults.found:
        return None
    return cast("Layer | None", resolve("layer", _without_copy(fields) | {"name": name}, faults))


def _without_copy(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields without the layer that Keras 3 writes down though it is the usual copy of another."""
    forward, backward = fields.get("layer"), fields.get("backward_layer")
    if fields["type"] == "bidirectional" and isinstance(forward, dict) and backward is not None:
        copy = forward | {"go_backwards": not forward.get("go_backwards", False)}
        return {key: value for key, value in fields.items() if key != "backward_layer" or backward != copy}
    return fields


def _stack(layers: Sequence[Layer], classes: Sequence[str], shape: Any) -> tuple[Stack | None, list[str]]:
    is_shape = isinstance(shape, list) and len(shape) > 1 and all(size is None or _is_size(size) for size in shape)
    if not is_shape:
        return None, ["the file does not tell the shape of the network's inputs; build the model before it is saved"]
    try:
        model = Model(layers=tuple(layers))
    except ValidationError:
        return None, ["the network has no layers"]
    shapes, mistakes = output_shapes(model, tuple(shape[1:]))
    if mistakes:
        return None, [_said(mistake.path, mistake.message, model) for mistake in mistakes]
    for layer, output in zip(layers, shapes, strict=True):
        if math.prod(size or 1 for size in output) > MOST_VALUES:
            return None, [f"layer `{layer.name}`: it gives {dimensions(output)} numbers for a sample, more than {MOST_VALUES:,}"]
    return Stack(model, tuple(classes), tuple(shape[1:]), shape[0], tuple(shapes)), []


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_VALUES


def _said(path: tuple[str | int, ...], message: str, model: Model) -> str:
    index = path[2] if len(path) > 2 else None
    where = f"layer `{model.layers[index].name}`: " if isinstance(index, int) else ""
    return where + message


def snake_case(class_name: str) -> str:
    """The name that Keras makes of a class's, in the paths of `.keras` files (keras/src/utils/naming.py)."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", class_name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()

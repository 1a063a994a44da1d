"""Keras's JSON of an object -> the fields of the spec that stands for it.

Generic, since a spec's fields are exactly Keras's arguments: what is said here are the arguments that a config has no field for and
may do without, and how Keras writes what a config writes otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, get_args

import numpy as np
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from nncli.checkpoint.stock.classes import function_of, spec_of
from nncli.checkpoint.stock.former import modern
from nncli.spec import registry
from nncli.spec.base import TypedSpec
from nncli.spec.choice import OneOf
from nncli.spec.wording import article, describe

_WITHOUT_EFFECT: Final = frozenset(
    {"name", "batch_input_shape", "batch_shape", "input_length", "implementation", "build_config", "vocabulary_size"}
)
"""Arguments that change nothing: names of parts, shapes that are known, and how something is computed."""
_NEUTRAL: Final[Mapping[str, tuple[Any, ...]]] = {
    "trainable": (True,),
    "data_format": ("channels_last", None),
    "dtype": ("float32", "int64", None),  # int64 is that of layers that give whole numbers; a kernel of such would be refused
    "decay": (0.0,),
    "zero_output_for_mask": (False,),
    "tie_weights": (True,),
}
"""Argument that a spec has no field for -> values that say what the spec means anyway; else None and False do."""
_SAME_AS_NONE: Final = (("data_format", "channels_last"), ("activation", "linear"))
"""(argument, value) that say what null does, where null is the default."""
_MOST_NESTED: Final = 16
_MOST_CHARACTERS: Final = 400


@dataclass
class Faults:
    """What no config can express, found while a file is read.

    Attributes:
        found: (path of the argument, what is wrong with it); an empty path for the object itself.
        is_keras_2: whether Keras 2 wrote the file.
        is_frozen: whether the layer is not trained, and nothing inside it.
    """

    is_keras_2: bool
    is_frozen: bool = False
    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, path: Iterable[str], message: str) -> None:
        """Take note of a fault."""
        self.found.append((".".join(path), message))


def clean(text: str) -> str:
    """A message with words of a stranger's, for a terminal: no control characters, and of a bearable length."""
    printable = "".join(character if character.isprintable() else "?" for character in text)
    return printable if len(printable) <= _MOST_CHARACTERS else f"{printable[:_MOST_CHARACTERS]}..."


def part(kind: str, entry: object, faults: Faults, path: tuple[str, ...] = ()) -> Any:
    """The fields of an object, as a config would write them; a fault and None where no config can.

    Args:
        kind: what is wanted, such as `layer`.
        entry: Keras's JSON of it: a mapping with `class_name` and `config`, or the name of a function.
        faults: takes what is wrong.
        path: where in the layer it stands.
    """
    if len(path) > _MOST_NESTED:
        faults.add(path[:1], "is nested too deeply")
        return None
    if isinstance(entry, str):
        return _by_name(kind, entry, faults, path)
    if isinstance(entry, dict) and (entry.get("class_name") == "__lambda__" or ("class_name" not in entry and "value" in entry)):
        faults.add(path, "is Python code (a lambda), which is never run: no config can express it")
        return None
    if not isinstance(entry, dict) or not isinstance(entry.get("class_name"), str):
        faults.add(path, f"is {describe(entry)}, where Keras writes a class or a name")
        return None
    if kind == "activation" and entry.get("class_name") == "function":
        return _function(entry, faults, path)
    class_name, config = str(entry["class_name"]), entry.get("config")
    spec = spec_of(kind, entry)
    if spec is None or not isinstance(config, dict):
        faults.add(path, f"is {_described(kind, entry)}")
        return None
    config, type_name = modern(kind, class_name, dict(config), faults.is_keras_2), spec.model_fields["type"].default
    called = config.get("name") if kind == "metric" else None
    named = {"name": called} if called not in (None, type_name) and "name" in spec.model_fields else {}
    return {"type": type_name} | named | _fields(spec, config, faults, path)


def _described(kind: str, entry: dict[str, Any]) -> str:
    name, module = str(entry.get("registered_name") or entry["class_name"])[:80], entry.get("module")
    if isinstance(module, str) and not module.startswith("keras"):
        name = f"{module[:80]}.{name}"  # which may be called as one of Keras's own
    if name in ("Sequential", "Functional", "Model"):
        return "a network inside the network, which no config can express; take its layers out of it"
    return f"`{name}`, {article(kind)} that no config can express"


def _by_name(kind: str, name: str, faults: Faults, path: tuple[str, ...]) -> Any:
    spec = function_of(kind, name)
    if spec is None:
        faults.add(path, f"is `{name[:80]}`, {article(kind)} that no config can express")
        return None
    if faults.is_keras_2 and kind == "activation" and name == "hard_sigmoid":
        faults.add(path, "is Keras 2's `hard_sigmoid`, clip(0.2 x + 0.5, 0, 1); Keras 3's is another function")
    return name if name in registry.names(kind) else spec.model_fields["type"].default  # a metric is called by what is written


def _function(entry: dict[str, Any], faults: Faults, path: tuple[str, ...]) -> Any:
    name, module = entry.get("config"), entry.get("module")
    if name == "nncli>step":
        return "step"
    if module == "keras.activations" and isinstance(name, str):
        return _by_name("activation", name, faults, path)
    faults.add(path, f"is {describe(name)}, a function that no config can express")
    return None


def _fields(spec: type[TypedSpec], config: dict[str, Any], faults: Faults, path: tuple[str, ...]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, stored in config.items():
        value = _simple(stored)
        if name in spec.model_fields and name not in spec.own_fields | {"name"}:
            wanted = spec.model_fields[name]
            kind = _kind_of((wanted.annotation, *wanted.metadata))
            if spec.keras_class == "Normalization" and (name, value) == ("axis", []):
                value = None  # no axis, as Keras's own tuple of axes says it
            if (name, value) in _SAME_AS_NONE and not wanted.is_required() and wanted.default is None:
                value = None
            fields[name] = _value(kind, value, faults, (*path, name))
        elif name not in _WITHOUT_EFFECT and not _is_neutral(name, value, path) and not _is_as_outside(spec, name, value, faults):
            faults.add((*path, name), f"is {describe(value)}, an argument that no config can express")
    return fields


def _is_as_outside(spec: type[TypedSpec], name: str, value: Any, faults: Faults) -> bool:
    """Whether a part that has no weights of its own, or is frozen with its layer, says that it is not trained."""
    return name == "trainable" and value is False and (spec.kind == "activation" or faults.is_frozen)


def _is_neutral(name: str, value: Any, path: tuple[str, ...]) -> bool:
    if name == "zero_output_for_mask" and path and path[-1] in ("layer", "backward_layer"):
        return isinstance(value, bool)  # `Bidirectional` itself sets it on what it holds
    return any(type(value) is type(known) and value == known for known in _NEUTRAL.get(name, (None, False)))


def _value(kind: str | None, value: Any, faults: Faults, path: tuple[str, ...]) -> Any:
    if kind is None or value is None or isinstance(value, int | float):
        return value
    if isinstance(value, list):
        return [part(kind, entry, faults, (*path, str(number))) for number, entry in enumerate(value)]
    return part(kind, value, faults, path)


def _simple(value: Any) -> Any:
    """A value without the mappings in which Keras wraps tuples, arrays and precisions, and with short decimals."""
    if isinstance(value, list):
        return [_simple(entry) for entry in value]
    if isinstance(value, dict):
        match value:
            case {"class_name": "__tuple__", "items": list(items)}:
                return [_simple(entry) for entry in items]
            case {"class_name": "__numpy__", "config": {"value": entries}} | {"type": "ndarray", "value": entries}:
                return _simple(entries)
            case {"class_name": "DTypePolicy" | "Policy", "config": {"name": str(name)}}:
                return name
            case _:
                return value
    return shortest(value) if isinstance(value, float) else value


def shortest(value: float) -> float:
    """The number as a person wrote it: Keras keeps some in 32 bits, so that 0.001 comes back as 0.0010000000474974513."""
    if abs(value) > 1e38 or float(np.float32(value)) != value:
        return value
    return float(str(np.float32(value)))


def _kind_of(annotations: Iterable[Any]) -> str | None:
    """Which kind of choice a field takes; None for one that takes plain values."""
    for annotation in annotations:
        if isinstance(annotation, OneOf):
            return annotation.kind
        if (found := _kind_of(get_args(annotation))) is not None:
            return found
    return None


def resolve(kind: str, fields: Any, faults: Faults) -> TypedSpec | None:
    """The spec of these fields; faults and None where a value is not one that a config may hold."""
    try:
        return OneOf(kind).resolve(fields)
    except PydanticCustomError as refusal:
        faults.add((), f"cannot be taken over: {refusal.message()}")
    except ValidationError as refusal:
        for found in refusal.errors(include_url=False):
            inner = (found.get("ctx") or {}).get("at", ())
            path = tuple(str(step) for step in (*found["loc"], *inner))
            what = (
                "is missing"
                if found["type"] == "missing"
                else f"is {describe(found['input'])}, which no config can express: {found['msg']}"
            )
            faults.add(path, what)
    return None

"""Keras's classes and functions -> the specs that stand for them: the allow-list of what a stock file may name.

Nothing is ever imported by a name of the file's: module and registered name only tell whether a class is Keras's own.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, Final

from nncli.spec import registry
from nncli.spec.base import TypedSpec

_OWN: Final = "nncli>"
"""What nncli registers its own layers under."""
_KERAS_2: Final = "Custom>"
"""What Keras 2 puts before the names of its optimizers."""
_UNKNOWN_TO_KERAS: Final = ("step", "sgn", "expression")
"""Names that are a config's own."""


def spec_of(kind: str, entry: dict[str, Any]) -> type[TypedSpec] | None:
    """The spec that stands for the class of an object; None where no config can ask for it.

    Args:
        kind: what is wanted there, such as `layer`.
        entry: Keras's JSON of the object: `class_name` and, in newer files, `module` and `registered_name`.
    """
    name, registered, module = entry.get("class_name"), entry.get("registered_name"), entry.get("module")
    if not isinstance(name, str):
        return None
    if isinstance(registered, str) and registered.startswith(_OWN):
        return _classes(kind).get(registered)
    if kind == "optimizer":
        name = name.removeprefix(_KERAS_2)
    found = _classes(kind).get(name)
    if found is None or registered not in (None, name, _KERAS_2 + name):
        return None
    # What carries the arguments of an activation is a layer.
    known = "keras.layers" if kind == "activation" else f"keras.{found.keras_module}"
    return found if module in (None, known) else None


def function_of(kind: str, name: object) -> type[TypedSpec] | None:
    """The spec of an activation, loss, metric or optimizer that a stock file calls by a string."""
    return (_functions(kind).get(name) or _classes(kind).get(name)) if isinstance(name, str) else None


@functools.cache
def _classes(kind: str) -> dict[str, type[TypedSpec]]:
    found = {}
    for spec in _specs(kind):
        # An activation's class is a function, but for those that a layer carries.
        name = getattr(spec, "keras_layer", spec.keras_class) if spec.keras_module else _OWN + spec.__name__
        if name and (spec.keras_class or name.startswith(_OWN)):
            found[name] = spec
    return found


@functools.cache
def _functions(kind: str) -> dict[str, type[TypedSpec]]:
    named = dict(zip(registry.names(kind), _specs(kind), strict=True))
    known = {name: spec for name, spec in named.items() if name not in _UNKNOWN_TO_KERAS}
    return known | {spec.keras_class: spec for spec in known.values() if spec.keras_class}


def _specs(kind: str) -> Iterator[type[TypedSpec]]:
    for name in registry.names(kind):
        spec = registry.find(kind, name)
        assert spec is not None
        yield spec

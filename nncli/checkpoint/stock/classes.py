"""Keras's classes and functions -> the specs that stand for them: the allow-list of what a stock file may name.

Nothing is ever imported by a name of the file's: module and registered name only tell whether a class is Keras's own.
"""

from __future__ import annotations

from typing import Any, Final

from nncli.spec import registry
from nncli.spec.base import TypedSpec
from nncli.spec.model import OWN_PARTS

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
        name = registered
    if kind == "optimizer":
        name = name.removeprefix(_KERAS_2)
    found = _named(kind, name.removeprefix(_OWN))
    if found is None or name != _class_name(found):
        return None
    # What carries the arguments of an activation is a layer.
    known = "keras.layers" if kind == "activation" else f"keras.{found.keras_module}"
    is_known = name.startswith(_OWN) or (registered in (None, name, _KERAS_2 + name) and module in (None, known))
    return found if is_known else None


def function_of(kind: str, name: object) -> type[TypedSpec] | None:
    """The spec of an activation, loss, metric or optimizer that a stock file calls by a string."""
    if not isinstance(name, str) or name in _UNKNOWN_TO_KERAS:
        return None
    return registry.find(kind, name) or _named(kind, name)


def _class_name(spec: type[TypedSpec]) -> str:
    """The class as a file names it."""
    # An activation's class is a function, but for those that a layer carries.
    is_own = spec.model_fields["type"].default in OWN_PARTS
    return _OWN + spec.__name__ if is_own else str(getattr(spec, "keras_layer", spec.keras_class))


def _named(kind: str, class_name: str) -> type[TypedSpec] | None:
    """The spec whose type is spelt as a class is, without underscores; only its own module is imported."""
    spelt = class_name.lower().replace("_", "")
    name = next((name for name in registry.names(kind) if name.replace("_", "") == spelt), None)
    return None if name is None else registry.find(kind, name)

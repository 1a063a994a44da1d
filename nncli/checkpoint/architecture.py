"""Keras's JSON of a network: whether it names only classes that nncli builds networks of.

Stock Keras makes an object of everything that such a text names, and some of its classes run code or read files.
"""

from __future__ import annotations

import functools
import json
from typing import Any, Final

from nncli.spec import registry

_OWN_LAYERS: Final = {
    "StochasticPooling2D": "nncli.engine.layers.stochastic_pooling",
    "RandomCrop": "nncli.engine.layers.images",
    "Equalization": "nncli.engine.layers.images",
}
"""Class of nncli's own -> its module."""
_OWN: Final = (
    *((None, f"nncli>{name}", None) for name in _OWN_LAYERS),
    *((module, name, f"nncli>{name}") for name, module in _OWN_LAYERS.items()),
    ("builtins", "function", "function"),
)
"""Module, class and name of registration of nncli's own parts: a layer in the stack, one inside another, and `step`."""
_CONTAINERS: Final = {
    "Sequential": "keras",
    "DTypePolicy": "keras",
    "Functional": "keras.src.models.functional",
    "__keras_tensor__": "",
    **dict.fromkeys(("Add", "Average", "Concatenate", "Maximum"), "keras.layers"),
}
"""What is no type of a config: the frame, and what composite layers are made of."""


def foreign_class(architecture: str) -> str | None:
    """Name of a class in the JSON of a network that no config can ask for; None where there is none.

    Raises:
        ValueError: it is no JSON of a network.
        RecursionError: it is nested too deeply.
    """
    architecture.encode()  # refuses half of a surrogate pair, which could not be written again
    document = json.loads(architecture)
    if not isinstance(document, dict) or document.get("class_name") != "Sequential":
        raise ValueError("no network")
    values = [document]
    while values:
        value = values.pop()
        if isinstance(value, dict) and "class_name" in value and not _is_known(value):
            return str(value["class_name"])
        values += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return None


def _is_known(entry: dict[str, Any]) -> bool:
    if (entry.get("module"), str(entry["class_name"]), entry.get("registered_name")) in _OWN:
        return entry["class_name"] != "function" or entry.get("config") == "nncli>step"
    modules = _modules().get(str(entry["class_name"]), set())
    return bool(modules) and entry.get("module", next(iter(modules))) in modules and entry.get("registered_name") is None


@functools.cache
def _modules() -> dict[str, set[str]]:
    """Keras class -> its modules, for all that a network may be built of: `Identity` is a layer, and an initializer, too."""
    found = {name: {module} for name, module in _CONTAINERS.items()}
    for kind in ("layer", "cell", "activation", "initializer", "regularizer", "constraint"):
        for type_name in registry.names(kind):
            spec = registry.find(kind, type_name)
            assert spec is not None
            # An activation's class is a function; what carries its arguments, and is named as a class, is a layer.
            name = getattr(spec, "keras_layer", spec.keras_class)
            module = "keras.layers" if kind == "activation" else f"keras.{spec.keras_module}"
            found.setdefault(name, set()).add(module)
    del found[""]
    return found

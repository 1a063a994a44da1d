"""The JSON Schema of a whole config, with which editors complete and check what is written.

Every choice stands once under `$defs`: a name, or a mapping whose `type` decides (by `if` and `then`, so that an editor speaks of
the one type that is meant) which definition holds, such as `layer.conv2d`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from nncli.spec import registry
from nncli.spec.base import TypedSpec
from nncli.spec.describing.classes import Schema, class_schema
from nncli.spec.experiment import Experiment
from nncli.spec.wording import article

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
TITLE: Final = "nncli config"
"""By it a file is known as this schema, of whichever version of nncli."""


def config_schema() -> Schema:
    """The schema, as JSON values."""
    experiment = class_schema(Experiment)
    definitions: Schema = experiment.pop("$defs")
    for kind in registry.MODULES:
        definitions[kind] = _choice(kind)
        for name in type_names(kind):
            spec = _definition(kind, name)
            definitions |= spec.pop("$defs", {})
            definitions[f"{kind}.{name}"] = spec
    schema = {"$schema": DIALECT, "title": TITLE} | experiment | {"$defs": dict(sorted(definitions.items()))}
    referred: Schema = _referring(schema)
    return referred


def type_names(kind: str) -> tuple[str, ...]:
    """The type names of a kind, short names left out."""
    return tuple(name for names in registry.MODULES[kind].values() for name in names)


def spec_class(kind: str, name: str) -> type[TypedSpec]:
    """The class of a type that is in the registry."""
    found = registry.find(kind, name)
    assert found is not None, (kind, name)
    return found


def spellings(kind: str, name: str) -> list[str]:
    """What a config may write for a type: its name, and its short names."""
    return [name, *(short for short, meant in registry.SHORT_NAMES.get(kind, {}).items() if meant == name)]


def stands_alone(kind: str, name: str) -> bool:
    """Whether the name of a type is enough, since every field has a default."""
    return not any(field.is_required() for field in spec_class(kind, name).model_fields.values())


def _choice(kind: str) -> Schema:
    names = {name: spellings(kind, name) for name in type_names(kind)}
    alone = [spelling for name, written in names.items() if stands_alone(kind, name) for spelling in written]
    branches = [
        {"if": {"properties": {"type": _one_of(written)}, "required": ["type"]}, "then": {"$ref": f"#/$defs/{kind}.{name}"}}
        for name, written in names.items()
    ]
    every = [spelling for written in names.values() for spelling in written]
    mapping = {
        "type": "object",
        "properties": {"type": {"enum": every, "description": f"Which {kind}."}},
        "required": ["type"],
        "allOf": branches,
    }
    description = f"The name of {article(kind)} whose fields all have defaults, or a mapping with `type`."
    return {"description": description, "anyOf": [{"enum": alone}, mapping]}


def _one_of(written: list[str]) -> Schema:
    return {"const": written[0]} if len(written) == 1 else {"enum": written}


def _definition(kind: str, name: str) -> Schema:
    schema = class_schema(spec_class(kind, name))
    schema["properties"]["type"] = _one_of(spellings(kind, name)) | {"description": schema["description"]}
    schema["required"] = ["type", *schema.get("required", ())]
    return schema


def _referring(part: Any) -> Any:
    """A part of the schema in which each choice refers to its definition."""
    if isinstance(part, list):
        return [_referring(entry) for entry in part]
    if not isinstance(part, Mapping):
        return part
    if "choice" in part and isinstance(part["choice"], str):
        return {key: value for key, value in part.items() if key != "choice"} | {"$ref": f"#/$defs/{part['choice']}"}
    return {key: _referring(value) for key, value in part.items()}

"""One spec class as a JSON Schema: its fields with types, ranges, defaults and meanings.

A field that is chosen by name is `{"choice": KIND}` there; `nncli.spec.describing.config` puts a reference in its place.
"""

from __future__ import annotations

import copy
import functools
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from nncli.spec.base import TypedSpec
from nncli.spec.describing.docstrings import field_meanings, meaning

Schema = dict[str, Any]


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, with docstrings for descriptions, without titles, and with lists that old editors understand."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        result = super().model_schema(schema)
        spec: type[BaseModel] = schema["cls"]
        result.pop("title", None)
        result["description"] = meaning(spec)
        for name, text in field_meanings(spec).items():
            result["properties"][name]["description"] = text
        for name, field in spec.model_fields.items():
            if field.default_factory is not None:
                result["properties"][name]["default"] = written(field.get_default(call_default_factory=True))
        return result

    def tuple_schema(self, schema: core_schema.TupleSchema) -> JsonSchemaValue:
        result = super().tuple_schema(schema)
        entries = result.pop("prefixItems", None)
        if entries is None:
            return result
        alike = all(entry == entries[0] for entry in entries)
        return result | {"items": entries[0] if alike else {"anyOf": entries}}


def written(value: Any) -> Any:
    """A default as one would write it in a config: what is chosen by its name alone as that name, a mapping of defaults as {}."""
    if isinstance(value, TypedSpec):
        fields = value.model_dump(mode="json", exclude_defaults=True)
        return {"type": value.type, **fields} if fields else value.type
    return value.model_dump(mode="json", exclude_defaults=True) if isinstance(value, BaseModel) else value


@functools.cache
def _class_schema(spec: type[BaseModel]) -> Schema:
    return spec.model_json_schema(schema_generator=_Generator)


def class_schema(spec: type[BaseModel]) -> Schema:
    """The schema of a spec, with those of the mappings inside it under `$defs`, by class name."""
    return copy.deepcopy(_class_schema(spec))

"""The rule for every choice in a config: a name, or a mapping with `type`."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from nncli.spec import registry
from nncli.spec.base import TypedSpec, refuse
from nncli.spec.former_types import FORMER_TYPE_HINTS
from nncli.spec.wording import article, closest, describe, is_slip


@dataclass(frozen=True, slots=True)
class OneOf:
    """Annotation of a field that takes a type name, or a mapping with `type`, of one of the registry's kinds.

    Only the module of the type that is named gets imported, so a config pays for the families it uses and for no others.
    """

    kind: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A validator that resolves the type by itself; nested mistakes keep their paths."""
        # PlainSerializer on `Any`: dump the value by its own class, not by the field's base class.
        return core_schema.no_info_plain_validator_function(
            self.resolve, serialization=core_schema.plain_serializer_function_ser_schema(_dump, info_arg=True)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """A placeholder: what can be chosen stands in one place, `nncli.spec.describing`, and not at every field."""
        return {"choice": self.kind}

    def resolve(self, value: object) -> TypedSpec:
        """Turn a name or a mapping into the spec it means.

        Raises:
            PydanticCustomError: the type is missing or unknown, or the value is neither a name nor a mapping.
            pydantic.ValidationError: its fields are wrong.
        """
        if isinstance(value, TypedSpec) and value.kind == self.kind:
            return value
        if isinstance(value, str):
            return _spec_class(self.kind, value, at=()).model_validate(self._fields(value, {}))
        if not isinstance(value, Mapping):
            refuse("NN203", f"expected the name of {article(self.kind)} or a mapping with `type`, received {describe(value)}")
        if "type" not in value:
            known = next((key for key in value if isinstance(key, str) and registry.find(self.kind, key)), None)
            hint = f"write `type:` and {article(self.kind)}'s name" if known is None else f"write `{{type: {known}, ...}}`"
            close = next((key for key in value if isinstance(key, str) and re.fullmatch(r"type:\w{1,60}", key)), None)
            hint = f"write a space after the colon: `{close.replace(':', ': ')}`" if close else hint
            refuse("NN202", f"`type` is missing: which {self.kind} is it?", hint=hint)
        if not isinstance(value["type"], str):
            refuse("NN203", f"`type` is a name, received {describe(value['type'])}", at=("type",))
        return _spec_class(self.kind, value["type"], at=("type",)).model_validate(self._fields(value["type"], value))

    def _fields(self, written: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        canonical = {**fields, "type": registry.SHORT_NAMES.get(self.kind, {}).get(written, written)}
        if self.kind == "metric" and canonical["type"] != written:
            canonical.setdefault("name", written)  # a metric is called by the string that the config writes
        return canonical


@functools.cache
def target(spec: type[BaseModel], field: str) -> tuple[str | None, type[BaseModel] | None]:
    """What a field holds, itself or as entries of a list: the registry kind of a choice, or the class of a nested spec."""
    pending: list[Any] = [spec.model_fields[field].annotation, *spec.model_fields[field].metadata]
    while pending:
        part = pending.pop(0)
        if isinstance(part, OneOf):
            return part.kind, None
        if isinstance(part, type) and issubclass(part, BaseModel) and not issubclass(part, TypedSpec):
            return None, part
        pending += getattr(part, "__args__", ())
        pending += getattr(part, "__metadata__", ())
    return None, None


@functools.cache
def _by_name(kind: str, name: str) -> TypedSpec:
    return OneOf(kind).resolve(name)


def named(kind: str, name: str) -> Any:
    """A field's default that is a choice written by its name alone, such as the initializer `glorot_uniform`."""
    return Field(default_factory=functools.partial(_by_name, kind, name))


def _dump(value: Any, info: core_schema.SerializationInfo) -> Any:
    return value.model_dump(mode=info.mode) if isinstance(value, BaseModel) else value


_TOLD_APART_BY_A_LETTER: Final = ("dataset", "loss", "metric")
"""Kinds whose types are so much alike, or of such consequence, that no misspelt one is plain."""


def certainly_meant(kind: str, name: str) -> str | None:
    """The type of a kind that a name which is none's plainly stands for; None where several could be meant, or none is plain.

    A name of old Keras or of another tool stands for the type that took its place, whatever else looks like it.
    """
    former = registry.former_name(kind, name)
    if kind == "layer" and as_activation(name) is not None:
        return None
    if former is not None and kind not in _TOLD_APART_BY_A_LETTER:
        return former
    slips = [right for right in registry.names(kind) if is_slip(name, right)]
    same = [right for right in slips if right.replace("_", "") == name.lower().replace("_", "")]
    found = same or (slips if kind not in _TOLD_APART_BY_A_LETTER else [])
    return found[0] if len(found) == 1 and former in (None, found[0]) else None


_MOST_LISTED: Final = 30
"""Names that a hint lists; of more it tells where they stand."""


def _of_images(written: str, right: str | None) -> str | None:
    """The type for images, where a name that leaves the number of axes open stands for one of three."""
    return right if right is None or re.search("[123]d", written.lower()) else re.sub("[13]d(?=_|$)", "2d", right)


def _meant(kind: str, name: str) -> str:
    if (key := re.match(r"type[ :]\s*(?=\w)", name)) is not None and registry.find(kind, name[key.end() :]) is not None:
        return f"write `type: {name[key.end() :]}`, with a colon and a space"
    bare, _, call = name.partition("(")  # as Python would write it
    right, known = (
        registry.former_name(kind, bare) or _of_images(bare, closest(bare, registry.names(kind))),
        sorted(registry.names(kind)),
    )
    if kind == "layer" and (activation := as_activation(bare)) is not None:
        return f"write `{{type: activation, activation: {activation}}}`"
    if (reason := FORMER_TYPE_HINTS.get(kind, {}).get(bare.lower().replace("_", ""))) is not None:
        return reason
    if right is None:
        return f"there are: {', '.join(known)}" if len(known) <= _MOST_LISTED else f"`nncli explain {kind}` lists them"
    return f"write `{{type: {right}, {_arguments(kind, right, call)}}}`" if call else f"did you mean `{right}`?"


def as_activation(name: str) -> str | None:
    """The activation of the same letters that is no layer of its own: `GELU` is `gelu`, though `elu` is a layer; else None."""
    bare = name.lower().replace("_", "")
    same = [right for right in registry.names("activation") if right.replace("_", "") == bare]
    is_layer = registry.former_name("layer", name) is not None or (same and registry.find("layer", same[0]) is not None)
    return same[0] if same and not is_layer else None


def _arguments(kind: str, right: str, call: str) -> str:
    """What a call's argument is called, where it is a number and the only one that has to be given."""
    spec = registry.find(kind, right)
    required = [name for name, field in spec.model_fields.items() if field.is_required()] if spec is not None else []
    return f"{required[0]}: {call[:-1]}" if len(required) == 1 and re.fullmatch(r"[0-9.]{1,20}\)", call) else "..."


def _spec_class(kind: str, name: str, at: tuple[str | int, ...]) -> type[TypedSpec]:
    found = registry.find(kind, name)
    if found is None:
        refuse("NN205", f"unknown {kind} `{name}`", functools.partial(_meant, kind, name), at)
    return found

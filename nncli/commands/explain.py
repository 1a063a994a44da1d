"""`nncli explain`: what a problem code, a type or a part of a config means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import BaseModel

from nncli.explanations.table import EXPLANATIONS
from nncli.problems import CODES, NncliError, error
from nncli.reports.explanations import CodeExplanation, ExplainReport, FieldExplanation, PartExplanation, TypeExplanation
from nncli.spec import registry
from nncli.spec.base import TypedSpec
from nncli.spec.choice import target
from nncli.spec.describing.classes import Schema, class_schema
from nncli.spec.describing.config import spec_class, spellings, type_names
from nncli.spec.describing.docstrings import meaning
from nncli.spec.describing.examples import example
from nncli.spec.describing.words import in_words
from nncli.spec.experiment import Experiment
from nncli.spec.former import FORMER_HINTS, FORMER_KEYS
from nncli.spec.former_types import FORMER_TYPE_HINTS
from nncli.spec.wording import closest


def explain(topic: str, *, kind: str | None = None) -> ExplainReport:
    """Explain a word.

    Args:
        topic: a problem code (`NN302`), a type name (`conv2d`, or Keras's `Conv2D`), a field of a type (`conv2d.filters`), a part
            of a config (`training.early_stopping`) or a kind (`layer`).
        kind: only types of this kind.

    Raises:
        NncliError: NN606, nothing is called so.
    """
    if kind is not None and kind not in registry.MODULES:
        raise _unknown("kind", kind, registry.MODULES)
    if kind is None and topic.upper() in CODES:
        return ExplainReport(topic=topic, code=_code(topic.upper()))
    types = tuple(_type(entry, name) for entry in ([kind] if kind else registry.MODULES) if (name := _type_name(entry, topic)))
    part = _part(topic) if kind is None else None
    if not types and part is None:
        raise _unknown(kind or "code, type or part of a config", topic, _names(kind))
    return ExplainReport(topic=topic, part=part, types=types)


def _code(code: str) -> CodeExplanation:
    entry, explanation = CODES[code], EXPLANATIONS[code]
    return CodeExplanation(
        code=code,
        title=entry.title,
        exit_code=entry.exit_code,
        meaning=explanation.meaning,
        wrong=explanation.wrong,
        right=explanation.right,
    )


def _type_name(kind: str, written: str) -> str | None:
    """The type of a kind that a name, a short name or the name of Keras's class stands for."""
    if written[:1].isupper():
        return next((name for name in type_names(kind) if spec_class(kind, name).keras_class == written), None)
    return written if written in type_names(kind) else registry.SHORT_NAMES.get(kind, {}).get(written)


def _type(kind: str, name: str) -> TypeExplanation:
    spec = spec_class(kind, name)
    keras = f"keras.{spec.keras_module}.{spec.keras_class}" if spec.keras_module and spec.keras_class else None
    return TypeExplanation(
        kind=kind,
        name=name,
        short_names=tuple(spellings(kind, name)[1:]),
        keras=keras,
        meaning=meaning(spec),
        fields=_fields(spec),
        example=example(kind, name),
    )


def _fields(spec: type[BaseModel]) -> tuple[FieldExplanation, ...]:
    schemas = class_schema(spec)["properties"]
    # What one has to give comes first; the sort keeps the order of the others.
    names = sorted(
        (name for name in spec.model_fields if name != "type"), key=lambda name: not spec.model_fields[name].is_required()
    )
    return tuple(_field(name, schemas[name], is_required=spec.model_fields[name].is_required()) for name in names)


def _field(name: str, schema: Schema, *, is_required: bool) -> FieldExplanation:
    return FieldExplanation(
        name=name,
        takes=in_words(schema),
        required=is_required,
        default=schema.get("default"),
        meaning=schema.get("description", ""),
    )


def _part(topic: str) -> PartExplanation | None:
    """The kind, the path of a config or the field of a type that is called so; None where nothing is.

    Raises:
        NncliError: NN606, only the beginning of it is known.
    """
    if topic in registry.MODULES and topic not in Experiment.model_fields:
        return PartExplanation(path=topic, value=None, meaning=_kind_meaning(topic), kind=topic, types=_types(topic))
    first, *rest = topic.split(".")
    spec: type[BaseModel] | None = Experiment
    names = [first, *rest]
    if first not in Experiment.model_fields:
        spec, names = _type_with(first, rest[0] if rest else ""), rest
    if spec is None or not names:
        return None
    for name in names[:-1]:
        spec = _inside(spec, name, topic)
    _require_field(spec, names[-1], topic)
    return _whole(topic, spec, names[-1])


def _type_with(name: str, field: str) -> type[TypedSpec] | None:
    """The type of a name, of those in several kinds the first that has the field."""
    found = [spec_class(kind, own) for kind in registry.MODULES if (own := _type_name(kind, name))]
    return next((spec for spec in found if field in spec.model_fields), next(iter(found), None))


def _inside(spec: type[BaseModel], name: str, topic: str) -> type[BaseModel]:
    """The mapping that a field holds."""
    _require_field(spec, name, topic)
    kind, inner = target(spec, name)
    if kind is not None:
        hint = f"`nncli explain {kind}` lists the types, `nncli explain TYPE` the fields of one"
        raise error("NN606", f"which {kind}? The fields of `{name}` are those of its type", hint, argument=topic)
    if inner is None:
        raise error("NN606", f"`{name}` is a plain value and has no fields", argument=topic)
    return inner


def _require_field(spec: type[BaseModel], name: str, topic: str) -> None:
    known = [field for field in spec.model_fields if field != "type"]
    if name not in known:
        right = closest(name, known)
        hint = f"did you mean `{right}`?" if right else f"there are: {', '.join(known)}"
        raise error("NN606", f"`{topic.removesuffix(f'.{name}')}` has no field `{name}`", hint, argument=topic)


def _whole(path: str, spec: type[BaseModel], name: str) -> PartExplanation:
    kind, inner = target(spec, name)
    own = next(field for field in _fields(spec) if field.name == name)
    if kind is not None:
        return PartExplanation(path=path, value=own, meaning=own.meaning, kind=kind, types=_types(kind))
    return PartExplanation(path=path, value=own, meaning=own.meaning, fields=() if inner is None else _fields(inner))


def _kind_meaning(kind: str) -> str:
    """The docstring of the class that all types of a kind share."""
    bases = spec_class(kind, type_names(kind)[0]).__mro__
    return next(meaning(base) for base in reversed(bases) if vars(base).get("kind") == kind and issubclass(base, BaseModel))


def _types(kind: str) -> dict[str, str]:
    return {name: meaning(spec_class(kind, name)).partition("\n")[0].partition(". ")[0].rstrip(".") for name in type_names(kind)}


def _names(kind: str | None) -> list[str]:
    """Everything that can be explained."""
    kinds = [kind] if kind else registry.MODULES
    names = [name for entry in kinds for name in registry.names(entry)]
    return names if kind else [*names, *registry.MODULES, *Experiment.model_fields]


def _unknown(what: str, written: str, names: Iterable[str]) -> NncliError:
    known = list(names)
    right = _meant(written, [what] if what in registry.MODULES else list(registry.MODULES) if what != "kind" else [], known)
    hint = "for example NN302, conv2d, adam, training, training.early_stopping, layer"
    if what not in ("kind", *registry.MODULES) and written in FORMER_HINTS:
        return error("NN606", f"`{written}` is no key of a config", FORMER_HINTS[written], argument=written)
    if what not in ("kind", *registry.MODULES) and (former := FORMER_KEYS.get(written)) and (field := _field_called(former)):
        message = f"`{written}` is called `{former}` here, a field of {field[0]}"
        return error("NN606", message, f"`nncli explain {field[1]}`", argument=written)
    if what not in ("kind", *registry.MODULES) and (field := _field_called(written)):
        owners, path = field
        asked = "" if owners == f"`{path.rpartition('.')[0]}`" else ": which one?"
        return error("NN606", f"`{written}` is a field of {owners}{asked}", f"`nncli explain {path}`", argument=written)
    bare = written.lower().replace("_", "")
    if (reason := next((hints[bare] for hints in FORMER_TYPE_HINTS.values() if bare in hints), None)) is not None:
        hint = reason
    elif right or what in ("kind", *registry.MODULES):
        hint = f"did you mean `{right}`?" if right else f"there are: {', '.join(known)}"
    return error("NN606", f"there is no {what} called `{written}`", hint, argument=written)


_MOST_OWNERS: Final = 4
"""So many types that have a field are named."""


def _field_called(written: str) -> tuple[str, str] | None:
    """What has a field of that name, in words, and the path of one such field; None where nothing has."""
    path = _path_to(written, Experiment)
    owners, paths = ([f"`{path.rpartition('.')[0]}`"], [path]) if path else ([], [])
    for kind in registry.MODULES:
        found = [name for name in type_names(kind) if written in spec_class(kind, name).model_fields and written != "type"]
        more = len(found) - _MOST_OWNERS
        if len(found) == len(type_names(kind)):
            owners.append(f"every {kind}")
        else:
            owners += [f"`{name}`" for name in found[:_MOST_OWNERS]] + ([f"{more} more {kind}s"] if more > 0 else [])
        paths += [f"{name}.{written}" for name in found[:1]]
    return (", ".join(owners), paths[0]) if paths else None


def _path_to(field: str, spec: type[BaseModel]) -> str | None:
    """The path from a spec to a field of a mapping inside it."""
    for name in spec.model_fields:
        inner = target(spec, name)[1]
        rest = field if inner and field in inner.model_fields else _path_to(field, inner) if inner else None
        if rest is not None:
            return f"{name}.{rest}"
    return None


def _meant(written: str, kinds: Sequence[str], names: Sequence[str]) -> str | None:
    former = (registry.former_name(kind, written) for kind in kinds)
    code = closest(written, map(str.lower, CODES)) if written.lower().startswith("nn") else None
    return code.upper() if code else next((name for name in former if name), None) or closest(written, names)

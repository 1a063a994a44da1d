"""What Pydantic and the specs find wrong, as problems with a place in the config."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

from nncli.config.tree import MapNode, Mark, Node, Path, dotted, steps_to
from nncli.problems import CODES, Problem
from nncli.spec import registry
from nncli.spec.base import Mistake, OneOf, TypedSpec, closest, describe
from nncli.spec.experiment import Experiment
from nncli.spec.former import FORMER_KEYS

_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "a string",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "finite_number": "a finite number",
}

_COMPARISONS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "of at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "of at most"),
}


def locate(mistakes: Iterable[Mistake], root: Node) -> list[Problem]:
    """Give mistakes their places, in the order of the text."""
    problems = [
        Problem(
            mistake.code,
            mistake.message,
            mistake.hint,
            _mark(root, mistake).where(dotted(mistake.path) or None),
            mistake.severity,
        )
        for mistake in mistakes
    ]
    return sorted(dict.fromkeys(problems), key=_position)


def _position(problem: Problem) -> tuple[str, int, int]:
    where = problem.where
    return ("", 0, 0) if where is None else (where.argument or "", where.line or 0, where.column or 0)


def _mark(root: Node, mistake: Mistake) -> Mark:
    """The span to point at: the key for an unknown one, the first line of a block for what misses something, else the value."""
    nodes = list(steps_to(root, mistake.path))
    node, key = nodes[-1]
    reached = len(nodes) == len(mistake.path) + 1
    if mistake.code == "NN201" and reached and key is not None:
        return key
    if isinstance(node, MapNode) or node.mark.end_line > node.mark.line:
        typed = node.items.get("type") if isinstance(node, MapNode) else None
        if typed is not None:
            return typed.mark
        if key is not None:
            return key
        if isinstance(node, MapNode) and node.keys:
            return next(iter(node.keys.values()))
        return Mark(node.mark.source, node.mark.line, node.mark.column, node.mark.line, node.mark.column + 1)
    return node.mark


def find_schema_mistakes(error: ValidationError, root: Node) -> list[Mistake]:
    """Translate Pydantic's findings into nncli's codes and words.

    Args:
        error: what the validation of the whole config raised.
        root: the config's tree.
    """
    return [_translate(dict(found), root) for found in error.errors(include_url=False)]


def _translate(found: dict[str, Any], root: Node) -> Mistake:
    # Pydantic ends the path of a wrong mapping key with "[key]"; the tree knows only values.
    path = tuple(part for part in found["loc"] if part != "[key]")
    kind, value, context = found["type"], found.get("input"), found.get("ctx", {})
    if kind in CODES:
        return Mistake((*path, *context.get("at", ())), kind, context["message"], context.get("hint"))
    if kind == "extra_forbidden":
        return _unknown_key(path, root)
    if kind == "missing":
        return Mistake(path[:-1], "NN202", f"`{path[-1]}` is missing in {_owner(path[:-1], root)}", _how_to_add(str(path[-1])))
    if kind == "literal_error":
        choices = context["expected"].replace("'", "`").replace(" or ", ", ")
        right = closest(str(value), [choice.strip("` ") for choice in choices.split(",")])
        hint = f"did you mean `{right}`?" if right else None
        return Mistake(path, "NN205", f"expected one of {choices}, received {describe(value)}", hint)
    if kind in _COMPARISONS:
        bound, word = _COMPARISONS[kind]
        return Mistake(path, "NN204", f"expected a number {word} {context[bound]:g}, received {describe(value)}")
    if kind in _EXPECTED:
        return Mistake(path, "NN203", f"expected {_EXPECTED[kind]}, received {describe(value)}", _how_to_write(kind, value))
    if kind in ("too_short", "string_too_short"):
        return Mistake(path, "NN204", "expected at least one entry, received none")
    if kind == "string_pattern_mismatch":
        return Mistake(
            path,
            "NN204",
            f"{describe(value)} holds characters that a name cannot have",
            "use letters, digits, `_`, `-` and `.`",
        )
    return Mistake(path, "NN203", f"{found['msg'][:1].lower()}{found['msg'][1:]}, received {describe(value)}")


def _how_to_write(kind: str, value: object) -> str | None:
    if kind in ("int_type", "float_type") and isinstance(value, str):
        return "remove the quotes" if value.replace(".", "", 1).isdigit() else None
    if kind == "bool_type" and str(value).lower() in ("yes", "no", "on", "off", "true", "false"):
        return f"write `{'true' if str(value).lower() in ('yes', 'on', 'true') else 'false'}`"
    if kind == "string_type" and isinstance(value, int | float) and not isinstance(value, bool):
        return "put it in quotes if it is meant as text"
    return None


def _how_to_add(name: str) -> str:
    return f"add `{name}: ...`"


def _unknown_key(path: Path, root: Node) -> Mistake:
    key = str(path[-1])
    fields = _fields_at(path[:-1], root)
    former = FORMER_KEYS.get(key)
    right = former if former in fields else closest(key, fields)
    known = f"there are: {', '.join(fields)}" if fields else None
    hint = f"did you mean `{right}`?" if right else known
    return Mistake(path, "NN201", f"unknown key `{key}` in {_owner(path[:-1], root)}", hint)


def _owner(path: Path, root: Node) -> str:
    """The part of the config at `path` as a message names it: ``optimizer `adam` ``, or its key."""
    spec = _spec_at(path, root)
    if spec is not None and issubclass(spec, TypedSpec):
        return f"{spec.kind} `{spec.model_fields['type'].default}`"
    return f"`{dotted(path)}`" if path else "the config"


def _fields_at(path: Path, root: Node) -> list[str]:
    spec = _spec_at(path, root)
    return (
        []
        if spec is None
        else [name for name in spec.model_fields if name != "type"]
        if issubclass(spec, TypedSpec)
        else list(spec.model_fields)
    )


def _spec_at(path: Path, root: Node) -> type[BaseModel] | None:
    """The spec class that validates the mapping at `path`."""
    spec: type[BaseModel] | None = Experiment
    for depth, part in enumerate(path):
        if isinstance(part, int):
            continue
        if spec is None or part not in spec.model_fields:
            return None
        kind, nested = _field_target(spec, part)
        if kind is not None:
            where = path[: depth + 1]
            where = path[: depth + 2] if depth + 1 < len(path) and isinstance(path[depth + 1], int) else where
            spec = _chosen(kind, where, root)
        else:
            spec = nested
    return spec


def _chosen(kind: str, path: Path, root: Node) -> type[BaseModel] | None:
    nodes = list(steps_to(root, path))
    if len(nodes) != len(path) + 1:
        return None
    node = nodes[-1][0]
    name = node.items.get("type") if isinstance(node, MapNode) else node
    value = getattr(name, "value", None)
    return registry.find(kind, value) if isinstance(value, str) else None


@functools.cache
def _field_target(spec: type[BaseModel], field: str) -> tuple[str | None, type[BaseModel] | None]:
    """What a field holds: the registry kind of a choice, or the class of a nested spec."""
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

"""What Pydantic and the specs find wrong, as problems with a place in the config."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any, Final

from pydantic import ValidationError

from nncli.config.owners import fields_at, is_required, owner
from nncli.config.tree import Leaf, MapNode, Mark, Node, Path, dotted, steps_to
from nncli.problems import CODES, Problem
from nncli.spec.base import Mistake
from nncli.spec.former import FORMER_HINTS, FORMER_KEYS
from nncli.spec.wording import brackets_hint, closest, describe, is_slip, number_hint

MOST_AT_ONCE: Final = 200
"""So many mistakes are shown; a file with more is no config, or they all have one cause."""

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
    every = list(mistakes)
    # One more may be the word on those of the schema that are not shown.
    shown = every if len(every) == MOST_AT_ONCE + 1 else [*every[:MOST_AT_ONCE], *_not_shown([mistake.path for mistake in every])]
    return in_order(mistake.placed(_mark(root, mistake).where(dotted(mistake.path) or None)) for mistake in shown)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, in the order of the text; those of arguments after those of the file."""
    return sorted(dict.fromkeys(problems), key=_position)


def _position(problem: Problem) -> tuple[str, int, int]:
    where = problem.where
    return ("", 0, 0) if where is None else (where.argument or "", where.line or 0, where.column or 0)


def _mark(root: Node, mistake: Mistake) -> Mark:
    """The span to point at: the key where that is at fault, `type` of a mapping that misses something, else the value.

    Of a value that takes several lines only its key is shown, or the character at fault.
    """
    nodes = list(steps_to(root, mistake.path))
    node, key = nodes[-1]
    if isinstance(node, Leaf) and mistake.offset is not None and (narrowed := _narrowed(node, mistake.offset)) is not None:
        return narrowed
    if mistake.at_key and key is not None and len(nodes) == len(mistake.path) + 1:
        return key
    if isinstance(node, MapNode) or node.mark.end_line > node.mark.line:
        typed = node.items.get("type") if isinstance(node, MapNode) and mistake.code != "NN203" else None
        if typed is not None:
            return typed.mark
        if key is not None:
            return key
        if isinstance(node, MapNode) and node.keys:
            return next(iter(node.keys.values()))
        return Mark(node.mark.source, node.mark.line, node.mark.column, node.mark.line, node.mark.column + 1)
    return node.mark


def _narrowed(leaf: Leaf, offset: int) -> Mark | None:
    """The character of a text at which the fault lies; None where the text does not stand in the config as it is.

    White space does not count: YAML folds and indents it. A fault at the end of a text is one past its last character.
    """
    mark = leaf.mark
    lines = mark.source.lines[mark.line : mark.end_line + 1]
    opening = lines[0][mark.column : mark.column + 1]
    begin = len(lines[0]) if opening in ("|", ">") else mark.column + (opening in ("'", '"'))
    places = [
        (character, mark.line + number, column)
        for number, line in enumerate(lines)
        for column, character in enumerate(line)
        if (number > 0 or column >= begin) and not character.isspace()
    ]
    wanted = "".join(leaf.text.split())
    if not wanted or not "".join(character for character, *_ in places).startswith(wanted):
        return None
    index = len("".join(leaf.text[:offset].split()))
    _, line, column = places[min(index, len(wanted) - 1)]
    column += index == len(wanted)
    return Mark(mark.source, line, column, line, column + 1)


def find_schema_mistakes(error: ValidationError, root: Node) -> list[Mistake]:
    """Translate Pydantic's findings into nncli's codes and words.

    Args:
        error: what the validation of the whole config raised.
        root: the config's tree.
    """
    every: list[dict[str, Any]] = [dict(found) for found in error.errors(include_url=False)]
    tuples = {found["loc"][:-1] for found in every if brackets_hint(found.get("input"))}
    every = [found for found in every if not _is_consequence(found) and not _ends_a_tuple(found, tuples)]
    mistakes = [_translate(found, root) for found in every[:MOST_AT_ONCE]]
    renamed = {(mistake.path[:-1], _key_in(mistake.hint)) for mistake in mistakes if mistake.code == "NN201"}
    kept = [mistake for mistake in mistakes if not _is_misspelt(mistake, renamed)]
    return [*kept, *_not_shown([found["loc"] for found in every])]


def _not_shown(paths: Sequence[Path]) -> Iterator[Mistake]:
    """A word on the mistakes that are too many to be shown."""
    if len(paths) > MOST_AT_ONCE:
        message = f"{len(paths) - MOST_AT_ONCE:,} more mistakes, from here on, are not shown"
        yield Mistake(paths[MOST_AT_ONCE], "NN203", message, "mend those before it first")


def _is_consequence(found: dict[str, Any]) -> bool:
    """Whether Pydantic counts a list as too short only because its entries are wrong."""
    return bool(found["type"] == "too_short" and len(found["input"]) >= found["ctx"]["min_length"])


def _ends_a_tuple(found: dict[str, Any], tuples: Set[Path]) -> bool:
    """Whether a key is only the rest of `{kernel_size: (3, 3)}`, whose first part has a mistake of its own."""
    path, is_empty = found["loc"], found.get("input") is None
    return found["type"] == "extra_forbidden" and is_empty and str(path[-1]).endswith(")") and path[:-1] in tuples


def _key_in(hint: str | None) -> str:
    """The key that a hint names first."""
    written = re.search(r"`(\w+)", hint or "")
    return written[1] if written else ""


def _is_misspelt(mistake: Mistake, renamed: set[tuple[Path, str]]) -> bool:
    """Whether a key is only missing because it is there under another name, which has a problem of its own."""
    name = mistake.message.split("`")[1] if mistake.code == "NN202" else ""
    return name != "" and (mistake.path, name) in renamed


def _translate(found: dict[str, Any], root: Node) -> Mistake:
    path, kind, value, context = found["loc"], found["type"], found.get("input"), found.get("ctx", {})
    if kind in CODES:
        hint = context.get("hint")
        told = hint() if callable(hint) else hint
        return Mistake((*path, *context.get("at", ())), kind, context["message"], told, offset=context.get("offset"))
    if kind == "extra_forbidden":
        return unknown_key(path, root)
    if kind == "missing":
        return Mistake(path[:-1], "NN202", f"`{path[-1]}` is missing in {owner(path[:-1], root)}", f"add `{path[-1]}: ...`")
    if kind == "literal_error":
        return _wrong_choice(path, context["expected"].replace("'", "`").replace(" or ", ", "), value)
    if kind in _COMPARISONS:
        bound, word = _COMPARISONS[kind]
        limit = context[bound]
        shown = int(limit) if float(limit).is_integer() else limit
        hint = _as_share(value) if bound in ("lt", "le") and limit == 1 else None
        return Mistake(path, "NN204", f"expected a number {word} {shown}, received {describe(value)}", hint)
    if kind in _EXPECTED:
        code = "NN204" if kind == "finite_number" else "NN203"
        hint = _how_to_write(kind, value, path, root)
        return Mistake(path, code, f"expected {_EXPECTED[kind]}, received {describe(value)}", hint)
    if value == "" and kind in ("too_short", "string_too_short", "string_pattern_mismatch"):
        return Mistake(path, "NN204", "expected at least one character, received an empty string")
    if kind == "too_short":
        return Mistake(path, "NN204", "expected at least one entry, received none")
    if kind == "string_too_long":
        message = f"expected at most {context['max_length']} characters, received {len(str(value))}"
        return Mistake(path, "NN204", message, "use a shorter one")
    if kind == "string_pattern_mismatch":
        message = f"{describe(value)} holds characters that a name cannot have"
        dotless = "." not in context["pattern"]
        return Mistake(
            path, "NN204", message, f"use letters, digits{' and' if dotless else ','} `_`{'' if dotless else ', `-` and `.`'}"
        )
    return Mistake(path, "NN203", f"{found['msg'][:1].lower()}{found['msg'][1:]}, received {describe(value)}")


def _as_share(value: object) -> str | None:
    """How to write a percentage where a share is wanted."""
    is_percentage = isinstance(value, int | float) and 2 <= value < 100
    return f"it is a share of 1: write `{value / 100:g}` for {value:g} %" if is_percentage else None  # type: ignore[operator]


def _wrong_choice(path: Path, choices: str, value: object) -> Mistake:
    message = f"expected one of {choices}, received {describe(value)}"
    if not isinstance(value, str):
        return Mistake(path, "NN203", message)
    right = closest(value, [choice.strip("` ") for choice in choices.split(",")])
    return Mistake(path, "NN205", message, _did_you_mean(right) if right else None)


def _how_to_write(kind: str, value: object, path: Path, root: Node) -> str | None:
    if value is None:
        return "give it a value" + ("" if is_required(path, root) else ", or leave the key out for the default")
    if kind in ("int_type", "int_from_float", "float_type"):
        return number_hint(value, whole=kind != "float_type")
    if kind == "bool_type" and str(value).lower() in ("yes", "no", "on", "off", "true", "false", "1", "0"):
        return f"write `{'true' if str(value).lower() in ('yes', 'on', 'true', '1') else 'false'}`"
    if kind == "string_type" and isinstance(value, int | float) and not isinstance(value, bool):
        return "put it in quotes if it is meant as text"
    if kind in ("tuple_type", "list_type") and isinstance(value, str) and len(value) <= 40:
        return brackets_hint(value) or f"put it in brackets: `[{value}]`"
    keys = fields_at(path, root) if kind.startswith("model_") else []
    if isinstance(value, list) and "layers" in keys:
        return "put the list below `layers:`"
    return f"its keys: {', '.join(keys)}" if keys else None


def _did_you_mean(name: str) -> str:
    return f"did you mean `{name}`?"


def _written_wrong(key: str, path: Path, root: Node) -> str | None:
    """How to write a key that is right in itself: with a space behind its colon, or indented."""
    name, colon, value = key.partition(":")
    if colon and name in fields_at(path, root):
        return f"write a space after the colon: `{name}: {value}`"
    node = list(steps_to(root, path))[-1][0]
    siblings = node.items if isinstance(node, MapNode) else {}
    for other in fields_at(path, root):
        empty = siblings.get(other)
        if isinstance(empty, Leaf) and empty.value is None and key in fields_at((*path, other), root):
            return f"indent it: it belongs into `{other}`"
    return None


def right_key(path: Path, root: Node) -> tuple[str | None, bool]:
    """The key that the unknown one at the end of `path` most likely stands for, and whether that is plain."""
    key, fields = str(path[-1]), fields_at(path[:-1], root)
    former = FORMER_KEYS.get(key)
    if former in fields:
        return former, True
    is_elsewhere = former is not None and right_place(path, root) is not None
    right = closest(key, fields) if key not in FORMER_HINTS and not is_elsewhere else None
    return right, right is not None and is_slip(key, right)


_PARTS: Final[tuple[Path, ...]] = ((), ("training",), ("model",), ("dataset",), ("optimizer",), ("training", "early_stopping"))
"""Where a key may belong that stands somewhere else."""
_EVERYWHERE: Final = frozenset({"name", "monitor", "mode", "path", "type"})
"""Keys that several parts have, so that nobody can tell which is meant."""


def right_place(path: Path, root: Node) -> Path | None:
    """The path at which the unknown key at the end of `path` means something; None where no other part has such a key."""
    key = str(path[-1])
    named = [name for name in (key, FORMER_KEYS.get(key)) if name is not None and name not in _EVERYWHERE]
    return next(((*part, name) for name in named for part in _PARTS if part != path[:-1] and name in fields_at(part, root)), None)


def unknown_key(path: Path, root: Node) -> Mistake:
    """The mistake that the key at the end of `path` is none of its owner's."""
    key = str(path[-1])
    fields = fields_at(path[:-1], root)
    former, (right, _) = FORMER_KEYS.get(key), right_key(path, root)
    known = f"there are: {', '.join(fields)}" if fields else None
    written_wrong = _written_wrong(key, path[:-1], root)
    hint = written_wrong or (_did_you_mean(right) if right else known)
    if key in FORMER_HINTS and former not in fields:
        hint = FORMER_HINTS[key]
    elif written_wrong is None and right is None and (place := right_place(path, root)) is not None:
        part = f"into `{dotted(place[:-1])}`" if len(place) > 1 else "to the top of the config"
        hint = f"it belongs {part}, as `{place[-1]}`"
    return Mistake(path, "NN201", f"unknown key `{key}` in {owner(path[:-1], root)}", hint, at_key=True)

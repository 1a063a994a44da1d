"""What a field takes, in words: `a whole number, 1 or more`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from nncli.spec.describing.classes import Schema
from nncli.spec.values import LARGEST
from nncli.spec.wording import article

_NOUNS: Final = {
    "integer": ("a whole number", "whole numbers"),
    "number": ("a number", "numbers"),
    "string": ("a text", "texts"),
    "boolean": ("`true` or `false`", "`true` or `false`"),
    "object": ("a mapping", "mappings"),
    "null": ("null", "nulls"),
}
_KINDS: Final = {"preprocessing": "preprocessing step"}
"""Kinds that are called otherwise in a sentence."""
_BOUNDS: Final = {
    "minimum": "{} or more",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
}


def in_words(schema: Schema, *, plural: bool = False) -> str:
    """What a field's JSON Schema allows, in words.

    Args:
        schema: as `nncli.spec.describing.classes` makes it.
        plural: whether several of it are meant, as entries of a list.
    """
    if "anyOf" in schema:
        return alternatives(list(_branches(schema, plural)))
    if "choice" in schema:
        kind: str = schema["choice"]
        noun = _KINDS.get(kind, kind)
        return f"{noun}s" if plural else article(noun)
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return alternatives(list(_branches(schema, plural)))
    if "$ref" in schema:
        return _NOUNS["object"][plural]
    if schema.get("type") == "array":
        return _list(schema, plural)
    if "type" not in schema:
        return "values" if plural else "any value"
    return _NOUNS[schema["type"]][plural] + _range(schema)


def _branches(schema: Schema, plural: bool) -> Iterator[str]:
    """Each of the alternatives that a schema names, those inside others, too."""
    if "anyOf" in schema:
        for branch in schema["anyOf"]:
            yield from _branches(branch, plural)
    elif "enum" in schema:
        yield from (f"`{entry}`" for entry in schema["enum"])
    else:
        yield in_words(schema, plural=plural)


def _list(schema: Schema, plural: bool) -> str:
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    count = f"{least} " if least == most else f"{least} or more " if least > 1 else ""
    entries = in_words(schema.get("items", {}), plural=most != 1)
    return f"{'lists' if plural else 'a list'} of {count}{entries if most != 1 else entries.partition(' ')[2]}"


def _range(schema: Schema) -> str:
    # That sizes end where 32 bits do says nothing to anybody who chooses one.
    schema = {key: value for key, value in schema.items() if value not in (LARGEST, -LARGEST)}
    if schema.get("minimum") == 0 and "maximum" in schema:
        return f" (0 to {shown(schema['maximum'])})"
    bounds = [text.format(shown(schema[key])) for key, text in _BOUNDS.items() if key in schema]
    if "maxLength" in schema:
        bounds.append(f"at most {schema['maxLength']} characters")
    return f" ({', '.join(bounds)})" if bounds else ""


def alternatives(words: list[str]) -> str:
    """`a, b or c`; what is said twice is said once."""
    *first, last = dict.fromkeys(words)
    return f"{', '.join(first)} or {last}" if first else last


def shown(value: Any) -> str:
    """A default or a bound as one would write it in a config."""
    if isinstance(value, str):
        return json.dumps(value) if set(value) & set(",[]{}") or value.startswith("%") else value
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {shown(entry)}' for key, entry in value.items())}}}"
    if isinstance(value, float) and value.is_integer() and abs(value) >= 1e15:
        return f"{value:g}"
    return json.dumps(value)

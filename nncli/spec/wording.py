"""Words for messages: values as a person names them, and what somebody most likely meant."""

from __future__ import annotations

import difflib
import functools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

_NUMBER = re.compile(r"[-+]?([1-9][0-9]*|0)?\.?[0-9]*([eE][-+]?[0-9]+)?")


def closest(name: str, names: Iterable[str]) -> str | None:
    """The entry of `names` that a person who typed `name` most likely meant, or None.

    In this order: the same in lower case; the only one in which a word begins with `name`; the same letters in another order
    (`adma` is `adam`, though `adamax` has more in common with it); the most alike; the only one that `name` begins with.
    """
    return _closest(name.lower(), tuple(dict.fromkeys(names)))


@functools.lru_cache(maxsize=1024)
def _closest(name: str, candidates: tuple[str, ...]) -> str | None:
    if name in candidates:
        return name
    containing = [candidate for candidate in candidates if f"_{name}" in f"_{candidate}"]
    if len(containing) == 1 and len(name) > 2:
        return containing[0]
    alike = difflib.get_close_matches(name, candidates, n=3, cutoff=0.65)
    if not alike:
        beginning = [candidate for candidate in candidates if len(candidate) > 2 and name.startswith(candidate)]
        return beginning[0] if len(beginning) == 1 else None
    return min(alike, key=lambda candidate: sorted(candidate) != sorted(name))


def is_slip(written: str, right: str) -> bool:
    """Whether `written` is so much like `right` that it plainly stands for it: `poolsize`, `Dense`, `kernal_size`."""
    bare, own = (name.lower().replace("_", "") for name in (written, right))
    return bare == own or difflib.SequenceMatcher(None, bare, own).ratio() >= 0.8


def number_hint(value: object, *, whole: bool) -> str | None:
    """How to write a value of the wrong kind where a number is wanted, or None where it means none.

    Args:
        value: what was received.
        whole: whether it must be a whole number.
    """
    text = str(value) if isinstance(value, float) else value
    if not isinstance(text, str) or len(text) > 30:
        return None
    if re.fullmatch(r"0[xob][0-9a-fA-F]+", text):
        return f"write `{int(text, 0)}`"
    try:
        number = float(text)  # takes underscores and leading zeros, too
    except ValueError:
        return None
    if not math.isfinite(number) or (whole and not number.is_integer()):
        return None
    plain = str(int(number)) if number.is_integer() and abs(number) < 1e15 else f"{number:g}"
    return "remove the quotes" if text == plain or (_NUMBER.fullmatch(text) and not whole) else f"write `{plain}`"


def brackets_hint(value: object) -> str | None:
    """How to write a list that stands there as Python writes a tuple, which YAML reads as a string; None for anything else.

    Args:
        value: what was received: `(3, 3)`, or `(3` where a `,` ended the value.
    """
    if not isinstance(value, str) or not value.startswith("(") or len(value) > 40:
        return None
    inside = value[1:-1].strip(" ,") if value.endswith(")") else "..."
    return f"a list stands in brackets: `[{inside}]`"


def article(noun: str) -> str:
    """The noun with its indefinite article."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def repeated(names: Sequence[str]) -> Iterator[int]:
    """The index of each name that an earlier entry has, too."""
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield index
        seen.add(name)


def describe(value: object) -> str:
    """A value as an error message names it: its YAML kind and, where short, the value itself."""
    match value:
        case None:
            return "null"
        case bool():
            return f"the boolean {str(value).lower()}"
        case float() if not math.isfinite(value):
            return "the number " + (".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf")
        case int() | float():
            return f"the number {value!r}" if len(repr(value)) <= 40 else "a very long number"
        case str():
            return f"the string {value!r}" if len(value) <= 40 else f"a string of {len(value)} characters"
        case Mapping():
            return "a mapping"
        case list() | tuple():
            return f"a list of {len(value)}"
        case _:
            return type(value).__name__

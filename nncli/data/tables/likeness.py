"""What texts look like that are taken for categories, or left out, though they may be something else."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Final

from nncli.data.tables.notation import GERMAN, PLAIN

_MOST_LOOKED_AT: Final = 10_000
_FEWEST_WORDS: Final = 3
_DAY_FIRST: Final = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}", re.ASCII)
_SLASHES: Final = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}", re.ASCII)
_COMMA: Final = re.compile(f"(?=.*,){GERMAN.pattern}", re.ASCII)
_NUMBER: Final = re.compile(PLAIN.pattern, re.ASCII)
_UNIT: Final = re.compile(r"([$€£]?)\s?[+-]?[0-9]+(?:[.,][0-9]+)*\s?([%$€£°]|[^\W\d_]{1,4}|)")


def likeness(counts: Mapping[str, int], name: str) -> tuple[str, str] | None:
    """What most entries of a column look like, with an example, and what to write; None where it is nothing that is known here.

    Args:
        counts: entry -> how often it occurs.
        name: the column.
    """
    some = dict(itertools.islice(counts.items(), _MOST_LOOKED_AT))
    for matches in (_dates, _numbers, _amounts):
        if (found := matches(some, name)) is not None:
            return found
    return None


def has_sentences(counts: Mapping[str, int]) -> bool:
    """Whether entries have several words, on average."""
    some = list(itertools.islice(counts, _MOST_LOOKED_AT))
    return sum(len(text.split()) for text in some) >= _FEWEST_WORDS * len(some)


def _most(counts: Mapping[str, int], chosen: list[str]) -> bool:
    return 2 * sum(counts[text] for text in chosen) > sum(counts.values())


def _dates(counts: Mapping[str, int], name: str) -> tuple[str, str] | None:
    points = [text for text in counts if _DAY_FIRST.fullmatch(text)]
    slashes = [match for match in map(_SLASHES.fullmatch, counts) if match is not None]
    if _most(counts, points):
        example, pattern = points[0], "%d.%m.%Y"
    elif _most(counts, [match[0] for match in slashes]):
        example, pattern = slashes[0][0], "%d/%m/%Y" if any(int(match[1]) > 12 for match in slashes) else "%m/%d/%Y"
    else:
        return None
    return f"dates such as {example!r}", f'`{{type: date, names: {name}, format: "{pattern}"}}`'


def _numbers(counts: Mapping[str, int], name: str) -> tuple[str, str] | None:
    commas = [text for text in counts if _COMMA.fullmatch(text)]
    if _most(counts, commas):
        return f"numbers with a decimal comma such as {commas[0]!r}", '`decimal: ","` says so'
    numbers = [text for text in counts if _NUMBER.fullmatch(text)]
    if not _most(counts, numbers):
        return None
    other = next(text for text in counts if not _NUMBER.fullmatch(text))
    return f"numbers such as {numbers[0]!r}", f"leave cells such as {other[:40]!r} empty, and it is a column of numbers"


def _amounts(counts: Mapping[str, int], name: str) -> tuple[str, str] | None:
    by_unit: dict[tuple[str, str], list[str]] = {}
    for text in counts:
        if (match := _UNIT.fullmatch(text)) is not None and any(match.groups()):
            by_unit.setdefault((match[1], match[2]), []).append(text)
    found = next((texts for texts in by_unit.values() if _most(counts, texts)), None)
    return None if found is None else (f"numbers with a unit such as {found[0]!r}", "store the numbers without it")

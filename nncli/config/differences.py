"""What differs between two configs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from nncli.config.tree import Path
from nncli.spec.experiment import Experiment


class _Absent:
    """What a key has that is not there."""

    def __repr__(self) -> str:
        return "not there"


ABSENT: Final = _Absent()


class Difference(NamedTuple):
    """A key that two configs do not agree on.

    Attributes:
        path: keys and indices from the top.
        before, after: what each has there, as JSON values; `ABSENT` where it has nothing.
    """

    path: Path
    before: Any
    after: Any


def differences(before: Experiment, after: Experiment) -> tuple[Difference, ...]:
    """Every key on which two configs do not agree, in the order of the first; a change of type stands for all that it changes."""
    return tuple(_differences(before.model_dump(mode="json"), after.model_dump(mode="json"), ()))


def _differences(before: Any, after: Any, path: Path) -> Iterator[Difference]:
    if before == after and type(before) is type(after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping) and before.get("type") == after.get("type"):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from _differences(before.get(key, ABSENT), after.get(key, ABSENT), (*path, key))
    elif _is_list(before) and _is_list(after) and (len(before) == len(after) or _has_parts(before, after)):
        for index, pair in enumerate(itertools.zip_longest(before, after, fillvalue=ABSENT)):
            yield from _differences(*pair, (*path, index))
    elif before != after:
        yield Difference(path, before, after)


def _has_parts(before: Sequence[Any], after: Sequence[Any]) -> bool:
    """Whether two lists hold parts with settings of their own, as layers: those are compared one by one."""
    return bool(before) and bool(after) and all(isinstance(entry, Mapping) for entry in (*before, *after))


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)

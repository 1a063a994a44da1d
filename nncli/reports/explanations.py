"""What is told of a word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nncli.reports.base import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeExplanation:
    """What a problem code means.

    Attributes:
        code, title, exit_code: as `nncli.problems` has them.
        meaning: what it means, when it appears, and what to do.
        wrong, right: a part of a config or a command line that leads to it, and the same without the mistake.
    """

    code: str
    title: str
    exit_code: int
    meaning: str
    wrong: str
    right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldExplanation:
    """A field of a type or of a mapping.

    Attributes:
        name: its key.
        takes: what it takes, in words, with the range or the choices.
        required: whether it has no default.
        default: as one would write it; null where there is none, too.
        meaning: what it does.
    """

    name: str
    takes: str
    required: bool
    default: Any
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeExplanation:
    """Something that a config can choose by name.

    Attributes:
        kind, name: such as `layer` and `conv2d`.
        short_names: what a config may write in place of the name.
        keras: the Keras class that it stands for; null for nncli's own.
        meaning: what it is.
        fields: all but `type`.
        example: a part of a config with it, as YAML; null for the one that no config can use.
    """

    kind: str
    name: str
    short_names: tuple[str, ...]
    keras: str | None
    meaning: str
    fields: tuple[FieldExplanation, ...]
    example: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartExplanation:
    """A part of a config, or a kind of what it chooses by name.

    Attributes:
        path: such as `training.early_stopping`; the kind, such as `layer`, where there is no path.
        value: what the part takes; null for a kind.
        meaning: what it is.
        fields: of a mapping; empty elsewhere.
        kind: what is chosen there by name; null where nothing is.
        types: of that kind, name -> what it is, in a sentence.
    """

    path: str
    value: FieldExplanation | None
    meaning: str
    fields: tuple[FieldExplanation, ...] = ()
    kind: str | None = None
    types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainReport(Report):
    """What a word means that nncli uses.

    Attributes:
        topic: the word.
        code: the problem code of that name; null where it is none.
        part: the part of a config, or the kind, of that name; null likewise.
        types: the types of that name, one of each kind that has one.
    """

    topic: str
    code: CodeExplanation | None = None
    part: PartExplanation | None = None
    types: tuple[TypeExplanation, ...] = ()

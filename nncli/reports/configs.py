"""What the commands about configs give back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nncli.reports.base import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class InitReport(Report):
    """Configs to start from, or the one that was written.

    Attributes:
        examples: name -> what it is, in a line.
        start: which of them to begin with; null where one was written.
        output: the file written; null where they were only listed.
        schema: the JSON Schema beside it, for editors; null where there is none.
    """

    examples: Mapping[str, str]
    start: str | None = None
    output: str | None = None
    schema: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport(Report):
    """A check of configs.

    Attributes:
        files: each config, with the number of errors and warnings found, and what its data are, in lines, where they were read.
    """

    files: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaReport(Report):
    """The JSON Schema of configs.

    Attributes:
        schema: the schema; null where it was written into a file.
        output: the file; null where the schema is in `schema`.
    """

    schema: Mapping[str, Any] | None
    output: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowConfigReport(Report):
    """A config with every default filled in.

    Attributes:
        name: the experiment's.
        config: all of it, paths absolute.
        output: the file written; null where it was only shown.
    """

    name: str
    config: Mapping[str, Any]
    output: str | None

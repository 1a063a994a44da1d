"""The terminal, on which no text acts: whatever is printed, control characters in it are shown, not sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.segment import Segment

from nncli.render.problems import escape


class Terminal(Console):
    """A console for texts that may be anyone's: names in files, labels, paths, messages of libraries.

    Rich keeps its own control codes apart from texts, so that every text can be escaped at the last moment, whoever printed it.
    What stands in a table is better escaped before: there its width counts.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False)

    def render(self, *arguments: Any, **named: Any) -> Iterator[Segment]:
        """The segments of something that can be printed, their texts escaped."""
        for segment in super().render(*arguments, **named):
            yield segment if segment.control else Segment(escape(segment.text), segment.style)

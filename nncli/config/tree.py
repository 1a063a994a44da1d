"""A config as it was written: a tree of values that know where they stand."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field

from nncli.problems import Where
from nncli.spec.values import WrittenText

Scalar = str | int | float | bool | None


@functools.lru_cache(maxsize=8)
def _lines(text: str) -> list[str]:
    # A line ends at \n alone here, as YAML counts them for the configs that the reader lets through.
    return [line.removesuffix("\r") for line in text.split("\n")]


@dataclass(frozen=True, slots=True)
class Source:
    """A text that configs are made of: a file, or the value of a `--set` argument.

    Attributes:
        text: the whole text.
        folder: the folder that relative paths in it count from.
        file: the file's path as the user named it; None for an argument.
        argument: the whole argument; None for a file.
        offset: where `text` begins inside the argument, in code points.
    """

    text: str
    folder: str
    file: str | None = None
    argument: str | None = None
    offset: int = 0

    @property
    def lines(self) -> list[str]:
        """The text's lines, without their ends."""
        return _lines(self.text)

    def index(self, line: int, column: int) -> int:
        """The position in `argument` of a place in `text`, all counted from 0."""
        before = self.text.split("\n")[:line]
        return self.offset + sum(len(part) + 1 for part in before) + column


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of a source, counted from 0 in code points; the end is one past the last."""

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int

    def where(self, path: str | None = None) -> Where:
        """The span as a problem's place.

        Args:
            path: dotted path of the value, for files.
        """
        source = self.source
        if source.argument is not None:
            start, end = source.index(self.line, self.column), source.index(self.end_line, self.end_column)
            return Where(
                argument=source.argument,
                column=start + 1,
                end_column=max(end, start + 1) + 1,
                path=path,
                source_line=source.argument,
            )
        return Where(
            file=source.file,
            line=self.line + 1,
            column=self.column + 1,
            end_line=self.end_line + 1,
            end_column=max(self.end_column, self.column + 1) + 1 if self.end_line == self.line else self.end_column + 1,
            path=path,
            source_line=source.lines[self.line] if self.line < len(source.lines) else "",
        )


@dataclass(slots=True)
class Leaf:
    """A scalar: its value by YAML 1.2's rules, and the text it was written as."""

    value: Scalar
    text: str
    mark: Mark


@dataclass(slots=True)
class ListNode:
    """A sequence."""

    items: list[Node]
    mark: Mark


@dataclass(slots=True)
class MapNode:
    """A mapping. Keys are the text they were written as."""

    items: dict[str, Node]
    mark: Mark
    keys: dict[str, Mark] = field(default_factory=dict)
    """Where each key stands."""


Node = Leaf | ListNode | MapNode

Path = tuple[str | int, ...]


def plain(root: Node) -> object:
    """The tree as dicts, lists and scalars; strings remember the folder of their source."""
    match root:
        case MapNode():
            return {key: plain(value) for key, value in root.items.items()}
        case ListNode():
            return [plain(value) for value in root.items]
        case Leaf(value=str() as text):
            return WrittenText.of(text, root.mark.source.folder)
        case Leaf():
            return root.value


def copied(root: MapNode) -> MapNode:
    """The tree with mappings and lists of its own, which can be changed without changing `root`."""
    return MapNode({key: _copied(value) for key, value in root.items.items()}, root.mark, dict(root.keys))


def _copied(node: Node) -> Node:
    if isinstance(node, MapNode):
        return copied(node)
    return ListNode([_copied(value) for value in node.items], node.mark) if isinstance(node, ListNode) else node


def steps_to(root: Node, path: Path) -> Iterator[tuple[Node, Mark | None]]:
    """The nodes along `path` as far as they exist, each with the mark of the key that leads to it."""
    node = root
    yield node, None
    for part in path:
        if isinstance(node, MapNode) and part in node.items:
            key = node.keys.get(str(part))
            node = node.items[str(part)]
            yield node, key
        elif isinstance(node, ListNode) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            yield node, None
        else:
            return


def dotted(path: Path) -> str:
    """A path as messages and `--set` write it: `model.layers.0.filters`."""
    return ".".join(str(part) for part in path)

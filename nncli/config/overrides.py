"""`--set path=value`: changes to the tree before it is validated, so that they pass the same checks as the file."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Final

from nncli.config.mistakes import unknown_key
from nncli.config.owners import fields_at, is_choice
from nncli.config.reader import read_tree
from nncli.config.tree import Leaf, ListNode, MapNode, Mark, Node, Path, Source, dotted
from nncli.problems import NncliError, Problem, Where

_SEGMENT = re.compile(r"[^.=\s]+")
_EXCLUDED: Final[dict[Path, str]] = {("training", "steps"): "epochs", ("training", "epochs"): "steps"}
_SHORT_FORMS: Final[dict[Path, str]] = {("model", "weights_from"): "checkpoint"}
"""Mappings that a string may stand for, and the key that it is the value of; every choice by name is one of `type`."""


def apply_overrides(root: Node, overrides: Sequence[str]) -> tuple[Node, list[Problem]]:
    """Apply `--set` arguments to a config's tree, left to right.

    A short name on the way is expanded first (`optimizer: adam` to `optimizer: {type: adam}`), missing mappings are made, setting
    `training.steps` removes `training.epochs` and the other way round, and the value `null` removes the key or the entry. An
    argument at fault changes nothing and hides nothing: the others are applied.

    Args:
        root: the config; changed in place.
        overrides: arguments such as `optimizer.learning_rate=0.1`.

    Returns:
        The root, and what is wrong with the arguments: NN110, NN201 for the removal of a key that cannot be, and NN1xx for
        values that are no YAML.
    """
    problems: list[Problem] = []
    if overrides and isinstance(root, Leaf) and root.value is None:
        root = MapNode({}, root.mark)
    for argument in overrides:
        try:
            _Override(root, argument).apply()
        except NncliError as found:
            problems += found.problems
    return root, problems


class _Override:
    """One argument, and the tree that it changes."""

    def __init__(self, root: Node, argument: str) -> None:
        self.root, self.argument = root, argument
        self.name, equals, text = argument.partition("=")
        if not equals:
            raise self._problem("expected `path=value`", "for example `--set training.steps=100`")
        self.segments = self.name.split(".")
        if not all(_SEGMENT.fullmatch(segment) for segment in self.segments):
            raise self._problem(f"`{self.name}` is no path of a config", "for example `model.layers.0.filters`")
        self.value = read_tree(Source(text, os.getcwd(), argument=argument, offset=len(self.name) + 1))
        self.mark = Mark(Source(argument, os.getcwd(), argument=argument), 0, 0, 0, len(self.name))

    def apply(self) -> None:
        """Change the tree."""
        removes = isinstance(self.value, Leaf) and self.value.value is None
        node, path = self.root, Path()
        for segment in self.segments[:-1]:
            path = (*path, self._key(node, segment, path))
            child = _get(node, path[-1])
            if child is None or (isinstance(child, Leaf) and child.value is None):
                if removes:
                    return self._check(path)
                child = MapNode({}, self.mark)
                self._put(node, path[-1], child)
            elif isinstance(child, Leaf):
                child = self._expanded(child, path)
                self._put(node, path[-1], child)
            node = child
        path = (*path, self._key(node, self.segments[-1], path))
        if removes:
            if _get(node, path[-1]) is None:
                self._check(path)
            return _remove(node, path[-1])
        self._put(node, path[-1], self.value)
        training = _get(self.root, "training")
        if path in _EXCLUDED and training is not None:
            _remove(training, _EXCLUDED[path])
        return None

    def _key(self, node: Node, segment: str, path: Path) -> str | int:
        """A segment as the key of a mapping, or as the index of an entry that a list has."""
        name = f"`{dotted(path)}`" if path else "the config"
        if isinstance(node, MapNode):
            return segment
        if isinstance(node, Leaf):
            raise self._problem(f"{name} is a plain value and has no `{segment}`")
        if re.fullmatch(r"[0-9]{1,9}", segment) and int(segment) < len(node.items):
            return int(segment)
        hint = f"entries count from 0 to {len(node.items) - 1}{_meant(node, segment, path)}" if node.items else None
        raise self._problem(f"{name} is a list of {len(node.items)}, it has no entry `{segment}`", hint)

    def _expanded(self, short: Leaf, path: Path) -> MapNode:
        """The mapping that a string stands for."""
        key = _SHORT_FORMS.get(path, "type" if is_choice(path, self.root) else None)
        if key is None or not isinstance(short.value, str):
            raise self._problem(f"`{dotted(path)}` is a plain value and has no `{self.segments[len(path)]}`")
        return MapNode({key: short}, short.mark, {key: short.mark})

    def _check(self, path: Path) -> None:
        """Refuse to remove what is not there and could not be: a slip that would pass unnoticed."""
        known = fields_at(path[:-1], self.root)
        if known and path[-1] not in (*known, "type"):
            raise NncliError(unknown_key(path, self.root).placed(self.mark.where(dotted(path))))

    def _put(self, node: Node, key: str | int, value: Node) -> None:
        if isinstance(node, MapNode):
            node.items[str(key)] = value
            node.keys[str(key)] = self.mark
        elif isinstance(node, ListNode):
            node.items[int(key)] = value

    def _problem(self, message: str, hint: str | None = None) -> NncliError:
        where = Where(argument=self.argument, column=1, end_column=max(len(self.name), 1) + 1, source_line=self.argument)
        return NncliError(Problem("NN110", message, hint, where))


def _meant(entries: ListNode, name: str, path: Path) -> str:
    """Which entries of a list are called `name`, or of that type."""
    found = [str(index) for index, entry in enumerate(entries.items) if name in (_text(entry, "type"), _text(entry, "name"))]
    if not found:
        return ""
    return f": `{name}` is `{dotted((*path, int(found[0])))}`" if len(found) == 1 else f": `{name}` are {', '.join(found)}"


def _text(entry: Node, key: str) -> object:
    """What a short name, or a key of a mapping, says."""
    leaf = entry.items.get(key) if isinstance(entry, MapNode) else entry if key == "type" else None
    return getattr(leaf, "value", None)


def _get(node: Node, key: str | int) -> Node | None:
    if isinstance(node, MapNode):
        return node.items.get(str(key))
    return node.items[int(key)] if isinstance(node, ListNode) else None


def _remove(node: Node, key: str | int) -> None:
    if isinstance(node, MapNode):
        node.items.pop(str(key), None)
        node.keys.pop(str(key), None)
    elif isinstance(node, ListNode):
        del node.items[int(key)]

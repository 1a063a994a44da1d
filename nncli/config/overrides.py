"""`--set path=value`: changes to the tree before it is validated, so that they pass the same checks as the file."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from nncli.config.reader import read_tree
from nncli.config.tree import Leaf, ListNode, MapNode, Mark, Node, Source, dotted
from nncli.problems import NncliError, Problem, Where

_SEGMENT = re.compile(r"[^.=\s]+")
_BUDGETS: dict[tuple[str, ...], str] = {("training", "steps"): "epochs", ("training", "epochs"): "steps"}


def apply_overrides(root: Node, overrides: Sequence[str]) -> Node:
    """Apply `--set` arguments to a config's tree, left to right.

    A short name on the way is expanded first (`optimizer: adam` to `optimizer: {type: adam}`), missing mappings are made, setting
    `training.steps` removes `training.epochs` and the other way round, and the value `null` removes the key.

    Args:
        root: the config; changed in place.
        overrides: arguments such as `optimizer.learning_rate=0.1`.

    Returns:
        The root.

    Raises:
        NncliError: NN110, and NN1xx for values that are no YAML; all arguments at fault at once.
    """
    problems: list[Problem] = []
    if not isinstance(root, MapNode) and overrides:
        root = MapNode({}, root.mark) if isinstance(root, Leaf) and root.value is None else root
    for argument in overrides:
        try:
            path, value = _parse(argument)
            _assign(root, path, value, argument)
            sibling = _BUDGETS.get(path)
            if sibling is not None and not (isinstance(value, Leaf) and value.value is None):
                _remove(root, ("training", sibling))
        except NncliError as found:
            problems += found.problems
    if problems:
        raise NncliError(problems)
    return root


def _problem(argument: str, message: str, hint: str | None, column: int = 0, end: int | None = None) -> NncliError:
    where = Where(
        argument=argument, column=column + 1, end_column=(end if end is not None else len(argument)) + 1, source_line=argument
    )
    return NncliError(Problem("NN110", message, hint, where))


def _parse(argument: str) -> tuple[tuple[str, ...], Node]:
    name, equals, text = argument.partition("=")
    if not equals:
        raise _problem(argument, "expected `path=value`", "for example `--set training.steps=100`")
    segments = name.split(".")
    if not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise _problem(argument, f"`{name}` is no path of a config", "for example `model.layers.0.filters`", 0, max(len(name), 1))
    source = Source(text, os.getcwd(), argument=argument, offset=len(name) + 1)
    return tuple(segments), read_tree(source)


def _whole(argument: str) -> Mark:
    """The mark of what an argument makes by itself, its path."""
    end = argument.index("=")
    return Mark(Source(argument, os.getcwd(), argument=argument), 0, 0, 0, end)


def _assign(root: Node, path: tuple[str, ...], value: Node, argument: str) -> None:
    node = root
    for depth, segment in enumerate(path[:-1]):
        child = _child(node, segment, path[: depth + 1], argument)
        if child is None or (isinstance(child, Leaf) and child.value is None):
            child = MapNode({}, _whole(argument))
            _put(node, segment, child, argument)
        elif isinstance(child, Leaf):
            if not isinstance(child.value, str):
                raise _problem(
                    argument,
                    f"`{dotted(path[: depth + 1])}` is a plain value and has no `{path[depth + 1]}`",
                    None,
                    0,
                    argument.index("="),
                )
            expanded = MapNode({"type": child}, child.mark, {"type": child.mark})
            _put(node, segment, expanded, argument)
            child = expanded
        node = child
    if isinstance(value, Leaf) and value.value is None and isinstance(node, MapNode):
        node.items.pop(path[-1], None)
        node.keys.pop(path[-1], None)
        return
    _child(node, path[-1], path, argument)
    _put(node, path[-1], value, argument)


def _child(node: Node, segment: str, path: tuple[str, ...], argument: str) -> Node | None:
    """The entry `segment` of a mapping or list, or None where a mapping has none."""
    end = argument.index("=")
    if isinstance(node, MapNode):
        return node.items.get(segment)
    if isinstance(node, ListNode):
        if not re.fullmatch(r"\d{1,9}", segment) or int(segment) >= len(node.items):
            raise _problem(
                argument,
                f"`{dotted(path[:-1])}` is a list of {len(node.items)}, it has no entry `{segment}`",
                f"entries count from 0 to {len(node.items) - 1}" if node.items else None,
                0,
                end,
            )
        return node.items[int(segment)]
    raise _problem(argument, f"`{dotted(path[:-1]) or 'the config'}` is a plain value and has no `{segment}`", None, 0, end)


def _put(node: Node, segment: str, value: Node, argument: str) -> None:
    if isinstance(node, MapNode):
        node.items[segment] = value
        node.keys[segment] = _whole(argument)
    elif isinstance(node, ListNode):
        node.items[int(segment)] = value


def _remove(root: Node, path: tuple[str, ...]) -> None:
    node = root
    for segment in path[:-1]:
        if not isinstance(node, MapNode) or segment not in node.items:
            return
        node = node.items[segment]
    if isinstance(node, MapNode):
        node.items.pop(path[-1], None)
        node.keys.pop(path[-1], None)

"""Mistakes mended as far as it is plain what was meant, or does not matter to the rest, so that more can be told of that rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from nncli.config.mistakes import MOST_AT_ONCE, find_schema_mistakes, locate, right_key, right_place
from nncli.config.owners import field_at
from nncli.config.tree import Leaf, ListNode, MapNode, Mark, Node, Path, copied, plain, steps_to
from nncli.problems import Problem
from nncli.spec.base import Mistake
from nncli.spec.choice import as_activation, certainly_meant, target
from nncli.spec.experiment import Experiment
from nncli.spec.former import FORMER_HINTS

_ROUNDS: Final = 3
"""What is mended may have mistakes inside, as a layer whose type was misspelt; deeper ones are told once those are mended."""
_WITHOUT_SHAPE: Final = frozenset({"name", "trainable", "seed", "use_bias"})
"""Fields of layers that change no shape, besides those that hold real numbers."""
_WITHOUT_SHAPE_KINDS: Final = frozenset({"activation", "initializer", "regularizer", "constraint"})
_BUDGET: Final = frozenset({"batch_size", "steps", "epochs", "order"})
"""Fields of `training` that other parts are checked against."""
_CONDITION: Final = "loss < 1"
"""Stands for a condition that cannot be understood: whatever else a run measures, it measures this."""


@dataclass
class Mended:
    """A config some of whose mistakes are mended.

    Attributes:
        root: its tree; what is not mended stays wrong in it.
        experiment: what it means; None where something is still wrong.
        problems: everything that was found wrong, that included which could only be seen once others were mended.
        unknown: keys of the parts in which a guess took the place of what others are checked against.
    """

    root: MapNode
    experiment: Experiment | None = None
    problems: list[Problem] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    told: set[tuple[Path, str]] = field(default_factory=set)
    """Path and code of each mistake that is among the problems."""
    guessed: set[Path] = field(default_factory=set)
    """Paths of the mappings in which something was left out or renamed."""
    renamed: set[Path] = field(default_factory=set)
    """Paths of the keys with their right names."""


def mend(root: MapNode) -> Mended:
    """Validate a config, and mend what can be mended.

    A key or a type whose right name is plain gets that name. Left out are unknown keys of layers, of the optimizer and of the
    training, and wrong values that no shape and no other part depends on.

    Args:
        root: the config's tree, which stays as it is.
    """
    mended = Mended(copied(root))
    for _ in range(_ROUNDS):
        try:
            mended.experiment = Experiment.model_validate(plain(mended.root))
            break
        except ValidationError as error:
            _tell(mended, find_schema_mistakes(error, mended.root))
            found = error.errors(include_url=False, include_input=False)
            if len(found) > MOST_AT_ONCE or sum(_mend(mended, dict(one)) for one in found) == 0:
                break
    return mended


def _tell(mended: Mended, found: list[Mistake]) -> None:
    """Add what is told for the first time, and is no consequence of a guess."""
    new = [
        mistake for mistake in found if (mistake.path, mistake.code) not in mended.told and not _follows_a_guess(mistake, mended)
    ]
    mended.told |= {(mistake.path, mistake.code) for mistake in new}
    # Their places are those in the tree as it is now: a key may have another name in the next.
    mended.problems += locate(new, mended.root)


def _follows_a_guess(mistake: Mistake, mended: Mended) -> bool:
    beside = bool({mistake.path, mistake.path[:-1]} & mended.guessed)
    return beside and (mistake.code == "NN206" or mistake.path not in mended.renamed)


def _mend(mended: Mended, found: dict[str, Any]) -> bool:
    """Mend one of Pydantic's findings, if possible."""
    path: Path = found["loc"]
    if found["type"] == "extra_forbidden":
        return _mend_key(mended, path)
    if found["type"] == "NN205" and _mend_type(mended.root, path):
        return True
    return any(_leave_out(mended, path[:depth]) for depth in range(len(path), 0, -1))


def _mend_key(mended: Mended, path: Path) -> bool:
    """Give a key its right name, or leave it out where nothing else depends on it."""
    mapping = _node(mended.root, path[:-1])
    if not isinstance(mapping, MapNode) or path[-1] not in mapping.items:
        return False
    key, (right, is_plain) = str(path[-1]), right_key(path, mended.root)
    place = right_place(path, mended.root) if right is None else None
    if place is not None and _node(mended.root, place) is None and key not in FORMER_HINTS:
        node = mapping.items.pop(key)
        mended.guessed |= {path[:-1], place[:-1]}
        mended.renamed.add(place)
        return _put(mended.root, place, node, mapping.keys[key])
    if (right is None or right in mapping.items) and len(path) > 1 and path[0] in ("model", "optimizer", "training"):
        del mapping.items[key]
        mended.guessed.add(path[:-1])
        return True
    if right is None or not is_plain or right in mapping.items:
        return False
    mended.guessed.add(path[:-1])
    mended.renamed.add((*path[:-1], right))
    mapping.items[right], mapping.keys[right] = mapping.items.pop(key), mapping.keys.pop(key)
    return True


def _mend_type(root: Node, path: Path) -> bool:
    """Put the type that is plainly meant in the place of one that does not exist."""
    held, node = field_at(path, root), _node(root, path)
    kind = None if held is None else target(*held)[0]
    name = node.items.get("type") if isinstance(node, MapNode) else node
    if kind is None or not isinstance(name, Leaf):
        return False
    if kind == "layer" and (activation := as_activation(name.text)) is not None:
        written = [Leaf(text, text, name.mark) for text in ("activation", activation)]
        return all(_put(root, (*path, key), leaf, name.mark) for key, leaf in zip(("type", "activation"), written, strict=True))
    if (right := certainly_meant(kind, name.text)) is None:
        return False
    return _put(root, (*path, "type") if isinstance(node, MapNode) else path, Leaf(right, right, name.mark), name.mark)


def _leave_out(mended: Mended, path: Path) -> bool:
    """Take the value at `path`, or a stand-in, out of the way of the others; False where they depend on it."""
    root, held = mended.root, field_at(path, mended.root)
    if isinstance(path[-1], int):
        is_condition = path[:-1] in (("expect",), ("training", "stop_when"))
        return is_condition and _stand(root, path, _CONDITION)
    is_required = held is not None and held[0].model_fields[held[1]].is_required()
    if path[0] == "model":
        stand_in = None if held is None or len(path) < 4 else _stand_in(*held)
        if stand_in is None or (is_required and not _stand(root, path, stand_in)):
            return False
        if stand_in == "linear":
            mended.unknown.add("model")  # whether the last layer gives probabilities is a matter of its activation
    elif is_required or not (path == ("seed",) or (len(path) > 1 and path[0] in ("optimizer", "training"))):
        return False
    elif path[0] == "training" and path[1] in _BUDGET:
        mended.unknown.add("training")
    mended.guessed.add(path[:-1])
    if is_required:
        return True
    mapping = _node(root, path[:-1])
    return isinstance(mapping, MapNode) and mapping.items.pop(str(path[-1]), None) is not None


def _stand_in(spec: type[BaseModel], name: str) -> str | float | None:
    """What can stand for a field of a layer on which no shape depends; None where one may."""
    annotation, kind = spec.model_fields[name].annotation, target(spec, name)[0]
    if kind == "activation":
        return "linear"
    is_number = set(get_args(annotation) or (annotation,)) <= {float, NoneType}
    return 0.5 if is_number or kind in _WITHOUT_SHAPE_KINDS or name in _WITHOUT_SHAPE else None


def _node(root: Node, path: Path) -> Node | None:
    nodes = list(steps_to(root, path))
    return nodes[-1][0] if len(nodes) == len(path) + 1 else None


def _stand(root: Node, path: Path, value: str | float) -> bool:
    """Put a stand-in where a value is wrong or missing."""
    beside = list(steps_to(root, path))[-1][0]
    return _put(root, path, Leaf(value, str(value), beside.mark), beside.mark)


def _put(root: Node, path: Path, node: Node, key: Mark) -> bool:
    """Put a node where another stands, or where one is missing; `key` is where its key counts as written."""
    parent = _node(root, path[:-1])
    if parent is None and len(path) == 2:
        parent = MapNode({}, node.mark)
        _put(root, path[:-1], parent, key)
    if isinstance(parent, Leaf) and isinstance(parent.value, str):
        # A short name: the mapping that it stands for takes the value.
        parent = MapNode({"type": parent}, parent.mark, {"type": parent.mark})
        _put(root, path[:-1], parent, parent.mark)
    if isinstance(parent, MapNode):
        parent.items[str(path[-1])] = node
        parent.keys.setdefault(str(path[-1]), key)
    elif isinstance(parent, ListNode) and isinstance(path[-1], int):
        parent.items[path[-1]] = node
    return isinstance(parent, MapNode | ListNode)

"""Which part of the specs a path of a config belongs to: its name in messages, and the keys that it may have."""

from __future__ import annotations

from pydantic import BaseModel

from nncli.config.tree import MapNode, Node, Path, dotted, steps_to
from nncli.spec import registry
from nncli.spec.base import TypedSpec
from nncli.spec.choice import target
from nncli.spec.experiment import Experiment


def owner(path: Path, root: Node) -> str:
    """The part of the config at `path` as a message names it: ``optimizer `adam` ``, or its key."""
    spec = _spec_at(path, root)
    if spec is not None and issubclass(spec, TypedSpec):
        return f"{spec.kind} `{spec.model_fields['type'].default}`"
    return f"`{dotted(path)}`" if path else "the config"


def fields_at(path: Path, root: Node) -> list[str]:
    """The keys that the mapping at `path` may have, `type` aside; none where nothing says which they are."""
    spec = _spec_at(path, root)
    return [name for name in spec.model_fields if name != "type"] if spec is not None else []


def is_choice(path: Path, root: Node) -> bool:
    """Whether the value at `path` is chosen by a type name."""
    found = field_at(path, root)
    return found is not None and target(*found)[0] is not None


def is_required(path: Path, root: Node) -> bool:
    """Whether the key at the end of `path` has no default."""
    found = field_at(path, root)
    return found is not None and found[0].model_fields[found[1]].is_required()


def field_at(path: Path, root: Node) -> tuple[type[BaseModel], str] | None:
    """The class and the field that hold the value at `path`, itself or as an entry of a list; None where no class has it."""
    keys = path[:-1] if path and isinstance(path[-1], int) else path
    spec = _spec_at(keys[:-1], root) if keys else None
    return (spec, str(keys[-1])) if spec is not None and str(keys[-1]) in spec.model_fields else None


def _spec_at(path: Path, root: Node) -> type[BaseModel] | None:
    """The spec class that validates the mapping at `path`."""
    spec: type[BaseModel] | None = Experiment
    for depth, part in enumerate(path):
        if isinstance(part, int):
            continue
        if spec is None or part not in spec.model_fields:
            return None
        kind, nested = target(spec, part)
        if kind is not None:
            where = path[: depth + 1]
            where = path[: depth + 2] if depth + 1 < len(path) and isinstance(path[depth + 1], int) else where
            spec = _chosen(kind, where, root)
        else:
            spec = nested
    return spec


def _chosen(kind: str, path: Path, root: Node) -> type[BaseModel] | None:
    nodes = list(steps_to(root, path))
    if len(nodes) != len(path) + 1:
        return None
    node = nodes[-1][0]
    name = node.items.get("type") if isinstance(node, MapNode) else node
    value = getattr(name, "value", None)
    return registry.find(kind, value) if isinstance(value, str) else None

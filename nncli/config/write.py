"""Experiment -> YAML that reads back as the same experiment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from nncli.config.reader import is_plain_text
from nncli.spec.base import Spec, TypedSpec
from nncli.spec.experiment import Experiment

WIDTH = 120


class _Dumper(yaml.SafeDumper):
    """Writes scalars for this project's reader: PyYAML would leave `1e-4` or `no` bare where only its own reader takes them for
    text.
    """


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    # Between double quotes PyYAML escapes the line ends and controls that the reader refuses; elsewhere it leaves them bare.
    bare = is_plain_text(value) and value.isprintable()
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if bare else '"')


def _short_list(dumper: yaml.SafeDumper, value: list[Any]) -> yaml.SequenceNode:
    flow = all(isinstance(entry, int | float | str) or entry is None for entry in value)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=flow)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _short_list)


class _BetweenBrackets(_Dumper):
    """Puts lists between brackets, whatever they hold."""


_BetweenBrackets.add_representer(
    list, lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)
)


def to_yaml(experiment: Experiment) -> str:
    """The experiment with every default written out."""
    return document_to_yaml(experiment.model_dump(mode="json"))


def document_to_yaml(document: Mapping[str, Any]) -> str:
    """A config as JSON values, as YAML for this project's reader."""
    return str(yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH))


def short(value: Any) -> Any:
    """A part of a config as a person writes it: without what has its default, and by its name alone where nothing else is left."""
    if isinstance(value, tuple | list):
        return [short(entry) for entry in value]
    if not isinstance(value, Spec):
        return value
    fields = {"type": value.type} if isinstance(value, TypedSpec) else {}
    for name, field in sorted(type(value).model_fields.items(), key=lambda item: not item[1].is_required()):
        own = getattr(value, name)
        if name != "type" and (field.is_required() or own != field.get_default(call_default_factory=True)):
            fields[name] = short(own)
    return value.type if isinstance(value, TypedSpec) and len(fields) == 1 else fields


def on_lines(value: Any, indent: int) -> str:
    """YAML of a value between brackets, on one line or more, those after the first indented by `indent`."""
    options: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": WIDTH - indent, "default_flow_style": True}
    text = yaml.dump(value, Dumper=_BetweenBrackets, **options)
    lines = str(text).removesuffix("...\n").rstrip("\n").splitlines()
    return f"\n{' ' * indent}".join(line.strip() for line in lines)

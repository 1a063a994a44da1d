"""Experiment -> YAML that reads back as the same experiment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from nncli.config.reader import is_plain_text
from nncli.spec.experiment import Experiment


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


def to_yaml(experiment: Experiment) -> str:
    """The experiment with every default written out."""
    return document_to_yaml(experiment.model_dump(mode="json"))


def document_to_yaml(document: Mapping[str, Any]) -> str:
    """A config as JSON values, as YAML for this project's reader."""
    return str(yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120))

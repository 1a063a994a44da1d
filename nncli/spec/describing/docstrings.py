"""What the source code says about a spec and its fields: the docstrings below the class line and below each field.

Python keeps the first and throws the second away, so the source is read again.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Mapping
from itertools import pairwise

from pydantic import BaseModel


def meaning(spec: type[BaseModel]) -> str:
    """What a spec is: its docstring, paragraphs kept, lines joined; empty where it has none of its own."""
    return joined(vars(spec).get("__doc__") or "")


@functools.cache
def field_meanings(spec: type[BaseModel]) -> Mapping[str, str]:
    """Field -> its docstring, for the fields that have one, those of the base classes included."""
    found: dict[str, str] = {}
    for base in reversed(spec.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            found |= _own_meanings(base)
    return {name: text for name, text in found.items() if name in spec.model_fields}


@functools.cache
def _own_meanings(spec: type[BaseModel]) -> Mapping[str, str]:
    (definition,) = ast.parse(inspect.getsource(spec)).body
    assert isinstance(definition, ast.ClassDef)
    found: dict[str, str] = {}
    for field, below in pairwise(definition.body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = joined(text)
    return found


def joined(text: str) -> str:
    """A docstring as paragraphs of one line each."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)

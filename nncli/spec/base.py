"""What every spec is made of: the base class, the rule "a name or a mapping with `type`", and mistakes without a position.

Specs are pure Python and Pydantic. They say what a config may hold and know the name of the Keras class that each entry stands
for; they never import Keras.
"""

from __future__ import annotations

import difflib
import functools
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, NoReturn, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from nncli.problems import Problem, Severity, Where
from nncli.spec import registry

T = TypeVar("T")
_NUMBER = re.compile(r"[-+]?([1-9][0-9]*|0)?\.?[0-9]*([eE][-+]?[0-9]+)?")


class Spec(BaseModel):
    """A part of a config: unknown keys are refused, values are never coerced, instances never change."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class TypedSpec(Spec):
    """A part that is chosen by `type`, and that names the Keras class it stands for.

    The fields other than `type` and `own_fields` are exactly the arguments of that class, with the same names and defaults.
    """

    type: str

    kind: ClassVar[str]
    """The registry's name for the family, such as `layer` or `optimizer`."""
    keras_module: ClassVar[str] = ""
    """The public module below `keras` that holds the class, such as `layers`; empty where Keras has none."""
    keras_class: ClassVar[str] = ""
    """The class's name there."""
    own_fields: ClassVar[frozenset[str]] = frozenset({"type"})
    """Fields that are nncli's own and are not passed to the class."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A problem before it is given a position: the path of the value at fault instead of a line and a column.

    Attributes:
        path: keys and indices from the top of the config, such as `("model", "layers", 0, "filters")`.
        code, message, hint, severity: as in `nncli.problems.Problem`.
        at_key: whether the key at the end of `path` is at fault, and not its value.
    """

    path: tuple[str | int, ...]
    code: str
    message: str
    hint: str | None = None
    severity: Severity = "error"
    at_key: bool = False

    def placed(self, where: Where) -> Problem:
        """The problem at its place."""
        return Problem(self.code, self.message, self.hint, where, self.severity)


def refuse(code: str, message: str, hint: str | None = None, at: tuple[str | int, ...] = ()) -> NoReturn:
    """Refuse a value from inside a validator, with nncli's own code.

    Args:
        code: a key of `nncli.problems.CODES`.
        message: what was received and what was expected.
        hint: how to mend it.
        at: path of the value at fault, relative to the value that is being validated.

    Raises:
        PydanticCustomError: always; Pydantic adds the path of the value.
    """
    # Pydantic formats the template with the context; passing the text as a value keeps braces in it as they are.
    raise PydanticCustomError(code, "{message}", {"message": message, "hint": hint, "at": list(at)})


def closest(name: str, names: Iterable[str]) -> str | None:
    """The entry of `names` that a person who typed `name` most likely meant, or None.

    In this order: the same in lower case; the only one that `name` is a part of; the same letters in another order (`adma` is
    `adam`, though `adamax` has more in common with it); the most alike.
    """
    name, candidates = name.lower(), list(dict.fromkeys(names))
    if name in candidates:
        return name
    containing = [candidate for candidate in candidates if name in candidate]
    if len(containing) == 1 and len(name) > 2:
        return containing[0]
    alike = difflib.get_close_matches(name, candidates, n=3, cutoff=0.6)
    return min(alike, key=lambda candidate: sorted(candidate) != sorted(name), default=None)


def number_hint(value: object, *, whole: bool) -> str | None:
    """How to write a value of the wrong kind where a number is wanted, or None where it means none.

    Args:
        value: what was received.
        whole: whether it must be a whole number.
    """
    text = str(value) if isinstance(value, float) else value
    if not isinstance(text, str) or len(text) > 30:
        return None
    if re.fullmatch(r"0[xob][0-9a-fA-F]+", text):
        return f"write `{int(text, 0)}`"
    try:
        number = float(text)  # takes underscores and leading zeros, too
    except ValueError:
        return None
    if not math.isfinite(number) or (whole and not number.is_integer()):
        return None
    plain = str(int(number)) if number.is_integer() and abs(number) < 1e15 else f"{number:g}"
    return "remove the quotes" if text == plain or (_NUMBER.fullmatch(text) and not whole) else f"write `{plain}`"


@dataclass(frozen=True, slots=True)
class OneOf:
    """Annotation of a field that takes a type name, or a mapping with `type`, of one of the registry's kinds.

    Only the module of the type that is named gets imported, so a config pays for the families it uses and for no others.
    """

    kind: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A validator that resolves the type by itself; nested mistakes keep their paths."""
        # PlainSerializer on `Any`: dump the value by its own class, not by the field's base class.
        return core_schema.no_info_plain_validator_function(
            self.resolve, serialization=core_schema.plain_serializer_function_ser_schema(_dump, info_arg=True)
        )

    def resolve(self, value: object) -> TypedSpec:
        """Turn a name or a mapping into the spec it means.

        Raises:
            PydanticCustomError: the type is missing or unknown, or the value is neither a name nor a mapping.
            pydantic.ValidationError: its fields are wrong.
        """
        if isinstance(value, TypedSpec) and value.kind == self.kind:
            return value
        if isinstance(value, str):
            return _spec_class(self.kind, value, at=()).model_validate(self._fields(value, {}))
        if not isinstance(value, Mapping):
            refuse("NN203", f"expected the name of {article(self.kind)} or a mapping with `type`, received {describe(value)}")
        if "type" not in value:
            refuse("NN202", f"`type` is missing: which {self.kind} is it?", hint=f"write `type:` and {article(self.kind)}'s name")
        if not isinstance(value["type"], str):
            refuse("NN203", f"`type` is a name, received {describe(value['type'])}", at=("type",))
        return _spec_class(self.kind, value["type"], at=("type",)).model_validate(self._fields(value["type"], value))

    def _fields(self, written: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        canonical = {**fields, "type": registry.SHORT_NAMES.get(self.kind, {}).get(written, written)}
        if self.kind == "metric" and canonical["type"] != written:
            canonical.setdefault("name", written)  # a metric is called by the string that the config writes
        return canonical


@functools.cache
def _by_name(kind: str, name: str) -> TypedSpec:
    return OneOf(kind).resolve(name)


def named(kind: str, name: str) -> Any:
    """A field's default that is a choice written by its name alone, such as the initializer `glorot_uniform`."""
    return Field(default_factory=functools.partial(_by_name, kind, name))


def _dump(value: Any, info: core_schema.SerializationInfo) -> Any:
    return value.model_dump(mode=info.mode) if isinstance(value, BaseModel) else value


def _spec_class(kind: str, name: str, at: tuple[str | int, ...]) -> type[TypedSpec]:
    found = registry.find(kind, name)
    if found is not None:
        return found
    right = registry.former_name(kind, name) or closest(name, registry.names(kind))
    hint = f"did you mean `{right}`?" if right else f"there are: {', '.join(sorted(registry.names(kind)))}"
    refuse("NN205", f"unknown {kind} `{name}`", hint=hint, at=at)


def article(noun: str) -> str:
    """The noun with its indefinite article."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def repeated(names: Sequence[str]) -> Iterator[int]:
    """The index of each name that an earlier entry has, too."""
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield index
        seen.add(name)


def describe(value: object) -> str:
    """A value as an error message names it: its YAML kind and, where short, the value itself."""
    match value:
        case None:
            return "null"
        case bool():
            return f"the boolean {str(value).lower()}"
        case float() if not math.isfinite(value):
            return "the number " + (".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf")
        case int() | float():
            return f"the number {value!r}" if len(repr(value)) <= 40 else "a very long number"
        case str():
            return f"the string {value!r}" if len(value) <= 40 else f"a string of {len(value)} characters"
        case Mapping():
            return "a mapping"
        case list() | tuple():
            return f"a list of {len(value)}"
        case _:
            return type(value).__name__


def _sizes(rank: int, names: str, minimum: int) -> BeforeValidator:
    def validate(value: object) -> object:
        values = list(value) if isinstance(value, list | tuple) else [value]
        expected = f"expected one whole number or {rank} ({names}), received"
        if isinstance(value, list | tuple) and len(values) != rank:
            refuse("NN203", f"{expected} {describe(value)}")
        for index, entry in enumerate(values):
            at = (index,) if len(values) == rank > 1 else ()
            if isinstance(entry, bool) or not isinstance(entry, int):
                refuse("NN203", f"{expected} {describe(entry)}", number_hint(entry, whole=True), at)
            if entry < minimum:
                refuse("NN204", f"expected a size of at least {minimum}, received {entry}", at=at)
        values = values if len(values) == rank else values * rank
        return tuple(values)

    return BeforeValidator(validate)


class WrittenText(str):
    """A string of a config that remembers the folder its relative paths count from."""

    folder: str = ""

    @classmethod
    def of(cls, text: str, folder: str) -> WrittenText:
        """The string `text` written by someone who counts paths from `folder`."""
        written = cls(text)
        written.folder = folder
        return written


def _absolute(value: object) -> object:
    return (
        os.path.normpath(os.path.join(value.folder, os.path.expanduser(value)))
        if isinstance(value, WrittenText) and value
        else value
    )


FilePath = Annotated[str, BeforeValidator(_absolute), Field(min_length=1)]
"""A path; made absolute when a config is read."""

Size1D = Annotated[tuple[int], _sizes(1, "length", 1)]
"""A length."""
Size2D = Annotated[tuple[int, int], _sizes(2, "height, width", 1)]
"""Height and width; one number stands for both."""
Size3D = Annotated[tuple[int, int, int], _sizes(3, "depth, height, width", 1)]
"""Depth, height and width; one number stands for all."""

Many = Annotated[tuple[T, ...], Field(strict=False)]
"""A YAML list, kept as a tuple."""

PositiveInt = Annotated[int, Field(ge=1)]
NonNegativeInt = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, lt=1)]
"""A part of a whole: 0 or more, less than 1."""
Probability = Annotated[float, Field(ge=0, le=1)]
PositiveFloat = Annotated[float, Field(gt=0)]
NonNegativeFloat = Annotated[float, Field(ge=0)]
DataFormat = Literal["channels_last", "channels_first"]

Shape = tuple[int | None, ...]
"""The shape of one sample, without the batch: `(height, width, channels)`; None where it may vary."""

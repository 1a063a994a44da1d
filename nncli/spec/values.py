"""Kinds of values that the fields of specs hold: numbers in a range, sizes, shapes, lists, paths."""

from __future__ import annotations

import os
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from nncli.spec.base import refuse
from nncli.spec.wording import brackets_hint, describe, number_hint

T = TypeVar("T")

LARGEST: Final = 2**31 - 1
"""The largest size, count or axis: TensorFlow holds them in 32 bits."""


def sizes(rank: int, names: str, minimum: int) -> BeforeValidator:
    """A validator of sizes, one an axis; one number stands for all.

    Args:
        rank: number of axes.
        names: of the axes, for messages.
        minimum: smallest size allowed.
    """

    def validate(value: object) -> object:
        values = list(value) if isinstance(value, list | tuple) else [value]
        expected = f"expected one whole number{f' or {rank}' if rank > 1 else ''} ({names}), received"
        if isinstance(value, list | tuple) and len(values) != rank:
            refuse("NN203", f"{expected} {describe(value)}")
        for index, entry in enumerate(values):
            at = (index,) if len(values) == rank > 1 else ()
            if isinstance(entry, bool) or not isinstance(entry, int):
                refuse("NN203", f"{expected} {describe(entry)}", brackets_hint(entry) or number_hint(entry, whole=True), at)
            if entry < minimum:
                refuse("NN204", f"expected a size of at least {minimum}, received {entry}", at=at)
            if entry > LARGEST:
                refuse("NN204", f"expected a size of at most {LARGEST:,}, received {describe(entry)}", at=at)
        values = values if len(values) == rank else values * rank
        return tuple(values)

    return BeforeValidator(validate)


def or_list(entry: dict[str, Any], length: int) -> dict[str, Any]:
    """The JSON Schema of an entry, or of a list of so many."""
    return {"anyOf": [entry, {"type": "array", "items": entry, "minItems": length, "maxItems": length}]}


_SIZE: dict[str, Any] = {"type": "integer", "minimum": 1}


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

Size1D = Annotated[tuple[int], sizes(1, "length", 1), WithJsonSchema(or_list(_SIZE, 1))]
"""A length."""

Size2D = Annotated[tuple[int, int], sizes(2, "height, width", 1), WithJsonSchema(or_list(_SIZE, 2))]
"""Height and width; one number stands for both."""

Size3D = Annotated[tuple[int, int, int], sizes(3, "depth, height, width", 1), WithJsonSchema(or_list(_SIZE, 3))]
"""Depth, height and width; one number stands for all three."""

_EXTRA: dict[str, Any] = {"type": "integer", "minimum": 0}

Extra1D = Annotated[tuple[int], sizes(1, "length", 0), WithJsonSchema(or_list(_EXTRA, 1))]
"""How much is added along a length."""

Extra2D = Annotated[tuple[int, int], sizes(2, "height, width", 0), WithJsonSchema(or_list(_EXTRA, 2))]
"""How much is added along height and width; one number stands for both."""

Extra3D = Annotated[tuple[int, int, int], sizes(3, "depth, height, width", 0), WithJsonSchema(or_list(_EXTRA, 3))]
"""How much is added along depth, height and width; one number stands for all three."""

Many = Annotated[tuple[T, ...], Field(strict=False)]
"""A YAML list, kept as a tuple."""

PositiveInt = Annotated[int, Field(ge=1, le=LARGEST)]
NonNegativeInt = Annotated[int, Field(ge=0, le=LARGEST)]
Count = Annotated[int, Field(ge=0)]
"""How often something has happened."""
ClassNumber = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]
"""The number of a class, or one that stands for none."""
Seed = Annotated[int, Field(ge=0, lt=2**32)]
"""Where random numbers start from."""
Share = Annotated[float, Field(ge=0, lt=1)]
"""A part of a whole: 0 or more, less than 1."""
Probability = Annotated[float, Field(ge=0, le=1)]
PositiveFloat = Annotated[float, Field(gt=0)]
NonNegativeFloat = Annotated[float, Field(ge=0)]
DataFormat = Literal["channels_last", "channels_first"]

Shape = tuple[int | None, ...]
"""The shape of one sample, without the batch: `(height, width, channels)`; None where it may vary."""

"""Layers that change the spatial sizes of their input: margins of zeros, cropping, repetition."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, WithJsonSchema

from nncli.spec.base import refuse
from nncli.spec.layers.base import Layer, ShapeMistake, dimensions
from nncli.spec.layers.windows import channels_of, spatial_of, with_spatial
from nncli.spec.values import LARGEST, DataFormat, PositiveInt, Shape, Size2D, Size3D, or_list
from nncli.spec.wording import describe

_AXES = {2: "(height, width), or two pairs ((top, bottom), (left, right))", 3: "(depth, height, width), or three pairs"}
_NUMBERS = {1: "two of them (start, end)", 2: f"two of them {_AXES[2]}", 3: f"three of them {_AXES[3]}"}


def _margins(rank: int) -> BeforeValidator:
    """A pair of numbers for each axis, from one number, a number an axis, or pairs; for one axis a pair alone."""

    def validate(value: object) -> object:
        sides = _several(value, rank if rank > 1 else 2)
        pairs = [sides] if rank == 1 else [_several(side, 2) for side in sides]
        numbers = [number for pair in pairs for number in pair]
        if len(pairs) != rank or any(len(pair) != 2 for pair in pairs) or any(type(number) is not int for number in numbers):
            refuse("NN203", f"expected a whole number, or {_NUMBERS[rank]}, received {describe(value)}")
        if min(numbers) < 0:
            refuse("NN204", f"expected numbers of 0 or more, received {min(numbers)}")
        if max(numbers) > LARGEST:
            refuse("NN204", f"expected numbers of at most {LARGEST:,}, received {describe(max(numbers))}")
        return tuple(pairs[0]) if rank == 1 else tuple(map(tuple, pairs))

    return BeforeValidator(validate)


def _several(value: object, count: int) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value] * count


_NUMBER: dict[str, Any] = {"type": "integer", "minimum": 0}
_PAIR = or_list(_NUMBER, 2)

Pair = tuple[int, int]
Margins1D = Annotated[Pair, _margins(1), WithJsonSchema(_PAIR)]
Margins2D = Annotated[tuple[Pair, Pair], _margins(2), WithJsonSchema({"anyOf": [_NUMBER, *or_list(_PAIR, 2)["anyOf"][1:]]})]
Margins3D = Annotated[tuple[Pair, Pair, Pair], _margins(3), WithJsonSchema({"anyOf": [_NUMBER, *or_list(_PAIR, 3)["anyOf"][1:]]})]


class Spatial(Layer):
    """What the layers share that change spatial sizes and leave the channels alone."""

    rank: ClassVar[int]
    """Number of spatial axes."""

    def sizes(self, sizes: Shape) -> Iterable[int | None]:
        """The new spatial sizes."""
        raise NotImplementedError(f"{type(self).__name__} has no shape rule")

    def resulting_shape(self, shape: Shape) -> Shape:
        """New spatial sizes, channels unchanged."""
        data_format = getattr(self, "data_format", None)
        channels = channels_of(shape, self.rank, data_format, self.type)
        return with_spatial(tuple(self.sizes(spatial_of(shape, data_format))), channels, data_format)


class ZeroPadding(Spatial):
    """What the layers share that put zeros around their input."""

    padding: Any
    """How many zeros before and after each spatial axis."""
    data_format: DataFormat | None = None
    """`channels_last`, which null means, or `channels_first`: where the channels stand beside the spatial axes."""

    def sizes(self, sizes: Shape) -> Iterable[int | None]:
        """With the zeros."""
        pairs = (self.padding,) if self.rank == 1 else self.padding
        return (None if size is None else size + sum(pair) for size, pair in zip(sizes, pairs, strict=True))


class ZeroPadding1D(ZeroPadding):
    """Puts zeros before and after a sequence."""

    type: Literal["zero_padding1d"] = "zero_padding1d"
    keras_class: ClassVar[str] = "ZeroPadding1D"
    rank: ClassVar[int] = 1

    padding: Margins1D = (1, 1)
    """How many before and after: one number for both, or two."""


class ZeroPadding2D(ZeroPadding):
    """Puts rows and columns of zeros around an image."""

    type: Literal["zero_padding2d"] = "zero_padding2d"
    keras_class: ClassVar[str] = "ZeroPadding2D"
    rank: ClassVar[int] = 2

    padding: Margins2D = ((1, 1), (1, 1))
    """Rows above and below, columns left and right: one number for all, two (height, width), or two pairs."""


class ZeroPadding3D(ZeroPadding):
    """Puts zeros around a volume."""

    type: Literal["zero_padding3d"] = "zero_padding3d"
    keras_class: ClassVar[str] = "ZeroPadding3D"
    rank: ClassVar[int] = 3

    padding: Margins3D = ((1, 1), (1, 1), (1, 1))
    """How many before and after along depth, height and width: one number for all, three, or three pairs."""


class Cropping(Spatial):
    """What the layers share that cut off the margins of their input."""

    cropping: Any
    """How much is cut off before and after each spatial axis."""

    def sizes(self, sizes: Shape) -> Iterable[int | None]:
        """What is left, which must be something."""
        pairs = (self.cropping,) if self.rank == 1 else self.cropping
        left = tuple(None if size is None else size - sum(pair) for size, pair in zip(sizes, pairs, strict=True))
        if any(size is not None and size < 1 for size in left):
            raise ShapeMistake("NN302", f"nothing is left of an input of {dimensions(sizes)}", "crop less", "cropping")
        return left


class Cropping1D(Cropping):
    """Cuts off the start and the end of a sequence."""

    type: Literal["cropping1d"] = "cropping1d"
    keras_class: ClassVar[str] = "Cropping1D"
    rank: ClassVar[int] = 1

    cropping: Margins1D = (1, 1)
    """How much at the start and at the end: one number for both, or two."""


class Cropping2D(Cropping):
    """Cuts off the margins of an image."""

    type: Literal["cropping2d"] = "cropping2d"
    keras_class: ClassVar[str] = "Cropping2D"
    rank: ClassVar[int] = 2

    cropping: Margins2D = ((0, 0), (0, 0))
    """Rows above and below, columns left and right: one number for all, two (height, width), or two pairs."""
    data_format: DataFormat | None = None
    """`channels_last` (height, width, channels), which null means, or `channels_first` (channels, height, width)."""


class Cropping3D(Cropping):
    """Cuts off the margins of a volume."""

    type: Literal["cropping3d"] = "cropping3d"
    keras_class: ClassVar[str] = "Cropping3D"
    rank: ClassVar[int] = 3

    cropping: Margins3D = ((1, 1), (1, 1), (1, 1))
    """How much before and after along depth, height and width: one number for all, three, or three pairs."""
    data_format: DataFormat | None = None
    """`channels_last` (depth, height, width, channels), which null means, or `channels_first`."""


class UpSampling(Spatial):
    """What the layers share that repeat what they get."""

    size: Any
    """How often along each spatial axis."""

    def sizes(self, sizes: Shape) -> Iterable[int | None]:
        """So many times as large."""
        factors = (self.size,) if self.rank == 1 else self.size
        return (None if size is None else size * factor for size, factor in zip(sizes, factors, strict=True))


class UpSampling1D(UpSampling):
    """Repeats every time step of a sequence."""

    type: Literal["up_sampling1d"] = "up_sampling1d"
    keras_class: ClassVar[str] = "UpSampling1D"
    rank: ClassVar[int] = 1

    size: PositiveInt = 2
    """How often."""


class UpSampling2D(UpSampling):
    """Enlarges an image."""

    type: Literal["up_sampling2d"] = "up_sampling2d"
    keras_class: ClassVar[str] = "UpSampling2D"
    rank: ClassVar[int] = 2

    size: Size2D = (2, 2)
    """How many times as high and as wide."""
    data_format: DataFormat | None = None
    """`channels_last` (height, width, channels), which null means, or `channels_first` (channels, height, width)."""
    interpolation: Literal["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"] = "nearest"
    """How the new pixels are made: `nearest` repeats, the others lay a smooth surface through the old ones."""

    @property
    def suits_xla(self) -> bool:  # type: ignore[override]  # a matter of the layer's kind, but for this one
        """XLA on a CPU computes no surfaces but straight ones: it has neither `ResizeBicubic` nor `ScaleAndTranslate`."""
        return self.interpolation in ("nearest", "bilinear")


class UpSampling3D(UpSampling):
    """Repeats the values of a volume along every axis."""

    type: Literal["up_sampling3d"] = "up_sampling3d"
    keras_class: ClassVar[str] = "UpSampling3D"
    rank: ClassVar[int] = 3

    size: Size3D = (2, 2, 2)
    """How often along depth, height and width."""
    data_format: DataFormat | None = None
    """`channels_last` (depth, height, width, channels), which null means, or `channels_first`."""

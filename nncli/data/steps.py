"""The steps of the preprocessing, fitted: plain arithmetic that is the same for one row and for many."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nncli.data.on_disk import StoredRows, chunks
from nncli.data.shapes import shape_after
from nncli.problems import error
from nncli.spec.preprocessing import ChannelsFirst, ChannelsLast, Flatten, Preprocessing, Rescale, Reshape, Standardize


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """`(x - shift) * scale + offset`, value by value in float32: a fitted `rescale` or `standardize`.

    Dividing by the range or the deviation is done once, in float64, when fitting; a value from 0 to 255 rescaled to [0, 1] is
    within one rounding (6e-8) of `x / 255`, and both ends are exact.

    Attributes:
        type: the step it was fitted from.
        shift, scale, offset: float32, of shape `()`, `(channels,)` or that of a sample.
    """

    type: Literal["rescale", "standardize"]
    shift: NDArray[np.float32]
    scale: NDArray[np.float32]
    offset: NDArray[np.float32]

    def apply(self, inputs: NDArray[Any]) -> NDArray[Any]:
        """Float32 of the same shape."""
        result = inputs.astype(np.float32)  # always a copy, which the next lines then work in
        if self.subtracts:
            result -= self.shift
        result *= self.scale
        if self.adds(inputs.dtype):
            result += self.offset
        return result

    @property
    def subtracts(self) -> bool:
        """Whether it has to subtract: less 0 (but not -0) every number is itself."""
        return bool(self.shift.any() or np.signbit(self.shift).any())

    def adds(self, dtype: np.dtype[Any]) -> bool:
        """Whether it has to add: with zero every number is itself but one, -0, which no unsigned number times a positive one is.

        Args:
            dtype: of the inputs.
        """
        makes_no_negative = dtype.kind in "bu" and not self.subtracts and bool((self.scale >= 0).all())
        return bool(self.offset.any()) or not makes_no_negative

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Affine) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        return (self.type, *((part.shape, part.tobytes()) for part in (self.shift, self.scale, self.offset)))


@dataclass(frozen=True, slots=True)
class NewShape:
    """Gives each sample another shape, its values in row-major order."""

    type: Literal["reshape", "flatten"]
    shape: tuple[int, ...]

    def apply(self, inputs: NDArray[Any]) -> NDArray[Any]:
        """`(num_samples, *shape)`, dtype kept."""
        return inputs.reshape(len(inputs), *self.shape)


@dataclass(frozen=True, slots=True)
class MovedChannels:
    """Moves the channels to the front or to the end of each sample."""

    type: Literal["channels_first", "channels_last"]

    def apply(self, inputs: NDArray[Any]) -> NDArray[Any]:
        """The same values with one axis moved, dtype kept."""
        return np.moveaxis(inputs, -1, 1) if self.type == "channels_first" else np.moveaxis(inputs, 1, -1)


Chunks = Callable[[], Iterator[NDArray[Any]]]
"""Inputs chunk by chunk, as often as one asks for them."""
FittedStep = Affine | NewShape | MovedChannels


def apply(steps: Sequence[FittedStep], inputs: NDArray[Any]) -> NDArray[Any]:
    """All steps in order on a batch `(num_samples, *shape)`."""
    for step in steps:
        inputs = step.apply(inputs)
    return inputs


def fit(specs: Sequence[Preprocessing], raw: StoredRows) -> tuple[FittedStep, ...]:
    """Fit `dataset.preprocess` on the training part.

    Args:
        specs: specs of kind `preprocessing`, in order.
        raw: raw inputs of the training part, `(num_samples, *raw_shape)`.

    Returns:
        One fitted step for each spec.

    Raises:
        NncliError: NN301, NN303 as `nncli.data.shapes.shape_after`; NN502, the values have no range to rescale from.
    """
    fitted: list[FittedStep] = []
    shape = raw.shape[1:]
    for position, spec in enumerate(specs):
        shape = shape_after(spec, shape, position)
        match spec:
            case Rescale():
                untouched = not any(isinstance(step, Affine) for step in fitted)
                known = spec.source or (_stored_range(raw.dtype) if untouched else None)
                low, high = known or _range(_through(fitted, raw), position)
                fitted.append(_affine("rescale", low, (spec.to[1] - spec.to[0]) / (high - low), spec.to[0], position))
            case Standardize():
                fitted.append(_fit_standardize(spec, _through(fitted, raw), (len(raw), *shape), position))
            case Flatten() | Reshape():
                fitted.append(NewShape(spec.type, shape))
            case ChannelsFirst() | ChannelsLast():
                fitted.append(MovedChannels(spec.type))
            case _:
                raise TypeError(f"no fitted step for preprocessing `{spec.type}`")
    return tuple(fitted)


def _stored_range(dtype: np.dtype[Any]) -> tuple[float, float] | None:
    """Smallest and largest value of a dtype that is made for samples; wider integers are never filled."""
    if dtype.kind == "b":
        return 0.0, 1.0
    if dtype.kind in "iu" and dtype.itemsize <= 2:
        return float(np.iinfo(dtype).min), float(np.iinfo(dtype).max)
    return None


def _through(fitted: Sequence[FittedStep], raw: StoredRows) -> Chunks:
    """What makes the inputs so far, chunk by chunk: a float32 copy of all of MNIST takes 188 MB."""
    return lambda: (apply(fitted, chunk) for chunk in chunks(raw))


def _range(inputs: Chunks, position: int) -> tuple[float, float]:
    limits = [(chunk.min(), chunk.max()) for chunk in inputs()]
    low, high = float(min(low for low, _ in limits)), float(max(high for _, high in limits))
    if low == high:
        raise error(
            "NN502",
            f"every training input is {low:g}: there is no range to rescale from",
            "state it: `source: [low, high]`",
            path=f"dataset.preprocess.{position}",
        )
    return low, high


def _fit_standardize(spec: Standardize, inputs: Chunks, shape: tuple[int, ...], position: int) -> Affine:
    axes = {"feature": (0,), "channel": tuple(range(len(shape) - 1)), "all": tuple(range(len(shape)))}[spec.per]
    count = math.prod(shape[axis] for axis in axes)

    def total(of: NDArray[Any] | float, power: int) -> NDArray[np.float64]:
        # The values as the network gets them, float32, summed in float64.
        parts = [((chunk.astype(np.float32).astype(np.float64) - of) ** power).sum(axis=axes) for chunk in inputs()]
        return np.asarray(np.sum(parts, axis=0), dtype=np.float64)

    mean = total(0.0, 1) / count
    deviation = np.sqrt(total(mean, 2) / count)
    # Compared by value: the deviation of 0.1, 0.1, 0.1 comes out as 1e-17 and not as 0.
    lowest, highest = (reduce(keep, (keep.reduce(chunk, axis=axes) for chunk in inputs())) for keep in (np.minimum, np.maximum))
    constant = lowest == highest
    scale = np.where(constant, 0.0, 1.0 / np.where(constant | (deviation == 0), 1.0, deviation))
    return _affine("standardize", mean, scale, 0.0, position)


def _affine(type_: Literal["rescale", "standardize"], shift: Any, scale: Any, offset: Any, position: int) -> Affine:
    with np.errstate(over="ignore"):
        fitted = Affine(type_, *(np.asarray(part, dtype=np.float64).astype(np.float32) for part in (shift, scale, offset)))
    if not all(bool(np.isfinite(part).all()) for part in (fitted.shift, fitted.scale, fitted.offset)):
        raise error(
            "NN502",
            f"the training inputs lie too close together or too far apart for `{type_}` in float32",
            "scale the data before they are stored",
            path=f"dataset.preprocess.{position}",
        )
    return fitted

"""Making an array that someone hands in into raw samples such as the network was trained on, or refusing it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.data.origin import Origin, first_index
from nncli.problems import Problem, Where


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Samples of the right shape and dtype.

    Attributes:
        inputs: `(num_samples, *shape)` of the dtype asked for.
        single: the array was one sample and no batch.
        note: what was taken for granted and deserves to be said, or None.
        is_picture: it was read from an image file.
        rows: number of the row that each sample begins at, where it is not the sample's own.
    """

    inputs: NDArray[Any]
    single: bool
    note: str | None
    is_picture: bool = False
    rows: Sequence[int] | None = None

    def warning(self, file: str | Path) -> Problem:
        """The note as a warning about a file."""
        assert self.note is not None
        return Problem("NN502", self.note, None, Where(file=str(file)), severity="warning")


def match_samples(array: NDArray[Any], shape: tuple[int, ...], dtype: str, origin: Origin) -> Matched:
    """An array as a batch of samples.

    A missing last axis of 1 is added, one sample is a batch of one, and a vector of as many values is given the shape (and that
    is said). Numbers are converted only where their meaning is kept.

    Args:
        array: of any shape, finite numbers.
        shape: of one sample.
        dtype: NumPy's name of the dtype.
        origin: where the array came from.

    Raises:
        NncliError: NN502, it holds no such samples.
    """
    batch, single, note = _match_shape(array, shape, origin)
    if len(batch) == 0:
        raise origin.error("NN502", f"{origin.name} holds no samples", "at least one is needed")
    if array.dtype == np.uint8 and np.dtype(dtype).kind == "f":
        said = f"whole numbers of 0 to 255 taken as they are, in a network trained on {dtype} numbers"
        note = f"{note}; {said}" if note else said
    return Matched(match_dtype(batch, dtype, origin), single, note)


def _match_shape(array: NDArray[Any], shape: tuple[int, ...], origin: Origin) -> tuple[NDArray[Any], bool, str | None]:
    size = math.prod(shape)
    without_channel = shape[:-1] if shape[-1] == 1 else shape
    if array.shape[1:] in (shape, without_channel) and array.ndim > 0:
        return array.reshape(len(array), *shape), False, None
    if array.shape in (shape, without_channel):
        return array.reshape(1, *shape), True, None
    flat = f"{size} values taken as {'x'.join(map(str, shape))}"
    if array.ndim == 2 and array.shape[1] == size:
        return array.reshape(len(array), *shape), False, flat
    if array.ndim == 1 and array.shape[0] == size:
        return array.reshape(1, *shape), True, flat
    raise origin.error(
        "NN502",
        f"{origin.name} has the shape {array.shape}, but samples of shape {shape} were expected",
        f"give (num_samples, {', '.join(map(str, shape))}), or one sample without the first axis",
    )


def match_dtype(array: NDArray[Any], dtype: str, origin: Origin) -> NDArray[Any]:
    """The same numbers in another dtype; floats become integers only where all are whole and in range.

    Args:
        array: finite numbers, any shape.
        dtype: NumPy's name of the dtype.
        origin: where the array came from.

    Raises:
        NncliError: NN502 with the index of the first number that the dtype cannot hold.
    """
    wanted = np.dtype(dtype)
    if array.dtype == wanted:
        return array
    if wanted.kind == "f":
        with np.errstate(over="ignore"):
            result = array.astype(wanted)
        wrong = ~np.isfinite(result)
        if bool(wrong.any()):
            index = first_index(wrong)
            raise origin.error("NN502", f"{origin.name} holds {array[index]} at {list(index)}, too large for {dtype}", at=index)
        return result
    low, high = (0, 1) if wanted.kind == "b" else (int(np.iinfo(wanted).min), int(np.iinfo(wanted).max))
    if array.dtype.kind == "f":
        # Floats next to 2**63 are not exact: `< high + 1` compares with a power of two, which is.
        wide = array.astype(np.float64)
        wrong = (wide != np.floor(wide)) | (wide < float(low)) | (wide >= float(high + 1))
    elif array.dtype.kind == "b":
        wrong = np.zeros(array.shape, dtype=bool)
    else:
        wrong = (array < low) | (array > high)
    if bool(wrong.any()):
        index = first_index(wrong)
        hint = "write whole numbers"
        if wanted.kind == "u":
            hint = (
                f"give the raw numbers, {low} to {high}: the network rescales them itself; "
                "`nncli predict --prepared` takes inputs as the network's first layer does"
            )
        raise origin.error(
            "NN502",
            f"{origin.name} holds {array[index]} at {list(index)}, but the network was trained on whole numbers ({dtype})",
            hint,
            at=index,
        )
    return array.astype(wanted)

"""Targets: class numbers, one-hot rows, or numbers to predict."""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from nncli.data.origin import Origin, first_index

Labels = Literal["index", "one_hot"]

MAX_CLASSES: Final = 1_000_000
"""A larger class number is taken for a mistake: each class gets a name, and most networks an output."""


def resolve_labels(labels: Labels | None, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Labels | None:
    """The form that targets take in the end.

    Args:
        labels: what the config says.
        shape: of all raw targets, `(num_samples, ...)`.
        dtype: of the raw targets.

    Returns:
        `labels` where it is set; for null, `index` for a vector of integers or booleans, else None (numbers to predict).
    """
    return "index" if labels is None and len(shape) == 1 and dtype.kind in "biu" else labels


def class_numbers(raw: NDArray[Any], labels: Labels, origin: Origin) -> tuple[NDArray[np.int32], int]:
    """The class of each sample.

    Args:
        raw: class numbers `(num_samples,)` or `(num_samples, 1)` of any numeric dtype, or for `one_hot` also rows that are
            one-hot already, `(num_samples, num_classes)`.
        labels: the form asked for.
        origin: where the targets stand.

    Returns:
        Class numbers from 0, int32 `(num_samples,)`, and the number of classes that they show: the largest plus one, or the
        width of the rows.

    Raises:
        NncliError: NN502 with the index of the first sample whose target is no class.
    """
    if raw.ndim == 2 and raw.shape[1] > 1:
        return _from_rows(raw, labels, origin), raw.shape[1]
    if raw.ndim > 2 or raw.ndim == 0 or (raw.ndim == 2 and raw.shape[1] == 0):
        raise origin.error(
            "NN502",
            f"{origin.name} has the shape {raw.shape}, but `labels: {labels}` expects one class number a sample",
            "leave `labels` out to predict the numbers as they are",
        )
    raw = raw.reshape(len(raw))
    # The comparison with floor and not a cast: a cast of 1e300 to an integer is undefined.
    wrong = (raw != np.floor(raw)) | (raw < 0) | (raw >= MAX_CLASSES) if raw.dtype.kind != "b" else np.zeros(len(raw), dtype=bool)
    if bool(wrong.any()):
        (sample,) = first_index(wrong)
        raise origin.error(
            "NN502",
            f"{origin.name} holds {raw[sample]} at sample {sample}, but a class is a whole number from 0 to {MAX_CLASSES - 1:,}",
            "number the classes 0, 1, 2, ..., or leave `labels` out to predict numbers"
            if raw.dtype.kind == "f"
            else "number the classes 0, 1, 2, ...",
            at=(sample,),
        )
    return raw.astype(np.int32), int(raw.max()) + 1


def _from_rows(raw: NDArray[Any], labels: Labels, origin: Origin) -> NDArray[np.int32]:
    wrong = ((raw != 0) & (raw != 1)).any(axis=1) | (raw.sum(axis=1) != 1)
    if labels == "index":
        one_hot = not bool(wrong.any())
        raise origin.error(
            "NN502",
            f"{origin.name} is rows of {raw.shape[1]} values, but `labels: index` expects one class number a sample",
            "these rows are one-hot already: write `labels: one_hot`"
            if one_hot
            else "leave `labels` out to predict the numbers as they are",
        )
    if bool(wrong.any()):
        (sample,) = first_index(wrong)
        raise origin.error(
            "NN502",
            f"row {sample} of {origin.name} is not one-hot: exactly one 1 and otherwise 0s were expected",
            "leave `labels` out to predict the numbers as they are, or give class numbers",
            at=(sample,),
        )
    numbers: NDArray[np.int32] = raw.argmax(axis=1).astype(np.int32)
    return numbers


def encode(numbers: NDArray[np.int32], labels: Labels, num_classes: int) -> NDArray[Any]:
    """Class numbers `(num_samples,)` in the form asked for: int32 as they are, or float32 `(num_samples, num_classes)`."""
    if labels == "index":
        return numbers
    rows = np.zeros((len(numbers), num_classes), dtype=np.float32)
    rows[np.arange(len(numbers)), numbers] = 1.0
    return rows


def values(raw: NDArray[Any], origin: Origin) -> NDArray[np.float32]:
    """Numbers to predict.

    Args:
        raw: `(num_samples, ...)`, any numeric dtype.
        origin: where they stand.

    Returns:
        float32 of the same shape; a vector becomes `(num_samples, 1)`, so that it fits a dense layer of one unit.

    Raises:
        NncliError: NN502, a number is too large for float32.
    """
    with np.errstate(over="ignore"):
        result = raw.astype(np.float32)
    if not bool(np.isfinite(result).all()):
        index = first_index(~np.isfinite(result))
        raise origin.error(
            "NN502",
            f"{origin.name} holds {raw[index]} at {list(index)}, more than float32 can hold",
            "scale the targets",
            at=index,
        )
    return result.reshape(len(raw), 1) if raw.ndim == 1 else result

"""The parts of a data set as they are stored, and that the arrays of each belong together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.data.encoding import Encoding, Source
from nncli.data.matching import match_samples
from nncli.data.on_disk import FileRows, StoredRows
from nncli.data.origin import Origin, first_index
from nncli.data.samples import RawSamples, fingerprint
from nncli.problems import NncliError, Problem


@dataclass(frozen=True, slots=True, eq=False)
class RawPart:
    """One part of a data set as it is stored.

    Attributes:
        samples: inputs `(num_samples, *raw_shape)`, targets `(num_samples, ...)`.
        inputs_origin, targets_origin: where the two stand.
    """

    samples: RawSamples
    inputs_origin: Origin
    targets_origin: Origin


@dataclass(frozen=True, slots=True, eq=False)
class RawData:
    """A data set as it is stored.

    Attributes:
        train, validation, test: its parts; None where it does not bring one. With a `source`, the inputs of each are the numbers
            of its rows there, `(num_samples,)`.
        class_names: what its classes are called; None where it does not say.
        source: the inputs, where these are no arrays yet; once the parts are known, an encoding is fitted that makes them so.
        groups: number of the group of each training sample, whose members stay together, `(num_samples,)`; None: no groups.
        times: when each training sample is from, in any unit, `(num_samples,)`: the latest are held out; None: nobody knows.
        encoding: what has made the inputs of pictures; with a `source` it is fitted later.
        digests: SHA-256 of the file of each sample of each part; None where samples have no files of their own.
        notes: warnings of what was skipped.
    """

    train: RawPart
    validation: RawPart | None = None
    test: RawPart | None = None
    class_names: tuple[str, ...] | None = None
    source: Source | None = None
    groups: NDArray[np.int64] | None = None
    times: NDArray[np.int64] | None = None
    encoding: Encoding | None = None
    digests: dict[str, tuple[bytes, ...]] | None = None
    notes: tuple[Problem, ...] = ()

    @property
    def parts(self) -> dict[str, RawPart]:
        """The parts there are, by name."""
        named = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: part for name, part in named.items() if part is not None}

    def fingerprint(self) -> str:
        """SHA-256, in hex, of what was read: of the files' own, where samples or rows come from files, else of the arrays."""
        if self.source is not None:
            return self.source.fingerprint()
        arrays: dict[str, StoredRows] = {}
        for name, part in self.parts.items():
            for field in ("inputs", "targets", "sample_weight"):
                if getattr(part.samples, field) is not None:
                    arrays[f"{name}.{field}"] = getattr(part.samples, field)
            if self.digests is not None:
                arrays[f"{name}.inputs"] = np.frombuffer(b"".join(self.digests[name]), np.uint8)
        return fingerprint(arrays)


def make_part(
    inputs: NDArray[Any] | FileRows, targets: NDArray[Any], weight: NDArray[Any] | None, origins: dict[str, Origin]
) -> RawPart:
    """Check that arrays belong together, row by row.

    Args:
        inputs: `(num_samples, ...)`; a vector is `num_samples` samples of one value, raw shape `(1,)`.
        targets: `(num_samples, ...)`.
        weight: `(num_samples,)`, `(num_samples, time)` or None.
        origins: where `inputs`, `targets` and `sample_weight` stand.

    Raises:
        NncliError: NN502, they do not.
    """
    check_shapes(inputs.shape, targets.shape, origins)
    if len(inputs.shape) == 1:
        inputs = inputs.reshape(-1, 1) if isinstance(inputs, np.ndarray) else inputs.as_column()
    return RawPart(RawSamples(inputs, targets, _weights(weight, len(inputs), origins)), origins["inputs"], origins["targets"])


def check_shapes(inputs: tuple[int, ...], targets: tuple[int, ...], origins: dict[str, Origin]) -> None:
    """Check what the shapes alone show; arguments and errors as in `make_part`."""
    for shape, what in ((inputs, "inputs"), (targets, "targets")):
        origin = origins[what]
        if not shape:
            raise origin.error("NN502", f"{origin.name} is a single number, but one entry a sample was expected")
        if 0 in shape:
            raise origin.error("NN502", f"{origin.name} has the shape {shape} and thus holds no values")
    if inputs[0] != targets[0]:
        origin = origins["targets"]
        raise origin.error(
            "NN502",
            f"{origins['inputs'].name} has {inputs[0]} samples, but {origin.name} has {targets[0]} targets",
            "give one target a sample",
        )


def _weights(weight: NDArray[Any] | None, num_samples: int, origins: dict[str, Origin]) -> NDArray[np.float32] | None:
    if weight is None:
        return None
    origin = origins["sample_weight"]
    if weight.ndim not in (1, 2) or len(weight) != num_samples or weight.size == 0:
        raise origin.error(
            "NN502",
            f"{origin.name} has the shape {weight.shape}, but ({num_samples},) or ({num_samples}, time) was expected",
            "give one weight a sample, or a row of them a sample, one a time step",
        )
    result = as_weights(weight, origin)
    require_some_weight(result, origin)
    return result.reshape(result.shape[: axes_of_weights(result.shape)])


def axes_of_weights(shape: tuple[int, ...]) -> int:
    """1 for weights of samples, `(num_samples,)` or `(num_samples, 1)`; 2 for those of time steps, `(num_samples, time)`."""
    return 1 if shape[1:] == (1,) else len(shape)


def as_weights(
    weights: NDArray[Any], origin: Origin, error_at: Callable[[int, str], NncliError] | None = None
) -> NDArray[np.float32]:
    """Weights as float32.

    Args:
        weights: `(num_samples, ...)`, of any kind of number.
        origin: where they stand.
        error_at: makes the error of a sample and a message, where a sample has a better place than an index.

    Raises:
        NncliError: NN502, one is missing, negative, or too large for float32.
    """
    with np.errstate(over="ignore"):
        result = weights.astype(np.float32)
    wrong = ~((result >= 0) & np.isfinite(result))  # missing ones, too
    if bool(wrong.any()):
        index = first_index(wrong)
        limit = f"is at most {np.finfo(np.float32).max:.2g}" if weights[index] > 0 else "is 0 or more"
        at = f" at {list(index)}" if error_at is None else ""
        message = f"{origin.name} holds {weights[index]:g}{at}, but a weight {limit}"
        raise origin.error("NN502", message, at=index) if error_at is None else error_at(index[0], message)
    return result


def require_some_weight(weights: NDArray[np.float32], origin: Origin) -> None:
    """Check that some sample of a part counts.

    Raises:
        NncliError: NN502, none does.
    """
    if not bool(weights.any()):
        raise origin.error("NN502", f"{origin.name} holds only zeros: no sample would count")


def like(train: RawPart, part: RawPart) -> RawPart:
    """A part whose inputs have the raw dtype of the training part."""
    expected = train.samples.inputs
    samples, origin = part.samples, part.inputs_origin
    if samples.inputs.shape[1:] != expected.shape[1:]:
        raise origin.error(
            "NN502",
            f"{origin.name} has samples of shape {samples.inputs.shape[1:]}, but those for training have {expected.shape[1:]}",
        )
    if samples.inputs.dtype == expected.dtype:
        return part
    matched = match_samples(samples.inputs[:], expected.shape[1:], str(expected.dtype), origin)
    if matched.note:  # the shapes are equal, so it is about the scale
        hint = "save all parts in one scale and dtype"
        raise origin.error(
            "NN502", f"{origin.name} holds whole numbers of 0 to 255, but those for training are {expected.dtype}", hint
        )
    return RawPart(RawSamples(matched.inputs, samples.targets, samples.sample_weight), origin, part.targets_origin)

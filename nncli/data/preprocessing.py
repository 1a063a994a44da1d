"""The preparation: all that turns raw inputs and targets into the network's, and travels in the checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.data import stored
from nncli.data.encoding import Encoding
from nncli.data.lazy import LazyInputs, Rows
from nncli.data.on_disk import StoredRows, chunks, is_on_disk
from nncli.data.origin import Origin, first_index
from nncli.data.seen import Seen
from nncli.data.steps import Affine, FittedStep, apply
from nncli.data.targets import Labels, class_numbers, encode, values


@dataclass(frozen=True)
class Preparation:
    """What was learnt about the data when they were prepared for training.

    Attributes:
        dataset: type name of the data set, such as `mnist_5k`.
        raw_shape: shape of one raw sample, such as `(28, 28, 1)`.
        raw_dtype: NumPy's name of the raw inputs' dtype, such as `uint8`.
        input_shape: shape of one sample after preprocessing.
        labels: form of the targets; None: numbers to predict.
        class_names: one a class; empty where the targets are not classes.
        target_shape: shape of one prepared target; `()` for class numbers.
        target_dtype: `int32` for class numbers, else `float32`.
        steps: the fitted preprocessing, in order.
        is_its_own_target: whether the network is to give back its prepared input, as an autoencoder does.
        input_mean: of all values of the raw training inputs, where these are pictures of 0 (dark) to 255 (bright); else None.
        target_scale: mean and deviation of the raw training targets, where these are numbers brought to 0 and 1; else None.
        encoding: what makes raw inputs of rows of a table, pictures or lines of text; None where the data are arrays.
        seen: the raw training inputs, as far as they are remembered; None: nothing is.
    """

    dataset: str
    raw_shape: tuple[int, ...]
    raw_dtype: str
    input_shape: tuple[int, ...]
    labels: Labels | None
    class_names: tuple[str, ...]
    target_shape: tuple[int, ...]
    target_dtype: str
    steps: tuple[FittedStep, ...]
    is_its_own_target: bool = False
    input_mean: float | None = None
    target_scale: tuple[float, float] | None = None
    encoding: Encoding | None = None
    seen: Seen | None = None

    @property
    def input_dtype(self) -> str:
        """Dtype of the network's inputs.

        `int32` for integers that no arithmetic step (`rescale`, `standardize`) touches, since they may be the indices that an
        embedding takes; `float32` for the rest. uint8 and booleans count as measured values, not as indices: `float32`.
        """
        dtype = np.dtype(self.raw_dtype)
        touched = any(isinstance(step, Affine) for step in self.steps)
        return "int32" if dtype.kind in "iu" and dtype != np.uint8 and not touched else "float32"

    def inputs(self, raw: NDArray[Any], origin: Origin | None = None, start: int = 0) -> NDArray[Any]:
        """The network's inputs. Each row's result depends on that row alone, to the bit.

        Args:
            raw: `(num_samples, *raw_shape)`, of the raw dtype.
            origin, start: where they came from, and the number of the first of them there, for messages.

        Returns:
            `(num_samples, *input_shape)`, of `input_dtype`.

        Raises:
            NncliError: NN502, another shape, or numbers that `input_dtype` cannot hold.
        """
        origin = origin or Origin("the array of inputs")
        if raw.shape[1:] != self.raw_shape:
            raise origin.error(
                "NN502", f"{origin.name} has samples of shape {raw.shape[1:]}, but the network was trained on {self.raw_shape}"
            )
        wide = np.iinfo(np.int32)
        if self.input_dtype == "int32" and len(raw) and (raw.max() > wide.max or raw.min() < wide.min):
            index = first_index((raw > wide.max) | (raw < wide.min))
            raise origin.error(
                "NN502",
                f"{origin.name} holds {raw[index]} at {[start + index[0], *index[1:]]}, more than 32 bits can hold",
                "a `rescale` or `standardize` step makes measured values small",
                at=(start + index[0], *index[1:]),
            )
        with np.errstate(over="ignore", invalid="ignore"):
            result = np.ascontiguousarray(apply(self.steps, raw), dtype=self.input_dtype)
        if result.dtype.kind == "f" and not bool(np.isfinite(result).all()):
            index = first_index(~np.isfinite(result))
            raise origin.error(
                "NN502",
                f"{origin.name} holds numbers too large for float32 in sample {start + index[0]}",
                "scale the data before they are stored",
                at=(start + index[0],),
            )
        return result

    def keep(self, raw: StoredRows, origin: Origin | None = None) -> Rows:
        """The network's inputs, as they are stored for as long as possible where they lie on disk or take less memory so.

        Arguments, errors and values are those of `inputs`.
        """
        dtype = np.dtype(self.input_dtype)
        is_small = dtype.itemsize > raw.dtype.itemsize == 1 and raw.shape[1:] == self.raw_shape
        if is_small and self._stays_finite(_extremes(raw.dtype, self.raw_shape)):
            return LazyInputs(raw, self.steps, dtype, self.input_shape)  # pictures need not be looked at one by one
        if is_on_disk(raw):
            start = 0
            for chunk in chunks(raw):
                start += len(self.inputs(chunk, origin, start))
        elif raw.dtype.itemsize >= dtype.itemsize or raw.shape[1:] != self.raw_shape or not self._stays_finite(raw[:]):
            return self.inputs(raw[:], origin)
        return LazyInputs(raw, self.steps, dtype, self.input_shape)

    def _stays_finite(self, raw: NDArray[Any]) -> bool:
        """Whether no value grows too large. Every step rises with it or falls with it: the extremes tell."""
        if not len(raw):
            return True
        with np.errstate(over="ignore", invalid="ignore"):
            return bool(np.isfinite(apply(self.steps, np.stack([raw.min(axis=0), raw.max(axis=0)]))).all())

    def targets(self, raw: NDArray[Any], origin: Origin | None = None) -> NDArray[Any]:
        """The network's targets.

        Args:
            raw: class numbers or one-hot rows where `labels` is set, else numbers; `(num_samples, ...)`.
            origin: where they came from, for messages.

        Returns:
            `(num_samples, *target_shape)`, of `target_dtype`.

        Raises:
            NncliError: NN502, no class of this network, or another shape.
        """
        origin = origin or Origin("the array of targets")
        if self.labels is None:
            if self.target_scale is not None:
                raw = (raw.astype(np.float64) - self.target_scale[0]) / self.target_scale[1]
            result: NDArray[Any] = values(raw, origin)
            if result.shape[1:] != self.target_shape:
                raise origin.error(
                    "NN502",
                    f"{origin.name} has the shape {result.shape[1:]} a sample, but {self.target_shape} was trained on",
                )
            return result
        numbers, num_classes = class_numbers(raw, self.labels, origin)
        if num_classes > len(self.class_names):
            sample = int(np.argmax(numbers >= len(self.class_names)))
            what = f"class {numbers[sample]} at sample {sample}" if raw.ndim == 1 else f"{num_classes} classes"
            raise origin.error(
                "NN502",
                f"{origin.name} holds {what}, but there are {len(self.class_names)} classes, numbered from 0",
                at=(sample,),
            )
        return encode(numbers, self.labels, len(self.class_names))

    def in_own_units(self, outputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the network says of numbers to predict, in the units that they have in the data.

        Args:
            outputs: `(num_samples, ...)`.
        """
        if self.target_scale is None:
            return outputs
        mean, deviation = self.target_scale
        return (outputs.astype(np.float64) * deviation + mean).astype(np.float32)

    def to_json(self) -> dict[str, Any]:
        """A document of plain lists, strings and numbers; `from_json` gives back an equal preparation, to the last bit."""
        return stored.write(self)

    @classmethod
    def from_json(cls, data: object) -> Preparation:
        """The preparation that a checkpoint holds; the document may be anything.

        Raises:
            NncliError: NN603, anything in it is odd.
        """
        return cls(**stored.read(data))


def _extremes(dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Two samples, of the smallest and of the largest value that a type of one byte has."""
    low, high = (False, True) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    return np.stack([np.full(shape, low, dtype), np.full(shape, high, dtype)])

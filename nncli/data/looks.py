"""What looks wrong with data that can be trained on: told by `nncli check --data`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.encoding import Encoding
from nncli.data.lazy import Rows
from nncli.data.on_disk import chunk_rows
from nncli.data.pictures.encoding import PictureEncoding
from nncli.data.samples import Samples, Splits
from nncli.data.seen import hashes
from nncli.data.texts.encoding import TextEncoding
from nncli.problems import Problem, Where

_IMBALANCE: Final = 10
"""How many times as many samples the largest class may have as the smallest, before it is said."""
_SAME: Final = 1 - 1e-6
"""A correlation above it is that of one thing with itself."""
_FAR: Final = 10.0
"""A mean or a deviation of all inputs beyond it is far from what initializers are made for, which is about 0 and 1."""
_FAR_TO_LEARN: Final = 1000.0
"""The same of numbers to predict, which the last layer's bias alone can follow some way."""
_LONE: Final = 0.9
"""The share of the variance that a single number makes up, of which it is said: n - 1 of n are as good as the same."""
_FEW: Final = 20
"""Of fewer samples one may well be far from the others."""
_MOST: Final = 20
"""So many problems of one kind are told."""
_MOST_INDICATORS: Final = 1000
"""Of more classes their numbers are taken in place of indicators."""


@dataclass(frozen=True, slots=True)
class Features:
    """What one pass over the training inputs tells of each of their numbers.

    Attributes:
        low, high: the smallest and the largest, `(num_features,)`.
        mean, deviation: of all numbers together.
        is_lone: where one number makes up nine tenths of the variance, and is no mark such as a rare category's, bool.
        digests: a hash of all numbers of a feature, in the order of the rows.
        correlations: with each class's indicator, or each number to predict: `(num_features, num_targets)`; not a number where
            either is constant; no targets where samples are no vectors.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    mean: float
    deviation: float
    is_lone: NDArray[np.bool_]
    digests: tuple[bytes, ...]
    correlations: NDArray[np.float64]


def look(splits: Splits, names: Sequence[str], where: Where, *, is_scaled: bool) -> Iterator[Problem]:
    """Look at prepared data.

    Args:
        splits: the data.
        names: what each number of a sample is; empty where samples are no vectors: then features are not looked at one by one.
        where: the place of the data, for problems.
        is_scaled: whether the network's first layer takes inputs of any scale.

    Yields:
        Warnings.
    """

    def warn(message: str, hint: str | None = None, code: str = "NN502") -> Problem:
        return Problem(code, message, hint, where, "warning")

    yield from (warn(*told) for told in _of_classes(splits))
    yield from (warn(*told) for told in _of_overlap(splits))
    features = _features(splits.train)
    yield from (warn(*told) for told in _of_features(features, names, splits))
    far = abs(features.mean) > _FAR or features.deviation > _FAR
    if far and not is_scaled and splits.preparation.input_dtype == "float32":
        said = f"the prepared inputs have the mean {features.mean:.3g} and the deviation {features.deviation:.3g}"
        yield warn(f"{said}: networks start from weights that are made for about 0 and 1", "add `preprocess: [standardize]`")
    yield from (warn(*told) for told in _of_amounts(splits))


Told = tuple[str, str | None, str]
"""Message, hint and code of a warning."""


def _of_classes(splits: Splits) -> Iterator[Told]:
    names = splits.preparation.class_names
    if splits.preparation.labels is None:
        return
    parts = {name: getattr(splits, name) for name in ("train", "validation", "test") if getattr(splits, name) is not None}
    counts = {name: np.bincount(_numbers(part), minlength=len(names)) for name, part in parts.items()}
    total = sum(counts.values(), np.zeros(len(names), np.int64))
    for index in np.flatnonzero(total == 1)[:_MOST]:
        yield f"class `{names[index]}` has one sample", "give more, or leave it out", "NN502"
    for index in np.flatnonzero((counts["train"] == 0) & (total > 0))[:_MOST]:
        yield f"class `{names[index]}` has no sample in the training part", "it cannot be learnt", "NN502"
    there = counts["train"][counts["train"] > 0]
    if len(there) > 1 and there.max() >= _IMBALANCE * there.min():
        largest, smallest = (names[int(np.flatnonzero(counts["train"] == count)[0])] for count in (there.max(), there.min()))
        message = f"class `{largest}` has {there.max():,} training samples, class `{smallest}` {there.min():,}"
        yield message, "`training.class_weight: balanced` makes them count alike; `eval --per-class` tells how each fares", "NN502"


def _of_amounts(splits: Splits) -> Iterator[Told]:
    """Numbers to predict that are far from what a network gives at first."""
    if splits.preparation.labels is not None or splits.preparation.is_its_own_target:
        return
    targets = splits.train.targets[:].astype(np.float64)
    mean, deviation = float(targets.mean()), float(targets.std())
    if abs(mean) > _FAR_TO_LEARN or deviation > _FAR_TO_LEARN:
        is_table = getattr(splits.preparation.encoding, "type", None) == "table"
        hint = "set `dataset.scale_target: true`" if is_table else "scale them before they are stored"
        message = f"the numbers to predict have the mean {mean:.3g} and the deviation {deviation:.3g}, a network begins at about 0"
        yield message, hint, "NN502"


def _numbers(part: Samples) -> NDArray[Any]:
    targets = part.targets[:]
    return targets if targets.ndim == 1 else targets.argmax(axis=1)


def _of_overlap(splits: Splits) -> Iterator[Told]:
    seen = _hashes(splits.train.inputs)
    for name in ("validation", "test"):
        part: Samples | None = getattr(splits, name)
        if part is None:
            continue
        both = int(np.isin(_hashes(part.inputs), seen).sum())
        if both:
            share = f"{both:,} of {len(part):,} samples of the {name} part have inputs that the training part has, too"
            yield share, _once(splits.preparation.encoding), "NN504"


def _once(encoding: Encoding | None) -> str:
    """How samples of two parts become samples of one, by what they are to whoever keeps them."""
    if encoding is None:
        return "remove samples that appear twice"
    if isinstance(encoding, PictureEncoding) or (isinstance(encoding, TextEncoding) and not encoding.by_line):
        return "remove files that appear twice"
    if isinstance(encoding, TextEncoding):
        return "remove lines that appear twice"
    return "remove rows that appear twice, or keep them together: `group`"


def _hashes(inputs: Rows) -> NDArray[np.uint64]:
    size = chunk_rows(inputs.shape[1:])
    return np.concatenate([hashes(inputs[start : start + size]) for start in range(0, len(inputs), size)])


def _of_features(features: Features, names: Sequence[str], splits: Splits) -> Iterator[Told]:
    constant = features.low == features.high
    listed = [names[int(index)] for index in np.flatnonzero(constant)] if names else []
    if listed:
        more = f" and {len(listed) - _MOST} more" if len(listed) > _MOST else ""
        said = ", ".join(f"`{name}`" for name in listed[:_MOST])
        yield f"the same in every training sample: {said}{more}", "they say nothing: leave them out", "NN502"
    for index in np.flatnonzero(features.is_lone)[:_MOST] if names else ():
        yield (
            f"one number of `{names[index]}` is so far from all others that these are as good as the same",
            "mend it, or take what bears it: for columns of a table `scale: robust` or `scale: log`",
            "NN502",
        )
    first: dict[bytes, int] = {}
    for index, name in enumerate(names):
        other = first.setdefault(features.digests[index], index)
        if other != index and not constant[index]:
            yield f"`{name}` is the same as `{names[other]}` in every training sample", "leave one of them out", "NN502"
    if splits.preparation.is_its_own_target:
        return
    with np.errstate(invalid="ignore"):
        tells_all = (np.abs(features.correlations) > _SAME).any(axis=1)
    for index in np.flatnonzero(tells_all)[:_MOST] if names else ():
        yield (
            f"`{names[index]}` alone tells the target",
            "is it a copy of the target, or known only afterwards? Leave it out",
            "NN502",
        )


def _features(samples: Samples) -> Features:
    width = int(np.prod(samples.inputs.shape[1:]))
    targets = _Targets(samples if len(samples.inputs.shape) == 2 else None)
    low, high = np.full(width, np.inf), np.full(width, -np.inf)
    total, squares, products = np.zeros(width), np.zeros(width), np.zeros((width, targets.width))
    digests = [hashlib.blake2b(digest_size=16) for _ in range(width if len(samples.inputs.shape) == 2 else 0)]
    shift: NDArray[np.float64] | None = None
    size = chunk_rows(samples.inputs.shape[1:])
    for start in range(0, len(samples), size):
        rows = np.asarray(samples.inputs[start : start + size]).reshape(-1, width)
        for digest, column in zip(digests, rows.T, strict=False):
            digest.update(column.tobytes())
        wide = rows.astype(np.float64)
        shift = wide.mean(axis=0) if shift is None else shift
        low, high = np.minimum(low, wide.min(axis=0)), np.maximum(high, wide.max(axis=0))
        wide -= shift
        total += wide.sum(axis=0)
        squares += (wide**2).sum(axis=0)
        products += wide.T @ targets.centred(start, start + len(rows))
    assert shift is not None
    variance = np.maximum(squares / len(samples) - (total / len(samples)) ** 2, 0)
    means = shift + total / len(samples)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlations = products / len(samples) / np.sqrt(variance[:, None] * targets.variance)
    deviation = float(np.sqrt((variance + (means - means.mean()) ** 2).mean()))
    extreme = np.maximum(high - means, means - low)
    is_mark = (low == 0) & (high == 1)
    is_lone = (extreme**2 > _LONE * variance * (len(samples) - 1)) & (low < high) & ~is_mark & (len(samples) >= _FEW)
    return Features(low, high, float(means.mean()), deviation, is_lone, tuple(digest.digest() for digest in digests), correlations)


class _Targets:
    """What features are held against: an indicator of each class, or numbers to predict. Made chunk by chunk, since indicators of a
    thousand classes take 8 kB a row.

    Args:
        samples: the training part; None: features are held against nothing.
    """

    def __init__(self, samples: Samples | None) -> None:
        is_own = samples is None or samples.targets is samples.inputs
        self._targets = np.zeros((0, 0)) if samples is None or is_own else samples.targets[:]
        self._num_classes = 0
        if self._targets.ndim == 1 and self._targets.max() < _MOST_INDICATORS:
            shares = np.bincount(self._targets) / len(self._targets)
            self._num_classes, self._mean, self.variance = len(shares), shares, shares * (1 - shares)
        else:
            numbers = self._numbers(0, len(self._targets))
            self._mean = numbers.mean(axis=0) if len(numbers) else np.zeros(numbers.shape[1])
            self.variance = numbers.var(axis=0) if len(numbers) else np.zeros(numbers.shape[1])
        self.width = len(self._mean)

    def centred(self, start: int, end: int) -> NDArray[np.float64]:
        """Those of some samples less their means, `(end - start, width)`."""
        return self._numbers(start, end) - self._mean if self.width else np.zeros((end - start, 0))

    def _numbers(self, start: int, end: int) -> NDArray[np.float64]:
        some = self._targets[start:end]
        if self._num_classes:
            return np.eye(self._num_classes)[some]
        return some.reshape(len(some), -1 if some.size else 0).astype(np.float64)

"""Fitting columns to the training part, batch by batch."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, Final, Protocol

import numpy as np
import pyarrow
import pyarrow.compute as compute
from numpy.typing import NDArray

from nncli.data.tables.cells import missing, texts_of
from nncli.data.tables.columns import (
    PARTS,
    FittedCategory,
    FittedColumn,
    FittedDate,
    FittedNumber,
    FittedText,
    logarithm,
    time_parts,
    times_of,
)
from nncli.data.tables.notation import numbers_of
from nncli.data.tables.place import RowPlace
from nncli.data.texts.sentences import VocabularyFit
from nncli.problems import error
from nncli.spec.columns import CategoryColumn, Column, DateColumn, NumberColumn, TextColumn

MOST_KINDS: Final = 1_000_000
"""Different texts of a column that are counted."""


class Fit(Protocol):
    """What is learnt of a column."""

    def add(self, cells: pyarrow.Array, place: RowPlace, rows: NDArray[np.bool_]) -> None:
        """Look at some cells, and learn from those of the training part.

        Args:
            cells: of any type.
            place: where the rows stand.
            rows: which of them are of the training part, (num_rows,).

        Raises:
            NncliError: NN502, a cell is not of the column's kind.
        """

    @property
    def is_empty(self) -> bool:
        """Whether the training part has no entry in it."""

    def fitted(self) -> FittedColumn:
        """What was learnt.

        Raises:
            NncliError: NN502, there is nothing to learn from.
        """


def fit_for(spec: Column, name: str, file: str) -> Fit:
    """What learns a column.

    Args:
        spec: what is to be done with it.
        name: the column.
        file: a file that has it, for messages.
    """
    match spec:
        case NumberColumn():
            return NumberFit(spec, name, file)
        case CategoryColumn():
            return CategoryFit(spec, name, file)
        case TextColumn():
            return TextFit(spec, name, file)
        case DateColumn():
            return DateFit(spec, name, file)
        case _:
            raise TypeError(f"nothing is learnt of columns of type `{spec.type}`")


class Moments:
    """Mean, deviation and range of numbers that come in parts, in float64.

    Source: Chan, Golub & LeVeque, 1983, for the sum of squares of two parts.
    """

    def __init__(self) -> None:
        self.count, self.mean, self.squares = 0, 0.0, 0.0
        self.low, self.high = math.inf, -math.inf

    def add(self, numbers: NDArray[np.float64]) -> None:
        """Take more numbers, all finite."""
        if not len(numbers):
            return
        with np.errstate(over="ignore", invalid="ignore"):
            count, mean = len(numbers), float(numbers.mean())
            squares = float(((numbers - mean) ** 2).sum())
            total, apart = self.count + count, mean - self.mean
            self.squares += squares + apart * apart * self.count * count / total
            self.mean += apart * count / total
            self.count = total
        self.low, self.high = min(self.low, float(numbers.min())), max(self.high, float(numbers.max()))

    @property
    def deviation(self) -> float:
        """The standard deviation; 0 where all are equal, whatever rounding makes of it."""
        return 0.0 if self.low == self.high else math.sqrt(self.squares / self.count)


class NumberFit:
    """Learns a column of amounts. A median or `robust` keeps its numbers in memory, 8 bytes each."""

    def __init__(self, spec: NumberColumn, name: str, file: str) -> None:
        self._spec, self._name, self._file = spec, name, file
        self._moments, self._mean = Moments(), Moments()
        self._num_missing = 0
        self._kept: list[NDArray[np.float64]] | None = [] if spec.scale == "robust" or spec.missing == "median" else None

    def add(self, cells: pyarrow.Array, place: RowPlace, rows: NDArray[np.bool_]) -> None:
        """Look at some cells, and learn from those of the training part; arguments as those of `Fit.add`."""
        numbers = numbers_of(cells, self._name, place)[rows]
        present = numbers[~np.isnan(numbers)]
        self._num_missing += len(numbers) - len(present)
        self._mean.add(present)
        if self._spec.scale == "log":
            self._moments.add(logarithm(present))
        if self._kept is not None:
            self._kept.append(present)

    @property
    def is_empty(self) -> bool:
        """Whether the training part has no entry in it."""
        return not self._mean.count

    def fitted(self) -> FittedNumber:
        """What was learnt."""
        spec = self._spec
        if self.is_empty:
            raise _nothing(self._name, "number", self._file)
        fill = {"mean": self._mean.mean, "median": self._quantile(0.5) if spec.missing == "median" else 0.0, "error": None}
        shift, factor = self._scale()
        stands_for = fill[spec.missing] if isinstance(spec.missing, str) else spec.missing
        if not all(math.isfinite(number) for number in (shift, factor, stands_for or 0.0)):
            message = f"the numbers of column `{self._name}` lie too close together or too far apart for `{spec.scale}`"
            raise error("NN502", message, "scale them before they are stored, or leave the column out", file=self._file)
        indicator = self._num_missing > 0 if spec.indicator is None else spec.indicator
        return FittedNumber(self._name, spec.scale == "log", stands_for, indicator and stands_for is not None, shift, factor)

    def _scale(self) -> tuple[float, float]:
        moments = self._moments if self._spec.scale == "log" else self._mean
        match self._spec.scale:
            case "none":
                return 0.0, 1.0
            case "min_max":
                return moments.low, _inverse(moments.high - moments.low)
            case "robust":
                return self._quantile(0.5), _inverse(self._quantile(0.75) - self._quantile(0.25))
            case _:
                return moments.mean, _inverse(moments.deviation)

    def _quantile(self, share: float) -> float:
        assert self._kept is not None
        with np.errstate(over="ignore", invalid="ignore"):
            self._kept = [np.concatenate(self._kept)]
            return float(np.quantile(self._kept[0], share))


def _inverse(width: float) -> float:
    """What makes a width 1; a constant column becomes 0. Not a number for a width beyond all floats."""
    if not math.isfinite(width):
        return math.nan
    return 1.0 / width if width > 0 else 0.0


class CategoryFit:
    """Learns a column of names."""

    def __init__(self, spec: CategoryColumn, name: str, file: str) -> None:
        self._spec, self._name, self._file = spec, name, file
        self.counts: Counter[str] = Counter()
        self.is_endless = False
        """Whether there are so many different texts that they are no longer counted."""
        self._num_missing = 0

    def add(self, cells: pyarrow.Array, place: RowPlace, rows: NDArray[np.bool_]) -> None:
        """Look at some cells, and learn from those of the training part; arguments as those of `Fit.add`."""
        if self.is_endless:
            return
        texts = texts_of(cells, self._name, place).filter(pyarrow.array(rows))
        self._num_missing += int(missing(texts).sum())
        counted = compute.value_counts(texts.drop_null())
        self.counts.update(dict(zip(counted.field(0).to_pylist(), counted.field(1).to_pylist(), strict=True)))
        if len(self.counts) > MOST_KINDS:
            self.is_endless = True

    @property
    def is_empty(self) -> bool:
        """Whether the training part has no entry in it."""
        return not self.counts

    @property
    def is_like_a_name(self) -> bool:
        """Whether most of the entries occur only once, as names and descriptions do."""
        once = sum(count == 1 for count in self.counts.values())
        return self.is_endless or 2 * once > sum(self.counts.values())

    def fitted(self) -> FittedCategory:
        """What was learnt."""
        if self.is_endless:
            message = f"column `{self._name}` holds more than {MOST_KINDS:,} different texts: these are no categories"
            raise error("NN502", message, f"leave it out: `{{type: ignore, names: {self._name}}}`", file=self._file)
        if self.is_empty:
            raise _nothing(self._name, "entry", self._file)
        # The most frequent ones; of equally frequent ones the first in the alphabet, whatever the order of the rows.
        ranked = sorted(self.counts, key=lambda name: (-self.counts[name], name))
        kept, rare = ranked[: self._spec.max_categories], ranked[self._spec.max_categories :]
        refuses = self._spec.unseen == "error"
        one_hot = self._spec.encode == "one_hot"
        has_missing = self._num_missing > 0
        told = tuple(sorted(kept)), one_hot, has_missing, refuses, tuple(sorted(rare)) if refuses else ()
        return FittedCategory(self._name, *told)


class TextFit:
    """Learns a column of sentences; memory as that of `VocabularyFit`."""

    def __init__(self, spec: TextColumn, name: str, file: str) -> None:
        self._spec, self._name, self._file = spec, name, file
        self._fit = VocabularyFit(spec)

    def add(self, cells: pyarrow.Array, place: RowPlace, rows: NDArray[np.bool_]) -> None:
        """Look at some cells, and learn from those of the training part; arguments as those of `Fit.add`."""
        texts = texts_of(cells, self._name, place).filter(pyarrow.array(rows)).to_pylist()
        self._fit.add(text or "" for text in texts)

    @property
    def is_empty(self) -> bool:
        """Whether the training part has no entry in it."""
        return self._fit.is_empty

    def fitted(self) -> FittedText:
        """What was learnt."""
        if self.is_empty:
            raise _nothing(self._name, "text", self._file)
        spec = self._spec
        return FittedText(spec.unit == "word", spec.lowercase, spec.length, self._fit.vocabulary(), self._name)


class DateFit:
    """Learns a column of times."""

    def __init__(self, spec: DateColumn, name: str, file: str) -> None:
        self._spec, self._name, self._file = spec, name, file
        self._years = Moments()
        self._num_missing = 0
        self._ranges: dict[str, tuple[float, float]] = {}

    def add(self, cells: pyarrow.Array, place: RowPlace, rows: NDArray[np.bool_]) -> None:
        """Look at some cells, and learn from those of the training part; arguments as those of `Fit.add`."""
        times, absent = times_of(cells, self._name, self._spec.format, place)
        times, absent = times[rows], absent[rows]
        self._num_missing += int(absent.sum())
        parts: dict[str, Any] = time_parts(times[~absent])
        self._years.add(parts["year"])
        for part, values in parts.items():
            if len(values):
                low, high = self._ranges.get(part, (math.inf, -math.inf))
                self._ranges[part] = min(low, float(values.min())), max(high, float(values.max()))

    @property
    def is_empty(self) -> bool:
        """Whether the training part has no entry in it."""
        return not self._ranges

    def fitted(self) -> FittedDate:
        """What was learnt."""
        if self.is_empty:
            raise _nothing(self._name, "date", self._file)
        varying = tuple(part for part in PARTS if self._ranges[part][0] < self._ranges[part][1])
        parts = self._spec.parts if self._spec.parts is not None else varying or ("year",)
        shift, factor = self._years.mean, _inverse(self._years.deviation)
        return FittedDate(self._name, self._spec.format, tuple(parts), self._spec.cyclic, self._num_missing > 0, shift, factor)


def _nothing(name: str, what: str, file: str) -> Exception:
    hint = f"leave the column out: `columns: [{{type: ignore, names: {name}}}]`"
    return error("NN502", f"column `{name}` has no {what} in the training part", hint, file=file)

"""Columns of a table, fitted: how their cells become the network's numbers, the same for one row and for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

import numpy as np
import pyarrow
import pyarrow.compute as compute
from numpy.typing import NDArray

from nncli.data.tables.cells import as_times, missing, texts_of
from nncli.data.tables.notation import numbers_of
from nncli.data.tables.place import RowPlace
from nncli.data.texts.sentences import FittedSentences

Part = Literal["year", "month", "day", "weekday", "hour", "minute", "second"]
PARTS: Final[dict[str, tuple[int, int]]] = {
    "year": (0, 0),
    "month": (1, 12),
    "day": (1, 31),
    "weekday": (0, 7),
    "hour": (0, 24),
    "minute": (0, 60),
    "second": (0, 60),
}
"""Part of a time -> its first value, and how many there are before it begins again."""


@dataclass(frozen=True, slots=True)
class FittedNumber:
    """`(x - shift) * factor`, in float64.

    Attributes:
        name: the column.
        is_log: whether x is sign(x) log(1 + |x|) of the cell.
        fill: the cell that stands for a missing one; None: there must be none.
        indicator: whether a second number says that the cell was missing.
        shift, factor: as above.
    """

    type: ClassVar[str] = "number"
    name: str
    is_log: bool
    fill: float | None
    indicator: bool
    shift: float
    factor: float

    @property
    def features(self) -> tuple[str, ...]:
        """What each number of a row is."""
        return (self.name, f"{self.name} is missing") if self.indicator else (self.name,)

    def encode(self, cells: pyarrow.Array, place: RowPlace, out: NDArray[Any]) -> None:
        """Write the numbers of some rows.

        Args:
            cells: of any type.
            place: where the rows stand.
            out: (num_rows, len(features)), written to.

        Raises:
            NncliError: NN502, a cell is no number, or missing where none may be.
        """
        numbers = numbers_of(cells, self.name, place)
        absent = np.isnan(numbers)
        if bool(absent.any()):
            if self.fill is None:
                hint = "fill it in, or say what stands for a missing number: `missing: mean`"
                raise place.error(int(absent.argmax()), f"column `{self.name}` has no number", hint)
            numbers = np.where(absent, self.fill, numbers)
        numbers = logarithm(numbers) if self.is_log else numbers
        with np.errstate(over="ignore", invalid="ignore"):
            out[:, 0] = (numbers - self.shift) * self.factor
        if self.indicator:
            out[:, 1] = absent


@dataclass(frozen=True, slots=True)
class FittedCategory:
    """A category's number, or a row of 0s with a 1 at its place.

    Attributes:
        name: the column.
        categories: as the training part has them; those that it has are known, all others unseen.
        one_hot: whether it is such a row; else 1, 2, ... in the order of `categories`, and 0 for what is unseen.
        has_missing: whether missing cells are a category of their own, behind the others.
        refuses: whether what is unseen is an error, and not a row of 0s.
        rare: categories that the training part has, too, but which are not told apart and are as those that are unseen; known only
            where these are refused.
    """

    type: ClassVar[str] = "category"
    name: str
    categories: tuple[str, ...]
    one_hot: bool
    has_missing: bool
    refuses: bool
    rare: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        """What each number of a row is."""
        if not self.one_hot:
            return (self.name,)
        return (*(f"{self.name} is {entry}" for entry in self.categories), *([f"{self.name} is missing"] * self.has_missing))

    def encode(self, cells: pyarrow.Array, place: RowPlace, out: NDArray[Any]) -> None:
        """Write the numbers of some rows; arguments as those of `FittedNumber.encode`.

        Raises:
            NncliError: NN502, a category that training has not seen, where this is to be an error.
        """
        texts = texts_of(cells, self.name, place)
        known = compute.index_in(texts, value_set=pyarrow.array(self.categories, pyarrow.string()), skip_nulls=True)
        numbers = compute.fill_null(known, -1).to_numpy(zero_copy_only=False).astype(np.int64)
        if self.has_missing:
            numbers[missing(texts)] = len(self.categories)
        unseen = numbers < 0
        rare = compute.is_in(texts, value_set=pyarrow.array(self.rare, pyarrow.string()), skip_nulls=True)
        refused = unseen & ~rare.to_numpy(zero_copy_only=False)
        if self.refuses and bool(refused.any()):
            row = int(refused.argmax())
            text = texts[row].as_py()
            said = "has no entry" if text is None else f"holds {text[:60]!r}"
            hint = f"training has seen {_some(self.categories)}; `unseen: own` takes others as one class of their own"
            raise place.error(row, f"column `{self.name}` {said}, which is no category of the training part", hint)
        if not self.one_hot:
            out[:, 0] = numbers + 1
            return
        out[:] = 0
        rows = np.flatnonzero(~unseen)
        out[rows, numbers[rows]] = 1


@dataclass(frozen=True, slots=True)
class FittedDate:
    """Parts of a time, as points on circles or as shares of their range; all 0 for a missing one.

    Attributes:
        name: the column.
        format: how it is written; None: ISO 8601.
        parts: which parts, in this order.
        cyclic: whether each part but the year is a sine and a cosine.
        indicator: whether a last number says that the cell was missing.
        shift, factor: of the year.
    """

    type: ClassVar[str] = "date"
    name: str
    format: str | None
    parts: tuple[str, ...]
    cyclic: bool
    indicator: bool
    shift: float
    factor: float

    @property
    def features(self) -> tuple[str, ...]:
        """What each number of a row is."""
        found: list[str] = []
        for part in self.parts:
            is_circle = self.cyclic and part != "year"
            found += [f"{part} of {self.name} ({way})" for way in ("sine", "cosine")] if is_circle else [f"{part} of {self.name}"]
        return (*found, *([f"{self.name} is missing"] * self.indicator))

    def encode(self, cells: pyarrow.Array, place: RowPlace, out: NDArray[Any]) -> None:
        """Write the numbers of some rows; arguments as those of `FittedNumber.encode`.

        Raises:
            NncliError: NN502, a cell is no time.
        """
        times, absent = times_of(cells, self.name, self.format, place)
        values = time_parts(times)
        column = 0
        for part in self.parts:
            first, count = PARTS[part]
            if part == "year":
                numbers = [(values[part] - self.shift) * self.factor]
            elif self.cyclic:
                angle = (values[part] - first) * (2 * np.pi / count)
                numbers = [np.sin(angle), np.cos(angle)]
            else:
                numbers = [(values[part] - first) / (count - 1)]
            for number in numbers:
                out[:, column] = np.where(absent, 0.0, number)
                column += 1
        if self.indicator:
            out[:, column] = absent


@dataclass(frozen=True, slots=True)
class FittedText(FittedSentences):
    """The number of each word or character.

    Attributes:
        name: the column.
    """

    type: ClassVar[str] = "text"
    name: str

    @property
    def features(self) -> tuple[str, ...]:
        """What each number of a row is."""
        return tuple(f"unit {number} of {self.name}" for number in range(1, self.length + 1))

    def encode(self, cells: pyarrow.Array, place: RowPlace, out: NDArray[Any]) -> None:
        """Write the numbers of some rows; arguments as those of `FittedNumber.encode`. A missing text is an empty one."""
        self.number((text or "" for text in texts_of(cells, self.name, place).to_pylist()), out)


FittedColumn = FittedText | FittedNumber | FittedCategory | FittedDate


def logarithm(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """sign(x) log(1 + |x|): a logarithm that takes all numbers."""
    result: NDArray[np.float64] = np.sign(numbers) * np.log1p(np.abs(numbers))
    return result


def times_of(
    cells: pyarrow.Array, name: str, pattern: str | None, place: RowPlace
) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """A column of times, `datetime64[us]`, and where they are missing (and stand at 1970).

    Raises:
        NncliError: NN502, a cell is no time.
    """
    texts = texts_of(cells, name, place)
    times = as_times(texts, pattern)
    absent = missing(texts)
    wrong = missing(times) & ~absent
    if bool(wrong.any()):
        row = int(wrong.argmax())
        expected = f"`{pattern}`" if pattern is not None else "a date such as 2026-03-31, or 2026-03-31 14:05:00,"
        hint = 'say how it is written: `{type: date, names: ..., format: "%d.%m.%Y"}`' if pattern is None else None
        raise place.error(row, f"column `{name}` holds {texts[row].as_py()[:40]!r}, {expected} was expected", hint)
    return compute.fill_null(times, 0).to_numpy(zero_copy_only=False).astype("datetime64[us]"), absent


def time_parts(times: NDArray[np.datetime64]) -> dict[str, NDArray[np.float64]]:
    """Each of `PARTS` of some times."""
    days, months, years = (times.astype(f"datetime64[{unit}]") for unit in "DMY")
    seconds = (times.astype("datetime64[s]") - days).astype(np.int64)
    found = {
        "year": years.astype(np.int64) + 1970,
        "month": months.astype(np.int64) % 12 + 1,
        "day": (days - months).astype(np.int64) + 1,
        "weekday": (days.astype(np.int64) + 3) % 7,  # 1970 began on a Thursday; Monday is 0
        "hour": seconds // 3600,
        "minute": seconds // 60 % 60,
        "second": seconds % 60,
    }
    return {name: part.astype(np.float64) for name, part in found.items()}


def _some(names: Sequence[str]) -> str:
    return ", ".join(f"`{name:.40}`" for name in names[:10]) + (", ..." if len(names) > 10 else "")

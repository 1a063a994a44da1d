"""How numbers are written in a table of texts: with a decimal point or comma, and what parts their thousands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow
import pyarrow.compute as compute
from numpy.typing import NDArray

from nncli.data.tables.cells import as_numbers, as_texts, is_text
from nncli.data.tables.place import RowPlace


@dataclass(frozen=True, slots=True)
class Notation:
    """How numbers are written.

    Attributes:
        decimal: what stands before the decimals, `.` or `,`.
        thousands: what may part groups of three digits; None: nothing may.
    """

    decimal: str = "."
    thousands: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether numbers are written as computers write them."""
        return self == Notation()

    @property
    def example(self) -> str:
        """A number that is written so."""
        return f"1{self.thousands or ''}234{self.decimal}5"

    @property
    def pattern(self) -> str:
        """What a whole cell must match: digits or groups of three, with or without sign, decimals and exponent."""
        groups = "" if self.thousands is None else rf"[1-9]\d{{0,2}}(?:{re.escape(self.thousands)}\d{{3}})+|"
        return rf"^[+-]?(?:{groups}\d+)(?:{re.escape(self.decimal)}\d+)?(?:[eE][+-]?\d+)?$"

    def plain(self, cells: pyarrow.Array) -> pyarrow.Array:
        """Cells of texts that read as numbers as computers write them; others, and those of other types, as they stand."""
        return cells if self.is_plain or not is_text(cells) else self._plain(cells)[0]

    def as_numbers(self, cells: pyarrow.Array) -> pyarrow.Array | None:
        """Cells as float64, missing ones null; None where one of them is no number that is written so."""
        if self.is_plain or not is_text(cells):
            return as_numbers(cells)
        plain, others = self._plain(cells)
        return None if others else as_numbers(plain)

    def is_number(self, text: str) -> bool:
        """Whether a cell reads as a number."""
        return bool(text) and self.as_numbers(pyarrow.array([text], pyarrow.string())) is not None

    def _plain(self, cells: pyarrow.Array) -> tuple[pyarrow.Array, bool]:
        """The cells, and whether there are some that are neither missing nor such numbers."""
        trimmed = compute.utf8_trim_whitespace(cells)
        fits = compute.match_substring_regex(trimmed, self.pattern)
        written = compute.replace_substring_regex(trimmed, r"^\+", "")
        if self.thousands is not None:
            written = compute.replace_substring(written, self.thousands, "")
        written = compute.replace_substring(written, self.decimal, ".")
        is_there = compute.not_equal(trimmed, "")
        return compute.if_else(fits, written, cells), bool(compute.any(compute.and_not(is_there, fits)).as_py())


PLAIN = Notation()
GERMAN = Notation(",", ".")
_PLAIN, _GERMAN = (re.compile(notation.pattern, re.ASCII) for notation in (PLAIN, GERMAN))


def numbers_of(cells: pyarrow.Array, name: str, place: RowPlace, notation: Notation = PLAIN) -> NDArray[np.float64]:
    """A column of numbers: float64, not-a-number where a cell is missing.

    Raises:
        NncliError: NN502, a cell is no number, or an infinite one.
    """
    found = cells if pyarrow.types.is_float64(cells.type) else notation.as_numbers(cells)
    if found is None:
        texts = as_texts(cells)
        if texts is None:
            raise place.error(0, f"column `{name}` holds {cells.type}, numbers were expected")
        if is_text(cells):
            texts = cells
        wrong = (
            (row, text) for row, text in enumerate(texts.to_pylist()) if text and text.strip() and not notation.is_number(text)
        )
        row, text = next(wrong)
        such = "" if notation.is_plain else f" such as {notation.example}"
        raise place.error(row, f"column `{name}` holds {text.strip()[:40]!r}, a number{such} was expected")
    numbers: NDArray[np.float64] = found.to_numpy(zero_copy_only=False).astype(np.float64, copy=False)
    infinite = np.isinf(numbers)
    if bool(infinite.any()):
        row = int(infinite.argmax())
        raise place.error(row, f"column `{name}` holds {numbers[row]}, but every number must be finite", "replace the value")
    return numbers


def find_notation(cells: Iterable[str]) -> Notation | None:
    """How the numbers among some cells are written: `PLAIN` where one has a point that parts no thousands, else `GERMAN`
    where one has a comma; None where none tells.
    """
    told: Notation | None = None
    for cell in map(str.strip, cells):
        if _GERMAN.match(cell):
            told = GERMAN if "," in cell else told
        elif "." in cell and _PLAIN.match(cell):
            return PLAIN
    return told

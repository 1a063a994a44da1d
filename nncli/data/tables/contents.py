"""What the files of a table hold, read in one pass: the features go into a store, what else is asked of rows stays in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow
from numpy.typing import NDArray

from nncli.data.origin import Origin
from nncli.data.raw import as_weights, require_some_weight
from nncli.data.tables.cells import are_times, as_numbers, missing, texts_of, with_leading_zero
from nncli.data.tables.files import TableFile
from nncli.data.tables.notation import Notation, numbers_of
from nncli.data.tables.place import RowPlace
from nncli.data.tables.roles import Roles
from nncli.data.tables.row_numbers import Counting
from nncli.data.tables.store import CellStore
from nncli.problems import error
from nncli.spec.columns import NumberColumn

BLOCK_ROWS: Final = 16_384
BLOCK_VALUES: Final = 2**20
BLOCK_BYTES: Final = 2**26
"""The most rows, cells and bytes of a block. How rows come in depends on the kind of the file; what is fitted to them, to the last
bit, depends on how they are put together."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that follow each other.

    Attributes:
        place: where they stand.
        first: number of the first of them in the whole source.
        count: how many there are.
    """

    place: RowPlace
    first: int
    count: int


class Mixed(Exception):
    """Columns that began with numbers and hold texts further on."""

    def __init__(self, names: set[str]) -> None:
        super().__init__(names)
        self.names = names


class Contents:
    """The rows of a table's files, those of the training part first.

    Args:
        roles: the files and the parts that their columns play.
        texts: features that are texts, whatever they hold.

    Raises:
        NncliError: NN501 or NN502, a file is at fault; NN604, the disk has no room.
        Mixed: features that are none of `texts` hold texts after numbers.
    """

    def __init__(self, roles: Roles, texts: set[str]) -> None:
        self.roles = roles
        self.store = CellStore()
        """The features, block by block: columns of float64 or of texts."""
        self.blocks: list[Rows] = []
        """The rows of each block."""
        self.counts = dict.fromkeys(roles.files, 0)
        """Rows of each part."""
        self.kinds: dict[str, str] = {}
        """Whether a feature is of `numbers` or of `texts`, unless the config says so."""
        self.may_be_times = set(roles.features)
        """Texts that all read as times are among these."""
        self.counting = {name: Counting() for name in roles.features if name not in roles.stated}
        """Whether features that nothing is said of number the rows of the training part's files."""
        self.leading_zeros: dict[str, str] = {}
        """Features of numbers that nothing is said of -> an entry that begins with a 0 and a further digit."""
        self._missing: dict[str, tuple[int, int]] = {}
        self._texts = texts
        self._read()

    def __len__(self) -> int:
        return sum(self.counts.values())

    def _read(self) -> None:
        dataset = self.roles.dataset
        self._beside: dict[str, list[pyarrow.Array]] = {name: [] for name in (dataset.target, *self.roles.of_splits)}
        self._weights: list[NDArray[np.float64]] = []
        try:
            for part, files in self.roles.files.items():
                for file in files:
                    for counting in self.counting.values():
                        counting.begin_file()
                    count = self._read_file(file, part)
                    if count == 0:
                        raise error("NN502", "the table has no rows", file=file.path)
                    self.counts[part] += count
        except BaseException:
            self.store.close()
            raise
        self.beside = {
            name: pyarrow.chunked_array(parts, pyarrow.string()).combine_chunks() for name, parts in self._beside.items()
        }
        """The target and the columns that rows are held out by, as texts."""
        self.sample_weight = None if dataset.sample_weight is None else self._all_weights(dataset.sample_weight)
        """The weight of each row, float32; None where no column has them."""
        del self._beside, self._weights

    def _read_file(self, file: TableFile, part: str) -> int:
        """Put the rows of a file into the store; returns how many there are."""
        start, count = len(self), 0
        for block in _blocks(self._features(file), max(1, BLOCK_VALUES // max(1, len(self.roles.features)))):
            self.store.append(block)
            if part == "train":
                self._look_for_row_numbers(block)
            self.blocks.append(Rows(RowPlace(file.path, 1 + count), start + count, block.num_rows))
            count += block.num_rows
        return count

    def _look_for_row_numbers(self, block: pyarrow.RecordBatch) -> None:
        for name, counting in self.counting.items():
            if self.kinds[name] == "numbers":
                counting.add(block.column(name))

    def _features(self, file: TableFile) -> Iterator[pyarrow.RecordBatch]:
        """The features of the rows of a file as these come in; what else is asked of them is noted."""
        weight, first = self.roles.dataset.sample_weight, 1
        for batch in file.batches():
            place = RowPlace(file.path, first)
            for name, parts in self._beside.items():
                if name in batch.schema.names:
                    parts.append(self._text_of(batch.column(name), name, place, file.notation))
            if weight is not None:
                self._weights.append(numbers_of(batch.column(weight), weight, place, file.notation))
            yield self._features_of(batch, place, file.notation)
            first += batch.num_rows

    def _text_of(self, cells: pyarrow.Array, name: str, place: RowPlace, notation: Notation) -> pyarrow.Array:
        """A column beside the features, as texts that read as numbers where its cells do. What names groups is left as it is."""
        if name == self.roles.dataset.group:
            return texts_of(cells, name, place)
        plain = notation.plain(cells)
        if not notation.is_plain and as_numbers(plain) is not None:
            numbers_of(cells, name, place, notation)
        return texts_of(plain, name, place)

    def _features_of(self, batch: pyarrow.RecordBatch, place: RowPlace, notation: Notation) -> pyarrow.RecordBatch:
        """The features of some rows, each a column of float64 or of texts, the same for all rows."""
        features, stated = self.roles.features, self.roles.stated
        columns, mixed = [], set()
        for name in features:
            cells = batch.column(name)
            if isinstance(stated.get(name), NumberColumn):
                columns.append(pyarrow.array(numbers_of(cells, name, place, notation), from_pandas=True))
                continue
            numbers = None if name in self._texts or self.kinds.get(name) == "texts" else notation.as_numbers(cells)
            kind = "texts" if numbers is None else "numbers"
            if self.kinds.setdefault(name, kind) != kind:
                mixed.add(name)
            if kind == "texts":
                texts = texts_of(cells, name, place)
                if name in self.may_be_times and not are_times(texts):
                    self.may_be_times.discard(name)
                columns.append(texts)
            else:
                columns.append(numbers)
                if name not in self.leading_zeros and (entry := with_leading_zero(cells)) is not None:
                    self.leading_zeros[name] = entry
        if mixed:
            raise Mixed(mixed)
        for name, column in zip(features, columns, strict=True):
            if column.null_count:
                count, first = self._missing.get(name, (0, place.first + int(missing(column).argmax())))
                self._missing[name] = count + column.null_count, first
        return pyarrow.record_batch(columns, names=list(features))

    def _all_weights(self, column: str) -> NDArray[np.float32]:
        origins = {part: Origin(f"column `{column}`", files[0].path) for part, files in self.roles.files.items()}
        weights = np.concatenate(self._weights)
        result = as_weights(weights, origins["train"], lambda row, message: self.place_of(row).error(0, message))
        ends = np.cumsum(tuple(self.counts.values()))[:-1]
        for part, own in zip(self.counts, np.split(result, ends), strict=True):
            require_some_weight(own, origins[part])
        return result

    def missing(self) -> list[str]:
        """A sentence on each feature with missing cells."""
        total = len(self)
        return [
            f"column `{name}` has {count:,} missing cells of {total:,}, the first in row {first:,}"
            for name, (count, first) in self._missing.items()
        ]

    def place_of(self, row: int) -> RowPlace:
        """Where a row of the source stands."""
        rows = next(rows for rows in reversed(self.blocks) if rows.first <= row)
        return RowPlace(rows.place.file, rows.place.first + row - rows.first)


def _blocks(parts: Iterable[pyarrow.RecordBatch], most_rows: int) -> Iterator[pyarrow.RecordBatch]:
    """The same rows, so many at a time, however they come."""
    most_rows = min(BLOCK_ROWS, most_rows)
    held: list[pyarrow.RecordBatch] = []
    for part in parts:
        held.append(part)
        if sum(some.num_rows for some in held) >= most_rows or sum(some.nbytes for some in held) > BLOCK_BYTES:
            joined = pyarrow.Table.from_batches(held).combine_chunks()
            whole = joined.num_rows - joined.num_rows % most_rows or joined.num_rows
            yield from joined.slice(0, whole).to_batches(max_chunksize=most_rows)
            held = joined.slice(whole).to_batches()
    if held:
        yield from pyarrow.Table.from_batches(held).combine_chunks().to_batches(max_chunksize=most_rows)

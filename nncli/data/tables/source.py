"""A table that is to be trained on: read once, split, fitted and encoded."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow
import pyarrow.compute as compute
from numpy.typing import NDArray

from nncli.data.on_disk import StoredRows, gathered
from nncli.data.origin import Origin
from nncli.data.raw import as_weights, require_some_weight
from nncli.data.tables.cells import are_times, as_numbers, missing, numbers_of, texts_of
from nncli.data.tables.columns import FittedCategory, FittedColumn, FittedDate, FittedNumber, FittedText, times_of
from nncli.data.tables.csv_file import CsvFile
from nncli.data.tables.encoding import TableEncoding, require_columns
from nncli.data.tables.files import RowPlace, TableFile, digest, find_files, open_table
from nncli.data.tables.fitting import CategoryFit, Fit, fit_for
from nncli.data.tables.store import CellStore
from nncli.problems import NncliError, Problem, Where, error
from nncli.spec.columns import CategoryColumn, Column, DateColumn, IgnoredColumn, NumberColumn, TextColumn
from nncli.spec.datasets.tables import Table, did_you_mean

PARTS: Final = ("train", "validation", "test")
MOST_CLASSES: Final = 20
"""So many different whole numbers in a target are taken for classes, where each stands there twice on average."""


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


class _Mixed(Exception):
    """Columns that began with numbers and hold texts further on."""

    def __init__(self, names: set[str]) -> None:
        super().__init__(names)
        self.names = names


class TableSource:
    """The rows of a table's files, those of the training part first. Made by `open_source`; by itself it only looks at headers.

    Args:
        dataset: the table.

    Raises:
        NncliError: NN501 or NN502, a file is at fault; NN402, a column that a setting names is not there.
    """

    def __init__(self, dataset: Table) -> None:
        self.dataset = dataset
        paths = {"train": dataset.path, "validation": dataset.validation_path, "test": dataset.test_path}
        self.files: dict[str, list[TableFile]] = {
            part: [open_table(file, dataset) for file in find_files(names)] for part, names in paths.items() if names is not None
        }
        self.names = self.files["train"][0].names
        self._stated = {name: column for column in dataset.columns for name in column.names}
        self._require_names()
        self._texts = {
            name for name, column in self._stated.items() if isinstance(column, CategoryColumn | DateColumn | TextColumn)
        }
        self._fitted: tuple[NDArray[np.intp], TableEncoding] | None = None
        self.specs: dict[str, Column] = {}
        """What is done with each column, once the encoding is fitted."""
        self.notes: list[Problem] = []
        """Warnings of what was left out, once the encoding is fitted."""

    def read(self) -> None:
        """Read all rows; what else can be asked of them is known only then."""
        while True:
            try:
                self._read()
                break
            except _Mixed as found:
                self._store.close()
                self._texts |= found.names

    def _require_names(self) -> None:
        dataset = self.dataset
        roles = {role: getattr(dataset, role) for role in ("target", "id", "group", "time", "sample_weight")}
        named = {f"dataset.{role}": name for role, name in roles.items() if name is not None}
        for index, column in enumerate(dataset.columns):
            named |= {f"dataset.columns.{index}.names.{place}": name for place, name in enumerate(column.names)}
        file = os.path.basename(self.files["train"][0].path)
        problems = [
            Problem("NN402", f"there is no column `{name}` in {file}", did_you_mean(name, self.names), Where(path=path))
            for path, name in named.items()
            if name not in self.names
        ]
        if problems:
            raise NncliError(problems)
        self._roles = {name for role, name in roles.items() if name is not None and not (role == "time" and name in self._stated)}
        ignored = {name for name, column in self._stated.items() if isinstance(column, IgnoredColumn)}
        self.features = tuple(name for name in self.names if name not in self._roles | ignored)
        needed = [*self.features, dataset.target, *([dataset.sample_weight] if dataset.sample_weight is not None else [])]
        for part, files in self.files.items():
            for table in files:
                require_columns([*needed, *self._split_columns()] if part == "train" else needed, table)

    def _split_columns(self) -> list[str]:
        return [name for name in (self.dataset.group, self.dataset.time) if name is not None]

    def _read(self) -> None:
        """Read all files once: cells of features go into the store, the other columns stay here."""
        dataset = self.dataset
        self._store, self.rows, self.counts = CellStore(), [], dict.fromkeys(self.files, 0)
        self._may_be_times = set(self.features)
        self._missing: dict[str, tuple[int, int]] = {}
        kinds: dict[str, str] = {}
        beside: dict[str, list[pyarrow.Array]] = {name: [] for name in (dataset.target, *self._split_columns())}
        weights: list[NDArray[np.float64]] = []
        total = 0
        for part, files in self.files.items():
            for file in files:
                first = 1
                for batch in file.batches():
                    place = RowPlace(file.path, first)
                    self._store.append(self._cells(batch, place, kinds))
                    for name, parts in beside.items():
                        if name in batch.schema.names:
                            parts.append(texts_of(batch.column(name), name, place))
                    if dataset.sample_weight is not None:
                        weights.append(numbers_of(batch.column(dataset.sample_weight), dataset.sample_weight, place))
                    self.rows.append(Rows(place, total, batch.num_rows))
                    self.counts[part] += batch.num_rows
                    first, total = first + batch.num_rows, total + batch.num_rows
                if first == 1:
                    raise error("NN502", "the table has no rows", file=file.path)
        self._kinds = kinds
        self._beside = {name: pyarrow.chunked_array(parts, pyarrow.string()).combine_chunks() for name, parts in beside.items()}
        self.sample_weight = self._weights(np.concatenate(weights)) if weights else None

    def _cells(self, batch: pyarrow.RecordBatch, place: RowPlace, kinds: dict[str, str]) -> pyarrow.RecordBatch:
        """The features of some rows, each a column of float64 or of texts, the same for all rows."""
        columns, mixed = [], set()
        for name in self.features:
            cells = batch.column(name)
            if isinstance(self._stated.get(name), NumberColumn):
                columns.append(pyarrow.array(numbers_of(cells, name, place), from_pandas=True))
                continue
            numbers = None if name in self._texts or kinds.get(name) == "texts" else as_numbers(cells)
            kind = "texts" if numbers is None else "numbers"
            if kinds.setdefault(name, kind) != kind:
                mixed.add(name)
            if kind == "texts":
                texts = texts_of(cells, name, place)
                if name in self._may_be_times and not are_times(texts):
                    self._may_be_times.discard(name)
                columns.append(texts)
            else:
                columns.append(numbers)
        if mixed:
            raise _Mixed(mixed)
        for name, column in zip(self.features, columns, strict=True):
            if column.null_count:
                count, first = self._missing.get(name, (0, place.first + int(missing(column).argmax())))
                self._missing[name] = count + column.null_count, first
        return pyarrow.record_batch(columns, names=list(self.features))

    def missing(self) -> list[str]:
        """A sentence on each column of the network with missing cells."""
        total = len(self)
        return [
            f"column `{name}` has {count:,} missing cells of {total:,}, the first in row {first:,}"
            for name, (count, first) in self._missing.items()
        ]

    def _weights(self, weights: NDArray[np.float64]) -> NDArray[np.float32]:
        name = f"column `{self.dataset.sample_weight}`"
        origins = {part: Origin(name, files[0].path) for part, files in self.files.items()}
        result = as_weights(weights, origins["train"], lambda row, message: self.place_of(row).error(0, message))
        ends = np.cumsum(tuple(self.counts.values()))[:-1]
        for part, own in zip(self.counts, np.split(result, ends), strict=True):
            require_some_weight(own, origins[part])
        return result

    def __len__(self) -> int:
        return sum(self.counts.values())

    def place_of(self, row: int) -> RowPlace:
        """Where a row of the source stands."""
        rows = next(rows for rows in reversed(self.rows) if rows.first <= row)
        return RowPlace(rows.place.file, rows.place.first + row - rows.first)

    @property
    def groups(self) -> NDArray[np.int64] | None:
        """The number of each training row's group; None where there are no groups."""
        return None if self.dataset.group is None else _numbered(self._beside[self.dataset.group])

    @property
    def times(self) -> NDArray[np.int64] | None:
        """When each training row is from, in microseconds, or in whatever unit numbers are; None where nothing says so.

        Raises:
            NncliError: NN502, a time is missing or none.
        """
        name = self.dataset.time
        if name is None:
            return None
        texts = self._beside[name][: self.counts["train"]]
        stated = self._stated.get(name)
        pattern = stated.format if isinstance(stated, DateColumn) else None
        numbers = None if pattern is not None else as_numbers(texts)  # `31032026` may be a date: what is said of it counts
        absent = missing(texts if numbers is None else numbers)
        if bool(absent.any()):
            row = int(absent.argmax())
            raise self.place_of(row).error(0, f"column `{name}`, by which rows are held out, has no time", "fill it in")
        if numbers is not None:
            return np.argsort(np.argsort(numbers.to_numpy(), kind="stable"), kind="stable").astype(np.int64)
        train = [rows for rows in self.rows if rows.first < self.counts["train"]]
        times = [times_of(texts.slice(rows.first, rows.count), name, pattern, rows.place)[0] for rows in train]
        return np.concatenate(times).astype(np.int64)

    def targets(self) -> tuple[NDArray[Any], tuple[str, ...] | None]:
        """The targets of all rows: class numbers, int64, with the classes' names; or numbers to predict, float64, and None.

        Raises:
            NncliError: NN502, a target is missing, or no number where numbers are predicted.
        """
        name, texts = self.dataset.target, self._beside[self.dataset.target]
        if texts.null_count:
            row = int(np.argmax(compute.is_null(texts).to_numpy(zero_copy_only=False)))
            raise self.place_of(row).error(0, f"the target `{name}` is missing", "leave the row out, or fill it in")
        numbers = as_numbers(texts)
        wanted = self.dataset.targets or ("classes" if self.dataset.labels or _are_classes(numbers) else "numbers")
        if wanted == "numbers":
            if numbers is None:
                texts = texts.to_pylist()
                row = next(row for row, text in enumerate(texts) if as_numbers(pyarrow.array([text])) is None)
                raise self.place_of(row).error(0, f"the target `{name}` holds {texts[row][:40]!r}, a number was expected")
            return np.concatenate([numbers_of(numbers.slice(rows.first, rows.count), name, rows.place) for rows in self.rows]), None
        names = compute.unique(texts).to_pylist()
        order = sorted(names, key=(lambda text: (float(text), text)) if numbers is not None else None)
        codes = compute.index_in(texts, value_set=pyarrow.array(order, pyarrow.string()))
        return codes.to_numpy().astype(np.int64), tuple(order)

    def fingerprint(self) -> str:
        """SHA-256, in hex, of all files and of which part each is."""
        lines = [f"{part} {digest(file.path)}\n" for part, files in self.files.items() for file in files]
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def fit(self, train: NDArray[np.intp]) -> TableEncoding:
        """Fit the columns to the training part.

        Args:
            train: numbers of its rows.

        Raises:
            NncliError: NN502, a column does not hold what it should.
        """
        if self._fitted is not None and np.array_equal(self._fitted[0], train):
            return self._fitted[1]
        file = self.files["train"][0].path
        self.specs = {name: self._stated.get(name) or self._default(name) for name in self.features}
        fits: dict[str, Fit] = {name: fit_for(spec, name, file) for name, spec in self.specs.items()}
        is_train = np.zeros(len(self), bool)
        is_train[train] = True
        for rows, batch in zip(self.rows, self._store, strict=True):
            chosen = is_train[rows.first : rows.first + rows.count]
            for name, fit in fits.items():
                fit.add(batch.column(name), rows.place, chosen)
        self.notes = []
        columns = [column for name, fit in fits.items() if (column := self._finish(name, fit)) is not None]
        if not columns:
            raise error("NN502", "no column is left to learn from", "name some in `columns`", file=file)
        if any(isinstance(column, FittedText) for column in columns):
            self._require_numbers_of_words(columns)
        digests = tuple(digest(file.path) for file in self.files["train"])
        first = self.files["train"][0]
        num_columns = len(first.names) if isinstance(first, CsvFile) and not first.header else None
        roles = self.dataset.target, self.dataset.id, self.dataset.sample_weight
        encoding = TableEncoding(tuple(columns), *roles, digests, num_columns)
        self._fitted = train, encoding
        return encoding

    def _require_numbers_of_words(self, columns: list[FittedColumn]) -> None:
        """Check that no measured numbers stand beside the numbers of words: a layer takes one kind.

        Raises:
            NncliError: NN403, each column that has some.
        """
        wrong = [
            column
            for column in columns
            if not (isinstance(column, FittedText) or (isinstance(column, FittedCategory) and not column.one_hot))
        ]
        hint = "leave it out: `{type: ignore, names: ...}`, or take categories as an `index`"
        message = "column `{}` holds amounts, which cannot stand beside the numbers of words"
        if wrong:
            where = Where(path="dataset.columns")
            raise NncliError([Problem("NN403", message.format(column.name), hint, where) for column in wrong])

    def _default(self, name: str) -> Column:
        """What is done with a column that nothing is said of."""
        if self._kinds.get(name) == "numbers":
            return NumberColumn(names=(name,))
        return DateColumn(names=(name,)) if name in self._may_be_times else CategoryColumn(names=(name,))

    def _finish(self, name: str, fit: Fit) -> FittedColumn | None:
        """The fitted column; None for one that nothing is said of, and that says nothing."""
        if name in self._stated:
            return fit.fitted()
        why = None
        if fit.is_empty:
            why = "holds nothing in the training part"
        elif isinstance(fit, CategoryFit) and fit.is_like_a_name:
            why = "holds texts of which most occur only once"
        if why is None:
            return fit.fitted()
        self.specs[name] = IgnoredColumn(names=(name,))
        hint = f"say so: `columns: [{{type: ignore, names: {name}}}]`, or `type: category` to give it to the network"
        self.notes.append(
            Problem("NN502", f"column `{name}` {why}: it is left out", hint, Where(file=self.files["train"][0].path), "warning")
        )
        return None

    def resolved(self, encoding: TableEncoding) -> dict[str, Any]:
        """What the settings that were left to the data come to: field of the data set -> value."""
        fitted = {column.name: column for column in encoding.columns}
        alike: dict[str, tuple[Column, list[str]]] = {}
        for name, spec in self.specs.items():
            column = fitted.get(name)
            if isinstance(spec, NumberColumn) and isinstance(column, FittedNumber):
                spec = spec.model_copy(update={"indicator": column.indicator})
            if isinstance(spec, DateColumn) and isinstance(column, FittedDate):
                spec = spec.model_copy(update={"parts": column.parts})
            alike.setdefault(spec.model_dump_json(exclude={"names"}), (spec, []))[1].append(name)
        stated = [column for column in self.dataset.columns if isinstance(column, IgnoredColumn)]
        columns = [spec.model_copy(update={"names": tuple(names)}) for spec, names in alike.values()]
        found = {"columns": (*columns, *stated), "targets": "numbers" if self.targets()[1] is None else "classes"}
        first = self.files["train"][0]
        return found | {name: getattr(first, name) for name in ("delimiter", "header", "encoding") if hasattr(first, name)}

    def encode(self, encoding: TableEncoding, memory: int | None) -> StoredRows:
        """All rows as numbers, on disk where they take more than `memory` bytes.

        Raises:
            NncliError: NN502, a cell is not what its column takes; NN604, the disk has no room.
        """
        shape, dtype = (len(self), *encoding.raw_shape), np.dtype(encoding.raw_dtype)
        return gathered(self._encoded(encoding), shape, dtype, memory)

    def _encoded(self, encoding: TableEncoding) -> Iterator[NDArray[Any]]:
        for rows, batch in zip(self.rows, self._store, strict=True):
            yield from (part for part, _, _ in encoding.encoded(batch, rows.place))

    def close(self) -> None:
        """Give the cells back; nothing can be fitted or encoded any more."""
        self._store.close()
        for key, source in tuple(_latest.items()):
            if source is self:
                del _latest[key]


def _are_classes(numbers: pyarrow.Array | None) -> bool:
    if numbers is None:
        return True
    different = compute.unique(numbers).to_numpy()
    return len(different) <= min(MOST_CLASSES, len(numbers) / 2) and bool((different == np.floor(different)).all())


def _numbered(texts: pyarrow.Array) -> NDArray[np.int64]:
    """The number of each text among the different ones, in the order of the alphabet; a missing one is a text of its own."""
    texts = compute.fill_null(texts, "")
    names = pyarrow.array(sorted(compute.unique(texts).to_pylist()), pyarrow.string())
    numbers: NDArray[np.int64] = compute.index_in(texts, value_set=names).to_numpy().astype(np.int64)
    return numbers


_latest: dict[str, TableSource] = {}
"""The table that was read last: a config is checked against its data before they are taken, and one look is enough for both."""


def open_source(dataset: Table) -> TableSource:
    """Read a table, or take it as it was read before, as long as its files have not changed."""
    key = dataset.model_dump_json() + "".join(map(_state, _all_files(dataset)))
    if key not in _latest:
        close_source()
        source = TableSource(dataset)
        source.read()
        _latest[key] = source
    return _latest[key]


def close_source() -> None:
    """Forget the table that was read last."""
    for source in tuple(_latest.values()):
        source.close()


def _all_files(dataset: Table) -> list[str]:
    return find_files([*dataset.path, *(dataset.validation_path or ()), *(dataset.test_path or ())])


def _state(path: str) -> str:
    try:
        found = os.stat(path)
    except OSError:
        return f"\n{path}"
    return f"\n{path} {found.st_mtime_ns} {found.st_size} {found.st_ino}"

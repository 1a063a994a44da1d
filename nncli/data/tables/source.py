"""A table that is to be trained on: its columns are fitted to the training part, and encoded."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow
from numpy.typing import NDArray

from nncli.data.on_disk import StoredRows, gathered
from nncli.data.rows import RawRows
from nncli.data.tables.columns import FittedCategory, FittedColumn, FittedDate, FittedNumber, FittedText
from nncli.data.tables.contents import Contents, Mixed
from nncli.data.tables.csv_file import CsvFile
from nncli.data.tables.encoding import TableEncoding
from nncli.data.tables.files import digest, find_files
from nncli.data.tables.fitting import CategoryFit, Fit, NumberFit, fit_for
from nncli.data.tables.likeness import has_sentences, likeness
from nncli.data.tables.place import RowPlace, row_names
from nncli.data.tables.roles import Roles
from nncli.data.tables.row_numbers import is_index
from nncli.data.tables.targets import targets_of
from nncli.data.texts.unknown import UnknownTexts
from nncli.problems import NncliError, Problem, Where, error
from nncli.spec.columns import CategoryColumn, Column, DateColumn, IgnoredColumn, NumberColumn
from nncli.spec.datasets.tables import Table

_MOST_TOLD: Final = 10


class TableSource:
    """The rows of a table, once they are read.

    Args:
        contents: the rows.
    """

    def __init__(self, contents: Contents) -> None:
        self.contents, self.roles = contents, contents.roles
        self.dataset = contents.roles.dataset
        self._fitted: tuple[NDArray[np.intp], TableEncoding] | None = None
        self.specs: dict[str, Column] = {}
        """What is done with each column, once the encoding is fitted."""
        self.notes: list[Problem] = []
        """Warnings: of what was left out, once the encoding is fitted; of texts that it holds nothing of, once they are encoded."""

    def fingerprint(self) -> str:
        """SHA-256, in hex, of all files and of which part each is."""
        lines = [f"{part} {digest(file.path)}\n" for part, files in self.roles.files.items() for file in files]
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def fit(self, train: NDArray[np.intp]) -> TableEncoding:
        """Fit the columns to the training part.

        Args:
            train: numbers of its rows.

        Raises:
            NncliError: NN502, a column does not hold what it should, or the target is the same in all rows.
        """
        if self._fitted is not None and np.array_equal(self._fitted[0], train):
            return self._fitted[1]
        self._require_something_to_learn(train)
        file = self.roles.first.path
        self.specs = {name: self.roles.stated.get(name) or self._default(name) for name in self.roles.features}
        fits: dict[str, Fit] = {name: fit_for(spec, name, file) for name, spec in self.specs.items()}
        is_train = np.zeros(len(self.contents), bool)
        is_train[train] = True
        for rows, batch in zip(self.contents.blocks, self.contents.store, strict=True):
            chosen = is_train[rows.first : rows.first + rows.count]
            for name, fit in fits.items():
                fit.add(batch.column(name), rows.place, chosen)
        self.notes = []
        columns = [column for name, fit in fits.items() if (column := self._finish(name, fit)) is not None]
        if not columns:
            why = "".join(f"; {note.message}" for note in self.notes[:_MOST_TOLD])
            hint = self.notes[0].hint if self.notes else "name some in `columns`"
            raise error("NN502", f"no column is left to learn from{why}", hint, file=file)
        if any(isinstance(column, FittedText) for column in columns):
            self._require_numbers_of_words(columns)
        first = self.roles.first
        num_columns = len(first.names) if isinstance(first, CsvFile) and not first.header else None
        roles = self.dataset.target, self.dataset.id, self.dataset.sample_weight
        encoding = TableEncoding(tuple(columns), *roles, num_columns, first.notation.decimal, first.notation.thousands)
        self._fitted = train, encoding
        return encoding

    def _require_something_to_learn(self, train: NDArray[np.intp]) -> None:
        name = self.dataset.target
        entries = self.contents.beside[name].take(pyarrow.array(train)).unique()
        if len(train) > 1 and len(entries) == 1:
            rows = f"all {len(train):,} rows of the training part"
            message = f"the target `{name}` is the same in {rows}, {entries[0].as_py()[:40]!r}: there is nothing to learn"
            hint = "name another column as the `target`, or give rows that differ in it"
            raise error("NN502", message, hint, file=self.roles.first.path)

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
        if self.contents.kinds.get(name) == "numbers":
            return NumberColumn(names=(name,))
        return DateColumn(names=(name,)) if name in self.contents.may_be_times else CategoryColumn(names=(name,))

    def _finish(self, name: str, fit: Fit) -> FittedColumn | None:
        """The fitted column; None for one that nothing is said of, and that says nothing."""
        if name in self.roles.stated:
            return fit.fitted()
        why = None
        if is_index(name) or name in self.roles.first.unnamed:
            why = "has no name of its own, as the index that pandas stores"
        elif self.contents.counting[name].numbers_rows:
            why = "numbers the rows"
        elif fit.is_empty:
            why = "holds nothing in the training part"
        elif isinstance(fit, CategoryFit) and fit.is_like_a_name:
            why = "holds texts of which most occur only once"
        like = likeness(fit.counts, name) if isinstance(fit, CategoryFit) else None
        if why is None:
            if like is not None:
                message = f"column `{name}` is taken for categories, but most of its entries look like {like[0]}"
                self._note(message, f"{like[1]}; else say so: `{{type: category, names: {name}}}`")
            if (entry := self.contents.leading_zeros.get(name)) is not None:
                message = f"column `{name}` is taken for amounts, but holds {entry[:40]!r}, and no amount begins with 0"
                self._note(message, f"`{{type: category, names: {name}}}`; else say so: `{{type: number, names: {name}}}`")
            return fit.fitted()
        self.specs[name] = IgnoredColumn(names=(name,))
        self._note(f"column `{name}` {why}: it is left out", self._way_in(name, fit, like))
        return None

    def _way_in(self, name: str, fit: Fit, like: tuple[str, str] | None) -> str:
        """What can be written of a column that is left out."""
        hint = f"say so: `columns: [{{type: ignore, names: {name}}}]`"
        if fit.is_empty:
            return hint
        if like is not None:
            return f"its entries look like {like[0]}: {like[1]}; else {hint}"
        if isinstance(fit, CategoryFit) and has_sentences(fit.counts):
            return f"{hint}, or `{{type: text, names: {name}}}` to give its words to an `embedding`"
        return f"{hint}, or `type: {'number' if isinstance(fit, NumberFit) else 'category'}` to give it to the network"

    def _note(self, message: str, hint: str) -> None:
        self.notes.append(Problem("NN502", message, hint, Where(file=self.roles.first.path), "warning"))

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
        found = {"columns": (*columns, *stated), "targets": "numbers" if targets_of(self.contents)[1] is None else "classes"}
        first = self.roles.first
        return found | {
            name: getattr(first, name)
            for name in ("delimiter", "header", "encoding", "decimal", "thousands")
            if hasattr(first, name)
        }

    def encode(self, encoding: TableEncoding, memory: int | None) -> StoredRows:
        """All rows as numbers, on disk where they take more than `memory` bytes.

        Raises:
            NncliError: NN502, a cell is not what its column takes; NN604, the disk has no room.
        """
        shape, dtype = (len(self.contents), *encoding.raw_shape), np.dtype(encoding.raw_dtype)
        if not encoding.units.any():
            return gathered((inputs for inputs, _ in self._encoded(encoding)), shape, dtype, memory)
        unknown = UnknownTexts(encoding.units)
        named = (RawRows(inputs, row_names(place, len(inputs))) for inputs, place in self._encoded(encoding))
        inputs = gathered((rows.inputs for rows in unknown.counted(named)), shape, dtype, memory)
        self.notes += unknown.training_notes(len(self.contents))
        return inputs

    def _encoded(self, encoding: TableEncoding) -> Iterator[tuple[NDArray[Any], RowPlace]]:
        for rows, batch in zip(self.contents.blocks, self.contents.store, strict=True):
            yield from ((inputs, place) for inputs, _, place in encoding.encoded(batch, rows.place))

    def close(self) -> None:
        """Give the cells back; nothing can be fitted or encoded any more."""
        self.contents.store.close()
        for key, source in tuple(_latest.items()):
            if source is self:
                del _latest[key]


_latest: dict[str, TableSource] = {}
"""The table that was read last: a config is checked against its data before they are taken, and one look is enough for both."""


def open_source(dataset: Table) -> TableSource:
    """Read a table, or take it as it was read before, as long as its files have not changed."""
    key = dataset.model_dump_json() + "".join(map(_state, _all_files(dataset)))
    if key not in _latest:
        close_source()
        _latest[key] = TableSource(_read(dataset))
    return _latest[key]


def _read(dataset: Table) -> Contents:
    roles = Roles(dataset)
    texts = roles.texts
    while True:
        try:
            return Contents(roles, texts)
        except Mixed as found:
            texts |= found.names


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

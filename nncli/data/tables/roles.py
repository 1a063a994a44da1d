"""Which column of a table plays which part."""

from __future__ import annotations

import os

from nncli.data.tables.encoding import require_columns
from nncli.data.tables.files import TableFile, find_files, open_table
from nncli.problems import NncliError, Problem, Where
from nncli.spec.columns import CategoryColumn, Column, DateColumn, IgnoredColumn, TextColumn
from nncli.spec.datasets.tables import Table, did_you_mean


class Roles:
    """The files of a table and the parts that its columns play, as far as headers and the config tell.

    Args:
        dataset: the table.

    Raises:
        NncliError: NN501 or NN502, a file is at fault; NN402, a column that a setting names is not there.
    """

    def __init__(self, dataset: Table) -> None:
        self.dataset = dataset
        paths = {"train": dataset.path, "validation": dataset.validation_path, "test": dataset.test_path}
        found = {part: find_files(names) for part, names in paths.items() if names is not None}
        self.first = open_table(found["train"][0], dataset)
        self.files: dict[str, list[TableFile]] = {
            part: [open_table(file, dataset, self.first.notation) for file in files] for part, files in found.items()
        }
        self.stated: dict[str, Column] = {name: column for column in dataset.columns for name in column.names}
        """What the config says is done with columns, by their names."""
        self._require_names()
        self.features = self._features()
        """The columns that the network may be given, in the file's order."""
        self._require_columns()

    @property
    def of_splits(self) -> tuple[str, ...]:
        """The columns that rows are held out by."""
        return tuple(name for name in (self.dataset.group, self.dataset.time) if name is not None)

    @property
    def texts(self) -> set[str]:
        """The features that are texts by what the config says of them."""
        return {name for name, column in self.stated.items() if isinstance(column, CategoryColumn | DateColumn | TextColumn)}

    def _require_names(self) -> None:
        """Check that what the config names is there."""
        named = {f"dataset.{role}": name for role, name in self._named().items()}
        for index, column in enumerate(self.dataset.columns):
            named |= {f"dataset.columns.{index}.names.{place}": name for place, name in enumerate(column.names)}
        file = os.path.basename(self.first.path)
        problems = [
            Problem("NN402", f"there is no column `{name}` in {file}", did_you_mean(name, self.first.names), Where(path=path))
            for path, name in named.items()
            if name not in self.first.names
        ]
        if problems:
            raise NncliError(problems)

    def _named(self) -> dict[str, str]:
        roles = ((role, getattr(self.dataset, role)) for role in ("target", "id", "group", "time", "sample_weight"))
        return {role: name for role, name in roles if name is not None}

    def _features(self) -> tuple[str, ...]:
        # A time is given to the network where `columns` says how.
        others = {name for role, name in self._named().items() if not (role == "time" and name in self.stated)}
        others |= {name for name, column in self.stated.items() if isinstance(column, IgnoredColumn)}
        return tuple(name for name in self.first.names if name not in others)

    def _require_columns(self) -> None:
        """Check that every file has what is needed of it."""
        weight = () if self.dataset.sample_weight is None else (self.dataset.sample_weight,)
        needed = [*self.features, self.dataset.target, *weight]
        for part, files in self.files.items():
            for table in files:
                require_columns([*needed, *self.of_splits] if part == "train" else needed, table)

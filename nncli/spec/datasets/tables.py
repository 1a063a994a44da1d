"""Tables: a row a sample, in one file or in many."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from nncli.spec.base import refuse
from nncli.spec.choice import OneOf
from nncli.spec.columns import Column
from nncli.spec.datasets.base import Splittable, require_one_part_each
from nncli.spec.values import FilePath, Many
from nncli.spec.wording import closest


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


FilePaths = Annotated[
    Many[FilePath],
    BeforeValidator(_listed),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
"""A path or a pattern such as `data/*.csv`, or a list of them."""


class Table(Splittable):
    """What all tables share. Columns that nothing is said of are taken by what they hold: numbers as `number`, dates as `date`,
    other texts as `category`, or left out where most of them occur only once, as are columns that number the rows.
    """

    path: FilePaths
    """The file, or several: a list, or a pattern such as `data/*.csv`; relative to the config's folder."""
    validation_path: FilePaths | None = None
    """Files of the validation part, in place of a share."""
    test_path: FilePaths | None = None
    """Files of the test part, in place of a share."""
    target: str = Field(min_length=1)
    """The column that is to be predicted."""
    targets: Literal["classes", "numbers"] | None = None
    """What it holds: `classes`, or `numbers` to predict. Null: classes where it holds texts, or at most 20 different whole
    numbers, each twice or more on average."""
    scale_target: bool = False
    """Whether numbers to predict are brought to mean 0 and deviation 1 for the training; loss and metrics are of such numbers,
    predictions of the column's own."""
    columns: Many[Annotated[Column, OneOf("column")]] = ()
    """What is done with which columns."""
    id: str | None = None
    """A column that names the rows; it stands beside their predictions, and the network is not given it."""
    group: str | None = None
    """A column whose equal entries stay together when a share is held out, such as a patient's number; not given to the network."""
    time: str | None = None
    """A column of times: the latest rows are held out, and none is drawn; not given to the network unless `columns` names it."""
    sample_weight: str | None = None
    """A column that says how much each row counts, 0 or more."""

    @model_validator(mode="after")
    def _one_part_each(self) -> Self:
        require_one_part_each(self)
        if self.group is not None and self.time is not None:
            refuse("NN206", "rows are held out by `group` or by `time`, not by both", hint="keep one of them", at=("group",))
        return self

    @model_validator(mode="after")
    def _target_apart(self) -> Self:
        for role in ("id", "group", "time", "sample_weight"):
            if getattr(self, role) == self.target:
                message = f"column `{self.target}` is the `target`, which cannot be the `{role}`, too"
                refuse("NN206", message, hint=f"name another column, or remove `{role}`", at=(role,))
        return self

    @model_validator(mode="after")
    def _columns_once(self) -> Self:
        roles = {self.target: "target"} | {getattr(self, role): role for role in ("id", "group", "sample_weight")}
        seen: set[str] = set()
        for index, column in enumerate(self.columns):
            for name in column.names:
                if name in seen:
                    refuse("NN206", f"column `{name}` is named twice", hint="keep one of them", at=("columns", index, "names"))
                if name in roles and column.type != "ignore":
                    message = f"column `{name}` is the `{roles[name]}`, which the network is not given"
                    refuse("NN206", message, hint="remove it here", at=("columns", index, "names"))
                seen.add(name)
        return self


class Csv(Table):
    """A table as text, a row a line; compressed by gzip, too."""

    type: Literal["csv"] = "csv"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """What separates the cells of a row; null: found from the first lines, `,`, `;`, a tab or `|`."""
    header: bool | None = None
    """Whether the first line names the columns; null: where it names the `target`, or holds no number. Without, they are called
    `column_1`, ..."""
    encoding: str | None = None
    """How characters are written; null: UTF-8, UTF-16 where the file begins with its mark, else Windows-1252."""
    decimal: Literal[".", ","] | None = None
    """What stands before the decimals of a number; null: found from the first lines, `,` where the delimiter is none and there are
    cells such as `85,9` or `3.402,19`, but none such as `85.9`; else `.`."""
    thousands: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """What may part groups of three digits; null: `.` where `decimal` is `,`, else nothing."""

    @model_validator(mode="after")
    def _parted_by_another(self) -> Self:
        if self.thousands is not None and (self.thousands == self.decimal or self.thousands in "0123456789+-eE"):
            message = f"`{self.thousands}` stands for something else in a number, and cannot part thousands"
            refuse("NN206", message, hint="take another character, or remove it", at=("thousands",))
        return self


class Parquet(Table):
    """A table in Parquet files."""

    type: Literal["parquet"] = "parquet"


class JsonLines(Table):
    """A table as text, a row a line, each a JSON object; compressed by gzip, too."""

    type: Literal["json_lines"] = "json_lines"


def did_you_mean(name: str, names: tuple[str, ...]) -> str:
    """A hint for the name of a column that is not there."""
    right = closest(name, names)
    listed = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return f"did you mean `{right}`?" if right else f"there are: {listed}"

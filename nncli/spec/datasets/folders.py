"""Folders of pictures, and of texts."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from nncli.spec.base import refuse
from nncli.spec.datasets.base import Splittable, require_one_part_each
from nncli.spec.sentences import Sentences
from nncli.spec.values import FilePath, Size2D


class ImageFolder(Splittable):
    """Pictures in a folder, in a sub-folder for each class: PNG, JPEG, BMP, GIF or WebP files, of which the first frame counts."""

    type: Literal["image_folder"] = "image_folder"
    path: FilePath
    """The folder, relative to the config's."""
    validation_path: FilePath | None = None
    """A folder of the validation part, in place of a share."""
    test_path: FilePath | None = None
    """A folder of the test part, in place of a share."""
    table: FilePath | None = None
    """A table with the columns `file`, counting from `path`, and `label`; null: the sub-folders name the classes."""
    size: Size2D | None = None
    """Height and width that every picture is brought to; null: that of the pictures, which then have one size."""
    channels: Literal[1, 3] = 3
    """1: grey; 3: colour."""
    fit: Literal["stretch", "crop"] = "stretch"
    """How a picture of another shape is brought to `size`: `stretch` scales height and width apart; `crop` scales both alike, and
    cuts off what lies beyond the middle."""
    on_error: Literal["fail", "skip"] = "fail"
    """What is done with a file that is no readable picture: `fail`, or `skip` it, and name it in a warning."""

    @model_validator(mode="after")
    def _one_part_each(self) -> Self:
        require_one_part_each(self)
        if self.table is not None and (self.validation_path or self.test_path):
            refuse("NN206", "a `table` tells of the files of `path` alone", hint="hold out shares: `test: 0.2`", at=("table",))
        return self


class TextFolder(Sentences, Splittable):
    """Texts in a folder, for an `embedding` with `mask_zero: true`: a number a word or a character, 0 where there is none. Each
    `.txt` file in it is a class, whose lines that are not blank are the texts; or each sub-folder is a class, in which and below
    which each `.txt` file is a text.
    """

    type: Literal["text_folder"] = "text_folder"
    path: FilePath
    """The folder, relative to the config's."""
    validation_path: FilePath | None = None
    """A folder of the validation part, laid out alike, in place of a share."""
    test_path: FilePath | None = None
    """A folder of the test part, laid out alike, in place of a share."""
    encoding: str | None = None
    """How characters are written, such as `latin-1`; null: UTF-8, or UTF-16 where a file begins with its mark."""

    @model_validator(mode="after")
    def _one_part_each(self) -> Self:
        require_one_part_each(self)
        return self

"""Which pictures there are, in folders and by tables, and their classes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nncli.data.folders import Listed, files_in, files_of, sub_folders
from nncli.problems import NncliError, Problem, Where, error
from nncli.spec.datasets.folders import ImageFolder

if TYPE_CHECKING:
    from nncli.data.tables.place import RowPlace

SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"})
OTHER_SUFFIXES: Final = frozenset(
    f".{name}"
    for name in (
        *(
            "tif",
            "tiff",
            "heic",
            "heif",
            "avif",
            "jp2",
            "jpx",
            "j2k",
            "jxl",
            "jfif",
            "jpe",
            "ico",
            "tga",
            "pcx",
            "pnm",
            "pbm",
            "pgm",
            "ppm",
        ),
        *("svg", "eps", "psd", "xcf", "exr", "hdr", "dds", "dcm"),
        *("raw", "arw", "cr2", "cr3", "dng", "nef", "orf", "rw2"),
    )
)
"""How files of pictures are called that are not read: nobody keeps them among pictures to have them left out unsaid."""
_MOST_NAMED: Final = 20
"""So many rows with the same mistake are told of."""


@dataclass(frozen=True, slots=True)
class ListedPictures(Listed):
    """Pictures with their classes.

    Attributes:
        notes: warnings of what was passed over, or looks wrong.
    """

    notes: tuple[Problem, ...] = ()


def list_parts(dataset: ImageFolder) -> dict[str, ListedPictures]:
    """The pictures of each part that a data set brings.

    Raises:
        NncliError: NN501 or NN502, a folder or the table is missing, or holds no pictures.
    """
    if dataset.table is not None:
        return {"train": _listed_in(dataset.table, dataset.path)}
    paths = {"train": dataset.path, "validation": dataset.validation_path, "test": dataset.test_path}
    return {part: list_folder(path) for part, path in paths.items() if path is not None}


def list_folder(path: str) -> ListedPictures:
    """The pictures in the sub-folders of a folder, in the order of their names.

    Raises:
        NncliError: NN501, there is no such folder, or one cannot be read; NN502, it holds no pictures in sub-folders.
    """
    every = [(file, name) for name in sub_folders(path) for file in files_in(os.path.join(path, name), _is_any_picture)]
    found = [(file, name) for file, name in every if is_picture(file)]
    notes = _of_other_formats([file for file, _ in every if not is_picture(file)], path)
    if not found:
        hint = f"a sub-folder for each class, with files such as {', '.join(sorted(SUFFIXES))}"
        raise error(
            "NN502", "the folder holds no pictures in sub-folders", "; ".join([*(note.message for note in notes), hint]), file=path
        )
    return ListedPictures(tuple(file for file, _ in found), tuple(name for _, name in found), notes)


def find_pictures(path: str, notes: list[Problem]) -> list[str]:
    """The pictures that a path names: itself, or those that its pattern fits; of folders, all in them and below.

    Args:
        path: a file, a folder or a pattern.
        notes: takes a warning of files of other formats in the folders.

    Raises:
        NncliError: NN501, there are none, or a folder cannot be read.
    """
    found = files_of(path, is_picture)
    known = set(found)
    others = _of_other_formats([file for file in files_of(path, _is_any_picture) if file not in known], path)
    if not found:
        said = "; ".join([*(note.message for note in others), f"it reads {', '.join(sorted(SUFFIXES))}"])
        raise error("NN501", "there are no pictures here", said, file=path)
    notes += others
    return found


def _of_other_formats(files: Sequence[str], folder: str) -> tuple[Problem, ...]:
    """A warning of pictures in a folder that are left out, since nncli does not read them; nothing where there are none."""
    if not files:
        return ()
    example = os.path.relpath(files[0], folder) if os.path.isdir(folder) else files[0]
    number = "1 picture is" if len(files) == 1 else f"{len(files):,} pictures are"
    message = f"{number} left out, of a format that nncli does not read, such as `{example}`"
    return (Problem("NN502", message, "save them as PNG or JPEG", Where(file=folder), "warning"),)


def is_picture(name: str) -> bool:
    """Whether a file is called as pictures are."""
    return Path(name).suffix.lower() in SUFFIXES and not os.path.basename(name).startswith(".")


def _is_any_picture(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES | OTHER_SUFFIXES and not os.path.basename(name).startswith(".")


def _listed_in(table: str, folder: str) -> ListedPictures:
    from nncli.data.tables.pairs import read_pairs  # pyarrow takes 0.2 s, which other data need not pay
    from nncli.data.tables.place import RowPlace

    files, labels = read_pairs(table, "file", "label")
    place = RowPlace(table)
    for row, file in enumerate(files):
        if os.path.isabs(file) or os.path.pardir in Path(file).parts:
            raise place.error(row, f"`{file:.60}` leads out of the folder of the pictures", "name files below `path`")
    notes = _named_twice(files, labels, place)
    return ListedPictures(tuple(os.path.join(folder, file) for file in files), labels, notes)


def _named_twice(files: Sequence[str], labels: Sequence[str], place: RowPlace) -> tuple[Problem, ...]:
    """A warning of files that a table names more than once; nothing where there are none.

    Raises:
        NncliError: NN502, one is named with two labels; the first rows of that kind.
    """
    first: dict[str, int] = {}
    conflicts: list[Problem] = []
    repeated: list[tuple[int, int]] = []
    for row, (file, label) in enumerate(zip(files, labels, strict=True)):
        other = first.setdefault(os.path.normpath(file), row)
        if label != labels[other]:
            message = f"`{file}` is `{label:.40}` here, and `{labels[other]:.40}` in row {place.first + other:,}"
            conflicts += place.error(row, message, "leave the wrong one out").problems
        elif other != row:
            repeated.append((other, row))
    if conflicts:
        raise NncliError(conflicts[:_MOST_NAMED])
    if not repeated:
        return ()
    (other, row), more = repeated[0], f" ({len(repeated):,} such rows in all)" if len(repeated) > 1 else ""
    found = place.error(
        row, f"`{files[row]}` is named in row {place.first + other:,} already: it counts twice{more}", "name each once"
    )
    return tuple(replace(problem, severity="warning") for problem in found.problems)

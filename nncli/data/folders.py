"""Folders of samples: which files there are, and the sub-folders that are classes."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nncli.problems import NncliError, error, reason


@dataclass(frozen=True, slots=True)
class Listed:
    """Files with their classes.

    Attributes:
        files: paths.
        labels: the class of each.
    """

    files: tuple[str, ...]
    labels: tuple[str, ...]


def names_in(folder: str) -> list[str]:
    """What is in a folder, in the order of the names; hidden entries are left out.

    Raises:
        NncliError: NN501, there is no such folder, or it cannot be read.
    """
    if not os.path.isdir(folder):
        what = "this is a file, but a folder was expected" if os.path.exists(folder) else "there is no such folder"
        raise error("NN501", what, "check the path", file=folder)
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError as failure:
        raise _unreadable(folder, failure) from None


def sub_folders(folder: str) -> list[str]:
    """The names of the folders in a folder, those that links lead to among them.

    Raises:
        NncliError: as `names_in`; NN502, a link leads back to the folder, or to one that it lies in.
    """
    names = [name for name in names_in(folder) if os.path.isdir(os.path.join(folder, name))]
    here = os.path.realpath(folder)
    for path in (os.path.join(folder, name) for name in names):
        if os.path.islink(path) and os.path.commonpath([here, os.path.realpath(path)]) == os.path.realpath(path):
            raise error("NN502", "this link leads back to the folder that it lies in", "remove it", file=path)
    return names


def files_in(folder: str, is_wanted: Callable[[str], bool]) -> Iterator[str]:
    """The files in a folder and those below it, in the order of their names; hidden folders, and links to folders below, are passed
    over.

    Args:
        folder: where to look.
        is_wanted: whether a file of this name is looked for.

    Raises:
        NncliError: NN501, a folder cannot be read.
    """

    def refuse(failure: OSError) -> None:
        raise _unreadable(failure.filename, failure)

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (os.path.join(place, name) for name in sorted(names) if is_wanted(name))


def files_of(path: str, is_wanted: Callable[[str], bool]) -> list[str]:
    """The files that a path names: itself, or those that its pattern fits; of folders, all that are wanted in them and below.

    Args:
        path: a file, a folder or a pattern.
        is_wanted: as for `files_in`.

    Raises:
        NncliError: as `files_in`.
    """
    if os.path.isdir(path):
        return list(files_in(path, is_wanted))
    if glob.has_magic(path) and not os.path.exists(path):
        return [file for match in sorted(glob.glob(path)) for file in files_of(match, is_wanted)]
    return [path]


def require_classes(listed: Listed, class_names: Sequence[str], folder: str) -> None:
    """Check that files to measure on are of classes that a network knows.

    Args:
        listed: the files.
        class_names: those of the network.
        folder: where they are.

    Raises:
        NncliError: NN502, a class is none of them.
    """
    for name in dict.fromkeys(listed.labels):
        if name not in class_names:
            some = ", ".join(f"`{entry}`" for entry in class_names[:10]) + (", ..." if len(class_names) > 10 else "")
            raise error("NN502", f"`{name:.60}` is no class of this network", f"its classes: {some}", file=folder)


def _unreadable(folder: str, failure: OSError) -> NncliError:
    return error("NN501", f"the folder cannot be read: {reason(failure)}", "check its permissions", file=folder)

"""What is predicted of the rows of a table, and what they are held out by."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow
import pyarrow.compute as compute
from numpy.typing import NDArray

from nncli.data.tables.cells import as_numbers, missing
from nncli.data.tables.columns import times_of
from nncli.data.tables.contents import Contents
from nncli.data.tables.likeness import likeness
from nncli.data.tables.notation import numbers_of
from nncli.problems import NncliError, error
from nncli.spec.columns import DateColumn

MOST_CLASSES: Final = 20
"""So many different whole numbers in a target are taken for classes, where each stands there twice on average."""


def targets_of(contents: Contents) -> tuple[NDArray[Any], tuple[str, ...] | None]:
    """The targets of all rows: class numbers, int64, with the classes' names; or numbers to predict, float64, and None.

    Raises:
        NncliError: NN502, a target is missing, or no number where numbers are predicted.
    """
    dataset = contents.roles.dataset
    name, texts = dataset.target, contents.beside[dataset.target]
    if texts.null_count:
        raise _missing(contents, name, texts)
    numbers = as_numbers(texts)
    wanted = dataset.targets or ("classes" if dataset.labels or _are_classes(numbers) else "numbers")
    if wanted == "numbers":
        if numbers is None:
            texts = texts.to_pylist()
            row = next(row for row, text in enumerate(texts) if as_numbers(pyarrow.array([text])) is None)
            raise contents.place_of(row).error(0, f"the target `{name}` holds {texts[row][:40]!r}, a number was expected")
        parts = (numbers_of(numbers.slice(rows.first, rows.count), name, rows.place) for rows in contents.blocks)
        return np.concatenate(list(parts)), None
    names = compute.unique(texts).to_pylist()
    if dataset.targets is None and dataset.labels is None and len(names) > max(MOST_CLASSES, len(texts) / 2):
        raise _endless(contents, name, names, len(texts))
    order = sorted(names, key=(lambda text: (float(text), text)) if numbers is not None else None)
    codes = compute.index_in(texts, value_set=pyarrow.array(order, pyarrow.string()))
    return codes.to_numpy().astype(np.int64), tuple(order)


def _missing(contents: Contents, name: str, texts: pyarrow.Array) -> NncliError:
    """That rows have no target."""
    place, count = contents.place_of(int(missing(texts).argmax())), texts.null_count
    if count == 1:
        return place.error(0, f"the target `{name}` is missing", "leave the row out, or fill it in")
    message = f"the target `{name}` is missing in {count:,} rows, the first is row {place.first:,}"
    return error("NN502", message, "leave these rows out, or fill them in", file=place.file)


def _endless(contents: Contents, name: str, names: list[str], count: int) -> NncliError:
    """That a target of texts has too many different ones to be classes."""
    like = likeness(dict.fromkeys(names, 1), name)
    what = "texts" if like is None else f"what looks like {like[0].split(' such as ')[0]}"
    message = f"the target `{name}` holds {what}, {len(names):,} different entries in {count:,} rows, such as {names[0][:40]!r}"
    hint = "name another column; if they are classes, say so: `targets: classes`"
    return error("NN502", message, f"{like[1]}; {hint}" if like is not None else hint, file=contents.roles.first.path)


def _are_classes(numbers: pyarrow.Array | None) -> bool:
    if numbers is None:
        return True
    different = compute.unique(numbers).to_numpy()
    return len(different) <= min(MOST_CLASSES, len(numbers) / 2) and bool((different == np.floor(different)).all())


def groups_of(contents: Contents) -> NDArray[np.int64] | None:
    """The number of each training row's group, in the order of the alphabet; a missing name is a group of its own. None where there
    are no groups.
    """
    name = contents.roles.dataset.group
    if name is None:
        return None
    texts = compute.fill_null(contents.beside[name][: contents.counts["train"]], "")
    names = pyarrow.array(sorted(compute.unique(texts).to_pylist()), pyarrow.string())
    numbers: NDArray[np.int64] = compute.index_in(texts, value_set=names).to_numpy().astype(np.int64)
    return numbers


def times_of_rows(contents: Contents) -> NDArray[np.int64] | None:
    """When each training row is from, in microseconds, or in whatever unit numbers are; None where nothing says so.

    Raises:
        NncliError: NN502, a time is missing or none.
    """
    name = contents.roles.dataset.time
    if name is None:
        return None
    texts = contents.beside[name][: contents.counts["train"]]
    stated = contents.roles.stated.get(name)
    pattern = stated.format if isinstance(stated, DateColumn) else None
    numbers = None if pattern is not None else as_numbers(texts)  # `31032026` may be a date: what is said of it counts
    absent = missing(texts if numbers is None else numbers)
    if bool(absent.any()):
        row = int(absent.argmax())
        raise contents.place_of(row).error(0, f"column `{name}`, by which rows are held out, has no time", "fill it in")
    if numbers is not None:
        return np.argsort(np.argsort(numbers.to_numpy(), kind="stable"), kind="stable").astype(np.int64)
    train = [rows for rows in contents.blocks if rows.first < contents.counts["train"]]
    times = [times_of(texts.slice(rows.first, rows.count), name, pattern, rows.place)[0] for rows in train]
    return np.concatenate(times).astype(np.int64)

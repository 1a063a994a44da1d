"""The pixels of pictures, decoded in parallel."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.folders import require_classes
from nncli.data.memory import page_aligned
from nncli.data.on_disk import FileRows, chunk_rows, spool
from nncli.data.pictures.decoding import quiet_decoders, read_upright
from nncli.data.pictures.encoding import PictureEncoding
from nncli.data.pictures.listing import find_pictures, list_folder
from nncli.data.pictures.sizes import STATE_SIZE, OtherSize, different_sizes
from nncli.data.rows import RawRows
from nncli.data.samples import RawSamples
from nncli.problems import NncliError, Problem, Where
from nncli.spec.datasets.base import Dataset
from nncli.spec.datasets.folders import ImageFolder

_GROUP: Final = 256
"""Pictures that are decoded between two looks at what came of them; fewer where they are large."""
_MOST_NAMED: Final = 20
"""Files that were skipped and are named; of more it is told how many."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """What came of files.

    Attributes:
        pixels: uint8, `(num_pictures, height, width, channels)`; on disk where they take more than they may in memory.
        kept: which of the files they are, in their order.
        digests: SHA-256 of each of these.
        notes: a warning of those that were skipped.
    """

    pixels: NDArray[np.uint8] | FileRows
    kept: NDArray[np.intp]
    digests: tuple[bytes, ...]
    notes: tuple[Problem, ...]


def decode_all(files: Sequence[str], dataset: ImageFolder, encoding: PictureEncoding, memory: int | None) -> Decoded:
    """Decode pictures.

    Args:
        files: their paths.
        dataset: what is done with those that are not readable, or, where it states no size, of another size.
        encoding: how they become samples.
        memory: bytes that they may take in memory; None: any number.

    Raises:
        NncliError: NN501 or NN502, files that are no readable pictures; NN604, the disk has no room.
    """
    found = _Outcomes(dataset, files, encoding)
    shape = (len(files), *encoding.raw_shape)
    if memory is not None and math.prod(shape) > memory:
        groups = _decoded(files, encoding, is_exact=dataset.size is None)
        pixels: NDArray[np.uint8] | FileRows = spool(map(found.add, groups), (-1, *encoding.raw_shape), np.dtype(np.uint8))
    else:
        pixels = page_aligned(shape, np.dtype(np.uint8))
        for group in _decoded(files, encoding, is_exact=dataset.size is None, out=pixels):
            start, readable = len(found.kept), found.add(group)
            if len(found.kept) != group.start + len(group.pixels):  # something was skipped: the others move up
                pixels[start : len(found.kept)] = readable
        pixels = pixels[: len(found.kept)]
    return Decoded(pixels, np.array(found.kept, np.intp), tuple(found.digests), _skipped(found.failures))


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Some files, decoded.

    Attributes:
        start: number of the first of them.
        outcomes: SHA-256 of each, or why nothing is to be seen of it.
        pixels: `(num_files, height, width, channels)`.
    """

    start: int
    outcomes: list[NncliError | bytes]
    pixels: NDArray[np.uint8]

    @property
    def failures(self) -> list[Problem]:
        return [problem for outcome in self.outcomes if isinstance(outcome, NncliError) for problem in outcome.problems]


class _Outcomes:
    """What came of the files so far."""

    def __init__(self, dataset: ImageFolder, files: Sequence[str], encoding: PictureEncoding) -> None:
        self._dataset, self._files, self._encoding = dataset, files, encoding
        self.kept: list[int] = []
        self.digests: list[bytes] = []
        self.failures: list[Problem] = []

    def add(self, group: _Group) -> NDArray[np.uint8]:
        """The readable ones among some more files.

        Raises:
            NncliError: one is not, and they are not to be skipped.
        """
        self.failures += group.failures
        if self.failures and self._dataset.on_error == "fail":
            others = [
                outcome for outcome in group.outcomes if isinstance(outcome, NncliError) and not isinstance(outcome, OtherSize)
            ]
            problems = [problem for outcome in others for problem in outcome.problems][:_MOST_NAMED]
            if any(isinstance(outcome, OtherSize) for outcome in group.outcomes):
                problems.append(different_sizes(self._files, self._encoding))
            raise NncliError(problems)
        good = {index: outcome for index, outcome in enumerate(group.outcomes) if isinstance(outcome, bytes)}
        self.kept += [group.start + index for index in good]
        self.digests += good.values()
        return group.pixels if len(good) == len(group.pixels) else group.pixels[list(good)]


def stream_pictures(
    paths: Sequence[str], encoding: PictureEncoding, dataset: Dataset | None, notes: list[Problem]
) -> Iterator[RawRows]:
    """Pictures as raw inputs, group by group, in constant memory.

    Args:
        paths: files, folders (all pictures in them and below), and patterns.
        encoding: of the trained network.
        dataset: what it was trained on: where that skips files that are no readable pictures, those of folders and patterns are
            skipped here, too; one that is named by itself is asked about.
        notes: takes a warning of files of other formats; and of each that was skipped, once all have been read.

    Raises:
        NncliError: NN501 or NN502, the files of a group that are no readable pictures, or no file is one; NN501, a path leads to
            none.
    """
    files = [file for path in paths for file in find_pictures(path, notes)]
    needed = frozenset(paths if _skips(dataset) else files)
    yield from _readable(files, encoding, needed, notes)


def _skips(dataset: Dataset | None) -> bool:
    return isinstance(dataset, ImageFolder) and dataset.on_error == "skip"


def _readable(files: Sequence[str], encoding: PictureEncoding, needed: frozenset[str], notes: list[Problem]) -> Iterator[RawRows]:
    """Files decoded group by group; those that are no readable pictures are skipped, and noted, but for the `needed` ones.

    Raises:
        NncliError: NN501 or NN502, needed ones of a group are no readable pictures, or no file is one.
    """
    skipped: list[Problem] = []
    for group in _decoded(files, encoding, is_exact=False):
        names = files[group.start : group.start + len(group.outcomes)]
        failures = {
            name: failure.problems for name, failure in zip(names, group.outcomes, strict=True) if isinstance(failure, NncliError)
        }
        if refused := [problem for name in failures if name in needed for problem in failures[name]]:
            raise NncliError(refused)
        skipped += group.failures
        good = [index for index, name in enumerate(names) if name not in failures]
        if good:
            yield RawRows(group.pixels[good], tuple(names[index] for index in good))
    if len(skipped) == len(files):
        raise NncliError(skipped[:_MOST_NAMED])
    notes += _skipped(skipped)


def read_evaluation(
    folder: str, class_names: tuple[str, ...], encoding: PictureEncoding, dataset: Dataset | None
) -> tuple[RawSamples, list[Problem]]:
    """All pictures of a folder with their classes.

    Args:
        folder: with a sub-folder for each class.
        class_names: those of the trained network.
        encoding: its own.
        dataset: what it was trained on: whether files that are no readable pictures are skipped.

    Returns:
        The samples; a warning of each file that was skipped, and of those of other formats.

    Raises:
        NncliError: NN501 or NN502, the folder or a file is at fault, or a sub-folder is called as no class is.
    """
    listed = list_folder(folder)
    require_classes(listed, class_names, folder)
    notes = list(listed.notes)
    groups = list(_readable(listed.files, encoding, frozenset(() if _skips(dataset) else listed.files), notes))
    labels = dict(zip(listed.files, listed.labels, strict=True))
    targets = np.array([class_names.index(labels[name]) for rows in groups for name in rows.names], np.int64)
    return RawSamples(np.concatenate([rows.inputs for rows in groups]), targets, None), notes


def _decoded(
    files: Sequence[str], encoding: PictureEncoding, *, is_exact: bool, out: NDArray[np.uint8] | None = None
) -> Iterator[_Group]:
    """Files decoded group by group.

    Args:
        files: their paths.
        encoding: how they become samples.
        is_exact: whether they have to have its size.
        out: takes the pixels of all files; None: each group is in the array of the one before.
    """
    size = min(_GROUP, chunk_rows(encoding.raw_shape))
    group = np.empty((min(size, len(files)) if out is None else 0, *encoding.raw_shape), np.uint8)

    def decode(file: str, out: NDArray[np.uint8]) -> NncliError | bytes:
        try:
            read = read_upright(file)
            if is_exact and read.image.size != (encoding.width, encoding.height):
                found = f"{read.image.height} high and {read.image.width} wide"
                message = f"the picture is {found}, the first one {encoding.height} and {encoding.width}"
                return OtherSize(Problem("NN502", message, STATE_SIZE, Where(file=file)))
            out[:] = encoding.pixels(read.image)
        except NncliError as failure:
            return failure
        return read.digest

    with quiet_decoders(), ThreadPoolExecutor(max_workers=_num_threads(), thread_name_prefix="nncli-decode") as threads:
        for start in range(0, len(files), size):
            some = files[start : start + size]
            pixels = group[: len(some)] if out is None else out[start : start + len(some)]
            yield _Group(start, list(threads.map(decode, some, pixels)), pixels)


def _num_threads() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _skipped(failures: list[Problem]) -> tuple[Problem, ...]:
    """A warning of each file that was skipped, or of the first ones and how many more there are."""
    named = [
        Problem(problem.code, f"skipped: {problem.message}", None, problem.where, "warning") for problem in failures[:_MOST_NAMED]
    ]
    if len(failures) > _MOST_NAMED:
        where = Where(file=os.path.dirname((failures[0].where or Where()).file or ""))
        named.append(Problem("NN502", f"{len(failures)} files in all were skipped", None, where, "warning"))
    return tuple(named)

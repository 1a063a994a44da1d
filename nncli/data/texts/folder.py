"""Folders of texts: which there are, their classes, and what becomes of them in training, evaluation and prediction."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from nncli.data.arrays import MAX_BYTES
from nncli.data.characters import MOST_BYTES
from nncli.data.folders import Listed, files_in, files_of, names_in, require_classes, sub_folders
from nncli.data.on_disk import StoredRows, chunk_rows, gathered
from nncli.data.rows import RawRows
from nncli.data.samples import RawSamples
from nncli.data.standard_input import read_lines
from nncli.data.texts.encoding import MOST_FILES, TextEncoding
from nncli.data.texts.files import read_texts, require_no_null
from nncli.data.texts.sentences import VocabularyFit
from nncli.data.texts.unknown import UnknownTexts
from nncli.problems import NncliError, Problem, Where, error
from nncli.spec.datasets.base import Dataset
from nncli.spec.datasets.folders import TextFolder


@dataclass(frozen=True, slots=True)
class ListedTexts(Listed):
    """Files of texts with their classes.

    Attributes:
        by_line: whether a line of a file is a text; else a file is.
    """

    by_line: bool


def list_parts(dataset: TextFolder) -> dict[str, ListedTexts]:
    """The files of each part that a data set brings.

    Raises:
        NncliError: NN501 or NN502, a folder is at fault, or they are not laid out alike.
    """
    paths = {"train": dataset.path, "validation": dataset.validation_path, "test": dataset.test_path}
    parts = {part: list_folder(path) for part, path in paths.items() if path is not None}
    for part, path in paths.items():
        if path is not None:
            _require_layout(parts[part], path, by_line=parts["train"].by_line)
    return parts


def list_folder(path: str) -> ListedTexts:
    """The files of a folder: those of its sub-folders, each of which is a class, or those in itself, each of which is one.

    Raises:
        NncliError: NN501, there is no such folder; NN502, it holds no texts, or is laid out in both ways, or a class is empty.
    """
    lined = [name for name in names_in(path) if is_text(name) and not os.path.isdir(os.path.join(path, name))]
    classes = {name: list(files_in(os.path.join(path, name), is_text)) for name in sub_folders(path)}
    found = [(file, name) for name, files in classes.items() for file in files]
    if lined and found:
        message = f"the folder holds a file for each class (`{lined[0]:.60}`) and a sub-folder for each class (`{found[0][1]:.60}`)"
        raise error("NN502", message, "keep one of the two: lines of files as texts, or files in sub-folders", file=path)
    if lined:
        return ListedTexts(tuple(os.path.join(path, name) for name in lined), tuple(Path(name).stem for name in lined), True)
    if not found:
        hint = "a `.txt` file for each class, whose lines are the texts, or a sub-folder for each class, with a `.txt` file a text"
        raise error("NN502", "the folder holds no texts", hint, file=path)
    empty = [Where(file=os.path.join(path, name)) for name, files in classes.items() if not files]
    if empty:
        message, hint = "there is no `.txt` file for this class", "give some, or remove the sub-folder"
        raise NncliError([Problem("NN502", message, hint, where) for where in empty])
    if len(found) > MOST_FILES:
        hint = "put texts into lines of one file for each class"
        raise error("NN502", f"the folder holds {len(found):,} files, at most {MOST_FILES:,} are read", hint, file=path)
    return ListedTexts(tuple(file for file, _ in found), tuple(name for _, name in found), False)


def is_text(name: str) -> bool:
    """Whether a file is called as texts are."""
    return Path(name).suffix.lower() == ".txt" and not os.path.basename(name).startswith(".")


def _require_layout(listed: ListedTexts, path: str, *, by_line: bool) -> None:
    if listed.by_line != by_line:
        here, there = ("line", "file") if listed.by_line else ("file", "line")
        message = f"in this folder a {here} is a text, but it was a {there} in training"
        raise error("NN502", message, "lay all folders out alike", file=path)


def num_bytes(parts: Iterable[Listed]) -> int:
    """How many bytes the files have together; those that cannot be looked at have none."""
    return sum(os.path.getsize(file) for part in parts for file in part.files if os.path.isfile(file))


def count_texts(listed: ListedTexts, encoding: str | None) -> int:
    """How many texts there are: files are counted, or their lines are read.

    Raises:
        NncliError: NN501 or NN502, a file whose lines are texts is at fault.
    """
    if not listed.by_line:
        return len(listed.files)
    return sum(1 for file in listed.files for _ in read_texts(file, encoding, by_line=True))


@dataclass(frozen=True, slots=True)
class _File:
    """A file that was read: its path, how many texts are in it, and the SHA-256 of it in hex."""

    path: str
    count: int
    digest: str


class TextSource:
    """The texts of a folder, those of the training part first.

    Files are read as often as texts are needed, so that these take no memory: once to count them, once to learn the vocabulary,
    once to number their words. One that changes meanwhile is an error.

    Args:
        dataset: the folder.

    Raises:
        NncliError: NN501 or NN502, the folder or a file is at fault.
    """

    def __init__(self, dataset: TextFolder) -> None:
        self.notes: list[Problem] = []
        self._dataset = dataset
        parts = list_parts(dataset)
        self._by_line = parts["train"].by_line
        self.class_names = tuple(sorted({label for listed in parts.values() for label in listed.labels}))
        numbers = {name: number for number, name in enumerate(self.class_names)}
        self.targets: dict[str, NDArray[np.int64]] = {}
        """Class number of each text, by part."""
        self._files: list[_File] = []
        lines = []
        for part, listed in parts.items():
            files = [self._read(path) for path in listed.files]
            classes = [numbers[label] for label in listed.labels]
            self.targets[part] = np.repeat(np.array(classes, np.int64), [file.count for file in files])
            self._files += files
            lines += [f"{part} {label} {file.digest}\n" for label, file in zip(listed.labels, files, strict=True)]
        self._fingerprint = hashlib.sha256("".join(lines).encode(errors="surrogateescape")).hexdigest()

    def _read(self, path: str) -> _File:
        digest = hashlib.sha256()
        count = sum(1 for _ in read_texts(path, self._dataset.encoding, by_line=self._by_line, digest=digest))
        return _File(path, count, digest.hexdigest())

    def _texts(self) -> Iterator[tuple[str, str]]:
        """All texts with their names, read again."""
        for file in self._files:
            digest = hashlib.sha256()
            for index, named in enumerate(_named(file.path, self._dataset, by_line=self._by_line, digest=digest)):
                if index == file.count:
                    break
                yield named
            if digest.hexdigest() != file.digest:
                raise error("NN502", "the file has changed while it was read", "start again", file=file.path)

    def fit(self, train: NDArray[np.intp]) -> TextEncoding:
        """The encoding, fitted to the texts of the training part.

        Args:
            train: their numbers.
        """
        is_train = np.zeros(sum(file.count for file in self._files), bool)
        is_train[train] = True
        fit = VocabularyFit(self._dataset)
        fit.add(text for (_, text), learns in zip(self._texts(), is_train, strict=True) if learns)
        spec = self._dataset
        return TextEncoding(spec.unit == "word", spec.lowercase, spec.length, fit.vocabulary(), self._by_line)

    def encode(self, encoding: TextEncoding, memory: int | None) -> StoredRows:
        """All texts as raw inputs, int32 `(num_texts, length)`; on disk where they take more than `memory` bytes.

        Raises:
            NncliError: NN502, a file has changed; NN604, the disk has no room.
        """
        count = sum(file.count for file in self._files)
        unknown = UnknownTexts()
        encoded = (rows.inputs for rows in unknown.counted(_numbered(self._texts(), encoding)))
        inputs = gathered(encoded, (count, *encoding.raw_shape), np.dtype(encoding.raw_dtype), memory)
        self.notes = unknown.training_notes(count)
        return inputs

    def fingerprint(self) -> str:
        """SHA-256, in hex, of all files with their parts and classes."""
        return self._fingerprint

    def close(self) -> None:
        """Nothing is kept."""


def _named(file: str, dataset: Dataset | None, *, by_line: bool, digest: hashlib._Hash | None = None) -> Iterator[tuple[str, str]]:
    """The texts of a file, each behind its name: the file's, or `new.txt[3]` for the line with that number, from 0 on."""
    characters = dataset.encoding if isinstance(dataset, TextFolder) else None
    for number, text in read_texts(file, characters, by_line=by_line, digest=digest):
        yield f"{file}[{number - 1}]" if by_line else file, text


def _numbered(named: Iterable[tuple[str, str]], encoding: TextEncoding) -> Iterator[RawRows]:
    """Texts as raw inputs, so many together as memory is to hold of their characters and of their numbers."""
    names: list[str] = []
    texts: list[str] = []
    size, characters = chunk_rows(encoding.raw_shape), 0
    for name, text in named:
        names.append(name)
        texts.append(text)
        characters += len(text)
        if len(texts) == size or characters > MOST_BYTES:
            yield RawRows(encoding.encode(texts), tuple(names))
            names, texts, characters = [], [], 0
    if texts:
        yield RawRows(encoding.encode(texts), tuple(names))


def stream_texts(paths: Sequence[str], encoding: TextEncoding, dataset: Dataset | None) -> Iterator[RawRows]:
    """Texts as raw inputs, group by group, in constant memory.

    Args:
        paths: files, folders (all `.txt` files in them and below), and patterns.
        encoding: of the trained network: it says whether files or their lines are texts.
        dataset: what it was trained on, which says how characters are written.

    Raises:
        NncliError: NN501, a path leads to nothing; NN501 or NN502, a file is at fault.
    """
    files = [file for path in paths for file in _found(path)]
    yield from _numbered((named for file in files for named in _named(file, dataset, by_line=encoding.by_line)), encoding)


def _found(path: str) -> list[str]:
    if not (found := files_of(path, is_text)):
        raise error("NN501", "there are no texts here", "it reads `.txt` files", file=path)
    return found


def answer_texts(stream: BinaryIO, encoding: TextEncoding, should_stop: Callable[[], bool]) -> Iterator[RawRows]:
    """Lines as raw inputs, so that each can be answered as it comes; blank ones are left out.

    Args:
        stream: where they come from, UTF-8.
        encoding: of the trained network.
        should_stop: asked several times a second; a true answer ends it.

    Raises:
        NncliError: NN501, the stream cannot be read; NN502, a line is no text; those before it have been yielded.
    """
    for number, line in read_lines(stream, should_stop):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError as failure:
            message = f"byte {failure.start + len(line) - len(failure.object):,} of line {number:,} is not utf-8: {failure.reason}"
            raise error("NN502", message, "write the lines as UTF-8", file="-") from None
        require_no_null(text, number, "-")
        if text:
            yield RawRows(encoding.encode([text]), (f"-[{number - 1}]",))


def read_evaluation(folder: str, class_names: tuple[str, ...], encoding: TextEncoding, dataset: Dataset | None) -> RawSamples:
    """All texts of a folder with their classes.

    Args:
        folder: laid out as the one that was trained on.
        class_names: those of the trained network.
        encoding: its own.
        dataset: what it was trained on, which says how characters are written.

    Raises:
        NncliError: NN501 or NN502, the folder or a file is at fault, or a class is called as none of the network's.
    """
    listed = list_folder(folder)
    _require_layout(listed, folder, by_line=encoding.by_line)
    require_classes(listed, class_names, folder)
    inputs, targets, size = [], [], 0
    for file, label in zip(listed.files, listed.labels, strict=True):
        for rows in _numbered(_named(file, dataset, by_line=encoding.by_line), encoding):
            inputs.append(rows.inputs)
            size += rows.inputs.nbytes
            if size > MAX_BYTES:
                message = f"the texts up to here take more than {MAX_BYTES // 2**30} GiB as the network's inputs"
                raise error("NN502", message, "measure on a part of them", file=rows.names[-1])
            targets.append(np.full(len(rows.names), class_names.index(label), np.int64))
    return RawSamples(np.concatenate(inputs), np.concatenate(targets), None)

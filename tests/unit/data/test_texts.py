"""Folders of texts: how they are laid out and written, what becomes of their words, and what is refused."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nncli.data import characters, headers
from nncli.data.lazy import LazyInputs
from nncli.data.on_disk import is_on_disk
from nncli.data.outline import outline
from nncli.data.prepare import load_evaluation, prepare
from nncli.data.preprocessing import Preparation
from nncli.data.sources import read
from nncli.data.texts import files as text_files
from nncli.data.texts import folder as text_folder
from nncli.data.texts.encoding import TextEncoding
from nncli.data.texts.folder import TextSource, answer_texts, stream_texts
from nncli.data.texts.unknown import UnknownTexts
from nncli.problems import NncliError
from nncli.spec.choice import OneOf
from nncli.spec.datasets.folders import TextFolder
from tests.unit.data.conftest import Refused

Write = Callable[[dict[str, str | bytes]], Path]


def texts(folder: Path, **fields: Any) -> TextFolder:
    found = OneOf("dataset").resolve({"type": "text_folder", "path": str(folder), "length": 3} | fields)
    assert isinstance(found, TextFolder)
    return found


def written(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write({name: content})` makes a folder of files and gives its path."""
    return lambda files: written(tmp_path / "texts", files)


LINES: dict[str, str | bytes] = {
    "good.txt": "Fine!\n\n  a fine film \r\nso good\n",
    "bad.TXT": "bad\rtoo bad\nA dull film",
    "notes.md": "no class",
    ".hidden.txt": "nor this",
}
FILES: dict[str, str | bytes] = {
    "good/1.txt": "Fine!\n",
    "good/more/2.txt": "\na fine film\n",
    "good/picture.png": b"\x89PNG",
    "bad/1.txt": "bad",
    "bad/.hidden/2.txt": "hidden",
}


def of(splits: Any) -> TextEncoding:
    assert isinstance(splits.preparation.encoding, TextEncoding)
    return splits.preparation.encoding


def test_each_line_of_a_file_is_a_text_of_its_class(write: Write) -> None:
    folder = write(LINES)
    splits = prepare(texts(folder), seed=0)
    assert splits.preparation.class_names == ("bad", "good")
    assert of(splits).vocabulary == ("!", "a", "bad", "dull", "film", "fine", "good", "so", "too")
    assert splits.train.inputs[:].tolist() == [[0, 0, 3], [0, 9, 3], [2, 4, 5], [0, 6, 1], [2, 6, 5], [0, 8, 7]]
    assert splits.train.targets.tolist() == [0, 0, 0, 1, 1, 1]
    assert (splits.preparation.input_dtype, of(splits).by_line) == ("int32", True)
    (rows,) = stream_texts([str(folder)], of(splits), None)
    places = ("bad.TXT[0]", "bad.TXT[1]", "bad.TXT[2]", "good.txt[0]", "good.txt[2]", "good.txt[3]")
    assert rows.names == tuple(str(folder / name) for name in places)
    assert np.array_equal(rows.inputs, splits.train.inputs[:])


def test_each_file_of_a_sub_folder_is_a_text_of_its_class(write: Write) -> None:
    folder = write(FILES)
    splits = prepare(texts(folder), seed=0)
    assert of(splits).vocabulary == ("!", "a", "bad", "film", "fine")
    assert splits.train.inputs[:].tolist() == [[0, 0, 3], [0, 5, 1], [2, 5, 4]]
    assert splits.train.targets.tolist() == [0, 1, 1]
    (rows,) = stream_texts([str(folder / "good"), str(folder / "b*")], of(splits), None)
    assert rows.names == tuple(str(folder / name) for name in ("good/1.txt", "good/more/2.txt", "bad/1.txt"))


def test_characters_count_as_they_are_where_it_is_said_so(write: Write) -> None:
    splits = prepare(texts(write({"a.txt": "Ab\nba"}), unit="character", lowercase=False, max_vocabulary=2), seed=0)
    assert of(splits).vocabulary == ("A", "b")
    assert splits.train.inputs[:].tolist() == [[0, 1, 2], [0, 2, 0]]


def test_the_vocabulary_is_that_of_the_training_part(write: Write, tmp_path: Path) -> None:
    written(tmp_path / "held", {"a.txt": "unheard", "b.txt": "one"})
    folder = write({"a.txt": "one\ntwo\nthree\nfour", "b.txt": "five\nsix\nseven\neight"})
    splits = prepare(texts(folder, test=0.5, validation_path=str(tmp_path / "held")), seed=0)
    assert splits.test is not None and splits.validation is not None
    assert sorted(splits.train.targets) == sorted(splits.test.targets) == [0, 0, 1, 1]
    assert len(of(splits).vocabulary) == 4
    assert splits.train.inputs[:].min(axis=1).tolist() == [0] * 4 and splits.train.inputs[:, 2].min() > 0
    assert splits.test.inputs[:].max() == 0 and splits.validation.inputs[0].max() == 0


@pytest.mark.parametrize("as_lines", [True, False])
def test_the_column_of_a_table_has_the_same_numbers(as_lines: bool, write: Write, tmp_path: Path) -> None:
    sentences = {"a": ["What a fine, fine film", "İstanbul isn't ΣΑΣ", "7 x"], "b": ["dull film", "a a a a a", "x - y"]}
    rows = [{"text": text, "y": label} for label, some in sentences.items() for text in some]
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    if as_lines:
        folder = write({f"{label}.txt": "\n".join(some) for label, some in sentences.items()})
    else:
        folder = write({f"{label}/{number}.txt": text for label, some in sentences.items() for number, text in enumerate(some)})
    shared = {"length": 4, "max_vocabulary": 9}
    column = {"type": "text", "names": "text", **shared}
    table = OneOf("dataset").resolve({"type": "json_lines", "path": str(tmp_path / "t.jsonl"), "target": "y", "columns": [column]})
    expected, found = prepare(table, seed=0), prepare(texts(folder, **shared), seed=0)  # type: ignore[arg-type]
    assert np.array_equal(found.train.inputs[:], expected.train.inputs[:])
    assert np.array_equal(found.train.targets, expected.train.targets)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("größer".encode("utf-8-sig"), None),
        ("größer".encode("utf-8-sig"), "utf-8"),
        ("größer".encode("utf-16"), None),
        (b"\xfe\xff" + "größer".encode("utf-16-be"), None),
        ("größer".encode("utf-16-le"), "utf-16-le"),
        ("größer".encode("latin-1"), "latin-1"),
    ],
)
@pytest.mark.parametrize("piece", [2**20, 1])
def test_characters_are_read_as_they_are_written(
    content: bytes, encoding: str | None, piece: int, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_files, "_PIECE_BYTES", piece)
    splits = prepare(texts(write({"a.txt": content}), encoding=encoding), seed=0)
    assert of(splits).vocabulary == ("größer",)


@pytest.mark.parametrize("piece", [1, 2, 3, 2**20])
def test_lines_do_not_depend_on_where_a_file_is_cut(piece: int, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(write({"a.txt": "one\r\n\r\ntwo\rthree\n\nfour"}) / "a.txt")
    monkeypatch.setattr(text_files, "_PIECE_BYTES", piece)
    found = list(text_files.read_texts(path, None, by_line=True))
    assert found == [(1, "one"), (3, "two"), (4, "three"), (6, "four")]
    assert list(text_files.read_texts(path, None, by_line=False)) == [(1, "one\n\ntwo\nthree\n\nfour")]


WRONG: dict[str, tuple[dict[str, str | bytes], str, str, str]] = {
    "bytes": (
        {"a.txt": b"fine\nb\xfcse\n"},
        "a.txt",
        "byte 6, in line 2, is not utf-8: invalid start byte",
        "save the file as UTF-8, or state its `encoding`",
    ),
    "bytes in a file": (
        {"a/1.txt": b"\xef\xbb\xbffine\r\n\xff"},
        "a/1.txt",
        "byte 9, in line 2, is not utf-8: invalid start byte",
        "save the file as UTF-8, or state its `encoding`",
    ),
    "half a character": (
        {"a.txt": b"\xff\xfea\x00\n\x00b"},
        "a.txt",
        "byte 6, in line 2, is not utf-16: truncated data",
        "save the file as UTF-8, or state its `encoding`",
    ),
    "a null character": (
        {"a.txt": "fine\n\nbad\x00\n"},
        "a.txt",
        "line 3 holds a null character: this is no text",
        "if it is UTF-16 or UTF-32, save it as UTF-8, or state its `encoding`",
    ),
    "an empty file": ({"a/1.txt": "x", "a/2.txt": ""}, "a/2.txt", "the file is empty", ""),
    "blanks": ({"a.txt": " \n\t\n"}, "a.txt", "the file holds no text", "fill it, or remove it"),
    "a class without texts": (
        {"a/1.txt": "x", "b/1.md": "y"},
        "b",
        "there is no `.txt` file for this class",
        "give some, or remove the sub-folder",
    ),
    "both ways": (
        {"a.txt": "x", "b/1.txt": "y"},
        "",
        "the folder holds a file for each class (`a.txt`) and a sub-folder for each class (`b`)",
        "keep one of the two: lines of files as texts, or files in sub-folders",
    ),
    "no texts": (
        {"a.md": "x", "b/1.md": "y"},
        "",
        "the folder holds no texts",
        "a `.txt` file for each class, whose lines are the texts, or a sub-folder for each class, with a `.txt` file a text",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_read_is_told(what: str, write: Write, refused: Refused) -> None:
    files, place, message, hint = WRONG[what]
    folder = write(files)
    told = refused(prepare, texts(folder), seed=0)
    assert (told.code, told.message, told.hint or "") == ("NN502", message, hint)
    assert told.where is not None and told.where.file == str(folder / place).rstrip("/")


def test_texts_beside_sub_folders_without_any_are_classes(write: Write) -> None:
    assert prepare(texts(write({"a.txt": "x", "b.txt": "y", "pictures/1.png": "z"})), seed=0).preparation.class_names == ("a", "b")


def test_no_more_is_read_than_memory_may_hold(write: Write, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(dataset: TextFolder) -> tuple[str, str | None]:
        problem = refused(prepare, dataset, seed=0)
        assert problem.code == "NN502"
        return problem.message, problem.hint

    lined = texts(write({"a.txt": "short\nlonger than ten"}))
    filed = texts(written(Path(lined.path).parent / "filed", {"a/1.txt": "longer than ten", "a/2.txt": "x"}))
    monkeypatch.setattr(text_files, "MOST_BYTES", 10)
    assert told(lined) == ("line 2 has more than 10 characters", "give a part of it")
    hint = "give a part of it, or put texts into lines of one file for each class"
    assert told(filed) == ("the file has 15 bytes, at most 10 are read", hint)
    monkeypatch.setattr(text_files, "MAX_BYTES", 20)
    assert told(lined) == ("the file has 21 bytes, at most 20 are read", "split it into several")
    monkeypatch.setattr(text_folder, "MOST_FILES", 1)
    assert told(filed) == ("the folder holds 2 files, at most 1 are read", "put texts into lines of one file for each class")


def test_a_file_of_zeros_without_end_is_refused_at_once(write: Write, refused: Refused) -> None:
    folder = write({"a.txt": "x"})
    with (folder / "a.txt").open("r+b") as file:
        file.truncate(9 * 2**30)  # takes no room on the disk
    assert refused(prepare, texts(folder), seed=0).message == "the file has 9,663,676,416 bytes, at most 8,589,934,592 are read"
    with (folder / "a.txt").open("r+b") as file:
        file.truncate(2**30)
    assert refused(prepare, texts(folder), seed=0).message == "line 1 holds a null character: this is no text"


def test_links_and_pipes_in_a_folder_are_no_traps(write: Write, refused: Refused) -> None:
    folder = write(FILES)
    (folder / "bad" / "up").symlink_to(folder)
    assert len(prepare(texts(folder), seed=0).train) == 3
    (folder / "again").symlink_to(folder / "good" / "..")
    assert refused(prepare, texts(folder), seed=0).message == "this link leads back to the folder that it lies in"
    (folder / "again").unlink()
    (folder / "bad" / "loop.txt").symlink_to(folder / "bad" / "loop.txt")
    assert refused(prepare, texts(folder), seed=0).code == "NN501"
    (folder / "bad" / "loop.txt").unlink()
    os.mkfifo(folder / "bad" / "pipe.txt")
    told = refused(prepare, texts(folder), seed=0)
    assert (told.code, told.message) == ("NN501", "this is a folder or a device, but a data file was expected")


def test_a_class_that_no_checkpoint_could_name_is_refused(write: Write, refused: Refused) -> None:
    folder = write({"a.txt": "x"})
    (folder / os.fsdecode(b"b\xff.txt")).write_text("y")
    told = refused(prepare, texts(folder), seed=0)
    assert (told.code, told.message) == (
        "NN502",
        "this cannot be kept in a checkpoint: `class_names[1]` holds half a character",
    )


def test_parts_are_laid_out_alike(write: Write, tmp_path: Path, refused: Refused) -> None:
    folder = write(LINES)
    told = refused(prepare, texts(folder, test_path=str(written(tmp_path / "other", FILES))), seed=0)
    assert (told.code, told.message) == ("NN502", "in this folder a file is a text, but it was a line in training")
    assert told.where is not None and told.where.file == str(tmp_path / "other")
    assert refused(prepare, texts(tmp_path / "none"), seed=0).message == "there is no such folder"
    assert refused(prepare, texts(folder / "good.txt"), seed=0).message == "this is a file, but a folder was expected"
    assert refused(prepare, texts(folder, encoding="rot13"), seed=0).code == "NN205"


def test_a_file_that_changes_while_it_is_read_is_told(write: Write, refused: Refused) -> None:
    folder = write({"a.txt": "one\ntwo"})
    source = TextSource(texts(folder))
    for content in ("one\nten", "one\ntwo\nthree", "one"):
        (folder / "a.txt").write_text(content)
        told = refused(source.fit, np.array([0]))
        assert (told.code, told.message) == ("NN502", "the file has changed while it was read")
    (folder / "a.txt").write_text("one\ntwo")
    encoding = source.fit(np.array([0]))
    (folder / "a.txt").write_text("one\ntwo\nthree")
    assert refused(source.encode, encoding, None).message == "the file has changed while it was read"


def test_what_does_not_fit_lies_on_disk(write: Write) -> None:
    dataset = texts(write(LINES), test=0.5)
    expected, spooled = prepare(dataset, seed=0), prepare(dataset, seed=0, memory=10)
    inputs = spooled.train.inputs
    assert is_on_disk(inputs.stored if isinstance(inputs, LazyInputs) else inputs)  # type: ignore[arg-type]
    assert np.array_equal(inputs[:], expected.train.inputs[:])
    assert spooled.fingerprint == expected.fingerprint


def test_the_fingerprint_is_that_of_texts_classes_and_parts(write: Write) -> None:
    folder = write({"a.txt": "x", "b.txt": "y"})
    first = prepare(texts(folder), seed=0).fingerprint
    (folder / "a.txt").rename(folder / "aa.txt")
    renamed = prepare(texts(folder), seed=0).fingerprint
    (folder / "aa.txt").write_text("z")
    assert len({first, renamed, prepare(texts(folder), seed=0).fingerprint}) == 3


def test_what_check_needs_is_known(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def known(dataset: TextFolder) -> tuple[Any, ...]:
        found = outline(dataset)
        assert (found.input_dtype, found.labels, found.class_names) == ("int32", "index", ("bad", "good"))
        return found.input_shape, found.num_train, found.num_test, found.input_range

    lined = texts(write(LINES), test=0.34)
    filed = texts(written(Path(lined.path).parent / "filed", FILES))
    of_lined = of(prepare(lined, seed=0))
    assert known(lined) == ((3,), 4, 2, (0, len(of_lined.vocabulary)))
    assert known(filed) == ((3,), 3, 0, (0, 5))
    monkeypatch.setattr(headers, "LARGE", 1)
    assert known(lined) == ((3,), 4, 2, None)
    monkeypatch.setattr(text_folder, "read_texts", lambda *_, **__: pytest.fail("files are not read to be counted"))
    assert known(filed) == ((3,), 3, 0, None)


def test_an_evaluation_is_held_to_the_training(write: Write, tmp_path: Path, refused: Refused) -> None:
    folder = write(FILES)
    splits = prepare(texts(folder), seed=0)
    preparation = Preparation.from_json(json.loads(json.dumps(splits.preparation.to_json())))
    assert preparation == splits.preparation
    samples, (note,) = load_evaluation(str(folder), preparation)
    assert np.array_equal(samples.inputs[:], splits.train.inputs[:]) and np.array_equal(samples.targets, splits.train.targets)
    assert (note.code, note.severity, note.message) == (
        "NN504",
        "warning",
        "3 of 3 samples equal ones that the network was trained on",
    )
    other = written(tmp_path / "other", {"good/1.txt": "Fine", "bad/copy.txt": "bad"})
    samples, (note,) = load_evaluation(str(other), preparation)
    assert samples.inputs[:].tolist() == [[0, 0, 3], [0, 0, 5]]
    assert note.message == "1 of 2 samples equal ones that the network was trained on"
    (other / "bad" / "copy.txt").write_text("bad fine")
    assert load_evaluation(str(other), preparation)[1] == ()
    written(other, {"ugly/1.txt": "x"})
    told = refused(load_evaluation, str(other), preparation)
    assert (told.code, told.message, told.hint) == ("NN502", "`ugly` is no class of this network", "its classes: `bad`, `good`")
    told = refused(load_evaluation, str(written(tmp_path / "lined", LINES)), preparation)
    assert told.message == "in this folder a line is a text, but it was a file in training"


def test_files_that_were_held_out_are_not_said_to_be_trained_on(write: Write) -> None:
    folder = write({f"{label}/{number}.txt": " ".join([label] * (1 + number)) for label in "ab" for number in range(4)})
    splits = prepare(texts(folder, test=0.5, length=4), seed=0)
    _, (note,) = load_evaluation(str(folder), splits.preparation)
    assert note.message == "4 of 8 samples equal ones that the network was trained on"


def test_lines_are_answered_as_they_come(write: Write, refused: Refused) -> None:
    encoding = of(prepare(texts(write(LINES)), seed=0))

    def answers(data: bytes) -> list[tuple[str, list[int]]]:
        reader, writer = os.pipe()
        threading.Thread(target=lambda: (os.write(writer, data), os.close(writer)), daemon=True).start()
        with os.fdopen(reader, "rb") as stream:
            return [(rows.names[0], rows.inputs[0].tolist()) for rows in answer_texts(stream, encoding, lambda: False)]

    assert answers(b"\xef\xbb\xbffine film\r\n\n  so bad") == [("-[0]", [0, 6, 5]), ("-[2]", [0, 8, 3])]
    for data, message in (
        (b"fine\nb\xfcse\n", "byte 1 of line 2 is not utf-8: invalid start byte"),
        (b"fine\n\nx\x00", "line 3 holds a null character: this is no text"),
    ):
        told = refused(answers, data)
        assert (told.code, told.message) == ("NN502", message)


def test_texts_of_which_nothing_is_known_are_told(write: Write) -> None:
    folder = write({"a.txt": "one one\none\ntwo", "b.txt": "one\nthree"})
    splits = prepare(texts(folder, max_vocabulary=1), seed=0)
    (note,) = splits.notes
    assert (note.code, note.severity) == ("NN502", "warning")
    assert note.message == "2 of 5 texts hold nothing of the vocabulary, and are as empty ones; this is the first"
    assert note.where is not None and note.where.file == str(folder / "a.txt") + "[2]"
    unknown = UnknownTexts()
    (rows,) = unknown.counted(stream_texts([str(folder)], of(splits), None))
    (note,) = unknown.notes()
    assert len(rows.names) == 5
    assert (note.code, note.severity) == ("NN505", "warning")
    assert note.message == "texts that hold nothing that the network knows: 2, of which this is the first"
    assert note.where is not None and note.where.file == str(folder / "a.txt") + "[2]"
    assert UnknownTexts().notes() == []


def test_a_path_that_leads_to_no_text_is_told(write: Write, refused: Refused) -> None:
    encoding = of(prepare(texts(write(LINES)), seed=0))
    folder = write({"empty/x.md": "y"})
    for path, message in (
        ("empty", "there are no texts here"),
        ("*.dat", "there are no texts here"),
        ("x", "there is no such file"),
    ):
        told = refused(lambda path=path: list(stream_texts([str(folder / path)], encoding, None)))
        assert (told.code, told.message) == ("NN501", message)


def test_long_texts_are_numbered_a_few_at_a_time(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write({"a.txt": "one two\nthree\nfour five six\nseven"})
    encoding = of(prepare(texts(folder), seed=0))
    monkeypatch.setattr(text_folder, "MOST_BYTES", 8)
    assert [len(rows.names) for rows in stream_texts([str(folder)], encoding, None)] == [2, 1, 1]
    assert characters.MOST_BYTES == 2**24


@pytest.mark.parametrize("value", [None, "x", 0, -1, 1.0, True, [], {}, ["a", "a"], [None], ["\ud800"], 2**40], ids=repr)
def test_no_field_of_a_stored_encoding_is_trusted(value: Any, write: Write) -> None:
    good = prepare(texts(write(LINES)), seed=0).preparation.to_json()
    for field in good["encoding"]:
        document = json.loads(json.dumps(good))
        document["encoding"][field] = value
        try:
            assert Preparation.from_json(document).to_json() == document
        except NncliError as failure:
            assert {problem.code for problem in failure.problems} == {"NN603"}
        else:
            assert field in ("words", "lowercase", "by_line")


def test_a_checkpoint_of_another_length_or_more_fields_is_refused(write: Write, refused: Refused) -> None:
    good = prepare(texts(write(LINES)), seed=0).preparation.to_json()
    for change in ({"length": 4}, {"more": 1}):
        document = good | {"encoding": good["encoding"] | change}
        assert refused(Preparation.from_json, document).code == "NN603"


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    classes=st.dictionaries(st.sampled_from("abc"), st.lists(ANY_TEXT, min_size=1, max_size=4), min_size=1),
    by_line=st.booleans(),
    unit=st.sampled_from(["word", "character"]),
    share=st.sampled_from([0.0, 0.4]),
)
def test_whatever_the_texts_they_predict_as_they_were_trained(
    classes: dict[str, list[str]], by_line: bool, unit: str, share: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every text, read again by what the checkpoint holds, is to the bit what was trained or tested on."""
    if by_line:
        files = {f"{label}.txt": "\n".join(some) for label, some in classes.items()}
    else:
        files = {f"{label}/{number}.txt": text for label, some in classes.items() for number, text in enumerate(some)}
    folder = written(tmp_path_factory.mktemp("texts"), dict(files))
    dataset = texts(folder, unit=unit, test=share)
    try:
        splits = prepare(dataset, seed=0)
    except NncliError as failure:
        assert all(problem.message for problem in failure.problems)
        return
    used = np.concatenate([part.inputs[:] for part in (splits.train, splits.test) if part is not None])
    preparation = Preparation.from_json(json.loads(json.dumps(splits.preparation.to_json())))
    rows = list(stream_texts([str(folder)], of(splits), dataset))
    again = preparation.inputs(np.concatenate([part.inputs for part in rows]))
    assert sorted(map(bytes, used)) == sorted(map(bytes, again))
    samples, _ = load_evaluation(str(folder), preparation, dataset)
    assert np.array_equal(samples.inputs[:], again)
    raw = read(dataset, 0)
    assert np.array_equal(samples.targets, raw.train.samples.targets)

"""Texts: cut, numbered, cut into windows and put together again."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from nncli.data.outline import outline
from nncli.data.prepare import prepare
from nncli.data.preprocessing import Preparation
from nncli.data.texts import windows as text_module
from nncli.data.texts.windows import UNKNOWN, Look, cut, encode, join, learn_vocabulary, look_at_text, read_text, read_windows
from nncli.problems import NncliError, Problem
from nncli.spec.datasets.text import Text

Refused = Callable[..., Problem]
Write = Callable[..., str]

TEXTS = st.text(
    st.sampled_from("abAB'’_9 .,;:!?()[]{}“”‘\"…-–\n\té\u0301İß精") | st.characters(exclude_categories=["Cs"]), max_size=60
)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write(data)` puts bytes or a text into a file and gives its path."""

    def write(data: bytes | str) -> str:
        path = tmp_path / "text.txt"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return str(path)

    return write


# Cutting and joining


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The hare's ears.", ["The", "hare's", "ears", "."]),
        (
            '"Go," said\tshe; (no) one\n\n went…',
            ['"', "Go", ",", '"', "said", "she", ";", "(", "no", ")", "one", "\n", "\n", "went", "…"],
        ),
        ("don’t 'quote' a_b 3.5", ["don’t", "'", "quote", "'", "a_b", "3", ".", "5"]),
        ("", []),
        (" \t ", []),
    ],
)
def test_words_marks_and_line_ends_are_units(text: str, words: list[str]) -> None:
    assert cut(text, "word", False) == words


def test_words_are_joined_as_one_writes_them() -> None:
    text = "“The road is long,” said the tortoise (who was slow); she went on!\nOne step…"
    assert join(cut(text, "word", False), "word") == text


@given(TEXTS)
def test_characters_are_joined_to_the_same_text(text: str) -> None:
    assert cut(text, "character", False) == list(text)
    assert join(cut(text, "character", False), "character") == text


@settings(max_examples=300)
@example("a ’ b")
@example("( “ a ) .")
@given(TEXTS)
def test_words_that_are_joined_are_cut_into_the_same_words(text: str) -> None:
    words = cut(text, "word", False)
    assert cut(join(words, "word"), "word", False) == words


@given(TEXTS, st.sampled_from(["word", "character"]))
def test_lowercase_counts_capitals_as_small_letters(text: str, unit: str) -> None:
    assert cut(text, unit, True) == cut(text.lower(), unit, False)


# Vocabulary


@given(TEXTS, st.sampled_from(["word", "character"]), st.none() | st.integers(1, 10))
def test_the_vocabulary_holds_the_most_frequent_units_in_order(text: str, unit: str, most: int | None) -> None:
    units = cut(text, unit, False)
    vocabulary = learn_vocabulary(units, most)
    counts = Counter(units)
    assert vocabulary[0] == UNKNOWN
    assert list(vocabulary[1:]) == sorted(vocabulary[1:])
    assert len(vocabulary) - 1 == min(len(counts), most or len(counts))
    left_out = set(counts) - set(vocabulary)
    assert (
        max((counts[unit] for unit in left_out), default=0) <= min((counts[unit] for unit in vocabulary[1:]), default=0)
        or not left_out
    )


@given(TEXTS, st.sampled_from(["word", "character"]), st.none() | st.integers(1, 10))
def test_what_is_encoded_can_be_read_back(text: str, unit: str, most: int | None) -> None:
    units = cut(text, unit, False)
    vocabulary = learn_vocabulary(units, most)
    numbers = encode(units, vocabulary)
    assert numbers.dtype == np.int32 and numbers.shape == (len(units),)
    assert [vocabulary[number] for number in numbers] == [entry if entry in vocabulary else UNKNOWN for entry in units]
    if most is None:
        assert 0 not in numbers
        assert cut(join([vocabulary[number] for number in numbers], unit), unit, False) == units


# Files


def test_the_fable_that_ships() -> None:
    fable = read_text(Text())
    assert fable.startswith("The Tortoise Who Carried the Lamp\n")
    assert "\r" not in fable and fable.isascii()
    assert len(fable) == 9497
    inputs, targets, vocabulary = read_windows(Text())
    assert inputs.shape == (9497 - 40, 40) and targets.shape == (9497 - 40,)
    assert vocabulary == (UNKNOWN, *sorted(set(fable)))
    assert len(read_windows(Text(unit="word", lowercase=True))[2]) < len(read_windows(Text(unit="word"))[2])


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"one\ntwo\n", "one\ntwo\n"),
        (b"\xef\xbb\xbfone", "one"),
        (b"one\r\ntwo\r\n", "one\ntwo\n"),
        ("Größe 精\n".encode(), "Größe 精\n"),
    ],
    ids=["plain", "byte order mark", "CRLF", "UTF-8"],
)
def test_a_file_is_read_as_text(data: bytes, text: str, write: Write) -> None:
    assert read_text(Text(path=write(data))) == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b" \r\n\t\n", "the file holds no text"),
        (b"\xef\xbb\xbf", "the file holds no text"),
        (b"Gr\xf6\xdfe", "byte 2 is not UTF-8: invalid start byte"),
        (b"\xef\xbb\xbfab\xff", "byte 5 is not UTF-8: invalid start byte"),
        (b"ab\xc3", "byte 2 is not UTF-8: unexpected end of data"),
    ],
    ids=["empty", "white", "mark alone", "latin", "behind a mark", "cut off"],
)
def test_what_is_no_text_is_a_problem(data: bytes, message: str, write: Write, refused: Refused) -> None:
    path = write(data)
    problem = refused(read_text, Text(path=path))
    assert (problem.code, problem.message) == ("NN502", message)
    assert problem.where is not None and problem.where.file == path
    assert refused(outline, Text(path=path)) == problem


def test_a_text_that_is_too_long_is_a_problem(write: Write, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_module, "MAX_BYTES", 10)
    assert read_text(Text(path=write("a" * 10))) == "a" * 10
    assert refused(read_text, Text(path=write("a" * 11))).message == "the text has more than 10 bytes"


def test_a_missing_file_is_a_problem(tmp_path: Path, refused: Refused) -> None:
    assert refused(read_text, Text(path=str(tmp_path / "none.txt"))).code == "NN501"
    assert refused(read_text, Text(path=str(tmp_path))).code == "NN501"


# Windows


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(1, 8), st.integers(1, 5))
def test_windows_are_those_of_the_loop_one_would_write(tmp_path_factory: Any, size: int, length: int, stride: int) -> None:
    path = tmp_path_factory.mktemp("text") / "text.txt"
    text = "".join(chr(ord("a") + number % 26) for number in range(size))
    path.write_text(text)
    dataset = Text(path=str(path), length=length, stride=stride)
    starts = [start for start in range(0, size, stride) if start + length < size]
    if not starts:
        with pytest.raises(NncliError) as caught:
            read_windows(dataset)
        (problem,) = caught.value.problems
        assert problem.code == "NN403"
        assert problem.message == f"a window takes {length} characters and the next one, the text has {size}"
        assert problem.where is not None and problem.where.path == "dataset.length"
        return
    inputs, targets, vocabulary = read_windows(dataset)
    assert inputs.dtype == targets.dtype == np.int32
    assert ["".join(vocabulary[number] for number in window) for window in inputs] == [
        text[start : start + length] for start in starts
    ]
    assert [vocabulary[number] for number in targets] == [text[start + length] for start in starts]


def test_what_the_vocabulary_leaves_out_is_number_0(write: Write) -> None:
    inputs, targets, vocabulary = read_windows(Text(path=write("aabbcabab"), length=3, max_vocabulary=2))
    assert vocabulary == (UNKNOWN, "a", "b")
    assert inputs.tolist() == [[1, 1, 2], [1, 2, 2], [2, 2, 0], [2, 0, 1], [0, 1, 2], [1, 2, 1]]
    assert targets.tolist() == [2, 0, 1, 2, 1, 2]


@pytest.mark.parametrize("validation", [0.0, 0.25, 0.9])
@pytest.mark.parametrize("labels", [None, "index", "one_hot"])
def test_what_is_held_out_is_the_text_s_end(validation: float, labels: Any, write: Write) -> None:
    text = "abcdefghijklmnopqrstuvwxyz"  # every target a class of its own
    dataset = Text(path=write(text), length=2, validation=validation, labels=labels)
    splits = prepare(dataset, seed=1)
    held = splits.validation
    assert (held is None) == (validation == 0)
    inputs = np.concatenate([splits.train.inputs, *([] if held is None else [held.inputs])])
    assert inputs.dtype == np.int32
    assert inputs.tolist() == [[number, number + 1] for number in range(1, 25)]
    assert splits.preparation.class_names == (UNKNOWN, *text)
    assert splits.preparation.target_shape == ((27,) if labels == "one_hot" else ())
    assert Preparation.from_json(splits.preparation.to_json()) == splits.preparation
    found = outline(dataset)
    assert (found.num_train, found.num_validation) == (len(splits.train), 0 if held is None else len(held))
    assert (found.input_shape, found.target_shape) == ((2,), splits.preparation.target_shape)
    assert (found.num_classes, found.class_names, found.input_dtype) == (27, splits.preparation.class_names, "int32")


@settings(max_examples=60)
@given(
    text=st.text("abcdefg", min_size=2, max_size=30),
    length=st.integers(1, 5),
    stride=st.integers(1, 6),
    most=st.none() | st.integers(1, 4),
)
def test_the_largest_number_is_told_without_cutting(text: str, length: int, stride: int, most: int | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "text.txt")
        path.write_text(text)
        dataset = Text(path=str(path), length=length, stride=stride, max_vocabulary=most)
        assume(len(text) > length)
        inputs, _, _ = read_windows(dataset)
        assert look_at_text(dataset).largest == (inputs.max() if stride <= length else None)


def test_a_long_text_is_not_read_to_check_a_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "long.txt"
    path.write_text("abc " * 1000)
    dataset = Text(path=str(path), length=10)
    assert look_at_text(dataset) == Look(3990, ("<unknown>", " ", "a", "b", "c"), 4)
    whole = outline(dataset)
    monkeypatch.setattr(text_module, "LARGE", 100)
    monkeypatch.setattr(text_module, "read_text", None)
    known = outline(dataset)
    assert (known.num_train, known.input_shape, known.input_dtype) == (whole.num_train, whole.input_shape, whole.input_dtype)
    assert (whole.num_classes, known.num_classes) == (5, None)
    assert (whole.input_range, known.input_range) == ((0, 4), None)


def test_more_windows_than_memory_should_hold_are_refused(monkeypatch: pytest.MonkeyPatch, refused: Refused) -> None:
    monkeypatch.setattr(text_module, "MAX_VALUES", 1000)
    problem = refused(read_windows, Text(length=40))
    assert problem.code == "NN403" and "take more than 1,000 values" in problem.message
    assert problem.where is not None and problem.where.path == "dataset.stride"

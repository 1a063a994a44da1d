"""YAML text -> tree: values, marks, caps, and everything that is refused."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncli.config.load import load_config
from nncli.config.reader import MAX_BYTES, MAX_DEPTH, MAX_NODES, decode, read_tree
from nncli.config.tree import Leaf, ListNode, MapNode, Node, Source, plain
from nncli.problems import NncliError, Problem

VALID = sorted((Path(__file__).parents[2] / "configs" / "valid").rglob("*.yaml"))


def read(text: str) -> Node:
    return read_tree(Source(text, "/folder", "c.yaml"))


def refusal(text: str | bytes) -> Problem:
    with pytest.raises(NncliError) as caught:
        read(text if isinstance(text, str) else decode(text, "c.yaml"))
    (problem,) = caught.value.problems
    return problem


def place(problem: Problem) -> tuple[int | None, int | None]:
    assert problem.where is not None
    return problem.where.line, problem.where.column


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-1", -1),
        ("+12", 12),
        ("0", 0),
        ("-0", 0),
        ("1e-4", 1e-4),
        ("1E5", 1e5),
        ("1e5", 1e5),
        (".5", 0.5),
        ("5.", 5.0),
        ("-1.5e+3", -1500.0),
        ("0.0", 0.0),
        ("1e-400", 0.0),
        (".inf", math.inf),
        ("-.inf", -math.inf),
        ("+.Inf", math.inf),
        (".INF", math.inf),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("~", None),
        ("", None),
        ("''", ""),
        ("'null'", "null"),
        ('"1"', "1"),
        ("'1e-4'", "1e-4"),
        ('"true"', "true"),
        ("no", "no"),
        ("No", "No"),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("tRUE", "tRUE"),
        ("nuLL", "nuLL"),
        ("inf", "inf"),
        ("nan", "nan"),
        ("010", "010"),
        ("00", "00"),
        ("0x10", "0x10"),
        ("0o10", "0o10"),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("1,000", "1,000"),
        ("1:30", "1:30"),
        ("1:30:00", "1:30:00"),
        ("2024-01-02", "2024-01-02"),
        ("2024-13-45", "2024-13-45"),
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"),
        ("1e", "1e"),
        (".", "."),
        ("+", "+"),
        ("1.2.3", "1.2.3"),
        ("\u0661", "\u0661"),
        ("\u0661.\u0665", "\u0661.\u0665"),
        ("|\n  1\n", "1\n"),
        (">\n  a\n  b\n", "a b\n"),
        ("=", "="),
        ("<<", "<<"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    for written in (text, f"[{text}]") if text and not set("\n,") & set(text) else (text,):
        node = read(written)
        if isinstance(node, ListNode):
            (node,) = node.items
        assert isinstance(node, Leaf)
        assert (type(node.value), node.value) == (type(value), value)


def test_not_a_number() -> None:
    for text in (".nan", ".NaN", ".NAN"):
        node = read(text)
        assert isinstance(node, Leaf) and isinstance(node.value, float) and math.isnan(node.value)


def test_keys_are_the_text_that_was_written() -> None:
    assert plain(read("{1: a, true: b, null: c, 1e3: d, ~: e, '': f, 010: g, '<<': h}")) == dict(
        zip(("1", "true", "null", "1e3", "~", "", "010", "<<"), "abcdefgh", strict=True)
    )


def test_strings_remember_their_folder() -> None:
    value = plain(read("a: b"))
    assert isinstance(value, dict) and value["a"].folder == "/folder"


@pytest.mark.parametrize(
    ("text", "path", "span"),
    [
        ("a: 1", "a", (0, 3, 0, 4)),
        ("a:   'x y'  # c", "a", (0, 5, 0, 10)),
        ("\U0001f600: \U0001f600\U0001f600", "\U0001f600", (0, 3, 0, 5)),
        ("数: 字", "数", (0, 3, 0, 4)),
        ("e\u0301: x", "e\u0301", (0, 4, 0, 5)),
        ("a: 1\r\nb: 22\r\n", "b", (1, 3, 1, 5)),
        ("a:\t1", "a", (0, 3, 0, 4)),
        ("# \U0001f600\na: [1,\n  2]", "a", (1, 3, 2, 4)),
        ("a: {b: 1}", "a", (0, 3, 0, 9)),
        ("a:", "a", (0, 2, 0, 2)),
    ],
)
def test_marks_count_code_points_from_zero(text: str, path: str, span: tuple[int, int, int, int]) -> None:
    root = read(text)
    assert isinstance(root, MapNode)
    mark = root.items[path].mark
    assert (mark.line, mark.column, mark.end_line, mark.end_column) == span
    key = root.keys[path]
    assert key.end_column - key.column == len(path)


def test_a_byte_order_mark_at_the_start_is_no_character() -> None:
    assert place(refusal(b"\xef\xbb\xbfa: 1\na: 2")) == (2, 1)
    assert place(refusal(b"\xef\xbb\xbfa: \xff")) == (1, 4)


@pytest.mark.parametrize(
    ("text", "code", "message", "at"),
    [
        ("a: 1\nb: 2\na: 3", "NN103", "duplicate key `a`, first on line 1", (3, 1)),
        ("{x: {a: 1, 'a': 2}}", "NN103", "duplicate key `a`, first on line 1", (1, 12)),
        ("a: &x 1", "NN104", "the anchor `&x`: configs do without", (1, 4)),
        ("&x a: 1", "NN104", "the anchor `&x`: configs do without", (1, 1)),
        ("a: &x [1]\nb: 2", "NN104", "the anchor `&x`: configs do without", (1, 4)),
        ("a: *x", "NN104", "the alias `*x`: configs do without", (1, 4)),
        ("*x : 1", "NN104", "the alias `*x`: configs do without", (1, 1)),
        ("a: !!int 1", "NN104", "the tag `!!int`: configs do without", (1, 4)),
        ("a: ! 1", "NN104", "the tag `!`: configs do without", (1, 4)),
        ("a: !<tag:x> {}", "NN104", "the tag `!<tag:x>`: configs do without", (1, 4)),
        ("!t a: 1", "NN104", "the tag `!t`: configs do without", (1, 1)),
        ("<<: {a: 1}", "NN104", "a merge key `<<`: configs do without", (1, 1)),
        ("a: 1\n---\nb: 2", "NN104", "a second document begins here: a config is one", (2, 1)),
        ("a: 1\n...\nb: 2", "NN104", "a second document begins here: a config is one", (3, 1)),
        ("? [a]\n: 1", "NN102", "a key is a plain word, not a list or a mapping", (1, 3)),
        ("a: \x00", "NN101", "the character U+0000 cannot stand in a config", (1, 4)),
        ("a: b\x1b[0m", "NN101", "the character U+001B cannot stand in a config", (1, 5)),
        ("a: 1\nb: \x9bm", "NN101", "the character U+009B cannot stand in a config", (2, 4)),
        ("a: x\x85y", "NN101", "the character U+0085 cannot stand in a config", (1, 5)),
        ("a: x\u2028y", "NN101", "the character U+2028 cannot stand in a config", (1, 5)),
        ("a: x\u2029y", "NN101", "the character U+2029 cannot stand in a config", (1, 5)),
        ("a: \ud800", "NN101", "the character U+D800 cannot stand in a config", (1, 4)),
        ("a: \ufeff", "NN101", "the character U+FEFF cannot stand in a config", (1, 4)),
        ("a: 1\rb: 2", "NN101", "the character U+000D cannot stand in a config", (1, 5)),
        ("a: \x7f", "NN101", "the character U+007F cannot stand in a config", (1, 4)),
        ("a: 1e400", "NN106", "`1e400` is beyond the largest float", (1, 4)),
        ("a: -1e400", "NN106", "`-1e400` is beyond the largest float", (1, 4)),
        ("a: " + "1" * 5000, "NN106", "a whole number of 5000 digits", (1, 4)),
        ("a: " + "1" * 5000 + ".5", "NN106", f"`{'1' * 40}` is beyond the largest float", (1, 4)),
    ],
)
def test_what_configs_do_without_is_refused_at_its_place(text: str, code: str, message: str, at: tuple[int, int]) -> None:
    problem = refusal(text)
    assert (problem.code, problem.message, place(problem)) == (code, message, at)


@pytest.mark.parametrize(
    ("data", "message", "at"),
    [
        (b"a: \xff", "byte 0xff is not UTF-8: is this a text file?", (1, 4)),
        ("é: 1\n数: ".encode() + b"\xc3(", "byte 0xc3 is not UTF-8: is this a text file?", (2, 4)),
        (b"\x89PNG\r\n\x1a\n", "byte 0x89 is not UTF-8: is this a text file?", (1, 1)),
        (b"a: \xed\xa0\x80", "byte 0xed is not UTF-8: is this a text file?", (1, 4)),
        (b"a: \xc0\x80", "byte 0xc0 is not UTF-8: is this a text file?", (1, 4)),
        (b"a: \xe2\x82", "byte 0xe2 is not UTF-8: is this a text file?", (1, 4)),
        ("a: 1".encode("utf-16"), "byte 0xff is not UTF-8: is this a text file?", (1, 1)),
    ],
)
def test_bad_utf8_is_refused_at_its_place(data: bytes, message: str, at: tuple[int, int]) -> None:
    problem = refusal(data)
    assert (problem.code, problem.message, place(problem)) == ("NN101", message, at)


def test_depth_and_number_of_values_have_caps() -> None:
    read("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    too_deep = refusal("a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert (too_deep.code, place(too_deep)) == ("NN105", (1, MAX_DEPTH + 3))
    read("[" + "1," * (MAX_NODES - 1) + "]")
    too_many = refusal("[" + "1," * MAX_NODES + "]")
    assert (too_many.code, place(too_many)) == ("NN105", (1, 2 * MAX_NODES))


def test_a_file_is_not_read_beyond_the_cap(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    program = f"""
import resource
from nncli.config.load import load_config
from nncli.problems import NncliError
resource.setrlimit(resource.RLIMIT_DATA, (100_000_000, 100_000_000))
try:
    load_config({str(path)!r})
except NncliError as found:
    (problem,) = found.problems
    print(problem.code, problem.message, problem.where.line, problem.where.column)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == f"NN101 a config of more than {MAX_BYTES:,} bytes 1 1\n"


HOSTILE = {
    "brackets": ("'[' * 1_000_000", "NN105"),
    "braces": ("'{' * 1_000_000", "NN102"),
    "dashes": ("'- ' * 1_000_000", "NN105"),
    "questions": ("'? ' * 1_000_000", "NN102"),
    "brackets on lines": ("'[\\n' * 1_000_000", "NN105"),
    "indented keys": ("''.join(' ' * depth + 'a:\\n' for depth in range(2000))", "NN105"),
    "keys without end": ("'{a: ' * 500_000", "NN105"),
    "a long key": ("'a' * 3_000_000 + ': 1'", None),
    "a long list": ("'[' + 'a,' * 150_000 + ']'", None),
    "a long quote": ("'\"' + 'a ' * 1_500_000", "NN102"),
    "quotes": ("'\"' * 1_000_001", None),
    "aliases": ("'a: [' + '*a, ' * 500_000", "NN104"),
}


@pytest.mark.parametrize(("expression", "code"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_end_quickly_with_a_place_and_never_kill_the_interpreter(expression: str, code: str | None) -> None:
    program = f"""
import resource
from nncli.config.reader import MAX_PROBLEMS, read_tree
from nncli.config.tree import Source
from nncli.problems import NncliError
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
text = {expression}
before = resource.getrusage(resource.RUSAGE_SELF)
try:
    read_tree(Source(text, "", "c.yaml"))
    print("read")
except NncliError as found:
    problem, *more = found.problems
    assert len(more) < MAX_PROBLEMS
    print(problem.code, problem.where.line >= 1 and problem.where.column >= 1)
after = resource.getrusage(resource.RUSAGE_SELF)
print(after.ru_utime - before.ru_utime < 5)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    outcome, quick = done.stdout.splitlines()
    assert quick == "True"
    if code is not None:
        assert outcome == f"{code} True"


def test_a_million_brackets_take_less_than_a_second_and_200_megabytes() -> None:
    program = """
import resource, time
resource.setrlimit(resource.RLIMIT_DATA, (200_000_000, 200_000_000))
from nncli.config.load import parse_config
from nncli.problems import NncliError
text = "[" * 1_000_000
start = time.process_time()
try:
    parse_config(text, "c.yaml", "")
except NncliError as found:
    (problem,) = found.problems
    print(problem.code, problem.where.line, problem.where.column)
print(time.process_time() - start < 1)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "NN105 1 65\nTrue\n"


def check_outcome(text: str) -> None:
    """Reading gives a tree, or a problem whose place lies inside the text (or one behind its end)."""
    try:
        read(text)
    except NncliError as found:
        lines = text.split("\n")
        for problem in found.problems:
            line, column = place(problem)
            assert line is not None and column is not None
            assert 1 <= line <= len(lines)
            assert 1 <= column <= len(lines[line - 1]) + 1, problem


@settings(max_examples=400, deadline=None)
@given(st.text(st.characters(codec=None), max_size=200) | st.text("[]{}:,-?&*!|>'\"%@`#~ \t\n\r\\0aé\U0001f600", max_size=60))
def test_any_text_gives_a_tree_or_a_problem_inside_it(text: str) -> None:
    check_outcome(text)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_mutation_of_a_valid_config_gives_a_tree_or_a_problem_inside_it(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(VALID)).read_text(encoding="utf-8")
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 20)))
        text = text[:start] + data.draw(st.text("[]{}:,-&*!|'\" \t\nx1\U0001f600", max_size=5)) + text[end:]
    check_outcome(text)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_give_text_or_a_problem(data: bytes) -> None:
    try:
        text = decode(data, "c.yaml")
    except NncliError as found:
        assert [problem.code for problem in found.problems] == ["NN101"]
    else:
        check_outcome(text)


def test_a_missing_config_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path, message in ((tmp_path / "none.yaml", "there is no such config"), (tmp_path, "cannot be read: Is a directory")):
        with pytest.raises(NncliError) as caught:
            load_config(path)
        (problem,) = caught.value.problems
        assert (problem.code, problem.message) == ("NN107", message)
        assert problem.where is not None and problem.where.file == str(path)

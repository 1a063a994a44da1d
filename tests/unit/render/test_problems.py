"""Problems on a terminal: whole outputs, and carets under what they mean."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from nncli.config.tree import Mark, Source
from nncli.problems import Problem, Where
from nncli.render.problems import escape, show_problems


def shown(*problems: Problem, width: int = 80, colour: bool = False) -> str:
    text = io.StringIO()
    show_problems(problems, Console(file=text, width=width, color_system="standard" if colour else None, force_terminal=colour))
    return text.getvalue()


def at(line: str, start: int, end: int, *, number: int = 1) -> Problem:
    """A problem with the code points `start` to `end` of a line, counted from 0."""
    where = Where(file="c.yaml", line=number, column=start + 1, end_line=number, end_column=end + 1, source_line=line)
    return Problem("NN201", "unknown key", "remove it", where)


def test_the_example_of_the_design() -> None:
    where = Where(
        file="configs/cnn_mnist.yaml",
        line=24,
        column=25,
        end_line=24,
        end_column=37,
        source_line="optimizer: {type: adam, learning_rte: 1e-4}",
    )
    problem = Problem("NN201", "unknown key `learning_rte` in optimizer `adam`", "did you mean `learning_rate`?", where)
    assert shown(problem) == (
        "error[NN201]: unknown key `learning_rte` in optimizer `adam`\n"
        "  --> configs/cnn_mnist.yaml:24:25\n"
        "24 | optimizer: {type: adam, learning_rte: 1e-4}\n"
        "   |                         ^^^^^^^^^^^^ did you mean `learning_rate`?\n"
    )


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (Problem("NN606", "what"), "error[NN606]: what\n"),
        (Problem("NN606", "what", "how"), "error[NN606]: what\n  how\n"),
        (Problem("NN403", "odd", severity="warning"), "warning[NN403]: odd\n"),
        (Problem("NN501", "gone", "look", Where(file="a.npz")), "error[NN501]: gone\n  --> a.npz\n  look\n"),
        (Problem("NN606", "no", None, Where(argument="x > ")), "error[NN606]: no\n  --> argument `x > `\n"),
        (
            Problem("NN110", "no", "so", Where(argument="a=x", column=3, end_column=4, source_line="a=x")),
            "error[NN110]: no\n  --> argument `a=x`\n  | a=x\n  |   ^ so\n",
        ),
        (
            Problem("NN110", "no", None, Where(argument="a=\nx", column=4, end_column=5, source_line="a=\nx")),
            "error[NN110]: no\n  --> argument `a=\\nx`\n  | a=\\nx\n  |     ^\n",
        ),
        (Problem("NN606", "[bold]no[/bold]", "[link=x]"), "error[NN606]: [bold]no[/bold]\n  [link=x]\n"),
        (Problem("NN606", ":smile: 12 'x'"), "error[NN606]: :smile: 12 'x'\n"),
    ],
)
def test_the_whole_output(problem: Problem, expected: str) -> None:
    assert shown(problem) == expected


@pytest.mark.parametrize(
    ("line", "start", "end", "shown_line", "carets"),
    [
        ("a: b", 3, 4, "a: b", "   ^"),
        ("数字: 猫", 4, 5, "数字: 猫", "      ^^"),
        ("数字: 猫犬x", 5, 7, "数字: 猫犬x", "        ^^^"),
        ("e\u0301: x", 4, 5, "e\u0301: x", "   ^"),
        ("\U0001f600: x", 3, 4, "\U0001f600: x", "    ^"),
        ("a:\tb", 3, 4, "a: b", "   ^"),
        ("\t\tb", 2, 3, "  b", "  ^"),
        ("a\x1b[31m: b", 8, 9, "a\\x1b[31m: b", "           ^"),
        ("a\u202e: b", 4, 5, "a\\u202e: b", "         ^"),
        ("a: \x07", 3, 4, "a: \\x07", "   ^^^^"),
        ("a: \U000e0001", 3, 4, "a: \\U000e0001", "   ^^^^^^^^^^"),
        ("a:", 2, 2, "a:", "  ^"),
        ("a:", 2, 3, "a:", "  ^"),
        ("", 0, 1, "", "^"),
        ("x" * 300, 0, 300, "x" * 160, "^" * 160),
        ("x" * 300, 200, 300, "x" * 160, " " * 80 + "^" * 80),
        ("x" * 100 + "猫" * 100, 150, 152, "x" * 30 + "猫" * 100, " " * 130 + "^" * 4),
        ("猫" * 300, 200, 202, "猫" * 160, " " * 160 + "^" * 4),
    ],
)
def test_the_caret_stands_under_what_is_meant(line: str, start: int, end: int, shown_line: str, carets: str) -> None:
    assert shown(at(line, start, end)).splitlines()[2:] == [f"1 | {shown_line}", f"  | {carets} remove it"]


def test_widths_are_those_of_the_terminal() -> None:
    line = "猫e\u0301\U0001f600ｶ가é"
    for end in range(1, len(line) + 1):
        carets = shown(at(line, 0, end)).splitlines()[3].count("^")
        assert carets == cell_len(line[:end])


def test_a_span_of_several_lines_is_marked_to_the_end_of_the_first() -> None:
    where = Where(file="c", line=9, column=4, end_line=11, end_column=2, source_line="a: [1,")
    assert shown(Problem("NN203", "no", None, where)).splitlines()[2:] == ["9 | a: [1,", "  |    ^^^"]


def test_the_gutter_is_as_wide_as_the_line_number() -> None:
    assert shown(at("a: b", 3, 4, number=1000)).splitlines()[2:] == ["1000 | a: b", "     |    ^ remove it"]


def test_lines_are_never_wrapped_and_never_coloured_where_colours_are_off() -> None:
    output = shown(at("x" * 150, 100, 110), width=40)
    assert len(output.splitlines()) == 4
    assert "\x1b" not in output


def test_colours_on_a_terminal_add_nothing_but_colours() -> None:
    coloured = shown(at("a: \x1b]0;title\x07b", 3, 6), colour=True)
    assert "\x1b]0" not in coloured and "\x07" not in coloured
    assert "\x1b[1;31merror[NN201]" in coloured


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain é 猫 \U0001f600", "plain é 猫 \U0001f600"),
        ("a\nb", "a\nb"),
        ("\x1b[2J\r\x9b\x7f", "\\x1b[2J\\x0d\\x9b\\x7f"),
        ("\u200b\u202e\u2066\u2028", "\\u200b\\u202e\\u2066\\u2028"),
        ("\ud800\ue000\U000f0000", "\\ud800\\ue000\\U000f0000"),
    ],
)
def test_escape_leaves_no_control_character(text: str, safe: str) -> None:
    assert escape(text) == safe


def test_a_mark_of_an_argument_counts_from_the_arguments_start() -> None:
    source = Source("[1,\n 2]", "", argument="a=[1,\n 2]", offset=2)
    where = Mark(source, 1, 1, 1, 2).where("a")
    assert (where.argument, where.column, where.end_column) == ("a=[1,\n 2]", 8, 9)
    assert Mark(source, 0, 0, 1, 3).where() == Where(argument="a=[1,\n 2]", column=3, end_column=10, source_line="a=[1,\n 2]")

"""GitHub's annotations: one line a problem, nothing in it that GitHub would take for syntax."""

from __future__ import annotations

from nncli.problems import Problem, Where
from nncli.render.annotations import as_annotations


def test_a_place_in_a_file() -> None:
    where = Where(file="a,b:c.yaml", line=3, column=5, end_line=3, end_column=8, path="x", source_line="  - abc")
    problem = Problem("NN201", "unknown key `abc`: 100%", "did you mean\n`abd`?", where)
    assert as_annotations([problem]) == (
        "::error file=a%2Cb%3Ac.yaml,line=3,endLine=3,col=5,endColumn=7,title=NN201::"
        "unknown key `abc`: 100%25; did you mean%0A`abd`?\n"
    )


def test_a_span_of_several_lines_has_no_columns() -> None:
    where = Where(file="a.yaml", line=3, column=5, end_line=4, end_column=2)
    assert (
        as_annotations([Problem("NN403", "m", None, where, "warning")]) == "::warning file=a.yaml,line=3,endLine=4,title=NN403::m\n"
    )


def test_arguments_standard_input_and_nowhere() -> None:
    found = as_annotations(
        [
            Problem("NN110", "m", None, Where(argument="a=\x1b[31m", column=1, end_column=2)),
            Problem("NN203", "n", None, Where(file="-", line=1, column=1, end_line=1, end_column=2)),
            Problem("NN901", "o"),
        ]
    )
    assert found == "::error title=NN110::argument `a=\\x1b[31m`; m\n::error title=NN203::n\n::error title=NN901::o\n"

"""Problems: what nncli says when something is wrong, and the exceptions that carry them.

A problem is a value. Whoever finds one builds it, whoever renders it (terminal, JSON) decides how it looks, and the table
`CODES` alone decides with which exit code a command ends because of it.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Code:
    """What a stable problem code stands for.

    Attributes:
        title: a few words for lists and documentation.
        exit_code: the exit code of a command that fails because of it.
    """

    title: str
    exit_code: int


CODES: Final[dict[str, Code]] = {
    "NN101": Code("the text is not UTF-8, too large or holds forbidden characters", 2),
    "NN102": Code("the text is not YAML", 2),
    "NN103": Code("a duplicate key", 2),
    "NN104": Code("a YAML feature that configs do without (anchor, alias, tag, second document)", 2),
    "NN105": Code("nested too deeply or too many values", 2),
    "NN106": Code("a number that no float or integer can hold", 2),
    "NN107": Code("a config is missing or cannot be read", 2),
    "NN110": Code("an override that cannot be read or applied", 2),
    "NN201": Code("an unknown key", 2),
    "NN202": Code("a required key is missing", 2),
    "NN203": Code("a value of the wrong kind", 2),
    "NN204": Code("a value outside its range", 2),
    "NN205": Code("an unknown name", 2),
    "NN206": Code("keys that exclude or need each other", 2),
    "NN207": Code("an expression that cannot be read", 2),
    "NN208": Code("data that the config writes or computes, and that cannot be used", 2),
    "NN301": Code("an input of the wrong rank", 2),
    "NN302": Code("a window larger than its input", 2),
    "NN303": Code("shapes that do not fit together", 2),
    "NN401": Code("loss, labels and last layer do not fit", 2),
    "NN402": Code("a name that nothing in this run produces", 2),
    "NN403": Code("settings that contradict each other or the data", 2),
    "NN404": Code("a setting that this machine cannot honour", 2),
    "NN501": Code("a data file is missing or cannot be read", 3),
    "NN502": Code("data of the wrong shape, type or content", 3),
    "NN503": Code("a download failed or brought the wrong bytes", 3),
    "NN504": Code("the evaluation data may have been trained on", 3),
    "NN505": Code("an input unlike those that the network has learnt from", 3),
    "NN601": Code("a folder or file exists already", 2),
    "NN602": Code("a run is in use, or cannot be resumed", 2),
    "NN603": Code("a checkpoint or run is missing, damaged or foreign", 3),
    "NN604": Code("the disk refused to read or write", 3),
    "NN606": Code("a command line that cannot be understood", 2),
    "NN701": Code("an expectation is not met", 4),
    "NN702": Code("two results that must be equal differ", 4),
    "NN801": Code("training diverged", 5),
    "NN901": Code("an unexpected failure: a bug in nncli", 1),
}
"""Every code there is. Tests hold the documentation and the example files to it."""


@dataclass(frozen=True, slots=True)
class Where:
    """The place a problem points at. Lines and columns count from 1, in code points; an end column is one past the last.

    Attributes:
        file: path of the file as the user named it, or None for an argument.
        line, column, end_line, end_column: the span, all set or all None.
        path: dotted path inside the config, such as `model.layers.0.filters`.
        argument: the whole command-line argument, in place of a file.
        source_line: text of the first line of the span, for the snippet under the message; never part of the JSON.
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    path: str | None = None
    argument: str | None = None
    source_line: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or looks wrong.

    Attributes:
        code: a key of `CODES`.
        message: what was received and what was expected, one sentence without a full stop.
        hint: how to mend it, or None.
        where: the place, or None where there is none.
        severity: an `error` stops the command, a `warning` does not.
    """

    code: str
    message: str
    hint: str | None = None
    where: Where | None = None
    severity: Severity = "error"

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise KeyError(f"unknown problem code {self.code}")

    def as_warning(self) -> Problem:
        """The same as a warning."""
        return replace(self, severity="warning")


class NncliError(Exception):
    """Something that the user can mend. Carries every problem found, never just the first.

    Anything else that is raised is a bug in nncli and keeps its traceback.
    """

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("; ".join(f"{problem.code} {problem.message}" for problem in self.problems))


def error(
    code: str, message: str, hint: str | None = None, *, file: object = None, argument: str | None = None, path: str | None = None
) -> NncliError:
    """An `NncliError` of one problem, for the places that find a single one.

    Args:
        code: a key of `CODES`.
        message: what was received and expected.
        hint: how to mend it.
        file: path of the file at fault, or None.
        argument: the command-line argument at fault, or None.
        path: the setting at fault, such as `dataset.validation`, or None; whoever knows the config gives it its place there.
    """
    where = Where(file=None if file is None else str(file), argument=argument or None, path=path)
    return NncliError(Problem(code, message, hint, None if where == Where() else where))


def reason(problem: OSError) -> str:
    """Why the system refused a stream, in words; of one that is closed it says "Bad file descriptor" itself."""
    return "it is closed" if problem.errno == errno.EBADF else problem.strerror or str(problem)


def exit_code(problems: Iterable[Problem]) -> int:
    """The exit code that a command ends with because of `problems`: the lowest of the errors' codes, 0 without errors."""
    return min((CODES[problem.code].exit_code for problem in problems if problem.severity == "error"), default=0)

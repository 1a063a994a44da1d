"""From a command's function to what the caller sees: its output, its problems, its exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nncli.cli.signals import StopRequest
from nncli.cli.streams import Unwritable
from nncli.problems import NncliError, Problem, exit_code
from nncli.reports.base import Report

if TYPE_CHECKING:
    from rich.console import Console

Work = Callable[[StopRequest], Report]
Show = Callable[[Report], None]


@dataclass(frozen=True, slots=True)
class Output:
    """How a command shows what it does.

    Attributes:
        json: one JSON document on standard output, nothing else there.
        quiet: nothing but results and errors: no progress, no warnings.
        debug: TensorFlow's own log lines, too.
    """

    json: bool = False
    quiet: bool = False
    debug: bool = False


def error_console() -> Console:
    """Where everything goes that is no result."""
    from nncli.render.terminal import Terminal

    return Terminal(stderr=True)


def execute(command: str, work: Work, output: Output, show: Show | None = None, *, patient: bool = False) -> int:
    """Run a command and show what comes of it.

    Args:
        command: its name, for the JSON document.
        work: does it; is given the request to stop that Ctrl-C makes.
        output: how to show it.
        show: prints the report in place of the usual table.
        patient: whether the work asks for the wish to stop, and ends at a good place; else Ctrl-C ends it where it is.

    Returns:
        The exit code.
    """
    if output.debug:
        os.environ["NNCLI_DEBUG"] = "1"
    report: Report | None = None
    with StopRequest(patient=patient) as stop:
        try:
            report = work(stop)
            problems = report.problems
            code = exit_code(problems)
            if report.how_to_go_on is not None:
                code = stop.exit_code
        except NncliError as failure:
            problems, code = failure.problems, exit_code(failure.problems)
        except KeyboardInterrupt:
            problems, code = (), stop.exit_code
        except Unwritable:
            raise
        except Exception as bug:  # a bug keeps its traceback, and `--json` its promise
            error_console().print(traceback.format_exc(), highlight=False, soft_wrap=True, end="")
            problems, code = (Problem("NN901", f"{type(bug).__name__}: {bug}", "please report it, with the lines above"),), 1
        # Still inside: a signal must not take away what was come to, and may be why it is shown.
        try:
            _show(command, report, problems, output, code, show)
            sys.stdout.flush()
        except Unwritable as problem:
            lost = unwritable(problem)
            return code or lost
        except KeyboardInterrupt:
            return stop.exit_code
    return code


def unwritable(problem: Unwritable) -> int:
    """Say that standard output cannot be written, and return the exit code."""
    error_console().print(f"error: standard output cannot be written: {problem.strerror}", highlight=False, soft_wrap=True)
    return 3


def show_problems(command: str, problems: tuple[Problem, ...], output: Output) -> int:
    """Show problems that were met before the command began, and return the exit code."""
    _show(command, None, problems, output, exit_code(problems), None)
    return exit_code(problems)


def _show(command: str, report: Report | None, problems: tuple[Problem, ...], output: Output, code: int, show: Show | None) -> None:
    if output.json:
        from nncli.render.document import document

        # Reports of commands that failed before they had one are null; a gate, a divergence and an interruption have theirs.
        sys.stdout.write(document(command, report if code not in (1, 2, 3) else None, problems, ok=code == 0))
        return
    from nncli.render import problems as rendered

    if report is not None and show is not None:
        show(report)
    elif report is not None:
        from nncli.render.reports import show_report
        from nncli.render.terminal import Terminal

        show_report(report, Terminal())
    shown = [problem for problem in problems if problem.severity == "error" or not output.quiet]
    rendered.show_problems(shown, error_console())
    if report is not None and report.how_to_go_on is not None:
        error_console().print(f"to go on: {report.how_to_go_on}", highlight=False, soft_wrap=True)

"""From a command's function to its exit code: signals, streams, output."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nncli.cli.execute import Output, execute
from nncli.cli.signals import StopRequest
from nncli.cli.streams import PatientStream
from nncli.reports.configs import CheckReport

REPORT = CheckReport(files=(), problems=())
HEEDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def handlers_stay() -> Iterator[None]:
    """Begins with the system's own handlers: a shell's background job is started to ignore SIGINT."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in HEEDED}
    yield
    assert [signal.getsignal(number) for number in HEEDED] == [signal.SIG_DFL] * len(HEEDED)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_work_that_never_asks_is_interrupted_where_it_is(number: int, code: int) -> None:
    def work(stop: StopRequest) -> Any:
        os.kill(os.getpid(), number)
        time.sleep(10)
        raise AssertionError("it goes on")

    assert execute("check", work, Output()) == code


def test_patient_work_sees_the_wish_and_ends_by_itself() -> None:
    def work(stop: StopRequest) -> Any:
        assert not stop()
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop()
        assert stop.exit_code == 143
        return REPORT

    assert execute("eval", work, Output(), patient=True) == 0


class EndedAtOnce(Exception):
    """In place of the end of the process."""


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(code: int) -> None:
        raise EndedAtOnce(code)

    monkeypatch.setattr(os, "_exit", end)


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGHUP])
def test_what_a_shell_or_a_supervisor_sends_twice_is_one_wish(
    first: int, second: int, ends: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with StopRequest(patient=True) as stop:
        os.kill(os.getpid(), first)
        for _ in range(3):
            os.kill(os.getpid(), second)
        assert stop.exit_code == 143
        later = time.monotonic() + 0.6
        monkeypatch.setattr(time, "monotonic", lambda: later)
        with pytest.raises(EndedAtOnce, match="143"):
            os.kill(os.getpid(), second)


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [(signal.SIGINT, signal.SIGINT, "130"), (signal.SIGINT, signal.SIGTERM, "143"), (signal.SIGTERM, signal.SIGINT, "130")],
)
def test_what_is_sent_by_hand_counts_however_quick(first: int, second: int, code: str, ends: None) -> None:
    with StopRequest(patient=True):
        os.kill(os.getpid(), first)
        with pytest.raises(EndedAtOnce, match=code):
            os.kill(os.getpid(), second)


@pytest.mark.parametrize("number", HEEDED)
def test_a_signal_after_the_work_takes_nothing_away(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    def show(report: Any) -> None:
        os.kill(os.getpid(), number)
        print("what it came to")

    assert execute("train", lambda stop: REPORT, Output(), show, patient=True) == 0
    assert capsys.readouterr().out == "what it came to\n"
    assert execute("check", lambda stop: REPORT, Output(), show) == (130 if number == signal.SIGINT else 143)


EDGES = """\
import atexit, os, signal, sys

number, when = int(sys.argv[1]), sys.argv[2]
for heeded, handler in (("SIGINT", signal.default_int_handler), ("SIGTERM", signal.SIG_DFL), ("SIGHUP", signal.SIG_DFL)):
    signal.signal(getattr(signal, heeded), handler)

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "nncli.cli.main" and when == "before":
            os.kill(os.getpid(), number)

sys.meta_path.insert(0, Finder())
if when == "after":
    atexit.register(os.kill, os.getpid(), number)
sys.argv = ["nncli", "--version"]
from nncli.__main__ import main
main()
"""


@pytest.mark.parametrize("number", HEEDED)
@pytest.mark.parametrize("when", ["before", "after"])
def test_at_its_edges_the_process_ends_in_silence(when: str, number: int) -> None:
    command = [sys.executable, "-c", EDGES, str(int(number)), when]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    interrupted = 130 if number == signal.SIGINT else 143
    assert (ended.returncode, ended.stderr) == (interrupted if when == "before" else 0, "")
    assert ended.stdout.startswith("nncli ") == (when == "after")


def test_what_the_process_was_started_to_ignore_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopRequest(patient=True) as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop()
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_stream_without_a_reader_falls_silent() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as file:
        stream = PatientStream(file)
        for _ in range(3):
            assert stream.write("lost\n") == 5
            stream.flush()
        assert stream.encoding == file.encoding


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_under_the_results_is_an_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", PatientStream(full))
        assert execute("check", lambda stop: REPORT, Output(json=True)) == 3
        monkeypatch.undo()
        full.flush = lambda: None  # type: ignore[method-assign]  # what it holds back cannot be written when it is closed either
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())
    assert "standard output cannot be written: No space left on device" in capsys.readouterr().err


def closed_or_full(*command: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a shell command in which `nncli` stands for this interpreter's."""
    nncli = f"{shlex.quote(sys.executable)} -m nncli"
    ended = subprocess.run(
        ["sh", "-c", *[part.replace("nncli", nncli) for part in command]], capture_output=True, text=True, timeout=60
    )
    return ended.returncode, ended.stdout, ended.stderr


CLOSED = "error: standard output cannot be written: it is closed\n"


@pytest.mark.parametrize("arguments", ["--version", "explain NN101", "schema --json"])
def test_a_closed_standard_output_is_told_in_a_line(arguments: str) -> None:
    assert closed_or_full(f"nncli {arguments} >&-") == (3, "", CLOSED)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("where", ["2>&-", "2>/dev/full"])
def test_a_standard_error_that_cannot_be_written_takes_no_exit_code_away(where: str) -> None:
    assert closed_or_full(f"nncli explain NN000 {where}") == (2, "", "")


def test_a_closed_standard_input_is_told() -> None:
    code, _, told = closed_or_full("nncli check - <&-")
    assert (code, "error[NN107]: standard input cannot be read: it is closed" in told) == (2, True)


def test_no_file_takes_the_number_of_a_closed_stream() -> None:
    code = "from nncli.cli.streams import settle_streams; settle_streams(); print(open(__file__).fileno(), file=open(3, 'w'))"
    command = f"exec 3>&1; {shlex.quote(sys.executable)} -c {shlex.quote(code.replace('__file__', repr(__file__)))} <&- >&- 2>&-"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert int(ended.stdout) > 3

"""From a command's function to its exit code: signals, streams, output."""

from __future__ import annotations

import os
import signal
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

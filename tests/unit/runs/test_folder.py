"""The run folder: numbered or named, never shared, never overwritten; its history and its checkpoints survive every stop."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nncli.problems import NncliError, Problem, Where
from nncli.runs.creation import require_free
from nncli.runs.folder import RunFolder, require_run
from nncli.runs.lock import lock
from nncli.runs.records import document_bytes, read_json, read_lines

Refused = Callable[..., Problem]
FILES = {"manifest.json": b"{}\n", "config.yaml": b"name: digits\n", "checkpoints/last.h5": b"first"}
"""What a run begins with."""
CONFIG = "name: Zürich\n"


def created(tmp_path: Path, **named: Any) -> Path:
    """The path of a new run folder, closed again."""
    with RunFolder.create("digits", FILES, runs_dir=tmp_path / "runs", **named) as folder:
        return folder.path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder as it stands between two sessions."""
    with RunFolder.create("digits", FILES, out=tmp_path / "run") as folder:
        folder.write_json("manifest.json", {"state": "interrupted"})
    return folder.path


@pytest.fixture
def folder(run: Path) -> Iterator[RunFolder]:
    with RunFolder.open(run) as opened:
        yield opened


# Numbers.


@pytest.mark.parametrize(
    ("there", "number"),
    [
        ([], "001"),
        (["001", "002"], "003"),
        (["001", "004"], "005"),
        (["7"], "008"),
        (["999"], "1000"),
        (["latest", "003.bak", "-4", "5.0", ".DS_Store", "²"], "001"),
        (["20261123", "002", "99999999999999999999"], "003"),
    ],
)
def test_the_next_number_follows_the_largest_one(there: list[str], number: str, tmp_path: Path) -> None:
    for name in there:
        (tmp_path / "runs" / "digits" / name).mkdir(parents=True)
    assert created(tmp_path) == tmp_path / "runs" / "digits" / number
    assert {path.name for path in (tmp_path / "runs" / "digits").iterdir()} == {*there, number}


def test_a_file_takes_a_number_too(tmp_path: Path) -> None:
    (tmp_path / "runs" / "digits").mkdir(parents=True)
    (tmp_path / "runs" / "digits" / "003").touch()
    assert created(tmp_path).name == "004"


def test_processes_that_start_at_once_get_folders_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runs" / "digits" / "001").mkdir(parents=True)
    monkeypatch.setattr(Path, "iterdir", lambda path: iter(()))  # both looked before either had made one
    assert [created(tmp_path).name for _ in range(2)] == ["002", "003"]


def test_when_all_numbers_are_taken_that_is_said(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "runs" / "digits" / "99999").mkdir(parents=True)
    problem = refused(created, tmp_path)
    assert (problem.code, problem.message) == ("NN601", "there are 100,000 runs already")


# --out.


@pytest.mark.parametrize(
    "make", [lambda out: None, Path.mkdir, lambda out: (out.parent / "empty").mkdir() or out.symlink_to("empty")]
)
def test_a_named_folder_may_be_new_or_empty(make: Any, tmp_path: Path, listing: Any) -> None:
    out = tmp_path / "out"
    make(out)
    require_free(out)
    assert created(tmp_path, out=out) == out
    assert listing(out) == {".lock": b"", "checkpoints": None} | FILES
    assert not (tmp_path / "runs").exists()


def test_missing_parents_are_made(tmp_path: Path) -> None:
    assert created(tmp_path, out=tmp_path / "a" / "b" / "c").is_dir()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda out: (out / "file").mkdir(parents=True), "the run folder exists already, and nothing is overwritten"),
        (Path.touch, "a file stands in the run folder's place, and nothing is overwritten"),
        (lambda out: out.symlink_to("nowhere"), "a file stands in the run folder's place, and nothing is overwritten"),
    ],
    ids=["used", "file", "dangling link"],
)
def test_what_is_there_is_never_written_into(make: Any, message: str, tmp_path: Path, refused: Refused, listing: Any) -> None:
    out = tmp_path / "out"
    make(out)
    before = listing(tmp_path)
    hint = f"choose another folder, go on with it (`--resume {out}`), or leave --out away for a numbered one"
    expected = Problem("NN601", message, hint, Where(file=str(out)))
    assert refused(require_free, out) == expected
    assert refused(created, tmp_path, out=out) == expected
    assert listing(tmp_path) == before


def test_of_two_that_take_an_empty_folder_at_once_one_is_refused(
    tmp_path: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    created(tmp_path, out=out)
    monkeypatch.setattr("nncli.runs.creation.require_free", lambda out: None)  # it was empty when this one looked
    problem = refused(created, tmp_path, out=out)
    assert (problem.code, problem.where) == ("NN601", Where(file=str(out)))


class Killed(BaseException):
    """Nothing is done after it."""


def test_an_empty_folder_in_which_a_process_was_killed_is_as_good_as_empty(
    tmp_path: Path, disk: Any, listing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {".lock": b"", "checkpoints": None} | FILES
    for number in itertools.count():
        out = tmp_path / str(number)
        out.mkdir()
        disk.fail_at(number, Killed())
        with monkeypatch.context() as patch, contextlib.suppress(Killed):
            patch.setattr("nncli.runs.creation._remove_files", lambda folder, files: None)
            created(tmp_path, out=out)
        disk.work()
        if (out / ".lock").exists():
            (out / ".nncli-1-file.tmp").touch()  # as a death in the middle of any file leaves one
        if (out / "manifest.json").exists():
            assert number > 10
            return
        require_free(out)
        assert listing(created(tmp_path, out=out)) == whole, number


@pytest.mark.parametrize("name", ["config.yaml", "checkpoints/best.h5", "manifest.json", "notes", "deeper/.nncli-1-file.tmp"])
def test_what_a_killed_process_cannot_have_left_is_never_written_over(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused, listing: Any
) -> None:
    out = tmp_path / "out"
    (out / name).parent.mkdir(parents=True)
    (out / name).write_text("mine")
    for _ in range(2):
        before = listing(out)
        assert refused(require_free, out).code == "NN601"
        with monkeypatch.context() as patch:
            patch.setattr("nncli.runs.creation.require_free", lambda out: None)  # it was empty when this one looked
            assert refused(created, tmp_path, out=out).code == "NN601"
        assert listing(out) == before
        if name == "config.yaml":
            return  # with a lock beside it, it is what a killed process leaves
        (out / ".lock").touch()


def test_a_folder_that_is_being_filled_is_taken(tmp_path: Path, refused: Refused) -> None:
    held = lock(tmp_path)
    assert refused(require_free, tmp_path).code == "NN601"
    os.close(held)
    require_free(tmp_path)


def test_the_names_of_folders_that_were_made_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    run = created(tmp_path)
    assert {path.stat().st_ino for path in (tmp_path, tmp_path / "runs", run.parent, run, run / "checkpoints")} <= set(synced)
    with RunFolder.open(run) as folder:
        synced.clear()
        folder.write_figure("fit", b"", "")
    assert {run.stat().st_ino, (run / "figures").stat().st_ino} <= set(synced)


@pytest.mark.parametrize("where", ["out", "runs_dir"])
@pytest.mark.parametrize("code", [errno.EACCES, errno.ENOSPC, errno.EROFS], ids=errno.errorcode.get)
def test_a_disk_that_takes_no_folder_is_named(where: str, code: int, tmp_path: Path, disk: Any, refused: Refused) -> None:
    disk.fail_always("mkdir", code)
    named = {where: tmp_path / "there"}
    problem = refused(RunFolder.create, "digits", FILES, **named)
    message = f"no run folder can be made: {os.strerror(code)}"
    assert problem == Problem("NN604", message, None, Where(file=str(tmp_path / "there")))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_parent_that_may_not_be_written_or_looked_into_is_named(tmp_path: Path, refused: Refused) -> None:
    for mode in (0o500, 0o000):
        tmp_path.chmod(mode)
        try:
            problem = refused(created, tmp_path, out=tmp_path / "out")
        finally:
            tmp_path.chmod(0o700)
        assert (problem.code, problem.message) == ("NN604", "no run folder can be made: Permission denied")


@pytest.mark.parametrize(
    ("name", "message"),
    [("file/out", "no run folder can be made: Not a directory"), ("x" * 256, "no run folder can be made: File name too long")],
)
def test_a_place_where_no_folder_can_be_is_a_problem(name: str, message: str, tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "file").touch()
    problem = refused(created, tmp_path, out=tmp_path / name)
    assert (problem.code, problem.message, problem.where) == ("NN604", message, Where(file=str(tmp_path / name)))


@pytest.mark.parametrize("where", ["numbered", "named", "empty folder"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS], ids=errno.errorcode.get)
def test_whichever_call_fails_a_run_is_made_whole_or_not_at_all(
    where: str, code: int, tmp_path: Path, disk: Any, listing: Any
) -> None:
    whole = {".lock": b"", "checkpoints": None} | FILES
    disk.work()
    created(tmp_path / "first")
    num_calls = len(disk.calls)
    assert num_calls > 15
    for number in range(num_calls):
        disk.work()
        folder = tmp_path / str(number)
        folder.mkdir()
        out = None if where == "numbered" else folder / "out"
        if where == "empty folder":
            (folder / "out").mkdir()
        disk.fail_at(number, OSError(code, os.strerror(code)))
        with contextlib.suppress(NncliError):
            created(folder, out=out)
        disk.work()
        runs = list(folder.rglob("manifest.json"))
        assert [listing(run.parent) for run in runs] in ([], [whole]), number
        if not runs:
            assert listing(created(folder, out=out)) == whole, "nothing is in the way of the next attempt"


def test_what_a_killed_process_left_is_removed_once_it_is_old(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "digits"
    for name in (".nncli-1.tmp", ".nncli-2.tmp", ".nncli-3.tmp"):
        (folder / name).mkdir(parents=True)
        os.utime(folder / name, (0, 0))
    os.utime(folder / ".nncli-3.tmp")
    held = lock(folder / ".nncli-2.tmp")
    os.utime(folder / ".nncli-2.tmp", (0, 0))
    created(tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == [".nncli-2.tmp", ".nncli-3.tmp", "001"]
    os.close(held)


# Opening.


def test_what_is_no_run_folder_is_not_opened(tmp_path: Path, refused: Refused, listing: Any) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "half" / "checkpoints").mkdir(parents=True)
    before = listing(tmp_path)
    messages = {
        "none": "there is no such folder",
        "file": "this is a file, but a run is a folder",
        "file/x": "there is no such folder",
        "half": "this is no run folder: it has no manifest and checkpoints",
    }
    for name, message in messages.items():
        for check in (require_run, RunFolder.open):
            assert refused(check, tmp_path / name) == Problem(
                "NN603", message, "`nncli train CONFIG` prints the folder of its run", Where(file=str(tmp_path / name))
            )
    assert refused(RunFolder.open, tmp_path / ("x" * 256)).message == "cannot be read: File name too long"
    assert listing(tmp_path) == before


def test_opening_removes_what_a_killed_process_left(run: Path, listing: Any) -> None:
    (run / ".notes.tmp").write_text("mine")
    (run / "figures").mkdir()
    before = listing(run)
    (run / ".nncli-7-file.tmp").touch()
    (run / "checkpoints" / ".nncli-8-link.tmp").touch()
    (run / "figures" / ".nncli-9-file.tmp").touch()
    with RunFolder.open(run):
        assert listing(run) == before


def test_the_folder_of_a_name_names_its_newest_run(tmp_path: Path, refused: Refused) -> None:
    for number in ("2", "009", "010", "notes"):
        (tmp_path / number / "checkpoints").mkdir(parents=True)
        (tmp_path / number / "manifest.json").touch()
    (tmp_path / "011").mkdir()
    assert refused(require_run, tmp_path).hint == f"the newest run in it is `{tmp_path / '010'}`"
    assert refused(require_run, tmp_path / "011").hint == "`nncli train CONFIG` prints the folder of its run"


def test_a_run_folder_may_be_reached_by_a_link(run: Path, tmp_path: Path, refused: Refused) -> None:
    link = tmp_path / "link"
    link.symlink_to(run)
    with RunFolder.open(link) as folder:
        folder.append_metrics({"step": 1})
        assert refused(RunFolder.open, run).code == "NN602"
    assert read_lines(run / "metrics.jsonl") == [{"step": 1}]


# The lock.

HOLD = """\
import sys, time
from pathlib import Path
from nncli.runs.folder import RunFolder
with RunFolder.open(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(run: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the run folder until its standard input ends."""
    command = [sys.executable, "-c", HOLD, str(run)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.mark.parametrize("end", ["its work is done", "SIGTERM", "SIGKILL"])
def test_a_run_is_used_by_one_process_and_free_when_that_ends(end: str, run: Path, holder: Any, refused: Refused) -> None:
    problem = refused(RunFolder.open, run)
    assert problem == Problem("NN602", "another process is using this run folder", "wait for it, or stop it", Where(file=str(run)))
    if end.startswith("SIG"):
        holder.send_signal(getattr(signal, end))
    else:
        holder.stdin.close()
    holder.wait()
    with RunFolder.open(run):
        pass


def test_a_run_is_used_once_in_a_process_too_and_its_children_hold_nothing(run: Path, refused: Refused) -> None:
    with RunFolder.open(run):
        assert refused(RunFolder.open, run).code == "NN602"
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with child, RunFolder.open(run):
        child.kill()


def test_a_new_run_is_in_use_from_the_start(tmp_path: Path, refused: Refused) -> None:
    with RunFolder.create("digits", FILES, out=tmp_path / "run") as folder:
        folder.write_json("manifest.json", {})
        assert refused(RunFolder.open, tmp_path / "run").code == "NN602"


def test_a_lock_that_is_a_link_or_a_folder_is_refused(run: Path, tmp_path: Path, refused: Refused) -> None:
    (run / ".lock").unlink()
    (run / ".lock").symlink_to(tmp_path / "elsewhere")
    problem = refused(RunFolder.open, run)
    assert (problem.code, problem.message.partition(":")[0]) == ("NN604", "the run folder cannot be written")
    assert not (tmp_path / "elsewhere").exists()
    (run / ".lock").unlink()
    (run / ".lock").mkdir()
    assert refused(RunFolder.open, run).message == "the run folder cannot be written: Is a directory"


def test_a_file_system_without_locks_is_named(run: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    num_open = len(os.listdir("/dev/fd"))
    assert refused(RunFolder.open, run).message == "the run folder cannot be locked: No locks available"
    assert len(os.listdir("/dev/fd")) == num_open


def test_who_asks_whether_a_run_is_in_use_takes_it_from_nobody(run: Path) -> None:
    asking = os.open(run / ".lock", os.O_RDONLY)
    fcntl.flock(asking, fcntl.LOCK_SH)  # as `is_locked` does
    answered = threading.Timer(0.1, os.close, [asking])
    answered.start()
    os.close(lock(run))
    answered.join()


def test_the_lock_of_a_run_that_was_removed_is_not_that_of_the_next_of_its_name(
    run: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    """Between opening the lock's file and taking it, another process removes the run and makes a new one, which it uses."""
    real, others = fcntl.flock, list[int]()

    def replaced_first(descriptor: int, operation: int) -> None:
        if not others:
            others.append(-1)
            run.rename(run.with_name("removed"))
            run.mkdir()
            others.append(lock(run))
        real(descriptor, operation)

    monkeypatch.setattr("fcntl.flock", replaced_first)
    problem = refused(lock, run)
    assert (problem.code, problem.message) == ("NN602", "another process is using this run folder")
    os.close(others[1])
    os.close(lock(run))


# The history.


def test_what_is_no_number_becomes_null(folder: RunFolder) -> None:
    folder.append_metrics({"step": 1, "loss": float("nan"), "per_class": [1.5, float("inf")], "seconds": 0.1})
    folder.append_metrics({"step": 2, "loss": 1e-300})
    assert read_lines(folder.path / "metrics.jsonl") == [
        {"step": 1, "loss": None, "per_class": [1.5, None], "seconds": 0.1},
        {"step": 2, "loss": 1e-300},
    ]
    folder.write_json("report.json", {"metrics": {"test": {"loss": float("-inf")}}, "none": None})
    assert read_json(folder.path / "report.json") == {"metrics": {"test": {"loss": None}}, "none": None}


LINES = [json.dumps({"step": step, "loss": 1 / step}) for step in (3, 6, 9, 12)]


@pytest.mark.parametrize(
    ("text", "step", "count"),
    [
        ("", -1, 0),
        ("\n".join(LINES) + "\n", 12, 4),
        ("\n".join(LINES) + "\n", 9, 3),
        ("\n".join(LINES) + "\n", -1, 0),
        ("\n".join(LINES), 9, 3),
        ("\n".join(LINES)[:-5], 9, 3),
        ("\n".join(LINES[:2]) + "\n" + '{"step": 9, "lo', 6, 2),
        ("\n".join(LINES[:2]) + "\n" + "\0" * 30 + "\n" + LINES[2] + "\n", 6, 2),
        ('{"step"', -1, 0),
    ],
)
def test_the_history_is_cut_back_to_the_checkpoint(text: str, step: int, count: int, folder: RunFolder) -> None:
    path = folder.path / "metrics.jsonl"
    path.write_text(text)
    go_on(folder, history=folder.history(step, count))
    assert path.read_text() == "".join(line + "\n" for line in LINES[:count])
    folder.append_metrics({"step": step + 1})
    assert [line["step"] for line in read_lines(path)] == [*(3, 6, 9, 12)[:count], step + 1]


@pytest.mark.parametrize(
    ("lines", "step", "count", "there"),
    [
        ([], 6, 2, 0),
        (LINES[:1], 6, 2, 1),
        (LINES[1:2], 6, 2, 1),
        ([LINES[0], "x", LINES[1]], 6, 2, 1),
        (LINES[:2], 9, 2, 2),
        ([LINES[0], LINES[0], LINES[1]], 6, 2, 3),
    ],
)
def test_measurements_that_are_not_there_are_missed(
    lines: list[str], step: int, count: int, there: int, folder: RunFolder, refused: Refused
) -> None:
    path = folder.path / "metrics.jsonl"
    path.write_text("".join(line + "\n" for line in lines))
    message = f"{there} of the {count} measurements up to step {step} are there"
    expected = Problem("NN603", message, "bring the file back, or train anew", Where(file=str(path)))
    assert refused(folder.history, step, count) == expected


def go_on(folder: RunFolder, **more: Any) -> None:
    folder.go_on(CONFIG, {"state": "running"}, **{"history": [], **more})


def test_a_run_that_measured_nothing_has_an_empty_history(folder: RunFolder) -> None:
    go_on(folder, history=folder.history(-1, 0))
    assert read_lines(folder.path / "metrics.jsonl") == read_lines(folder.path / "none") == []


ODD = {
    "no JSON": b"{step: 6}",
    "empty": b"",
    "torn and written on": b'{"step": 6, "lo{"step": 9}',
    "a list": b'[{"step": 6}]',
    "a text": b'"step"',
    "null": b"null",
    "no step": b'{"loss": 1.0}',
    "a step that is no whole number": b'{"step": 6.0}',
    "a step that is a boolean": b'{"step": true}',
    "no UTF-8": b'{"step": 6, "loss": "\xff"}',
    "null bytes": b"\x00" * 30,
    "deep": b'{"step": 6, "loss": ' + b"[" * 100_000,
    "a huge number": b'{"step": ' + b"1" * 5000 + b"}",
}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_line_in_the_middle_is_named_and_nothing_is_dropped(what: str, folder: RunFolder, refused: Refused) -> None:
    path = folder.path / "metrics.jsonl"
    content = b"\n".join([LINES[0].encode(), ODD[what], LINES[2].encode()]) + b"\n"
    path.write_bytes(content)
    expected = Problem("NN603", "line 2 is no record of a measurement", None, Where(file=str(path)))
    assert refused(read_lines, path) == expected
    assert folder.history(3, 1) == [LINES[0].encode() + b"\n"]
    assert refused(folder.history, 9, 3).message == "1 of the 3 measurements up to step 9 are there"
    assert path.read_bytes() == content
    assert (folder.path / "config.yaml").read_bytes() == FILES["config.yaml"]


def test_a_run_that_goes_on_has_its_new_config_and_no_report(folder: RunFolder, listing: Any) -> None:
    folder.write_json("report.json", {})
    before = listing(folder.path)
    go_on(folder)
    assert listing(folder.path) == {name: content for name, content in before.items() if name != "report.json"} | {
        "manifest.json": document_bytes({"state": "running"}),
        "config.yaml": CONFIG.encode(),
        "metrics.jsonl": b"",
    }


def test_a_history_that_is_a_link_is_cut_into_a_file_of_its_own(folder: RunFolder, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text(LINES[0] + "\n" + LINES[1] + "\n")
    path = folder.path / "metrics.jsonl"
    path.symlink_to(victim)
    go_on(folder, history=folder.history(3, 1))
    folder.append_metrics({"step": 4})
    assert [line["step"] for line in read_lines(path)] == [3, 4]
    assert [line["step"] for line in read_lines(victim)] == [3, 6]


def test_a_history_that_cannot_be_read_or_written_is_a_problem(folder: RunFolder, refused: Refused) -> None:
    path = folder.path / "metrics.jsonl"
    path.mkdir()
    assert refused(read_lines, path) == Problem("NN604", "cannot be read: Is a directory", None, Where(file=str(path)))
    expected = Problem("NN604", "cannot be written: Is a directory", None, Where(file=str(path)))
    assert refused(folder.append_metrics, {"step": 1}) == expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.lists(st.sampled_from([b'{"step": 1}', b"\n", b"{", b"\xff", b"\x00", b"1", b'"', b"[]"]), max_size=12).map(b"".join)
)
def test_any_bytes_are_records_or_a_problem(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    for read in (read_lines, read_json):
        try:
            read(path)
        except NncliError as failure:
            (problem,) = failure.problems
            assert (problem.code, problem.where) == ("NN603", Where(file=str(path)))


# Documents.


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "this is no JSON that can be read: Expecting value: line 1 column 1 (char 0)"),
        (b'{"state": "fini', "this is no JSON that can be read: Unterminated string starting at: line 1 column 11 (char 10)"),
        (b"[1]", "this is no document of a run"),
        (b'{"state": "\xff"}', None),
        (b"[" * 100_000, None),
    ],
)
def test_a_damaged_document_is_a_problem(content: bytes, message: str | None, tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(content)
    problem = refused(read_json, path)
    assert (problem.code, problem.where) == ("NN603", Where(file=str(path)))
    assert problem.message == message if message else problem.message.startswith("this is no JSON that can be read: ")


def test_a_document_that_is_missing_or_refused_is_a_problem(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "report.json"
    assert refused(read_json, path) == Problem("NN603", "the run has no such file", None, Where(file=str(path)))
    path.mkdir()
    assert refused(read_json, path) == Problem("NN604", "cannot be read: Is a directory", None, Where(file=str(path)))


def test_a_document_is_replaced_whole(folder: RunFolder, disk: Any) -> None:
    path = folder.write_json("manifest.json", {"state": "running", "name": "Zürich"})
    assert path.read_text() == '{\n  "state": "running",\n  "name": "Z\\u00fcrich"\n}\n'
    disk.fail_always("fsync", errno.ENOSPC)
    with pytest.raises(NncliError):
        folder.write_json("manifest.json", {"state": "finished"})
    assert read_json(path) == {"state": "running", "name": "Zürich"}


# Checkpoints.


def checkpoints(folder: RunFolder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder.path / "checkpoints").iterdir()}


@pytest.mark.parametrize("name", ["best", "last"])
def test_the_checkpoint_before_is_kept(name: str, folder: RunFolder) -> None:
    others = {f"{other}.h5": data for other, data in (("last", b"first"),) if other != name}
    for number in (b"1", b"2", b"3", b"3"):
        path = folder.checkpoint(name)
        before = {f"{name}.previous.h5": path.read_bytes()} if path.exists() else {}
        assert folder.write_checkpoint(name, number) == path
        assert checkpoints(folder) == {f"{name}.h5": number, **before, **others}


def test_the_checkpoints_before_can_be_put_back(folder: RunFolder, refused: Refused, disk: Any) -> None:
    for number in (b"1", b"2"):
        folder.write_checkpoint("last", number)
        folder.write_checkpoint("best", b"best " + number)
    disk.fail_always("replace", errno.EROFS)
    before = checkpoints(folder)
    assert refused(go_on, folder, restored=["last", "best"]).code == "NN604"
    assert checkpoints(folder) == before
    disk.work()
    go_on(folder, restored=["last", "best"])
    assert checkpoints(folder) == {"last.h5": b"1", "best.h5": b"best 1"}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO], ids=errno.errorcode.get)
def test_whichever_call_fails_the_last_checkpoint_is_whole(code: int, folder: RunFolder, disk: Any) -> None:
    folder.append_metrics({"step": 1})
    folder.write_checkpoint("last", b"first")
    disk.work()
    folder.write_checkpoint("last", b"second")
    num_calls = len(disk.calls)
    assert num_calls == 14
    for number in range(num_calls):
        disk.work()
        for content in (b"older", b"old"):
            folder.write_checkpoint("last", content)
        disk.fail_at(number, OSError(code, os.strerror(code)))
        try:
            folder.write_checkpoint("last", b"new")
        except NncliError as failure:
            assert [problem.code for problem in failure.problems] == ["NN604"]
        there = checkpoints(folder)
        there.pop(f".nncli-{os.getpid()}.tmp", None)  # where its removal is what failed
        assert set(there) == {"last.h5", "last.previous.h5"}
        assert (there["last.h5"], there["last.previous.h5"]) in [(b"old", b"older"), (b"old", b"old"), (b"new", b"old")]


def test_the_history_is_on_disk_before_the_checkpoint_is(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.append_metrics({"step": 1})
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    last = folder.write_checkpoint("last", b"1")
    assert synced == [path.stat().st_ino for path in (folder.path / "metrics.jsonl", last, last.parent)]


def test_where_files_have_one_name_only_the_checkpoint_before_is_a_copy(folder: RunFolder, disk: Any) -> None:
    disk.fail_always("link", errno.EPERM)
    for number in (b"1", b"2", b"3"):
        folder.write_checkpoint("last", number)
    assert checkpoints(folder) == {"last.h5": b"3", "last.previous.h5": b"2"}


# Links in a run that somebody else made.


@pytest.mark.parametrize("part", ["checkpoints", "figures"])
def test_a_run_whose_part_is_a_link_is_neither_read_nor_written(
    part: str, run: Path, tmp_path: Path, refused: Refused, listing: Any
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (run / "figures").mkdir()
    (run / part).rename(elsewhere)
    (run / part).symlink_to(elsewhere)
    (elsewhere / ".nncli-1-file.tmp").write_text("somebody's")
    before = listing(elsewhere)
    for use in (require_run, RunFolder.open):
        problem = refused(use, run)
        assert (problem.code, problem.message) == ("NN603", f"its `{part}` is a link to somewhere else")
    assert listing(elsewhere) == before


def test_figures_that_become_a_link_are_not_followed(folder: RunFolder, tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "elsewhere").mkdir()
    (folder.path / "figures").symlink_to(tmp_path / "elsewhere")
    assert refused(folder.write_figure, "fit", b"", "").code == "NN603"
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_files_take_the_place_of_links_and_what_these_point_to_stays(folder: RunFolder, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"somebody's")
    names = ["manifest.json", "report.json", "config.yaml", "checkpoints/best.h5", "checkpoints/last.h5", "figures/fit.png"]
    (folder.path / "figures").mkdir()
    for name in names:
        (folder.path / name).unlink(missing_ok=True)
        (folder.path / name).symlink_to(victim)
    folder.write_checkpoint("best", b"best")
    folder.write_checkpoint("last", b"last")
    folder.write_figure("fit", b"png", "csv")
    go_on(folder)
    folder.write_json("report.json", {})
    assert victim.read_bytes() == b"somebody's"
    assert not [name for name in names if (folder.path / name).is_symlink()]


def test_a_line_is_not_added_to_what_a_link_points_to(folder: RunFolder, tmp_path: Path, refused: Refused) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"somebody's")
    (folder.path / "metrics.jsonl").symlink_to(victim)
    assert refused(folder.append_metrics, {"step": 1}).code == "NN604"
    assert victim.read_bytes() == b"somebody's"


@pytest.mark.parametrize("read", [read_json, read_lines])
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")], ids=["pipe", "device"])
def test_a_file_that_is_a_pipe_or_a_device_is_not_read(
    make: Callable[[Path], Any], read: Any, tmp_path: Path, refused: Refused
) -> None:
    path = tmp_path / "file"
    make(path)
    problem = refused(read, path)
    assert (problem.code, problem.message) == ("NN604", "cannot be read: it is no file but a device or a pipe")


def test_a_file_without_end_is_not_read(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "metrics.jsonl"
    with path.open("wb") as file:
        file.truncate(2**36)
    assert refused(read_lines, path).message == "cannot be read: it has more than 268,435,456 bytes"

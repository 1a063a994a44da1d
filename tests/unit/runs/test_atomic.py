"""Files are put on disk whole or not at all, whatever the system refuses and when."""

from __future__ import annotations

import errno
import os
import resource
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nncli.problems import Problem, Where
from nncli.runs.atomic import append, write_atomically
from nncli.runs.new_file import require_new, write_new
from nncli.runs.temporary import remove_leftovers

ERRORS = [errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS]
OLD, NEW = b"old" * 1000, b"new" * 2000
HINT = "free some room, or choose another folder with --out"

Refused = Callable[..., Problem]


def replace_old(path: Path) -> None:
    write_atomically(path, NEW)


def make_new(path: Path) -> None:
    write_new(path.with_name("other"), NEW)


def keep_old(path: Path) -> None:
    write_atomically(path, NEW, previous=path.with_name("other"))


SYNCED = ["open whole", "fsync whole"]
WRITERS = {
    "write_atomically": (
        replace_old,
        {"file": NEW},
        ["unlink old", "open old", "write old", "fsync old", "replace old", "unlink done", *SYNCED],
    ),
    "write_new": (
        make_new,
        {"file": OLD, "other": NEW},
        ["unlink old", "open old", "write old", "fsync old", "link old", "unlink done", *SYNCED],
    ),
    "with the file before": (
        keep_old,
        {"file": NEW, "other": OLD},
        [
            "unlink old",
            "open old",
            "write old",
            "fsync old",
            "unlink old",
            "link old",
            "replace old",
            "unlink done",
            "replace kept",
            "unlink done",
            *SYNCED,
        ],
    ),
}
"""What writes, what is there afterwards, and its calls of the system.

If a call fails: `old`, what was there is intact; `kept`, it has its second name already; `whole`, the new file is
there, though it may not outlast a power cut; `done`, it does not matter.
"""


@pytest.fixture(params=WRITERS)
def writer(request: pytest.FixtureRequest) -> Any:
    return WRITERS[request.param]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "file"
    found.write_bytes(OLD)
    return found


@pytest.mark.parametrize("code", ERRORS, ids=errno.errorcode.get)
def test_whichever_call_fails_every_file_is_whole_and_no_other_stays(
    writer: Any, code: int, path: Path, disk: Any, listing: Any, refused: Refused
) -> None:
    write, after, calls = writer
    target = path.with_name("other") if write is make_new else path
    expected = Problem(
        "NN604", f"cannot be written: {os.strerror(code)}", HINT if target is path else None, Where(file=str(target))
    )
    disk.work()
    write(path)
    assert disk.calls == [call.split()[0] for call in calls]
    for number, (name, outcome) in enumerate(call.split() for call in calls):
        path.with_name("other").unlink(missing_ok=True)
        path.write_bytes(OLD)
        disk.fail_at(number, OSError(code, os.strerror(code)))
        if outcome == "done" or (outcome, name, code) == ("whole", "open", errno.EACCES):  # a folder that one may not read
            write(path)
        else:
            assert refused(write, path) == expected
        assert disk.calls[number] == name
        disk.work()
        remove_leftovers(path.parent if outcome == "done" else path.parent / "none")
        left = {"old": {"file": OLD}, "kept": {"file": OLD, "other": OLD}}
        assert listing(path.parent) == left.get(outcome, after), (number, name)


@pytest.mark.parametrize("write", [replace_old, make_new])
def test_a_disk_that_is_full_leaves_what_was_there(write: Any, path: Path, listing: Any, refused: Refused) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(NEW) // 2, hard))  # the system cuts the new file short
    try:
        problem = refused(write, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (problem.code, problem.message) == ("NN604", "cannot be written: File too large")
    assert listing(path.parent) == {"file": OLD}


def test_a_stop_at_any_call_leaves_no_temporary_file(writer: Any, path: Path, disk: Any, listing: Any) -> None:
    write, after, _ = writer
    for number in range(1, 20):
        path.with_name("other").unlink(missing_ok=True)
        path.write_bytes(OLD)
        disk.fail_at(number, KeyboardInterrupt())
        try:
            write(path)
        except KeyboardInterrupt:
            stopped = list(disk.calls)
            disk.work()
            if stopped[number] != "unlink":
                assert listing(path.parent) in ({"file": OLD}, {"file": OLD, "other": OLD}, after)
        else:
            assert number == len(disk.calls)
            return
    raise AssertionError("it never came to its end")


def test_the_file_s_rights_are_those_of_any_new_file(path: Path) -> None:
    (path.parent / "plain").touch()
    write_atomically(path, NEW)
    write_new(path.with_name("other"), NEW)
    assert len({stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}) == 1


def test_a_link_is_replaced_and_not_what_it_points_to(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(path)
    write_atomically(link, NEW)
    assert (path.read_bytes(), link.read_bytes(), link.is_symlink()) == (OLD, NEW, False)


def test_a_temporary_file_of_a_killed_process_is_no_obstacle(path: Path, tmp_path: Path, listing: Any) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(OLD)
    for write in (replace_old, make_new):
        (tmp_path / f".nncli-{os.getpid()}-file.tmp").symlink_to(victim)
        write(path)
    assert listing(tmp_path) == {"file": NEW, "other": NEW, "victim": OLD}


def test_leftovers_are_removed_and_nothing_else(tmp_path: Path) -> None:
    others = {".notes.tmp", "nncli.tmp", ".lock", "last.h5"}
    for name in (".nncli-1.tmp", ".nncli-99999-file.tmp", *others):
        (tmp_path / name).touch()
    (tmp_path / ".nncli-2-run.tmp").mkdir()  # of something else: files are what is written here
    remove_leftovers(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {".nncli-2-run.tmp", *others}
    remove_leftovers(tmp_path / "none")


def test_the_longest_name_that_the_disk_takes_can_be_written(tmp_path: Path) -> None:
    for write in (write_atomically, write_new):
        path = tmp_path / (write.__name__[-1] * 255)
        write(path, NEW)
        assert path.read_bytes() == NEW


def test_where_a_folder_stands_or_none_is_the_disk_refuses(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "folder").mkdir()
    assert refused(write_atomically, tmp_path / "folder", NEW).message == "cannot be written: Is a directory"
    for write in (write_atomically, write_new):
        problem = refused(write, tmp_path / "none" / "file", NEW)
        assert (problem.code, problem.message) == ("NN604", "cannot be written: No such file or directory")
        assert refused(write, tmp_path / ("x" * 256), NEW).message == "cannot be written: File name too long"


def test_a_folder_that_cannot_be_synced_is_no_failure(path: Path, disk: Any) -> None:
    disk.fail_at(7, OSError(errno.EINVAL, "Invalid argument"))
    write_atomically(path, NEW)
    assert (path.read_bytes(), disk.calls[7]) == (NEW, "fsync")


def test_a_file_that_is_added_to_has_a_name_that_lasts(path: Path, disk: Any, refused: Refused) -> None:
    disk.work()
    for target, calls in ((path, []), (path.with_name("new"), ["open", "fsync"]), (path.with_name("new"), [])):
        disk.calls.clear()
        append(target, NEW)
        assert disk.calls == ["open", "write", *calls], "its folder is synced once it has a new name in it"
    assert (path.read_bytes(), path.with_name("new").read_bytes()) == (OLD + NEW, NEW + NEW)
    disk.fail_always("fsync", errno.EIO)
    assert refused(append, path.with_name("newer"), NEW).message == "cannot be written: Input/output error"


# A new file.


@pytest.mark.parametrize("make", [Path.touch, Path.mkdir, lambda path: path.symlink_to("nowhere")], ids=["file", "folder", "link"])
def test_nothing_that_exists_is_overwritten(make: Any, tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "there"
    make(path)
    before = path.lstat()
    for call in (lambda: write_new(path, NEW), lambda: require_new(path)):
        problem = refused(call)
        assert (problem.code, problem.message) == ("NN601", "the file exists already, and nothing is overwritten")
    assert path.lstat() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_needs_a_folder_and_a_name_that_the_disk_takes(tmp_path: Path, refused: Refused) -> None:
    require_new(tmp_path / "free")
    problem = refused(require_new, tmp_path / "none" / "file")
    assert (problem.code, problem.message, problem.hint) == ("NN604", "its folder does not exist", "make the folder first")
    (tmp_path / "file").touch()
    assert refused(require_new, tmp_path / "file" / "x").message == "its folder does not exist"
    assert refused(require_new, tmp_path / ("x" * 256)).message == "cannot be written: File name too long"


# File systems on which a file has one name only.


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS], ids=errno.errorcode.get)
def test_without_hard_links_the_same_comes_about(code: int, path: Path, disk: Any, listing: Any, refused: Refused) -> None:
    disk.fail_always("link", code)
    write_atomically(path, NEW, previous=path.with_name("previous"))
    write_new(path.with_name("other"), NEW)
    assert refused(write_new, path.with_name("other"), OLD).code == "NN601"
    assert listing(path.parent) == {"file": NEW, "other": NEW, "previous": OLD}


def test_without_hard_links_a_name_that_was_taken_in_vain_is_free_again(
    path: Path, disk: Any, monkeypatch: pytest.MonkeyPatch, listing: Any, refused: Refused
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    disk.fail_always("link", errno.EPERM)
    monkeypatch.setattr(os, "replace", refuse)
    for write in (make_new, keep_old):
        assert refused(write, path).message == "cannot be written: Input/output error"
    assert listing(path.parent) == {"file": OLD}


# The file before.


def test_the_file_before_is_kept(path: Path, listing: Any) -> None:
    previous = path.with_name("other")
    write_atomically(path.with_name("none"), NEW, previous=previous)
    assert listing(path.parent) == {"file": OLD, "none": NEW}, "there was none"
    for before, content in ((OLD, NEW), (NEW, b"newer"), (b"newer", b"newer")):
        write_atomically(path, content, previous=previous)
        assert listing(path.parent) == {"file": content, "none": NEW, "other": before}

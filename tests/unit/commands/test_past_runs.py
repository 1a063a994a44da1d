"""`nncli runs`, without a network in any of them."""

from __future__ import annotations

import errno
import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from nncli.checkpoint.contents import Checkpoint, Weights
from nncli.checkpoint.write import checkpoint_bytes
from nncli.commands.past_runs import list_runs, remove_runs, show_run
from nncli.commands.runs_diff import diff_runs
from nncli.figures import drawing
from nncli.problems import NncliError, Problem
from nncli.render.reports import show_report
from nncli.reports.base import Report, plain
from nncli.reports.past_runs import Differing, RunsReport
from nncli.runs.folder import RunFolder
from nncli.runs.manifest import read_manifest
from nncli.runs.own_files import foreign_files
from tests.past_runs import CONFIG, MANIFEST

Refused = Callable[..., Problem]


ARCHITECTURE = '{"class_name": "Sequential", "config": {"name": "tiny", "layers": []}}'


def with_weights(run: Path, weight: float) -> Path:
    """The run, with a best checkpoint of a single weight."""
    weights = Weights(ARCHITECTURE, "3.15.1", {"dense": (("tiny/dense/kernel", np.full((1, 1), weight, np.float32)),)})
    (run / "checkpoints" / "best.h5").write_bytes(checkpoint_bytes(Checkpoint(weights, {}, {}, {})))
    return run


def shown(report: Report, width: int = 120) -> list[str]:
    text = io.StringIO()
    show_report(report, Console(file=text, width=width))
    return text.getvalue().splitlines()


def test_the_list(make: Callable[..., Path], tmp_path: Path) -> None:
    for state in ("finished", "interrupted", "running", "trained", "failed", "diverged"):
        make(state=state, step=20 if state == "interrupted" else 30)
    report = list_runs(tmp_path / "runs")
    assert [summary.state for summary in report.runs] == ["finished", *["interrupted"] * 3, "failed", "diverged"]
    first = report.runs[0]
    assert (first.metric, first.value, first.best_step, first.seconds) == ("val_loss", 1.0, 20, 75.2)
    lines = shown(report, width=250)
    assert len(lines) == 3 + 6 + 1
    for told in ("runs/tiny/001", "finished", "30", "val_loss 1 (step 20)", "1 min 15 s", "2026-11-23 10:11"):
        assert told in lines[3], told


@pytest.mark.parametrize("width", [40, 80])
def test_without_a_terminal_the_list_is_as_wide_as_it_is(width: int, make: Callable[..., Path], tmp_path: Path) -> None:
    run = make(state="interrupted", step=20)
    lines = shown(list_runs(tmp_path / "runs"), width=width)
    assert len(lines) == 5
    for told in (str(run), "interrupted", "30", "val_loss 1 (step 20)", "1 min 15 s", "2026-11-23 10:11"):
        assert told in lines[3], told


def test_a_terminal_of_80_columns_shows_run_and_state_whole(make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    run = make(state="interrupted", step=20)
    monkeypatch.chdir(run.parents[2])
    text = io.StringIO()
    show_report(list_runs(), Console(file=text, width=80, force_terminal=True, color_system=None))
    assert {"runs/tiny/001", "interrupted"} <= set(text.getvalue().split())


def test_without_validation_the_best_weights_are_the_last(make: Callable[..., Path]) -> None:
    run = make()
    (run / "metrics.jsonl").write_text('{"step": 20, "loss": 1.5}\n{"step": 30, "loss": 2.5}\n')
    assert "best     the last weights (step 30)" in shown(show_run(run))


def test_a_run_in_use_is_running(make: Callable[..., Path], tmp_path: Path) -> None:
    run = make(state="running")
    with RunFolder.open(run):
        assert list_runs(tmp_path / "runs").runs[0].state == "running"
    assert list_runs(tmp_path / "runs").runs[0].state == "interrupted", "it was killed"


def test_numbers_are_in_order_and_damage_is_told(make: Callable[..., Path], tmp_path: Path, refused: Refused) -> None:
    runs = [make() for _ in range(11)]
    (runs[3] / "manifest.json").write_text('{"schema": 1, "name": "tiny"}')
    (tmp_path / "runs" / "tiny" / "notes").mkdir()
    report = list_runs(tmp_path / "runs")
    assert [Path(summary.run).name for summary in report.runs] == [f"{n:03d}" for n in (1, 2, 3, *range(5, 12))]
    (problem,) = report.problems
    assert (problem.code, problem.severity) == ("NN603", "warning")
    assert problem.message == "this is no manifest of a run: `state`: Field required"
    assert refused(list_runs, tmp_path / "none").code == "NN603"
    (tmp_path / "empty").mkdir()
    assert shown(list_runs(tmp_path / "empty")) == [f"{tmp_path / 'empty'} holds no runs"]


BAD_HISTORY = {
    "text": '{"step": 5, "loss": "low"}',
    "boolean": '{"step": 5, "loss": true}',
    "mapping": '{"step": 5, "loss": {"a": 1}}',
    "no float": '{"step": 5, "loss": ' + "1" * 400 + "}",
    "no step": '{"step": ' + "1" * 400 + ', "loss": 1.0}',
}
BAD_REPORT = {
    "mapping": {"metrics": {"train": {"loss": {"a": 1}}}},
    "text": {"metrics": {"train": {"loss": "low"}}},
}


@pytest.mark.parametrize("damage", [*BAD_HISTORY, *(f"report: {name}" for name in BAD_REPORT), "no checkpoints"])
def test_a_damaged_run_hides_no_other_and_ends_in_no_traceback(
    damage: str, make: Callable[..., Path], tmp_path: Path, refused: Refused
) -> None:
    good, bad = make(), make()
    kind, _, name = damage.rpartition(": ")
    if kind == "report":
        (bad / "report.json").write_text(json.dumps(BAD_REPORT[name]))
        assert refused(show_run, bad).code == "NN603"
        assert refused(diff_runs, good, bad).code == "NN603"
        return
    if damage == "no checkpoints":
        (bad / "checkpoints").rename(bad / "elsewhere")
    else:
        (bad / "metrics.jsonl").write_text(f'{{"step": 1, "loss": 2.0}}\n{BAD_HISTORY[damage]}\n')
    report = list_runs(tmp_path / "runs")
    assert [summary.run for summary in report.runs] == [str(good)]
    assert [(problem.code, problem.severity) for problem in report.problems] == [("NN603", "warning")]
    assert refused(show_run, bad).code == "NN603"
    if damage == "boolean":
        assert refused(show_run, bad).message == "line 2 is no record of a measurement: `loss` is no number"


def test_what_is_no_number_is_never_the_best_and_can_be_shown(make: Callable[..., Path], tmp_path: Path) -> None:
    lost = {"metrics": {"train": {"loss": None, "per_class": [None, 0.5]}, "test": {"mae": 2.0}}}
    run = with_weights(make(report=lost), 1.0)
    (run / "metrics.jsonl").write_text('{"step": 5, "val_loss": NaN, "loss": 3.0, "seconds": null}\n')
    (summary,) = list_runs(tmp_path / "runs").runs
    assert (summary.metric, summary.value, summary.best_step, summary.seconds) == (None, None, 5, 0.0)
    report = show_run(run)
    assert plain(report.metrics) == lost["metrics"]
    assert ["│", "test", "│", "-", "│", "-", "│", "2", "│"] in [line.split() for line in shown(report)]
    assert diff_runs(run, run).metrics == ()


def test_what_may_not_be_read_is_told_and_hides_nothing_else(
    make: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    runs_dir = tmp_path / "runs"
    closed, good = make(), make()
    (runs_dir / "closed").mkdir()
    is_file, iterdir = Path.is_file, Path.iterdir

    def entered(real: Callable[..., Any], kept: list[Path]) -> Callable[..., Any]:
        def call(path: Path, *arguments: Any) -> Any:
            if path in kept:
                raise PermissionError(errno.EACCES, "Permission denied")
            return real(path, *arguments)

        return call

    monkeypatch.setattr(Path, "is_file", entered(is_file, [closed / "manifest.json"]))
    monkeypatch.setattr(Path, "iterdir", entered(iterdir, [runs_dir / "closed", tmp_path]))
    report = list_runs(runs_dir)
    assert [summary.run for summary in report.runs] == [str(good)]
    assert [(problem.code, problem.where and problem.where.file) for problem in report.problems] == [
        ("NN604", str(runs_dir / "closed")),
        ("NN604", str(closed)),
    ]
    assert refused(list_runs, tmp_path).message == "cannot be read: Permission denied"
    assert refused(list_runs, tmp_path / "tiny.yaml").message == "this is a file, but runs lie in a folder"
    assert refused(list_runs, tmp_path / ("x" * 256)).message == "cannot be read: File name too long"


def test_a_run_that_is_being_made_is_none_yet(make: Callable[..., Path], tmp_path: Path) -> None:
    run = make()
    run.rename(run.with_name(".nncli-77-run.tmp"))
    assert list_runs(tmp_path / "runs") == RunsReport(folder=str(tmp_path / "runs"), runs=())


def test_a_run_whose_files_come_and_go_is_shown(make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    run = make()
    (run / "checkpoints" / ".nncli-7-file.tmp").touch()
    real = Path.stat

    def gone(path: Path, **named: Any) -> os.stat_result:
        if path.name in (".nncli-7-file.tmp", "last.h5"):
            raise FileNotFoundError
        return real(path, **named)

    monkeypatch.setattr(Path, "stat", gone)
    assert set(show_run(run).files) == {"config.yaml", "manifest.json", "metrics.jsonl"}


def test_how_manifests_are_checked_is_settled_once(
    make: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(), make()
    list_runs(tmp_path / "runs")
    monkeypatch.setattr("nncli.runs.manifest.TypeAdapter", None)
    monkeypatch.setattr("nncli.runs.results.TypeAdapter", None)
    assert len(list_runs(tmp_path / "runs").runs) == 2, "making it anew took most of the time of a long list"


def test_everything_about_a_run(make: Callable[..., Path], refused: Refused, tmp_path: Path) -> None:
    run = make(report={"metrics": {"train": {"loss": 0.25}, "validation": None}})
    report = show_run(run)
    assert report.files["checkpoints/last.h5"] == 7
    assert not [name for name in report.files if name.startswith(".")]
    text = "\n".join(shown(report))
    for told in ("SHA-256 abab", "keras 3.15.1", "of some kind", "0.25", "7 B  checkpoints/last.h5"):
        assert told in text, told
    (run / "report.json").write_text('{"metrics": 5}')
    assert refused(show_run, run).message == "this is no report of a run: `metrics`: Input should be a valid dictionary"
    assert refused(show_run, tmp_path).code == "NN603"


def test_two_runs_that_differ(make: Callable[..., Path]) -> None:
    first = with_weights(make(report={"metrics": {"train": {"loss": 1.0}}}), 1.0)
    changed = make(("optimizer=sgd", "seed=4"), {"metrics": {"train": {"loss": 2.0}}}, versions={"keras": "3.16.0"})
    second = with_weights(changed, 2.0)
    report = diff_runs(first, second)
    assert [entry.what for entry in report.config] == ["seed", "optimizer"]
    assert report.surroundings == (Differing(what="versions.keras", first="3.15.1", second="3.16.0"),)
    assert report.metrics == (Differing(what="train.loss", first=1.0, second=2.0),)
    assert report.same_weights is False
    assert shown(report)[-1] == "best weights: different"
    assert ["│", "optimizer", "│", "adam", "│", "sgd", "│"] in [line.split() for line in shown(report)]
    assert shown(diff_runs(first, first)) == [
        "config: the same",
        "surroundings: the same",
        "metrics: the same",
        "best weights: the same to the bit",
    ]
    assert diff_runs(first, make()).same_weights is None


@pytest.mark.parametrize("damage", ["a byte", "cut short", "missing"])
def test_damaged_weights_are_never_called_the_same(damage: str, make: Callable[..., Path], refused: Refused) -> None:
    runs = [with_weights(make(report={"metrics": {}}), 1.0) for _ in range(2)]
    assert diff_runs(*runs).same_weights is True
    best = runs[1] / "checkpoints" / "best.h5"
    data = best.read_bytes()
    best.write_bytes(data[:-1] + bytes([data[-1] ^ 1]) if damage == "a byte" else data[: len(data) // 2])
    if damage == "missing":
        best.unlink()
    problem = refused(diff_runs, *runs)
    assert (problem.code, problem.where and problem.where.file) == ("NN603", str(best))


def test_only_runs_are_removed_and_only_whole(make: Callable[..., Path], tmp_path: Path) -> None:
    runs = [make() for _ in range(4)]
    (runs[1] / "notes.txt").touch()
    (runs[2] / "checkpoints" / "last.h5").unlink()
    (runs[2] / "checkpoints" / "last.h5").symlink_to(tmp_path / "tiny.yaml")
    with RunFolder.open(runs[3]), pytest.raises(NncliError) as caught:
        remove_runs([*runs, tmp_path / "none"])
    found = [(problem.code, problem.message.partition(":")[2].strip()) for problem in caught.value.problems]
    assert found == [("NN601", "notes.txt"), ("NN601", "checkpoints/last.h5"), ("NN602", ""), ("NN603", "")]
    assert all(run.exists() for run in runs), "all or none"
    report = remove_runs([runs[0], runs[3]])
    assert report.bytes > 1000
    assert shown(report)[:2] == [f"removed {runs[0]}", f"removed {runs[3]}"]
    assert sorted(path.name for path in runs[0].parent.iterdir()) == ["002", "003"]
    assert (tmp_path / "tiny.yaml").read_text() == CONFIG


def test_a_run_is_removed_by_whatever_it_is_called(
    make: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, linked, twice = (make() for _ in range(3))
    monkeypatch.chdir(here)
    link = tmp_path / "latest"
    link.symlink_to(linked)
    named = [Path("."), link, twice, Path(f"{twice}/"), twice / ".." / twice.name]
    assert remove_runs(named).runs == (".", str(link), str(twice))
    assert [*here.parent.iterdir()] == []
    assert link.is_symlink(), "it is not nncli's"


@pytest.mark.parametrize("failing", ["replace", "fsync"])
def test_where_one_cannot_lose_its_name_all_stay(
    failing: str, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    runs = [make() for _ in range(3)]
    real, calls = getattr(os, failing), list[Any]()

    def fail_once(*arguments: Any) -> None:
        calls.append(arguments)
        if len(calls) == 2:
            raise OSError(errno.EIO, "Input/output error")
        real(*arguments)

    monkeypatch.setattr(os, failing, fail_once)
    problem = refused(remove_runs, runs)
    assert (problem.code, problem.message) == ("NN604", "cannot be removed: Input/output error")
    assert sorted(runs[0].parent.iterdir()) == runs
    assert [read_manifest(run) for run in runs] == [MANIFEST] * 3


def test_pictures_of_ones_own_are_not_removed(make: Callable[..., Path], refused: Refused) -> None:
    run = make()
    with RunFolder.open(run) as folder:
        folder.write_figure("fit", b"", "")
    (run / "figures" / "mine.png").touch()
    assert refused(remove_runs, [run]).message == "it holds what nncli did not put there: figures/mine.png"
    (run / "figures" / "mine.png").unlink()
    assert remove_runs([run]).runs == (str(run),)


def test_every_picture_that_nncli_draws_is_known_as_its_own(tmp_path: Path) -> None:
    sources = "".join(path.read_text() for path in Path(drawing.__file__).parent.glob("*.py"))
    names = re.findall(r'return finished\("(\w+)"', sources)
    assert len(names) == len(re.findall(r"return finished\(", sources)) > 5
    (tmp_path / "figures").mkdir()
    for name in names:
        (tmp_path / "figures" / f"{name}.png").touch()
    assert foreign_files(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_run_that_cannot_be_removed_is_a_problem(make: Callable[..., Path], refused: Refused) -> None:
    run = make()
    run.parent.chmod(0o500)
    try:
        assert refused(remove_runs, [run]).code == "NN604"
    finally:
        run.parent.chmod(0o700)
    assert read_manifest(run) == MANIFEST

"""A profile of some seconds of training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nncli.engine import profile
from nncli.engine.events import Event
from nncli.engine.profile import Profile
from nncli.problems import NncliError


@pytest.mark.parametrize("seconds", [0.0, 1e9], ids=["in the middle", "to the end"])
def test_it_shows_the_operations_of_the_steps(seconds: float, lab: Any, run: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(profile, "PROFILED_SECONDS", seconds)
    experiment, splits = lab.experiment("cnn"), lab.splits("cnn")
    expected = run(lab.trainer(experiment, splits)).bits()
    lab.call_size(2)
    seen: list[Event] = []
    course = []
    with Profile(tmp_path / "a" / "profile", seen.append) as watch:
        for event in lab.trainer(experiment, splits).run():
            watch(event)
            course.append(event)
    assert seen == course
    (written,) = (tmp_path / "a" / "profile" / "plugins" / "profile").glob("*/*.xplane.pb")
    assert b"Conv2D" in written.read_bytes()
    assert run(lab.trainer(experiment, splits)).bits() == expected


def test_without_a_step_there_is_no_profile(tmp_path: Path) -> None:
    with Profile(tmp_path / "profile", lambda event: None):
        pass
    assert list((tmp_path / "profile").iterdir()) == []


def test_a_folder_that_cannot_be_is_told_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NncliError) as caught, Profile(tmp_path / "file", lambda event: None):
        pass
    (problem,) = caught.value.problems
    assert (problem.code, problem.message) == ("NN604", "the profile cannot be written: File exists")

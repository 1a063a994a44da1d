"""What the tests of faults share: the runs that those which are disturbed have to equal."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.faults.armed import run
from tests.faults.courses import Course, write_config


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Course]:
    """`undisturbed(name)`: one of the networks, trained from the beginning to the end."""
    folder, done = tmp_path_factory.mktemp("undisturbed"), dict[str, Course]()

    def course(name: str) -> Course:
        if name not in done:
            config, out, log = write_config(folder, name), folder / name, folder / f"{name}.log"
            started = time.time()
            assert run("train", config, "--out", out, output=log) == 0, log.read_text()
            began = (out / "config.yaml").stat().st_mtime
            done[name] = Course(config, out, began - started, time.time() - began)
        return done[name]

    return course

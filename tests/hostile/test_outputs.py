"""What commands write, and where: a whole training, its prediction and its export, watched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.past_runs import CONFIG

SCRIPT: Final = """
import json, os, sys
from nncli.cli.main import main

seen, writing = [], os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
def watch(event, arguments):
    if event == "open" and not isinstance(arguments[0], int) and arguments[2] & writing:
        seen.append(("open", os.path.abspath(os.fsdecode(arguments[0]))))
    elif event in ("os.mkdir", "os.rename", "os.link", "os.symlink", "os.truncate"):
        seen.extend((event, os.path.abspath(os.fsdecode(path))) for path in arguments[:2] if isinstance(path, (str, bytes)))
os.chdir(sys.argv[1])
sys.addaudithook(watch)
for command in json.loads(sys.argv[2]):
    sys.argv = ["nncli", *command]
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, command
json.dump(seen, open("../seen.json", "w"))
"""
COMMANDS: Final = (
    ("train", "tiny.yaml"),
    ("eval", "runs/tiny/001"),
    ("export", "runs/tiny/001", "--format", "keras", "-o", "net.keras"),
    ("summary", "runs/tiny/001"),
)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[list[str]]]:
    """The folder of a user in whose project the commands were run, and what was done to the disk."""
    user = tmp_path_factory.mktemp("user")
    for name in ("project", "home", "temporary"):
        (user / name).mkdir()
    (user / "project" / "tiny.yaml").write_text(CONFIG, encoding="utf-8")
    environment = os.environ | {"HOME": str(user / "home"), "TMPDIR": str(user / "temporary"), "PYTHONDONTWRITEBYTECODE": "1"}
    for name in ("KERAS_HOME", "MPLCONFIGDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        environment.pop(name, None)
    command = [sys.executable, "-c", SCRIPT, str(user / "project"), json.dumps(COMMANDS)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return user, json.loads((user / "seen.json").read_text(encoding="utf-8"))


def test_a_training_writes_into_its_run_and_nowhere_else(watched: Any) -> None:
    user, _ = watched
    left = {str(path.relative_to(user)) for path in user.rglob("*") if not path.is_dir()} - {"seen.json", "project/tiny.yaml"}
    places = {name if name.count("/") < 3 else "/".join(name.split("/")[:4]) for name in left}
    assert {place for place in places if not place.startswith("home/.cache/matplotlib")} == {
        "project/runs/tiny/001",
        "project/net.keras",
    }
    assert list((user / "temporary").iterdir()) == []


def test_nothing_else_is_touched_on_the_way(watched: Any) -> None:
    user, seen = watched
    places = ("project/runs", "project/net.keras", "project/.nncli-", "temporary", "home/.cache", "home/.config", "seen.json")
    own = (os.devnull, *(str(user / place) for place in places))
    assert [entry for entry in seen if not entry[1].startswith(own)] == []
    assert [path for event, path in seen if event == "open" and "home/" in path and "matplotlib" not in path] == []

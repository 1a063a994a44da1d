"""`nncli runs`: a list by itself, and no option that is read and not heeded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nncli.cli.main import app


def test_without_a_command_it_lists(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(app, ["runs", "--runs-dir", str(tmp_path), "--json"], standalone_mode=False)
    assert json.loads(outcome.stdout)["report"] == {"folder": str(tmp_path), "runs": []}
    assert outcome.return_value == 0


@pytest.mark.parametrize("options", [["--json"], ["--runs-dir", "elsewhere"], ["-q"]])
@pytest.mark.parametrize("command", [["show", "RUN"], ["diff", "A", "B"], ["remove", "-y", "RUN"]])
def test_options_in_front_of_a_command_are_refused(options: list[str], command: list[str]) -> None:
    outcome = CliRunner().invoke(app, ["runs", *options, *command], standalone_mode=False)
    said = json.loads(outcome.stdout)["problems"][0]["message"] if options == ["--json"] else outcome.stderr
    given = {"-q": "--quiet"}.get(options[0], options[0])
    assert f"{given} in front of `{command[0]}` would do nothing: options stand behind the command that they are for" in said
    assert outcome.return_value == 2

"""The list of commands fits a terminal."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from nncli.cli.main import app


def test_no_command_is_described_in_half_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = CliRunner().invoke(app, ["--help"]).stdout.splitlines()
    commands = lines[lines.index("Commands:") + 1 :]
    assert len([line for line in commands if line.strip()]) == len(app.registered_commands) + len(app.registered_groups)
    assert all(line.endswith(".") and not line.endswith("..") for line in commands if line.strip())

"""`nncli schema`, and the schema that `init` puts beside a config."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from nncli.commands.editing import MODELINE, SCHEMA_FILE, with_schema
from nncli.commands.schema import schema
from nncli.problems import Problem
from nncli.spec.describing.config import config_schema

Refused = Callable[..., Problem]


def test_the_schema_is_printed_or_written(tmp_path: Path, refused: Refused) -> None:
    assert schema().schema == config_schema()
    path = tmp_path / "config.json"
    report = schema(path)
    assert (report.schema, report.output) == (None, str(path))
    assert json.loads(path.read_text(encoding="utf-8")) == config_schema()
    assert refused(schema, path).code == "NN601"
    assert refused(schema, tmp_path / "none" / "config.json").code == "NN604"


def test_the_schema_stands_beside_the_config_that_names_it(tmp_path: Path) -> None:
    for _ in range(2):  # the second finds it there
        assert with_schema(tmp_path, "name: a\n") == (f"{MODELINE}name: a\n", str(tmp_path / SCHEMA_FILE), ())
        assert json.loads((tmp_path / SCHEMA_FILE).read_text(encoding="utf-8")) == config_schema()
    assert f"# yaml-language-server: $schema={SCHEMA_FILE}\n" == MODELINE


def test_the_schema_of_an_older_nncli_is_brought_up_to_date(tmp_path: Path) -> None:
    (tmp_path / SCHEMA_FILE).write_text(json.dumps({"$schema": "x", "title": "nncli config"}))
    assert with_schema(tmp_path, "")[2] == ()
    assert json.loads((tmp_path / SCHEMA_FILE).read_text(encoding="utf-8")) == config_schema()


@pytest.mark.parametrize("content", ["{}", "", '{"title": "mine"}'])
def test_what_is_not_ours_stays(content: str, tmp_path: Path) -> None:
    (tmp_path / SCHEMA_FILE).write_text(content)
    text, file, (problem,) = with_schema(tmp_path, "name: a\n")
    assert (text, file) == ("name: a\n", None)
    assert (problem.code, problem.severity) == ("NN601", "warning")
    assert (tmp_path / SCHEMA_FILE).read_text() == content


def test_links_and_folders_are_not_ours(tmp_path: Path) -> None:
    (tmp_path / SCHEMA_FILE).symlink_to(tmp_path / "nowhere")
    assert [problem.severity for problem in with_schema(tmp_path, "")[2]] == ["warning"]
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / SCHEMA_FILE).unlink()
    (tmp_path / SCHEMA_FILE).mkdir()
    assert [problem.severity for problem in with_schema(tmp_path, "")[2]] == ["warning"]

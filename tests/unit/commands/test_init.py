"""`nncli init`: the configs that ship, listed and written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nncli.commands.editing import MODELINE, SCHEMA_FILE
from nncli.commands.init import examples, init
from nncli.config.load import load_config
from nncli.problems import Problem

Refused = Callable[..., Problem]

CONFIGS = Path(__file__).parents[3] / "configs"
SHIPPED = {path.stem: path for path in sorted(CONFIGS.glob("*.yaml"))}


def test_every_config_is_listed_with_a_line_that_says_what_it_is() -> None:
    report = init(None)
    assert report.output is None
    assert list(report.examples) == list(SHIPPED)
    for name, description in report.examples.items():
        first = SHIPPED[name].read_text(encoding="utf-8").splitlines()[0]
        assert first == f"# {description}", name
        assert 10 <= len(description) <= 80 and description.isprintable()
        assert description[0].isupper() and not description.endswith(".")
    assert len(set(report.examples.values())) == len(SHIPPED)


def test_a_config_elsewhere_still_finds_the_runs_of_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    init("fine_tune_mnist", output=Path("deep/er/mine.yaml"))
    source = load_config(Path("deep/er/mine.yaml")).experiment.model.weights_from
    assert source is not None
    assert Path(source.checkpoint) == tmp_path / "runs/pretrain_autoencoder/001/checkpoints/best.h5"


@pytest.mark.parametrize("name", SHIPPED)
def test_a_config_is_written_byte_for_byte_below_the_line_for_editors(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    report = init(name)
    assert report.output == f"{name}.yaml"
    assert report.examples == {name: init(None).examples[name]}
    written = tmp_path / f"{name}.yaml"
    assert written.read_bytes() == MODELINE.encode() + SHIPPED[name].read_bytes().replace(b"../runs/", b"runs/")
    assert load_config(written).experiment.name == name
    assert sorted(tmp_path.iterdir()) == sorted([written, tmp_path / SCHEMA_FILE])
    assert report.problems == ()


def test_a_config_is_written_without_the_schema_where_a_file_is_in_its_way(tmp_path: Path) -> None:
    (tmp_path / SCHEMA_FILE).write_text("mine")
    report = init("xor", output=tmp_path / "xor.yaml")
    assert [(problem.code, problem.severity) for problem in report.problems] == [("NN601", "warning")]
    assert (tmp_path / "xor.yaml").read_text(encoding="utf-8") == examples()["xor"]
    assert (tmp_path / SCHEMA_FILE).read_text() == "mine"


def test_a_config_is_written_where_it_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "my.yml"
    assert init("xor", output=path).output == str(path)
    assert path.read_text(encoding="utf-8") == MODELINE + examples()["xor"]


def test_nothing_is_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "xor.yaml").write_text("mine")
    for output, file in ((None, "xor.yaml"), (tmp_path / "xor.yaml", str(tmp_path / "xor.yaml"))):
        problem = refused(init, "xor", output=output)
        assert problem.code == "NN601" and problem.where is not None and problem.where.file == file
    (tmp_path / "link.yaml").symlink_to(tmp_path / "nowhere")
    assert refused(init, "xor", output=tmp_path / "link.yaml").code == "NN601"
    assert (tmp_path / "xor.yaml").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.yaml", "xor.yaml"]


def test_a_folder_that_is_missing_is_a_problem(tmp_path: Path, refused: Refused) -> None:
    assert refused(init, "xor", output=tmp_path / "none" / "xor.yaml").code == "NN604"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("cnn_mnsit", "did you mean `cnn_mnist`?"),
        ("perceptron", "did you mean `perceptron_or`?"),
        ("XOR", "did you mean `xor`?"),
        ("../xor", "did you mean `xor`?"),
        ("zzz", "`nncli init --list` shows them"),
    ],
)
def test_an_unknown_name_is_answered_with_the_one_that_was_meant(
    name: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    monkeypatch.chdir(tmp_path)
    problem = refused(init, name)
    assert (problem.code, problem.message, problem.hint) == ("NN606", f"no config called `{name}` ships", hint)
    assert problem.where is not None and problem.where.argument == name
    assert list(tmp_path.iterdir()) == []

"""`nncli init`: the configs that ship, listed and written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nncli.commands.adopt import adopt
from nncli.commands.configs import load_experiment
from nncli.commands.editing import MODELINE, SCHEMA_FILE
from nncli.commands.init import examples, init
from nncli.config.load import load_config
from nncli.problems import NncliError, Problem
from nncli.spec.accuracy import metric_name

Refused = Callable[..., Problem]

CONFIGS = Path(__file__).parents[3] / "configs"
SHIPPED = {path.stem: path for path in sorted(CONFIGS.glob("*.yaml"))}


def test_every_config_is_listed_with_a_line_that_says_what_it_is() -> None:
    report = init(None)
    assert report.output is None
    assert list(report.examples) == list(SHIPPED)
    assert report.start in SHIPPED
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
    assert (report.output, report.schema, report.start) == (f"{name}.yaml", SCHEMA_FILE, None)
    assert report.examples == {name: init(None).examples[name]}
    written = tmp_path / f"{name}.yaml"
    assert written.read_bytes() == MODELINE.encode() + SHIPPED[name].read_bytes().replace(b"../runs/", b"runs/")
    assert load_config(written).experiment.name == name
    brought = [tmp_path / "data"] if name in ("iris_csv", "digits_folder", "review_mood") else []
    assert sorted(tmp_path.iterdir()) == sorted([written, tmp_path / SCHEMA_FILE, *brought])
    assert report.problems == ()


def test_a_config_brings_its_data_and_never_replaces_others(tmp_path: Path, refused: Refused) -> None:
    init("iris_csv", output=tmp_path / "a.yaml")
    assert (tmp_path / "data" / "iris.csv").read_bytes() == (CONFIGS / "data" / "iris.csv").read_bytes()
    load_experiment(tmp_path / "a.yaml")
    init("iris_csv", output=tmp_path / "b.yaml")
    init("review_mood", output=tmp_path / "mood.yaml")
    reviews = CONFIGS / "data" / "reviews"
    assert {path.name: path.read_bytes() for path in (tmp_path / "data" / "reviews").iterdir()} == {
        path.name: path.read_bytes() for path in reviews.iterdir()
    }
    load_experiment(tmp_path / "mood.yaml")
    (tmp_path / "data" / "iris.csv").write_text("mine")
    assert refused(init, "iris_csv", output=tmp_path / "c.yaml").code == "NN601"
    assert (tmp_path / "data" / "iris.csv").read_text() == "mine" and not (tmp_path / "c.yaml").exists()


def test_pictures_are_written_with_their_config(tmp_path: Path) -> None:
    init("digits_folder", output=tmp_path / "mine.yaml")
    folders = sorted((tmp_path / "data" / "digits").iterdir())
    assert [folder.name for folder in folders] == list("0123456789")
    assert sum(len(list(folder.iterdir())) for folder in folders) == 1797
    assert load_experiment(tmp_path / "mine.yaml")[1] == ()


def test_a_config_is_written_without_the_schema_where_a_file_is_in_its_way(tmp_path: Path) -> None:
    (tmp_path / SCHEMA_FILE).write_text("mine")
    report = init("xor", output=tmp_path / "xor.yaml")
    assert [(problem.code, problem.severity) for problem in report.problems] == [("NN601", "warning")]
    assert report.schema is None
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


STOCK = Path(__file__).parents[1] / "checkpoint" / "files"

IMAGE = """\
# The network of image.h5, which stock Keras saved
name: image
# To be chosen: the file does not tell. Samples of 8 x 8 x 1, prepared as for the training of the network.
dataset: {type: npz, path: data.npz, labels: one_hot}
model:
  weights_from: ../image.h5  # training starts from these weights
  input_shape: [8, 8, 1]
  layers:
    - {type: conv2d, kernel_size: [3, 3], filters: 2, activation: relu, kernel_initializer: he_normal}
    - {type: batch_normalization, axis: 3}
    - {type: leaky_relu, name: leaky_re_lu, negative_slope: 0.1}
"""


def test_the_config_of_a_network_of_stock_keras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "image.h5").write_bytes((STOCK / "keras2_image.h5").read_bytes())
    (tmp_path / "configs").mkdir()
    monkeypatch.chdir(tmp_path)
    report = adopt(Path("image.h5"), output=Path("configs/image.yaml"))
    assert (report.output, report.problems) == ("configs/image.yaml", ())
    assert (tmp_path / "configs/image.yaml").read_text().startswith(MODELINE + IMAGE)
    experiment = load_config("configs/image.yaml").experiment
    assert experiment.model.weights_from is not None
    assert Path(experiment.model.weights_from.checkpoint) == tmp_path / "image.h5"
    assert experiment.loss.type == "categorical_crossentropy" and experiment.optimizer.type == "sgd"
    assert [metric_name(metric) for metric in experiment.metrics] == ["accuracy", "mae"]


def test_all_that_check_finds_is_that_the_data_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for file in sorted(STOCK.glob("keras2_*.h5")):
        with pytest.raises(NncliError) as caught:
            load_experiment(str(adopt(file).output))
        assert [problem.code for problem in caught.value.problems] == ["NN501"]


def test_a_network_is_not_adopted_twice_nor_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    monkeypatch.chdir(tmp_path)
    source = STOCK / "keras2_vector.h5"
    assert adopt(source).output == "keras2_vector.yaml"
    assert refused(adopt, source).code == "NN601"
    assert refused(adopt, STOCK / "keras2_expected.npz").code == "NN603"
    missing = refused(adopt, tmp_path / "none.h5")
    assert (missing.code, missing.message) == ("NN603", "there is no such file") and "train" not in (missing.hint or "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keras2_vector.yaml", SCHEMA_FILE]

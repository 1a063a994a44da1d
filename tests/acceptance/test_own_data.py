"""People's own data, through the command line: raw file in, raw answers out."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.csv
import pyarrow.parquet
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """\
name: iris
dataset: {{type: {type}, path: {path}, target: species, id: key, test: 0.2, validation: 0.1}}
model: {{layers: [{{type: dense, units: 16, activation: relu}}, {{type: dense, units: 3, activation: softmax}}]}}
optimizer: {{type: adam, learning_rate: 0.01}}
loss: sparse_categorical_crossentropy
metrics: [accuracy]
training: {{batch_size: 16, steps: 40, figures: false}}
"""
HOUSES = """\
name: houses
dataset:
  type: csv
  path: houses.csv
  target: price
  scale_target: true
  columns: [{type: date, names: sold}, {type: number, names: size}]
model: {layers: [{type: dense, units: 1}]}
optimizer: {type: sgd, learning_rate: 0.1}
loss: mse
training: {batch_size: full, steps: 300, figures: false}
"""
PICTURES = """\
name: pictures
dataset: {type: image_folder, path: pictures, size: 4, channels: 1, test: 0.2, preprocess: [rescale]}
model: {layers: [flatten, {type: dense, units: 2, activation: softmax}]}
optimizer: {type: adam, learning_rate: 0.1}
loss: sparse_categorical_crossentropy
metrics: [accuracy]
training: {epochs: 20, figures: false}
"""
REVIEWS = """\
name: reviews
dataset: {type: csv, path: reviews.csv, target: mood, test: 0.2, columns: [{type: text, names: review, length: 6}]}
model:
  layers:
    - {type: embedding, input_dim: 100, output_dim: 4, mask_zero: true}
    - global_average_pooling1d
    - {type: dense, units: 2, activation: softmax}
optimizer: {type: adam, learning_rate: 0.1}
loss: sparse_categorical_crossentropy
training: {epochs: 20, figures: false}
"""
MOODS = """\
name: {name}
dataset: {{type: text_folder, path: {name}, length: 6, test: 0.2, validation: 0.1}}
model:
  layers:
    - {{type: embedding, input_dim: 100, output_dim: 4, mask_zero: true}}
    - global_average_pooling1d
    - {{type: dense, units: 2, activation: softmax}}
optimizer: {{type: adam, learning_rate: 0.1}}
loss: sparse_categorical_crossentropy
metrics: [accuracy]
training: {{batch_size: 16, steps: 40, figures: false}}
"""


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (ROOT / "configs" / "data" / "iris.csv").open() as file:
        return [{"key": f"flower {number}", **row} for number, row in enumerate(csv.DictReader(file))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]) -> Path:
    """The flowers in every form, and configs that train on each."""
    folder = tmp_path_factory.mktemp("flowers")
    with (folder / "iris.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    table = pyarrow.csv.read_csv(folder / "iris.csv")
    pyarrow.parquet.write_table(table, folder / "iris.parquet")
    lines = "".join(json.dumps(row) + "\n" for row in table.to_pylist())
    (folder / "iris.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    unlabelled = [{key: value for key, value in row.items() if key != "species"} for row in table.to_pylist()]
    (folder / "new.jsonl").write_text("".join(json.dumps(row) + "\n" for row in unlabelled))
    (folder / "houses.csv").write_text("sold;size;price\n" + "".join(f"20{n:02}-03-01;{n};{1000 * n}\n" for n in range(1, 21)))
    for kind, name in (("csv", "iris.csv"), ("parquet", "iris.parquet"), ("json_lines", "iris.jsonl.gz")):
        (folder / f"{kind}.yaml").write_text(CONFIG.format(type=kind, path=name))
    (folder / "houses.yaml").write_text(HOUSES)
    for number in range(40):
        picture = folder / "pictures" / ("dark" if number % 2 else "bright") / f"{number}.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 6 + number % 3), 40 if number % 2 else 200).save(picture)
    (folder / "pictures.yaml").write_text(PICTURES)
    reviews = "".join(f"A {'fine' if n % 2 else 'dull'} film number {n},{'up' if n % 2 else 'down'}\n" for n in range(60))
    (folder / "reviews.csv").write_text(f"review,mood\n{reviews}")
    (folder / "reviews.yaml").write_text(REVIEWS)
    for mood, word in (("up", "fine"), ("down", "dull")):
        lines = [f"A {word} film number {number}" for number in range(30)]
        (folder / "lines").mkdir(exist_ok=True)
        (folder / "lines" / f"{mood}.txt").write_text("\n\n".join(lines))
        (folder / "files" / mood).mkdir(parents=True)
        for number, line in enumerate(lines):
            (folder / "files" / mood / f"{number:02}.txt").write_text(line)
    for name in ("lines", "files"):
        (folder / f"{name}.yaml").write_text(MOODS.format(name=name))
    (folder / "new.txt").write_text("What a fine evening\n\ndull, dull\n")
    (folder / "review.jsonl").write_text('{"review": "What a fine evening"}\n{"review": "dull, dull"}\n')
    return folder


@pytest.fixture(scope="module")
def done(folder: Path, one_process: Any) -> Iterator[dict[str, Any]]:
    """The JSON documents of what was done with them, by name."""
    commands: dict[str, list[str]] = {}
    for kind in ("csv", "parquet", "json_lines"):
        commands[f"train {kind}"] = ["train", f"{kind}.yaml", "--out", kind]
        commands[f"eval {kind}"] = ["eval", kind, "--per-class"]
        commands[f"predict {kind}"] = ["predict", kind, "new.jsonl"]
    commands["first half"] = ["train", "csv.yaml", "--set", "training.steps=15", "--out", "halves"]
    commands["second half"] = ["train", "--resume", "halves", "--set", "training.steps=40"]
    commands["eval own file"] = ["eval", "csv", "--data", "iris.parquet"]
    commands["eval trained on"] = ["eval", "csv", "--data", "iris.csv"]
    commands["train houses"] = ["train", "houses.yaml", "--out", "houses"]
    commands["train pictures"] = ["train", "pictures.yaml", "--out", "pictured"]
    commands["predict pictures"] = ["predict", "pictured", "pictures"]
    commands["eval pictures"] = ["eval", "pictured", "--data", "pictures"]
    commands["export houses"] = ["export", "houses", "--format", "keras"]
    commands["train reviews"] = ["train", "reviews.yaml", "--out", "reviewed"]
    commands["predict reviews"] = ["predict", "reviewed", "review.jsonl"]
    for name in ("lines", "files"):
        commands[f"train {name}"] = ["train", f"{name}.yaml", "--out", f"{name}_run"]
        commands[f"eval {name}"] = ["eval", f"{name}_run"]
        commands[f"predict {name}"] = ["predict", f"{name}_run", "new.txt", "--top-k", "2"]
    commands["eval own lines"] = ["eval", "lines_run", "--data", "lines"]
    commands["predict own files"] = ["predict", "files_run", "files"]
    commands["check lines"] = ["check", "--data", "lines.yaml"]
    commands["export lines"] = ["export", "lines_run", "--format", "keras"]
    commands["first half of lines"] = ["train", "lines.yaml", "--set", "training.steps=15", "--out", "lines_halves"]
    commands["second half of lines"] = ["train", "--resume", "lines_halves", "--set", "training.steps=40"]
    commands["predict houses"] = ["predict", "houses", "houses.csv"]
    found = one_process([[*command, "--json"] for command in commands.values()], cwd=folder)()
    yield {name: json.loads(entry.stdout) for name, entry in zip(commands, found, strict=True)}


def test_every_command_succeeds(done: dict[str, Any]) -> None:
    assert {name: document["status"] for name, document in done.items()} == dict.fromkeys(done, "ok")


@pytest.mark.parametrize("kind", ["parquet", "json_lines"])
def test_the_form_of_a_table_changes_no_bit(kind: str, done: dict[str, Any]) -> None:
    def digest(name: str) -> Any:
        return done[name]["report"]["weights_digest"]

    assert digest(f"train {kind}") == digest("train csv")
    assert done[f"eval {kind}"]["report"]["metrics"] == done["eval csv"]["report"]["metrics"]
    assert done[f"predict {kind}"]["report"]["predictions"] == done["predict csv"]["report"]["predictions"]


def test_each_class_is_reported_on(done: dict[str, Any]) -> None:
    report = done["eval csv"]["report"]
    assert [entry["class"] for entry in report["classes"]] == ["setosa", "versicolor", "virginica"]
    assert sum(entry["samples"] for entry in report["classes"]) == report["samples"] == 30
    assert report["balanced_accuracy"] == pytest.approx(report["metrics"]["accuracy"])  # the test part is stratified


def test_a_run_that_goes_on_comes_to_the_same_bits(done: dict[str, Any]) -> None:
    assert done["second half"]["report"]["weights_digest"] == done["train csv"]["report"]["weights_digest"]


def test_answers_are_raw(done: dict[str, Any], rows: list[dict[str, str]]) -> None:
    answers = done["predict csv"]["report"]["predictions"]
    assert [answer["id"] for answer in answers] == [row["key"] for row in rows]
    assert answers[7]["input"] == "new.jsonl[7]"
    for answer in answers:
        assert set(answer["probabilities"]) == {"setosa", "versicolor", "virginica"}
        assert answer["probabilities"][answer["class"]] == answer["probability"] == max(answer["probabilities"].values())
    right = sum(answer["class"] == row["species"] for answer, row in zip(answers, rows, strict=True))
    assert right / len(rows) == pytest.approx(done["eval own file"]["report"]["metrics"]["accuracy"])


def test_amounts_come_back_in_their_own_units(done: dict[str, Any]) -> None:
    prices = [answer["output"][0] for answer in done["predict houses"]["report"]["predictions"]]
    assert prices == pytest.approx([1000 * n for n in range(1, 21)], abs=300)


def test_pictures_are_answered_by_the_names_of_their_folders(done: dict[str, Any]) -> None:
    answers = done["predict pictures"]["report"]["predictions"]
    assert len(answers) == 40
    assert all(Path(answer["input"]).parent.name == answer["class"] for answer in answers)
    assert done["eval pictures"]["report"]["metrics"]["accuracy"] == 1


def test_an_export_says_what_becomes_of_a_row(done: dict[str, Any]) -> None:
    report = done["export houses"]["report"]
    assert [column["name"] for column in report["encoding"]["columns"]] == ["sold", "size"]
    assert report["target_scale"] == pytest.approx([10500, 5766.281], rel=1e-6)


def test_sentences_are_answered(done: dict[str, Any]) -> None:
    assert [answer["class"] for answer in done["predict reviews"]["report"]["predictions"]] == ["up", "down"]


def test_files_and_their_lines_are_texts(done: dict[str, Any]) -> None:
    answers = {name: done[f"predict {name}"]["report"]["predictions"] for name in ("lines", "files")}
    assert [(row["input"], row["class"]) for row in answers["lines"]] == [("new.txt[0]", "up"), ("new.txt[2]", "down")]
    assert [row["input"] for row in answers["files"]] == ["new.txt"]
    for row in (*answers["lines"], *answers["files"]):
        assert set(row["probabilities"]) == {"down", "up"} and len(row["top"]) == 2
    own = done["predict own files"]["report"]["predictions"]
    assert len(own) == 60 and all(Path(row["input"]).parent.name == row["class"] for row in own)
    report = done["check lines"]["report"]["files"][0]
    said = "samples of 6: 43 for train, 5 for validation, 12 for test; 2 classes, with training samples: down ("
    assert report["data"][-1].startswith(said)
    assert done["export lines"]["report"]["encoding"]["by_line"] is True


def test_texts_are_measured(done: dict[str, Any]) -> None:
    assert done["eval lines"]["report"]["metrics"] == done["train lines"]["report"]["metrics"]["test"]
    assert done["eval files"]["report"]["metrics"]["accuracy"] == 1
    assert done["eval own lines"]["report"]["samples"] == 60
    assert [problem["code"] for problem in done["eval own lines"]["problems"]] == ["NN504"]


def test_a_run_on_texts_that_goes_on_comes_to_the_same_bits(done: dict[str, Any]) -> None:
    digests = [done[name]["report"]["weights_digest"] for name in ("train lines", "second half of lines")]
    assert digests[0] == digests[1]


def test_a_checkpoint_elsewhere_without_its_texts_answers_line_by_line(
    done: dict[str, Any], folder: Path, nncli: Any, tmp_path: Path
) -> None:
    shutil.copy(folder / "lines_run" / "checkpoints" / "best.h5", tmp_path / "best.h5")
    answered = nncli("predict", "best.h5", "-", cwd=tmp_path, input=(folder / "new.txt").read_text() + "x\0")
    assert answered.returncode == 3
    assert "line 4 holds a null character: this is no text" in answered.stderr
    found = [json.loads(line) for line in answered.stdout.splitlines()]
    expected = done["predict lines"]["report"]["predictions"]
    assert [(row["input"], row["class"]) for row in found] == [("-[0]", "up"), ("-[2]", "down")]
    assert [row["probability"] for row in found] == pytest.approx([row["probability"] for row in expected], abs=1e-5)


def test_eval_says_that_the_network_was_trained_on_a_file(done: dict[str, Any]) -> None:
    # The same rows, whatever the file: those of the training part are in both.
    told = [
        [(problem["code"], problem["message"]) for problem in done[name]["problems"]]
        for name in ("eval trained on", "eval own file")
    ]
    (trained_on,), (own_file,) = told
    assert trained_on[0] == "NN504" and trained_on[1].endswith(" samples equal ones that the network was trained on")
    assert own_file[0] == "NN504"


def test_a_checkpoint_elsewhere_without_its_data_answers_line_by_line(
    done: dict[str, Any], folder: Path, nncli: Any, tmp_path: Path
) -> None:
    shutil.copy(folder / "csv" / "checkpoints" / "best.h5", tmp_path / "best.h5")
    lines = (folder / "new.jsonl").read_text()
    answered = nncli("predict", "best.h5", "-", cwd=tmp_path, input=lines + '{"key": "broken"}\n')
    assert answered.returncode == 3
    assert "line 151 has no `sepal_length`" in answered.stderr
    found = [json.loads(line) for line in answered.stdout.splitlines()]
    expected = done["predict csv"]["report"]["predictions"]
    assert [(row["input"], row["id"], row["class"]) for row in found] == [
        (f"-[{number}]", row["id"], row["class"]) for number, row in enumerate(expected)
    ]
    assert [row["probability"] for row in found] == pytest.approx([row["probability"] for row in expected], abs=1e-5)


def test_files_are_written_row_by_row_or_not_at_all(done: dict[str, Any], folder: Path, one_process: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text((folder / "iris.csv").read_text() + "x,y,1,1,1,?\n")
    commands = [["predict", folder / "csv", folder / "iris.csv", "-o", f"a.{kind}"] for kind in ("csv", "jsonl", "parquet")]
    *good, bad = one_process([*commands, ["predict", folder / "csv", "bad.csv", "-o", "b.csv"]], cwd=tmp_path)()
    assert [entry.returncode for entry in good] == [0, 0, 0]
    assert bad.returncode == 3 and "row 151: column `sepal_length` holds 'y', a number was expected" in bad.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.jsonl", "a.parquet", "bad.csv"]
    answers = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    with (tmp_path / "a.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [row["class"] for row in table] == [row["class"] for row in answers]
    assert [float(row["probability_of_setosa"]) for row in table] == [row["probabilities"]["setosa"] for row in answers]
    assert pyarrow.parquet.read_table(tmp_path / "a.parquet")["id"].to_pylist() == [row["id"] for row in answers]

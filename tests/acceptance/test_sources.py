"""Every source trains, evaluates, resumes and predicts through the command line: raw file in, raw answers out.

In this process: starting TensorFlow for each would take most of the time. A network has one dense layer behind its first ones, so
that NumPy says what has to come out.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nncli.checkpoint.read import read_checkpoint
from nncli.cli.main import app
from nncli.cli.signals import StopRequest
from nncli.engine import train as train_module
from nncli.spec.registry import names
from tests.acceptance.sources import SOURCES, Source

Array = NDArray[Any]
INTERVALS = ("evaluate_every", "log_every", "checkpoint_every")


@dataclass(frozen=True)
class Course:
    """What was done with a source: exit code and JSON document of each command."""

    source: Source
    weights: dict[str, Array]
    """Of the best checkpoint, by the ends of their paths."""
    manifest: dict[str, Any]
    """Of the interrupted run."""
    done: dict[str, tuple[int, Any]]

    def report(self, name: str) -> Any:
        code, document = self.done[name]
        assert code == 0, document
        return document["report"]


def nncli(*arguments: object) -> tuple[int, Any]:
    """The exit code of a command, and its JSON document."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        code = app([*map(str, arguments), "--json"], standalone_mode=False, prog_name="nncli")
    return code or 0, json.loads(said.getvalue())


@contextlib.contextmanager
def interruption(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Ctrl-C in mid-run, and calls of one step."""
    asked, real = 0, StopRequest.__call__

    def ask(request: StopRequest) -> bool:
        nonlocal asked
        asked += 1
        if asked == 4:
            signal.raise_signal(signal.SIGINT)
        return real(request)

    with patch.context() as context:
        context.setattr(StopRequest, "__call__", ask)
        context.setattr(train_module, "next_size", lambda *_: 1)
        yield


@pytest.fixture(scope="module", params=list(SOURCES))
def course(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    place = tmp_path_factory.mktemp(request.param)
    (place / "data").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        source = SOURCES[request.param](place, patch)
        units = len(source.names) or source.targets.shape[-1]
        last = {"type": "dense", "units": units} | ({"activation": "softmax"} if source.names else {})
        config = {
            "name": "tiny",
            "dataset": source.dataset,
            "model": {"layers": [*source.first, last]},
            "optimizer": {"type": "adam", "learning_rate": 0.01},
            "loss": "sparse_categorical_crossentropy" if source.names else "mse",
            "metrics": ["accuracy" if source.names else "mae"],
            "training": {"batch_size": 5, "steps": 8, "threads": 2, "figures": False, **{key: {"steps": 8} for key in INTERVALS}},
        }
        (place / "tiny.yaml").write_text(json.dumps(config))
        run, halves, elsewhere = place / "run", place / "halves", place / "elsewhere" / "moved"
        done = {"train": nncli("train", place / "tiny.yaml", "--out", run)}
        with interruption(patch):
            done["interrupted"] = nncli("train", place / "tiny.yaml", "--out", halves)
        manifest = json.loads((halves / "manifest.json").read_text())
        done["resumed"] = nncli("train", "--resume", halves)
        done["eval"] = nncli("eval", run)
        done["eval raw"] = nncli("eval", run, "--data", source.labelled)
        done["predict"] = nncli("predict", run, source.bring)
        if source.dataset["type"] == "text":
            done["prompt"] = nncli("predict", run, "--prompt", "the c", "--length", 6, "--temperature", 0)
        elsewhere.parent.mkdir()
        shutil.move(run, elsewhere)
        shutil.rmtree(place / "data")
        done["predict elsewhere"] = nncli("predict", elsewhere, source.bring)
        done["predict from the file alone"] = nncli(
            "predict", shutil.move(elsewhere / "checkpoints" / "best.h5", place / "elsewhere" / "only.h5"), source.bring
        )
        layers = read_checkpoint(place / "elsewhere" / "only.h5").weights.layers
        weights = {path.rpartition("/")[2]: array for found in layers.values() for path, array in found}
        yield Course(source, weights, manifest, done)


def outputs(source: Source, weights: dict[str, Array], inputs: Array) -> Array:
    """What the network has to say, in float64."""
    if "embeddings" in weights:
        known = (inputs != 0)[..., None]
        inputs = (weights["embeddings"].astype(np.float64)[inputs] * known).sum(axis=1) / known.sum(axis=1)
    elif source.first:
        inputs = inputs.reshape(len(inputs), -1)
    said = inputs.astype(np.float64) @ weights["kernel"] + weights["bias"]
    if not source.names:
        return said
    raised = np.exp(said - said.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def continued(course: Course, text: str, length: int) -> str:
    """The text that goes on by the most probable character, never the unknown one, which is 0."""
    names = course.source.names
    for _ in range(length):
        window = np.array([[names.index(character) for character in text[-5:]]])
        text += names[1 + int(outputs(course.source, course.weights, window)[0, 1:].argmax())]
    return text


def test_each_type_of_data_set_is_among_them() -> None:
    """`mnist_5k` has tests of its own: the main job."""
    assert {kind for name in SOURCES for kind in names("dataset") if name.startswith(kind)} == {*names("dataset")} - {"mnist_5k"}


def test_it_is_interrupted_in_mid_run_and_goes_on_to_the_same_bits(course: Course) -> None:
    code, document = course.done["interrupted"]
    assert (code, document["status"]) == (130, "failed")
    assert course.manifest["state"] == "interrupted" and 0 < course.manifest["step"] < 8
    whole, resumed = course.report("train"), course.report("resumed")
    assert resumed["weights_digest"] == whole["weights_digest"]
    assert resumed["metrics"] == whole["metrics"]


def test_an_evaluation_repeats_the_figures_of_the_report(course: Course) -> None:
    assert course.report("eval")["split"] == "test"
    assert course.report("eval")["metrics"] == course.report("train")["metrics"]["test"]


def test_an_evaluation_on_a_raw_file_is_that_of_numpy(course: Course) -> None:
    source, found = course.source, course.report("eval raw")
    said = outputs(source, course.weights, source.inputs)
    if source.names:
        loss = -np.log(said[np.arange(len(said)), source.targets]).mean()
        expected = {"loss": loss, "accuracy": (said.argmax(axis=1) == source.targets).mean()}
    else:
        expected = {"loss": ((said - source.targets) ** 2).mean(), "mae": np.abs(said - source.targets).mean()}
    assert found["metrics"] == pytest.approx(expected, rel=2e-4, abs=1e-6)
    assert found["samples"] == len(source.targets)
    if source.is_test:
        assert found["metrics"] == course.report("eval")["metrics"]


def test_answers_are_raw(course: Course) -> None:
    source = course.source
    answers = course.report("predict")["predictions"]
    said = outputs(source, course.weights, source.inputs)
    assert len(answers) == len(said)
    if source.names:
        assert [answer["class"] for answer in answers] == [source.names[number] for number in said.argmax(axis=1)]
        assert [answer["probability"] for answer in answers] == pytest.approx(said.max(axis=1), rel=1e-3)
    else:
        mean, deviation = source.scale
        np.testing.assert_allclose([answer["output"] for answer in answers], said * deviation + mean, rtol=1e-3, atol=1e-4)
    if source.dataset["type"] == "text":
        assert course.report("prompt")["text"] == continued(course, "the c", 6)
    assert [answer.get("id") for answer in answers] == [*(source.ids or [None] * len(answers))]


def test_elsewhere_without_its_data_it_answers_the_same_bits(course: Course) -> None:
    answers = course.report("predict")["predictions"]
    assert course.report("predict elsewhere")["predictions"] == answers
    assert course.report("predict from the file alone")["predictions"] == answers

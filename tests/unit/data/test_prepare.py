"""The whole way from a spec to splits, and back in for an evaluation."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncli.data.outline import outline
from nncli.data.prepare import load_evaluation, prepare
from nncli.data.preprocessing import Preparation
from nncli.data.samples import Samples, Splits
from nncli.data.seen import Seen
from nncli.data.sets import mnist_5k
from nncli.problems import NncliError, Problem, Where
from nncli.spec.datasets.arrays import Inline, Npz
from nncli.spec.datasets.base import Dataset
from nncli.spec.datasets.images import Mnist5k

Refused = Callable[..., Problem]
Save = Callable[..., str]

rng = np.random.default_rng(1)


def agrees(dataset: Dataset, splits: Splits) -> None:
    """The outline, which never reads the inputs, says what the splits then are."""
    found = outline(dataset)
    assert found.input_shape == splits.train.inputs.shape[1:] == splits.preparation.input_shape
    assert found.target_shape == splits.train.targets.shape[1:] == splits.preparation.target_shape
    assert found.input_dtype == str(splits.train.inputs.dtype) == splits.preparation.input_dtype
    assert found.labels == splits.preparation.labels
    assert found.num_classes == (len(splits.preparation.class_names) or None)
    sizes = [0 if part is None else len(part) for part in (splits.train, splits.validation, splits.test)]
    assert [found.num_train, found.num_validation, found.num_test] == sizes


def rows(*parts: Samples | None) -> list[tuple[Any, ...]]:
    there = [part for part in parts if part is not None]
    return sorted(
        (*inputs.ravel(), *np.ravel(target)) for part in there for inputs, target in zip(part.inputs, part.targets, strict=True)
    )


@settings(deadline=None)
@given(
    num=st.integers(1, 60),
    num_classes=st.integers(1, 4),
    validation=st.sampled_from([0.0, 0.1, 0.3]),
    test=st.sampled_from([0.0, 0.2]),
    labels=st.sampled_from([None, "index", "one_hot"]),
    seed=st.integers(0, 1000),
)
def test_splits_partition_the_data_and_agree_with_the_outline(
    num: int, num_classes: int, validation: float, test: float, labels: Any, seed: int
) -> None:
    inputs = [[index, 2 * index] for index in range(num)]
    targets = [index % num_classes for index in range(num)]
    dataset = Inline.model_validate(
        {"inputs": inputs, "targets": targets, "validation": validation, "test": test, "labels": labels}
    )
    try:
        splits = prepare(dataset, seed=seed)
    except NncliError as failure:
        with pytest.raises(NncliError) as caught:
            outline(dataset)
        assert caught.value.problems == failure.problems
        return
    whole = prepare(Inline.model_validate({"inputs": inputs, "targets": targets, "labels": labels}), seed=seed)
    assert rows(splits.train, splits.validation, splits.test) == rows(whole.train)
    assert (np.diff(splits.train.inputs[:, 0]) > 0).all()
    assert splits.fingerprint == whole.fingerprint
    agrees(dataset, splits)


def test_preprocessing_is_fitted_on_the_training_part_only(save: Save) -> None:
    path = save(
        x_train=np.array([[0.0], [10.0]]),
        y_train=np.array([0, 1]),
        x_test=np.array([[1000.0]]),
        y_test=np.array([1]),
        x_validation=np.array([[-500.0]]),
        y_validation=np.array([1]),
    )
    dataset = Npz.model_validate({"path": path, "preprocess": ["rescale"]})
    splits = prepare(dataset, seed=0)
    assert splits.train.inputs.tolist() == [[0], [1]]
    assert splits.test is not None
    assert splits.test.inputs.tolist() == [[100]]
    assert splits.validation is not None
    assert splits.validation.inputs.tolist() == [[-50]]
    agrees(dataset, splits)


def test_the_brightness_of_pictures_is_remembered_of_the_training_part(save: Save) -> None:
    dark, bright = np.full((3, 4, 4), 20, np.uint8), np.full((2, 4, 4), 250, np.uint8)
    dark[0] = 50
    data = {"x_train": dark, "y_train": np.array([0, 1, 1]), "x_test": bright, "y_test": np.array([0, 1])}
    assert prepare(Npz(path=save(**data)), seed=0).preparation.input_mean == 30.0
    for inputs in (dark.astype(np.float32), dark.reshape(3, 16)):  # not bytes, no pictures
        path = save(x=inputs, y=data["y_train"])
        assert prepare(Npz(path=path), seed=0).preparation.input_mean is None


def test_what_a_share_holds_out_does_not_touch_the_fit() -> None:
    values = rng.normal(size=40)
    dataset = Inline.model_validate(
        {
            "inputs": [[float(value)] for value in values],
            "targets": [0.5] * 40,
            "validation": 0.25,
            "test": 0.25,
            "preprocess": ["standardize"],
        }
    )
    splits = prepare(dataset, seed=3)
    assert abs(splits.train.inputs.mean()) < 1e-6
    assert abs(splits.train.inputs.std() - 1) < 1e-6
    assert splits.validation is not None
    assert abs(splits.validation.inputs.mean()) > 1e-3
    agrees(dataset, splits)


def test_the_seed_decides_what_is_held_out_and_not_the_fingerprint() -> None:
    dataset = Inline.model_validate(
        {"inputs": [[i] for i in range(100)], "targets": [i % 3 for i in range(100)], "validation": 0.2}
    )
    first, again, other = (prepare(dataset, seed=seed) for seed in (1, 1, 2))
    assert first.validation is not None
    assert again.validation is not None
    assert other.validation is not None
    assert np.array_equal(first.validation.inputs, again.validation.inputs)
    assert not np.array_equal(first.validation.inputs, other.validation.inputs)
    assert first.fingerprint == again.fingerprint == other.fingerprint


def test_the_fingerprint_sees_every_array(save: Save) -> None:
    x, y = np.arange(6.0).reshape(3, 2), np.array([0, 1, 1])
    variants: list[dict[str, Any]] = [
        {"x": x, "y": y},
        {"x": x + 1e-12, "y": y},
        {"x": x, "y": y[::-1]},
        {"x": x.astype(np.float32), "y": y},
        {"x": x.reshape(3, 1, 2), "y": y},
        {"x": x, "y": y, "sample_weight": np.ones(3)},
        {"x": x, "y": y, "x_test": x, "y_test": y},
    ]
    prints = [prepare(Npz(path=save(**arrays)), seed=0).fingerprint for arrays in variants]
    assert len(set(prints)) == len(variants)
    assert all(len(found) == 64 for found in prints)


def test_weights_follow_their_samples(save: Save) -> None:
    x = np.arange(20.0)
    path = save(x=x, y=x, sample_weight=x + 1)
    splits = prepare(Npz(path=path, validation=0.3), seed=0)
    for part in (splits.train, splits.validation):
        assert part is not None
        assert part.sample_weight is not None
        assert part.sample_weight.dtype == np.float32
        assert part.inputs.shape == (len(part), 1)
        assert np.array_equal(part.sample_weight, part.inputs[:, 0] + 1)


def test_a_row_of_weights_a_sample_is_kept(save: Save) -> None:
    path = save(x=np.zeros((3, 5)), y=np.zeros((3, 5, 1)), sample_weight=np.ones((3, 5)))
    splits = prepare(Npz(path=path), seed=0)
    assert splits.train.sample_weight is not None
    assert splits.train.sample_weight.shape == (3, 5)


def test_inline_test_samples_are_the_test() -> None:
    dataset = Inline.model_validate(
        {"inputs": [[0.5], [1]], "targets": [0, 1], "test_samples": {"inputs": [[3]], "targets": [2]}, "labels": "one_hot"}
    )
    splits = prepare(dataset, seed=0)
    assert splits.test is not None
    assert splits.test.inputs.tolist() == [[3.0]]
    assert splits.test.targets.tolist() == [[0, 0, 1]]
    assert splits.preparation.class_names == ("0", "1", "2")
    agrees(dataset, splits)


@pytest.mark.parametrize("validation", [0.0, 0.1])
def test_mnist_5k(validation: float) -> None:
    dataset = Mnist5k.model_validate({"validation": validation, "preprocess": ["rescale"]})
    splits = prepare(dataset, seed=0)
    agrees(dataset, splits)
    assert np.bincount(splits.train.targets).tolist() == [int(400 * (1 - validation))] * 10
    assert splits.test is not None
    assert np.bincount(splits.test.targets).tolist() == [100] * 10
    if splits.validation is not None:
        assert np.bincount(splits.validation.targets).tolist() == [40] * 10
    assert splits.train.inputs.dtype == np.float32
    assert (splits.train.inputs[:].min(), splits.train.inputs[:].max()) == (0, 1)
    assert splits.preparation.class_names == tuple("0123456789")


@pytest.mark.parametrize(
    ("preprocess", "labels"),
    [([], "index"), (["rescale", "flatten"], "one_hot"), ([{"type": "standardize", "per": "feature"}], "index")],
)
def test_the_prepared_input_as_its_own_target(preprocess: list[Any], labels: str) -> None:
    fields = {"validation": 0.1, "preprocess": preprocess}
    dataset = Mnist5k.model_validate({"target": "input", "labels": labels, **fields})
    splits, labelled = prepare(dataset, seed=0), prepare(Mnist5k.model_validate(fields), seed=0)
    for part in (splits.train, splits.validation, splits.test):
        assert part is not None
        assert part.targets.dtype == np.float32
        assert part.targets[:].tobytes() == part.inputs[:].tobytes()
    agrees(dataset, splits)
    preparation = splits.preparation
    assert preparation.is_its_own_target
    assert (preparation.labels, preparation.class_names, preparation.target_dtype) == (None, (), "float32")
    assert preparation.target_shape == preparation.input_shape
    assert splits.fingerprint == labelled.fingerprint
    assert splits.test is not None
    found, notes = load_evaluation("mnist_5k", preparation)
    assert notes == ()
    assert found.inputs[:].tobytes() == found.targets[:].tobytes() == splits.test.inputs[:].tobytes()


def test_a_preparation_whose_target_is_its_input_comes_back_from_json() -> None:
    dataset = Mnist5k.model_validate({"target": "input", "preprocess": ["rescale", "flatten"]})
    preparation = prepare(dataset, seed=0).preparation
    document = json.loads(json.dumps(preparation.to_json()))
    back = Preparation.from_json(document)
    assert back.to_json() == document
    assert (back.is_its_own_target, back.target_shape) == (True, (784,))
    for wrong in (
        {"target_shape": [783]},
        {"is_its_own_target": 1},
        {"is_its_own_target": None},
        {"labels": "index", "class_names": ["a"], "target_shape": [], "target_dtype": "int32"},
    ):
        with pytest.raises(NncliError) as caught:
            Preparation.from_json({**document, **wrong})
        assert [problem.code for problem in caught.value.problems] == ["NN603"]


x, y = np.arange(6.0).reshape(3, 2), np.array([0, 1, 1])
BAD: dict[str, tuple[dict[str, Any], dict[str, Any], str, str]] = {
    "nothing": ({}, {}, "NN502", "the file holds no arrays, but `x` and `y`, or `x_train` and `y_train` were expected"),
    "other": (
        {"a": x, "b": y},
        {},
        "NN502",
        "the file holds `a`, `b`, but `x` and `y`, or `x_train` and `y_train` were expected",
    ),
    "no y": ({"x": x}, {}, "NN502", "the file holds `x`, but no `y`"),
    "no x_test": ({"x": x, "y": y, "y_test": y}, {}, "NN502", "the file holds `y_test`, but no `x_test`"),
    "twice": (
        {"x": x, "y": y, "x_train": x, "y_train": y},
        {},
        "NN502",
        "the file holds both `x` and `x_train`: which is to be trained on?",
    ),
    "lengths": ({"x": x, "y": y[:2]}, {}, "NN502", "`x` has 3 samples, but `y` has 2 targets"),
    "empty": ({"x": x[:0], "y": y[:0]}, {}, "NN502", "`x` has the shape (0, 2) and thus holds no values"),
    "scalar": ({"x": x, "y": np.array(1)}, {}, "NN502", "`y` is a single number, but one entry a sample was expected"),
    "shapes": (
        {"x": x, "y": y, "x_test": x[:, :1], "y_test": y},
        {},
        "NN502",
        "`x_test` has samples of shape (1,), but those for training have (2,)",
    ),
    "test twice": (
        {"x": x, "y": y, "x_test": x, "y_test": y},
        {"test": 0.5},
        "NN403",
        "`test: 0.5` asks for a share of the training samples, but {path} brings `x_test`",
    ),
    "names": (
        {"x": x, "y": y},
        {"class_names": ["a"]},
        "NN502",
        "`y` shows 2 classes, but there are 1 class names",
    ),
    "names of numbers": (
        {"x": x, "y": y + 0.5},
        {"class_names": ["a", "b"]},
        "NN403",
        "`class_names` names classes, but the targets are taken as numbers to predict",
    ),
    "reshape": (
        {"x": x, "y": y},
        {"preprocess": [{"type": "reshape", "target_shape": [3]}]},
        "NN303",
        "samples of shape (2,) have 2 values and do not fit `target_shape: [3]`",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_data_that_do_not_fit_are_refused_by_outline_and_prepare_alike(what: str, save: Save, refused: Refused) -> None:
    arrays, fields, code, message = BAD[what]
    path = save(**arrays)
    dataset = Npz.model_validate({"path": path, **fields})
    problem = refused(prepare, dataset, seed=0)
    assert (problem.code, problem.message) == (code, message.format(path=path))
    assert refused(outline, dataset) == problem
    assert problem.where is not None
    assert path == problem.where.file or problem.where.path


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.array([1, -1, 1]), "`sample_weight` holds -1 at [1], but a weight is 0 or more"),
        (np.ones(2), "`sample_weight` has the shape (2,), but (3,) or (3, time) was expected"),
        (np.zeros(3), "`sample_weight` holds only zeros: no sample would count"),
        (np.array([1, np.nan, 1]), "`sample_weight` holds nan at [1], but every number must be finite"),
    ],
)
def test_bad_weights_are_refused(weight: np.ndarray, message: str, save: Save, refused: Refused) -> None:
    assert refused(prepare, Npz(path=save(x=x, y=y, sample_weight=weight)), seed=0).message == message


@pytest.mark.parametrize(("shape", "weights"), [((3,), (3, 2)), ((3, 2), (3, 2)), ((3, 4, 1), (3, 2))])
def test_weights_of_time_steps_that_the_targets_do_not_have_are_refused(
    shape: tuple[int, ...], weights: tuple[int, ...], save: Save, refused: Refused
) -> None:
    """Keras would lay them along some other axis."""
    dataset = Npz(
        path=save(x=np.ones((3, 2)), y=np.linspace(0, 1, int(np.prod(shape))).reshape(shape), sample_weight=np.ones(weights))
    )
    told = refused(prepare, dataset, seed=0)
    assert told.code == "NN502"
    assert told.message.startswith(f"`sample_weight` has the shape {weights}, a weight a time step, but the targets have the shape")
    assert outline(dataset).weight_axes == 2


def test_a_column_of_weights_is_a_weight_a_sample(save: Save) -> None:
    dataset = Npz(path=save(x=np.ones((3, 2)), y=[0.5, 1, 2], sample_weight=[[1], [2], [3]]))
    assert prepare(dataset, seed=0).train.sample_weight.tolist() == [1, 2, 3]  # type: ignore[union-attr]
    assert outline(dataset).weight_axes == 1


def test_numbers_that_are_not_finite_are_refused(save: Save, refused: Refused) -> None:
    path = save(x=np.array([[0, 1], [np.inf, 2]]), y=[0, 1])
    problem = refused(prepare, Npz(path=path), seed=0)
    assert problem.message == "`x` holds inf at [1, 0], but every number must be finite"


@pytest.mark.parametrize(
    ("inputs", "message", "path"),
    [
        ([[1, 2], [3]], "entry [1] of `inputs` is a list of 1, but the entries before have 2", "dataset.inputs.1"),
        ([[1, 2], 3], "entry [1] of `inputs` is 3, but a list of 2 was expected as in the entries before", "dataset.inputs.1"),
        (
            [1, [2]],
            "entry [1] of `inputs` is a list of 1, but a number was expected as in the entries before",
            "dataset.inputs.1",
        ),
        (
            [[1], ["a"]],
            "entry [1, 0] of `inputs` is 'a', but a number was expected as in the entries before",
            "dataset.inputs.1.0",
        ),
        ([[1], [2**70]], "`inputs` holds a whole number of more than 64 bits", "dataset.inputs"),
        ([[], []], "`inputs` holds an empty list", "dataset.inputs"),
        ([[1.5], [float("inf")]], "`inputs` holds inf at [1, 0], but every number must be finite", "dataset.inputs.1.0"),
    ],
)
def test_irregular_inline_values_are_refused(inputs: Any, message: str, path: str, refused: Refused) -> None:
    problem = refused(outline, Inline.model_validate({"inputs": inputs, "targets": [0, 1]}))
    assert problem.message == message
    assert problem.where is not None
    assert problem.where.path == path


def test_evaluation_prepares_raw_data_as_training_did(save: Save) -> None:
    dataset = Mnist5k.model_validate({"preprocess": ["rescale", {"type": "standardize", "per": "channel"}, "flatten"]})
    splits = prepare(dataset, seed=0)
    assert splits.test is not None
    raw = mnist_5k.read()[1]
    stored: list[dict[str, Any]] = [
        {"x": raw.inputs, "y": raw.targets},
        {"x": raw.inputs[..., 0], "y": raw.targets.astype(np.float64)},
        {"x_test": raw.inputs.reshape(-1, 784).astype(np.float32), "y_test": raw.targets, "x_train": x, "y_train": y},
    ]
    for arrays in (None, *stored):
        found, _ = load_evaluation("mnist_5k" if arrays is None else save(**arrays), splits.preparation)
        assert found.inputs[:].tobytes() == splits.test.inputs[:].tobytes()
        assert np.array_equal(found.targets, splits.test.targets)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"x": np.full((2, 28, 28), 0.502), "y": y[:2]},
            "`x` holds 0.502 at [0, 0, 0, 0], but the network was trained on whole numbers (uint8)",
        ),
        (
            {"x": np.zeros((2, 28, 27)), "y": y[:2]},
            "`x` has the shape (2, 28, 27), but samples of shape (28, 28, 1) were expected",
        ),
        (
            {"x": np.zeros((2, 28, 28)), "y": [1, 10]},
            "`y` holds class 10 at sample 1, but there are 10 classes, numbered from 0",
        ),
        ({"x": np.zeros((2, 28, 28)), "y": [1]}, "`x` has 2 samples, but `y` has 1 targets"),
        ({"a": y}, "the file holds `a`, but `x` and `y`, or `x_test` and `y_test` were expected"),
    ],
)
def test_evaluation_data_that_do_not_fit_are_refused(
    arrays: dict[str, Any], message: str, digits: Preparation, save: Save, refused: Refused
) -> None:
    problem = refused(load_evaluation, save(**arrays), digits)
    assert (problem.code, problem.message) == ("NN502", message)


def test_evaluating_mnist_on_its_own_training_images_is_warned_of(digits: Preparation, save: Save) -> None:
    raw = mnist_5k.read()[1]
    trained = dataclasses.replace(digits, seen=Seen.of(raw.inputs[:300]))
    (problem,) = load_evaluation("mnist_5k", trained)[1]
    assert (problem.code, problem.severity, problem.where) == ("NN504", "warning", Where(argument="mnist_5k"))
    assert problem.message == f"300 of {len(raw):,} samples equal ones that the network was trained on"
    assert load_evaluation(save(x=raw.inputs[300:], y=raw.targets[300:]), trained)[1] == ()


def test_evaluation_data_of_another_scale_are_warned_of(save: Save) -> None:
    inputs = np.random.default_rng(0).random((20, 3)).astype(np.float32)
    dataset = Npz.model_validate({"path": str(save(x_train=inputs, y_train=np.arange(20) % 2))})
    preparation = prepare(dataset, seed=0).preparation
    (problem,) = load_evaluation(save(x=np.full((2, 3), 200, np.uint8), y=[0, 1]), preparation)[1]
    assert "whole numbers of 0 to 255 taken as they are" in problem.message
    assert problem.severity == "warning"

"""The preparation: dtypes, targets, and its journey through JSON."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nncli.data.prepare import prepare
from nncli.data.preprocessing import Preparation
from nncli.data.steps import fit
from nncli.problems import NncliError, Problem
from nncli.spec.datasets.arrays import Inline
from nncli.spec.preprocessing import ChannelsFirst, Rescale, Reshape, Standardize

Refused = Callable[..., Problem]


def of(inputs: Any, targets: Any = None, **settings: Any) -> Preparation:
    targets = [0] * len(inputs) if targets is None else targets
    return prepare(Inline.model_validate({"inputs": inputs, "targets": targets, **settings}), seed=0).preparation


@pytest.mark.parametrize(
    ("raw_dtype", "expected"),
    [
        ("uint8", "float32"),
        ("bool", "float32"),
        ("float64", "float32"),
        ("int64", "int32"),
        ("uint16", "int32"),
        ("int8", "int32"),
    ],
)
def test_untouched_integers_stay_integers_but_for_uint8(digits: Preparation, raw_dtype: str, expected: str) -> None:
    preparation = dataclasses.replace(digits, raw_dtype=raw_dtype)
    assert preparation.input_dtype == expected
    found = preparation.inputs(np.ones((2, 28, 28, 1), dtype=raw_dtype))
    assert str(found.dtype) == expected
    assert found.sum() == 2 * 784


def test_shape_steps_leave_integers_integers_and_arithmetic_does_not() -> None:
    assert of([[1, 2], [3, 4]], preprocess=[{"type": "reshape", "target_shape": [2, 1]}]).input_dtype == "int32"
    assert of([[1, 2], [3, 4]], preprocess=["rescale"]).input_dtype == "float32"


def test_integers_beyond_32_bits_are_refused(refused: Refused) -> None:
    problem = refused(of, [[1, 2], [3, 2**31]])
    assert problem.message == "`inputs` holds 2147483648 at [1, 1], more than 32 bits can hold"
    assert problem.where is not None
    assert problem.where.path == "dataset.inputs.1.1"


def test_numbers_beyond_float32_are_refused(refused: Refused) -> None:
    assert "too large for float32 in sample 1" in refused(of, [[1.0], [1e300]]).message
    assert "more than float32 can hold" in refused(of, [[1], [2]], [0.5, 1e300]).message


def test_another_sample_shape_is_refused(digits: Preparation, refused: Refused) -> None:
    problem = refused(digits.inputs, np.zeros((2, 27, 28, 1), np.uint8))
    assert problem.message == "the array of inputs has samples of shape (27, 28, 1), but the network was trained on (28, 28, 1)"


@pytest.mark.parametrize(
    ("targets", "labels", "expected", "names"),
    [
        ([0, 2, 1], None, np.array([0, 2, 1], np.int32), ("0", "1", "2")),
        ([False, True, True], None, np.array([0, 1, 1], np.int32), ("0", "1")),
        ([0.0, 2.0, 1.0], "index", np.array([0, 2, 1], np.int32), ("0", "1", "2")),
        ([[0], [2], [1]], "index", np.array([0, 2, 1], np.int32), ("0", "1", "2")),
        ([0, 2, 1], "one_hot", np.eye(3, dtype=np.float32)[[0, 2, 1]], ("0", "1", "2")),
        ([[1, 0], [0, 1], [1, 0]], "one_hot", np.eye(2, dtype=np.float32)[[0, 1, 0]], ("0", "1")),
        ([0.5, 2.0, 1.0], None, np.array([[0.5], [2], [1]], np.float32), ()),
        ([[0], [2], [1]], None, np.array([[0], [2], [1]], np.float32), ()),
        ([[1, 0], [0, 1], [1, 0]], None, np.array([[1, 0], [0, 1], [1, 0]], np.float32), ()),
    ],
)
def test_targets_take_the_form_asked_for(targets: Any, labels: Any, expected: np.ndarray, names: tuple[str, ...]) -> None:
    splits = prepare(Inline.model_validate({"inputs": [[1], [2], [3]], "targets": targets, "labels": labels}), seed=0)
    preparation = splits.preparation
    assert splits.train.targets.dtype == expected.dtype
    assert np.array_equal(splits.train.targets, expected)
    assert preparation.class_names == names
    assert (preparation.target_shape, preparation.target_dtype) == (expected.shape[1:], str(expected.dtype))
    assert (preparation.labels is None) == (names == ())


@pytest.mark.parametrize(
    ("targets", "labels", "message"),
    [
        ([0, -1, 1], None, "`targets` holds -1 at sample 1, but a class is a whole number from 0 to 999,999"),
        ([0, 1.5, 1], "index", "`targets` holds 1.5 at sample 1, but a class is a whole number from 0 to 999,999"),
        ([0, 1, 10**9], "one_hot", "`targets` holds 1000000000 at sample 2, but a class is a whole number from 0 to 999,999"),
        (
            [[1, 0], [0, 1], [1, 0]],
            "index",
            "`targets` is rows of 2 values, but `labels: index` expects one class number a sample",
        ),
        (
            [[1, 0], [1, 1], [1, 0]],
            "one_hot",
            "row 1 of `targets` is not one-hot: exactly one 1 and otherwise 0s were expected",
        ),
    ],
)
def test_targets_that_are_no_classes_are_refused(targets: Any, labels: Any, message: str, refused: Refused) -> None:
    problem = refused(of, [[1], [2], [3]], targets, labels=labels)
    assert (problem.code, problem.message) == ("NN208", message)
    assert problem.hint


def test_rows_that_are_one_hot_already_are_told_the_word_for_it(refused: Refused) -> None:
    assert (
        refused(of, [[1], [2]], [[1, 0], [0, 1]], labels="index").hint == "these rows are one-hot already: write `labels: one_hot`"
    )


def test_a_class_that_the_network_does_not_know_is_refused(digits: Preparation, refused: Refused) -> None:
    problem = refused(digits.targets, np.array([3, 10, 11]))
    assert problem.message == "the array of targets holds class 10 at sample 1, but there are 10 classes, numbered from 0"


sized = st.tuples(st.integers(2, 6), st.integers(1, 4), st.integers(1, 4))


@given(values=hnp.arrays(np.float32, sized, elements=st.floats(-1e6, 1e6, width=32)), per=st.sampled_from(["feature", "channel"]))
def test_json_gives_back_every_bit(values: np.ndarray, per: Any) -> None:
    specs = [Standardize(per=per), ChannelsFirst(), Reshape(target_shape=(-1,)), Rescale(source=(-1.5, 2.5), to=(0.1, 0.7))]
    try:
        steps = fit(specs, values)
    except NncliError:
        return
    shape = (values[0].size,)
    preparation = Preparation("npz", values.shape[1:], "float32", shape, None, (), (1,), "float32", steps)
    back = Preparation.from_json(json.loads(json.dumps(preparation.to_json(), allow_nan=False)))
    assert back == preparation
    assert hash(back) == hash(preparation)
    assert back.inputs(values).tobytes() == preparation.inputs(values).tobytes()


def good() -> dict[str, Any]:
    settings: Any = [
        "rescale",
        "flatten",
        {"type": "standardize"},
        {"type": "reshape", "target_shape": [2, 2]},
        "channels_first",
    ]
    return of([[[1, 2], [3, 4]], [[5, 7], [7, 9]]], [0, 1], preprocess=settings).to_json()


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, entry in entries for place in places(entry, (*path, key)))]


ODD: list[Any] = [
    None,
    True,
    -1,
    0,
    2**70,
    1e300,
    float("nan"),
    0.1,
    "x",
    "x" * 2000,
    [],
    [[[]]],
    {},
    {"type": "reshape"},
    [1] * 20,
    [2**28, 2**28],
]


@pytest.mark.parametrize("place", places(good()), ids=str)
def test_anything_odd_in_a_document_is_refused_or_harmless(place: tuple[Any, ...]) -> None:
    for odd in ODD:
        document: Any = copy.deepcopy(good())
        if not place:
            document = odd
        else:
            holder = document
            for key in place[:-1]:
                holder = holder[key]
            holder[place[-1]] = odd
        try:
            preparation = Preparation.from_json(document)
        except NncliError as failure:
            assert [problem.code for problem in failure.problems] == ["NN603"]
            continue
        assert preparation.to_json() == document  # read in full, and nothing else
        assert preparation.inputs(np.ones((3, 2, 2), preparation.raw_dtype)).shape == (3, *preparation.input_shape)


def test_the_mean_of_the_inputs_may_be_missing_as_in_older_checkpoints(digits: Preparation) -> None:
    known = dataclasses.replace(digits, input_mean=33.5)
    document = known.to_json()
    assert Preparation.from_json(json.loads(json.dumps(document))) == known
    del document["input_mean"]
    assert Preparation.from_json(document) == digits


@pytest.mark.parametrize("key", sorted(good().keys() - {"input_mean", "target_scale", "encoding", "seen"}))
def test_a_missing_or_unknown_key_is_refused(key: str, refused: Refused) -> None:
    document = good()
    del document[key]
    assert refused(Preparation.from_json, document).code == "NN603"
    assert refused(Preparation.from_json, {**good(), "more": 1}).code == "NN603"


def test_a_deep_document_does_not_exhaust_the_stack(refused: Refused) -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    document = good()
    document["steps"][2]["shift"] = deep
    assert refused(Preparation.from_json, document).code == "NN603"

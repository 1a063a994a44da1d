"""What a checkpoint remembers of the samples that were trained on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from nncli.data import seen
from nncli.data.on_disk import spool
from nncli.data.seen import Seen, hashes
from nncli.problems import Problem, Where

Refused = Callable[..., Problem]
HERE = Where(file="other.npz")
rng = np.random.default_rng(0)


@st.composite
def samples(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    dtype = np.dtype(draw(st.sampled_from([np.uint8, np.int16, np.float32, np.float64, np.bool_])))
    shape = draw(st.tuples(st.integers(1, 12), st.integers(1, 7)))
    return draw(npst.arrays(dtype, shape, elements={"allow_nan": False} if dtype.kind == "f" else None))


@given(samples())
def test_samples_have_the_same_hash_if_their_bytes_are_the_same(raw: np.ndarray[Any, Any]) -> None:
    found, texts = hashes(raw), [row.tobytes() for row in raw]
    assert [[a == b for b in found] for a in found] == [[a == b for b in texts] for a in texts]
    assert np.array_equal(hashes(raw[::-1].copy()), found[::-1])
    assert np.array_equal(hashes(spool([raw], raw.shape, raw.dtype)), found)


def test_hashes_are_the_same_tomorrow() -> None:
    assert hashes(np.array([[1, 2], [3, 4]], np.float32)).tolist() == [3735750681894643278, 3601320088893186895]


def test_samples_that_were_trained_on_are_counted() -> None:
    raw = rng.normal(size=(50, 3)).astype(np.float32)
    remembered = Seen.from_json(json.loads(json.dumps(Seen.of(raw[:30]).to_json())))
    assert remembered == Seen.of(raw[:30]) and remembered.is_whole
    warning = remembered.warning(raw[20:], HERE)
    assert warning is not None and warning.where == HERE
    assert warning.message == "10 of 30 samples equal ones that the network was trained on"
    assert remembered.warning(raw[30:], HERE) is None


def test_of_many_samples_a_fair_part_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "MOST_HASHES", 500)
    raw = np.arange(8000, dtype=np.int64).reshape(8000, 1)  # as alike as samples can be
    remembered = Seen.of(raw[:5000])
    assert not remembered.is_whole and len(remembered.hashes) == 500
    warning = remembered.warning(raw[4000:], HERE)
    assert warning is not None
    number = int(warning.message.removeprefix("about ").split()[0].replace(",", ""))
    assert 700 < number < 1300  # it is 1,000
    assert remembered.warning(raw[5000:], HERE) is None


def test_all_of_a_large_sample_is_looked_at_here_and_there() -> None:
    raw = np.zeros((2, 100, 100, 3), np.float32)
    raw[1, 50] = 1
    first, second = hashes(raw)
    assert first != second


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        {"hashes": "", "is_whole": True},
        {"hashes": "0" * 15, "is_whole": True},
        {"hashes": "0" * 32, "is_whole": True},
        {"hashes": "G" * 16, "is_whole": True},
        {"hashes": "0" * 16, "is_whole": 1},
        {"hashes": ["0"], "is_whole": True},
        {"hashes": "0" * 16, "is_whole": True, "more": 1},
        {"hashes": "".join(f"{number:016x}" for number in range(10_001)), "is_whole": False},
    ],
)
def test_a_document_is_not_trusted(document: Any, refused: Refused) -> None:
    assert refused(Seen.from_json, document).code == "NN603"

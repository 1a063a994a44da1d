"""What is written is read again: every part, every type, every bit."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nncli.checkpoint.contents import VARIABLES, Checkpoint, Weights
from nncli.checkpoint.read import read_checkpoint
from nncli.checkpoint.write import checkpoint_bytes, weights_bytes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.text(), JSON, max_size=4)
NAMES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,20}", fullmatch=True)
DTYPES = ["float16", "float32", "float64", "int32", "int64", "uint32", "uint64", "uint8", "bool"]


def values(finite: bool) -> st.SearchStrategy[np.ndarray]:
    """Arrays of every type and of every small shape: scalars, empty ones."""
    shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
    return st.sampled_from(DTYPES).flatmap(
        lambda dtype: hnp.arrays(
            dtype,
            shapes,
            elements=hnp.from_dtype(np.dtype(dtype), allow_nan=False, allow_infinity=False) if finite else None,
        )
    )


@st.composite
def weights(draw: Any) -> Weights:
    layers = draw(st.lists(NAMES.filter(lambda name: name != "top_level_model_weights"), max_size=3, unique=True))
    paths = {layer: [f"{layer}/{name}" for name in draw(st.lists(NAMES, max_size=3, unique=True))] for layer in layers}
    architecture = json.dumps({"class_name": "Sequential", "config": {"name": draw(st.text()), "layers": []}})
    arrays = {layer: tuple((path, draw(values(finite=True))) for path in paths[layer]) for layer in layers}
    version = draw(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))  # an attribute of HDF5 ends with NUL
    return Weights(architecture, version, arrays)


@st.composite
def checkpoints(draw: Any) -> Checkpoint:
    named = st.lists(st.tuples(st.text(), values(finite=False)), max_size=3).map(tuple)
    variables = draw(st.dictionaries(st.sampled_from(VARIABLES), named))
    texts = [draw(DOCUMENTS) for _ in range(3)]
    return Checkpoint(draw(weights()), *texts, draw(st.none() | DOCUMENTS), variables)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(checkpoint=checkpoints())
def test_every_part_comes_back(checkpoint: Checkpoint, parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "last.h5"
    path.write_bytes(checkpoint_bytes(checkpoint))
    found = read_checkpoint(path)
    assert parts(found) == parts(checkpoint)
    assert found.weights.digest() == checkpoint.weights.digest()


def test_the_tiny_checkpoint_comes_back(tiny: Checkpoint, parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "last.h5"
    path.write_bytes(checkpoint_bytes(tiny))
    assert parts(read_checkpoint(path)) == parts(read_checkpoint(str(path))) == parts(tiny)


def test_equal_checkpoints_are_equal_files(tiny: Checkpoint) -> None:
    assert checkpoint_bytes(tiny) == checkpoint_bytes(replace(tiny))
    assert weights_bytes(tiny.weights) == weights_bytes(tiny.weights)


def test_the_checksum_is_that_of_the_whole_file_with_itself_counted_as_0(tiny: Checkpoint) -> None:
    data = checkpoint_bytes(tiny)
    with h5py.File(io.BytesIO(data)) as file:
        stored = file["nncli/checksum"][()].tobytes()
    assert data.count(stored) == 1
    assert hashlib.sha256(data.replace(stored, bytes(32))).digest() == stored


def test_the_digest_tells_names_types_shapes_and_bits_apart() -> None:
    array = np.arange(6, dtype=np.float32)
    different = [
        {"dense": (("kernel", array),)},
        {"dense_1": (("kernel", array),)},
        {"dense": (("bias", array),)},
        {"dense": (("kernel", array.reshape(2, 3)),)},
        {"dense": (("kernel", array.view(np.int32)),)},
        {"dense": (("kernel", np.nextafter(array, np.float32(9))),)},
        {"dense": (("kernel", -array),)},
        {"dense": (("kernel", array), ("bias", array[:0]))},
        {},
    ]
    assert len({Weights("", "", layers).digest() for layers in different}) == len(different)
    assert Weights("a", "1", different[0]).digest() == Weights("b", "2", different[0]).digest()


def test_weights_that_are_no_numbers_are_noticed() -> None:
    for odd in (np.nan, np.inf, -np.inf):
        assert not Weights("", "", {"dense": (("kernel", np.array([0, odd], np.float32)),)}).is_finite()
    assert Weights("", "", {"dense": (("kernel", np.array([True, False])), ("bias", np.zeros(0)))}).is_finite()
    assert Weights("", "", {}).is_finite()

"""Holds the number of multiply-adds of each layer to what TensorFlow computes.

The oracle is the graph of the built layer on one sample: for each node that multiplies matrices or convolves, in the graph itself
and in the functions that it calls, the number follows from the shapes of its tensors. Recurrent layers are laid out step by step
(`unroll`), as the body of a loop stands in its graph once, however often it runs. Windows with gaps are left out: TensorFlow
computes them on inputs that it fills up with zeros, and so multiplies more than there is.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncli.engine.build import build
from nncli.spec import registry
from nncli.spec.choice import OneOf
from nncli.spec.layers.base import Layer, ShapeMistake
from nncli.spec.layers.composites import Composite
from nncli.spec.layers.recurrent_weights import StepWeights
from nncli.spec.layers.weights import Weighted
from nncli.spec.layers.wrappers import Wrapper
from nncli.spec.values import Shape

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

some = settings(max_examples=20, deadline=None)
SIZES = st.integers(1, 4)


def nodes(graph: Any) -> Iterator[Any]:
    """The nodes that a graph's outputs depend on, and those of the functions that they call."""
    pending, seen = [tensor.op for tensor in graph.outputs], set()
    while pending:
        node = pending.pop()
        if node.name in seen:
            continue
        seen.add(node.name)
        yield node
        pending += [tensor.op for tensor in node.inputs]
        if node.type in ("PartitionedCall", "StatefulPartitionedCall"):
            yield from nodes(node.graph._get_function(node.get_attr("f").name).graph)
        assert node.type not in ("While", "StatelessWhile"), "the steps of a loop cannot be counted"


def of_node(node: Any) -> int:
    """Multiply-adds of a node; 0 for what neither multiplies matrices nor convolves."""
    first, *others = [tuple(tensor.shape) for tensor in (*node.inputs, *node.outputs)] or [()]
    match node.type:
        case "MatMul":
            return math.prod(first) * others[-1][-1]
        case "BatchMatMulV2":
            return math.prod(others[-1]) * first[-2 if node.get_attr("adj_x") else -1]
        case "Einsum":
            sizes: dict[str, int] = {}
            terms = node.get_attr("equation").decode().replace("->", ",").split(",")
            for term, shape in zip(terms, (first, *others), strict=True):
                letters = term.replace("...", "XYZ"[: len(shape) - len(term) + 3])
                sizes |= dict(zip(letters, shape, strict=True))
            return math.prod(sizes.values())
        case "Conv2D" | "Conv3D":
            return math.prod(others[-1]) * math.prod(others[0][:-1])
        case "DepthwiseConv2dNative":
            return math.prod(others[-1]) * math.prod(others[0][:2])
        case "Conv2DBackpropInput" | "Conv3DBackpropInputV2":
            kernel, given_shape = tuple(node.inputs[1].shape), tuple(node.inputs[2].shape)
            return math.prod(given_shape) * math.prod(kernel[:-1])
    return 0


def by_tensorflow(spec: Layer, shape: Shape) -> int:
    layer = build(spec)
    for part in (layer, *(getattr(layer, name, None) for name in ("layer", "forward_layer", "backward_layer"))):
        if hasattr(part, "cell"):
            part.unroll = True
    layer.build((1, *shape))
    traced = tf.function(layer, autograph=False).get_concrete_function(tf.TensorSpec((1, *shape)))
    return sum(map(of_node, nodes(traced.graph)))


def same(fields: dict[str, Any], shape: Shape) -> None:
    spec = OneOf("layer").resolve(fields)
    assert isinstance(spec, Layer)
    try:
        spec.resulting_shape(shape)
    except ShapeMistake:
        return
    assert spec.multiply_adds(shape) == by_tensorflow(spec, shape), (fields, shape)


@some
@given(st.lists(SIZES, min_size=1, max_size=3).map(tuple), SIZES)
def test_dense(shape: Shape, units: int) -> None:
    same({"type": "dense", "units": units}, shape)


@pytest.mark.parametrize(
    ("equation", "sizes", "shape"),
    [
        ("ab,bc->ac", 5, (4,)),
        ("abc,cd->abd", [None, 5], (3, 4)),
        ("abc,bcd->ad", 5, (3, 4)),
        ("abc,cde->abde", [None, 5, 2], (3, 4)),
        ("abcd,cde->abe", [None, 5], (3, 4, 2)),
        ("abc,bd->adc", [5, None], (3, 4)),
        ("...c,cd->...d", 5, (3, 4)),
        ("ab...,bc->ac...", 5, (3, 4)),
        ("ab,cb->ac", 5, (4,)),
    ],
)
def test_einsum_dense(equation: str, sizes: Any, shape: Shape) -> None:
    same({"type": "einsum_dense", "equation": equation, "output_shape": sizes}, shape)


def samples(data: st.DataObject, rank: int) -> tuple[int, ...]:
    return data.draw(st.lists(st.integers(2, 6), min_size=rank + 1, max_size=rank + 1).map(tuple))


def windows(rank: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"kernel_size": st.lists(st.integers(1, 3), min_size=rank, max_size=rank)},
        optional={
            "strides": st.integers(1, 2),
            "padding": st.sampled_from(["valid", "same"]),
            "data_format": st.sampled_from(["channels_last", "channels_first"]),
            "use_bias": st.booleans(),
        },
    )


@pytest.mark.parametrize("rank", [1, 2, 3])
@some
@given(st.data(), st.integers(1, 2), SIZES)
def test_convolutions(rank: int, data: st.DataObject, groups: int, filters: int) -> None:
    fields, shape = data.draw(windows(rank)), samples(data, rank)
    same({"type": f"conv{rank}d", "filters": filters * groups, "groups": groups, **fields}, shape)
    same({"type": f"conv{rank}d_transpose", "filters": filters, **fields}, shape)
    if rank < 3:
        same({"type": f"depthwise_conv{rank}d", "depth_multiplier": groups, **fields}, shape)
        same({"type": f"separable_conv{rank}d", "filters": filters, "depth_multiplier": groups, **fields}, shape)


@pytest.mark.parametrize("rank", [1, 2, 3])
@settings(max_examples=6, deadline=None)
@given(st.data(), SIZES, st.integers(1, 3), st.booleans())
def test_convolutions_of_sequences(rank: int, data: st.DataObject, filters: int, steps: int, return_sequences: bool) -> None:
    fields = {"type": f"conv_lstm{rank}d", "filters": filters, "return_sequences": return_sequences, **data.draw(windows(rank))}
    same(fields, (steps, *samples(data, rank)))


CELL = st.fixed_dictionaries({"type": st.sampled_from(["simple_rnn_cell", "lstm_cell", "gru_cell"]), "units": SIZES})
READERS = st.fixed_dictionaries({"type": st.sampled_from(["simple_rnn", "lstm", "gru"]), "units": SIZES}) | st.fixed_dictionaries(
    {
        "type": st.just("rnn"),
        "cell": CELL | st.lists(CELL, min_size=1, max_size=3).map(lambda cells: {"type": "stacked_rnn_cells", "cells": cells}),
    }
)


@some
@given(READERS, SIZES, SIZES, st.booleans())
def test_recurrent_layers(fields: dict[str, Any], steps: int, features: int, both_ways: bool) -> None:
    same({"type": "bidirectional", "layer": fields} if both_ways else fields, (steps, features))


@pytest.mark.parametrize("reset_after", [True, False])
def test_the_order_of_a_gru_makes_no_difference(reset_after: bool) -> None:
    same({"type": "gru", "units": 3, "reset_after": reset_after}, (4, 2))


@pytest.mark.parametrize(
    ("fields", "shape"),
    [
        ({"type": "time_distributed", "layer": {"type": "dense", "units": 3}}, (4, 2)),
        ({"type": "time_distributed", "layer": {"type": "conv1d", "filters": 3, "kernel_size": 2}}, (4, 5, 2)),
        ({"type": "time_distributed", "layer": {"type": "time_distributed", "layer": {"type": "dense", "units": 3}}}, (4, 2, 3)),
        ({"type": "spectral_normalization", "layer": {"type": "dense", "units": 3}}, (4,)),
        ({"type": "embedding", "input_dim": 5, "output_dim": 3}, (4,)),
        ("flatten", (4, 2)),
        ({"type": "max_pooling1d"}, (4, 2)),
        ("batch_normalization", (4,)),
    ],
)
def test_layers_around_others_and_layers_that_multiply_nothing(fields: Any, shape: Shape) -> None:
    same(fields, shape)


def test_an_axis_of_unknown_size_counts_as_one() -> None:
    for fields in ({"type": "dense", "units": 3}, {"type": "lstm", "units": 3}, {"type": "conv1d", "filters": 3, "kernel_size": 2}):
        spec = OneOf("layer").resolve(fields)
        assert isinstance(spec, Layer)
        shortest = 2 if spec.has_windows else 1  # a window of 2 has one place on two steps
        assert spec.multiply_adds((None, 4)) == spec.multiply_adds((shortest, 4)) > 0


@pytest.mark.parametrize("name", registry.names("layer"))
def test_what_has_weights_to_multiply_says_how_often(name: str) -> None:
    found = registry.find("layer", name)
    assert found is not None and issubclass(found, Layer)
    multiplies = issubclass(found, Weighted | StepWeights | Wrapper | Composite) or name in ("rnn", "stft_spectrogram")
    assert (found.multiply_adds is not Layer.multiply_adds) == multiplies

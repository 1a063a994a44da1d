"""Composite layers as networks of stock Keras inside the network, so that a saved network needs nothing of nncli's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from nncli.spec.layers.base import Layer
from nncli.spec.layers.composites import Composite, Parallel, Repeat, Residual
from nncli.spec.model import layer_names
from nncli.spec.values import Shape

Build = Callable[..., Any]
"""Makes the Keras object of a layer's spec: (spec, shape of what it takes, name)."""


def build_composite(spec: Composite, shape: Shape, name: str, build: Build, *, batch_size: int | None, dtype: str | None) -> Any:
    """The network that stands for a composite layer.

    Args:
        spec: the layer.
        shape: of one input sample.
        name: the layer's name in the network.
        build: makes the layers inside.
        batch_size: size of every batch, for stateful layers; None: any.
        dtype: the dtype policy; None: float32.

    Returns:
        A `keras.Model`.
    """
    import keras

    policy = keras.DTypePolicy(dtype or "float32")
    # As the layer before gives it: an input of another type would be cast, and round.
    inputs = keras.Input(batch_shape=(batch_size, *shape), dtype=policy.compute_dtype, name="inputs")
    network = keras.Model(inputs, _outputs(spec, inputs, _made(spec, shape, name, build), policy), name=name)
    if not spec.trainable:
        network.trainable = False
    return network


def _outputs(spec: Composite, inputs: Any, made: Iterator[Any], policy: Any) -> Any:
    import keras

    def through(stack: tuple[Layer, ...], values: Any) -> Any:
        for _ in stack:
            values = next(made)(values)
        return values

    match spec:
        case Residual():
            return keras.layers.Add(name="add", dtype=policy)([through(spec.layers, inputs), inputs])
        case Repeat():
            return through(spec.layers * spec.times, inputs)
        case Parallel():
            join = {"concatenate": "Concatenate", "add": "Add", "average": "Average", "maximum": "Maximum"}[spec.join]
            outputs = [through(branch, inputs) for branch in spec.branches]
            return getattr(keras.layers, join)(name=spec.join, dtype=policy)(outputs)
        case _:
            raise TypeError(f"no network for `{spec.type}`")


def _made(spec: Composite, shape: Shape, name: str, build: Build) -> Iterator[Any]:
    """The Keras objects of all layers inside, in the order of `held`.

    They are named as those of a stack are, after the name of the layer that holds them: Keras calls the weights of a network
    inside a network by the names of its layers alone, and h5 files take no path twice.
    """
    held = list(spec.held(shape))
    for (layer, before), own in zip(held, layer_names(layer for layer, _ in held), strict=True):
        yield build(layer, before, f"{name}_{own}")

"""The weights of a stock file: the arrays that its layers must have, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from nncli.checkpoint.contents import Arrays
from nncli.checkpoint.fit import missing_shape
from nncli.checkpoint.hdf5 import Damaged, Group
from nncli.checkpoint.stock.layers import Stack, snake_case
from nncli.spec.layers.base import Layer, dimensions
from nncli.spec.layers.spectral import SpectralNormalization
from nncli.spec.model import layer_names

_MOST_ARRAYS: Final = 1000
"""Most arrays of one layer."""
_DTYPES: Final = ("float32", "int32", "int64")
"""Types of weights, and of counts among them."""
_INNER: Final = ("forward_layer", "backward_layer", "layer", "cell")
"""What Keras calls the layers inside a layer, in the order of their weights."""


def read_weights(group: Group, stack: Stack, *, is_archive: bool) -> dict[str, Arrays]:
    """Layer name -> its weights, trainable ones first, as Keras orders them.

    Args:
        group: `model_weights` of an h5 file, or the root of a `.keras` file's weights.
        stack: the network they belong to.
        is_archive: whether they come out of a `.keras` file.

    Raises:
        Damaged: weights are missing, or are not those of these layers.
    """
    found: dict[str, Arrays] = {}
    shapes = (stack.input_shape, *stack.shapes)
    places = places_of(stack.classes) if is_archive else layer_names(stack.model.layers)
    for layer, name, place, shape in zip(stack.model.layers, layer_names(stack.model.layers), places, shapes, strict=False):
        expected = sum(layer.parameters(shape))
        if expected == 0:
            found[name] = ()
            continue
        found[name] = arrays_in(group, place, layer, is_archive=is_archive)
        if is_archive and isinstance(layer, SpectralNormalization) and len(found[name]) > 2:
            found[name] = _around_a_kernel(layer, found[name])
        _check(name, found[name], expected, dimensions(shape))
        if (missing := missing_shape(layer, shape, found[name])) is not None:
            raise Damaged(f"layer `{name}` has no weights of the shape {missing} there, and by its arguments it must")
    return found


def arrays_in(group: Group, place: str, layer: object = None, *, is_archive: bool) -> Arrays:
    """The arrays of one layer, in Keras's order.

    Args:
        group: of all weights.
        place: name of the layer's own group in it.
        layer: its spec, where it may hold others.
        is_archive: whether they come out of a `.keras` file.
    """
    inside = (group.group("layers") if is_archive else group).group(place)
    return tuple(_by_place(inside, layer)) if is_archive else _by_name(inside, place)


def _check(name: str, arrays: Arrays, expected: int, inputs: str) -> None:
    for path, array in arrays:
        if array.dtype.name not in _DTYPES:
            raise Damaged(f"`{path}` of layer `{name}` holds {array.dtype} numbers; weights are read in float32 alone")
        if not np.isfinite(array).all():
            raise Damaged(f"`{path}` of layer `{name}` holds weights that are not finite numbers")
    total = sum(array.size for _, array in arrays)
    if total != expected:
        raise Damaged(f"layer `{name}` has {total:,} weights there, and by its arguments {expected:,} for inputs of {inputs}")


def _by_name(group: Group, layer: str) -> Arrays:
    names = group.texts("weight_names")
    if names is None:
        parts = [group.texts(f"weight_names{number}") or () for number in range(_MOST_ARRAYS)]
        names = tuple(name for part in parts for name in part)
    if len(names) > _MOST_ARRAYS or len(set(names)) != len(names):
        raise Damaged(f"the weights of layer `{layer}` have no names of their own")
    return tuple((name, group.descend(name)) for name in names)


def places_of(classes: tuple[str, ...]) -> list[str]:
    """What Keras calls each entry of a list in a `.keras` file: its class in snake case, numbered from the second on."""
    numbers: dict[str, int] = {}
    places = []
    for name in map(snake_case, classes):
        number = numbers[name] = numbers.get(name, -1) + 1
        places.append(f"{name}_{number}" if number else name)
    return places


def _by_place(group: Group, layer: object, path: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """The arrays of a layer in a `.keras` file: those of the layers inside it, then its own, which are numbered."""
    inner = [name for name in _INNER if name in group]
    if "forward_layer" in inner:
        inner = _directions(layer)  # Keras 2 stores the layer that both were copied from, too
    for name in inner:
        within = getattr(layer, "layer" if name.endswith("_layer") else name, layer)
        yield from _by_place(group.group(name), within, f"{path}{name}/")
    if "cells" in group:
        cells = getattr(layer, "cells", ())
        for cell, place in zip(cells, places_of(tuple(type(cell).keras_class for cell in cells)), strict=True):
            yield from _by_place(group.group("cells").group(place), cell, f"{path}cells/{place}/")
    own = group.group("vars") if "vars" in group else None
    for number in range(_MOST_ARRAYS):
        if own is None or str(number) not in own:
            break
        yield f"{path}vars/{number}", own.array(str(number))


def _around_a_kernel(layer: SpectralNormalization, arrays: Arrays) -> Arrays:
    """The arrays of a layer and of its wrapper, which stores the kernel that it divides a second time, in Keras's order.

    Args:
        layer: the wrapper.
        arrays: the layer's, its kernel first; the kernel again; and the wrapper's estimate.
    """
    *inside, _, estimate = arrays
    return (*inside, estimate) if layer.is_trained else (inside[0], estimate, *inside[1:])


def _directions(layer: object) -> list[str]:
    """The two directions in the order of Keras's weights: trainable ones come first."""
    forward, backward = getattr(layer, "directions", (layer, layer))
    frozen = isinstance(forward, Layer) and isinstance(backward, Layer) and backward.trainable and not forward.trainable
    return ["backward_layer", "forward_layer"] if frozen else ["forward_layer", "backward_layer"]

"""Whether stored arrays are those of a layer, before anything is built of it."""

from __future__ import annotations

import math
from collections import Counter

from nncli.checkpoint.contents import Arrays
from nncli.spec.layers.base import Layer
from nncli.spec.values import Shape


def missing_shape(layer: Layer, before: Shape, arrays: Arrays) -> tuple[int, ...] | None:
    """A shape that an array of the layer has to have and none has; None where all are there, or the layer does not tell of each.

    Args:
        layer: the layer.
        before: shape of a sample that it takes.
        arrays: what is stored for it.
    """
    wanted = layer.weight_shapes(before)
    if sum(map(math.prod, wanted.values())) != sum(layer.parameters(before)):
        return None
    return next(iter(Counter(wanted.values()) - Counter(array.shape for _, array in arrays)), None)

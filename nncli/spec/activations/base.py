"""What all activation functions share.

Stock Keras stores an activation inside a layer as a bare name. Arguments survive only where a layer of their own carries them,
so only the functions that have such a layer take any.
"""

import math
from typing import ClassVar

from nncli.spec.base import TypedSpec


class Activation(TypedSpec):
    """An activation function; `keras_class` is the function's name."""

    kind: ClassVar[str] = "activation"
    keras_module: ClassVar[str] = "activations"
    keras_layer: ClassVar[str] = ""
    """The class in `keras.layers` that carries the function's arguments; empty where there is none."""
    bounds: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    """Between which numbers its values lie, with its default arguments."""

"""Specs -> Keras objects. One builder serves every family: a spec names its Keras class, its fields are the arguments."""

from __future__ import annotations

import functools
import operator
from typing import Any

from nncli.engine.composites import build_composite
from nncli.engine.expression import expression_loss, expression_metric
from nncli.engine.layers.channels_first import convolve_channels_last
from nncli.engine.layers.images import equalization, random_crop, store_as_made
from nncli.engine.layers.step import step_function
from nncli.engine.layers.stochastic_pooling import stochastic_pooling2d
from nncli.engine.limits import refused_by_keras
from nncli.engine.runtime import tensorflow
from nncli.spec.base import Spec, TypedSpec
from nncli.spec.layers.base import Layer
from nncli.spec.layers.cells import Cell
from nncli.spec.layers.composites import Composite
from nncli.spec.layers.conv_lstm import ConvLSTM
from nncli.spec.layers.convolution import Convolution
from nncli.spec.layers.core import Input
from nncli.spec.layers.encoding import Discretization
from nncli.spec.layers.images import ImageLayer
from nncli.spec.layers.scaling import Normalization
from nncli.spec.layers.spectrograms import STFTSpectrogram
from nncli.spec.layers.transposed import TransposedConvolution
from nncli.spec.layers.wrappers import Bidirectional
from nncli.spec.model import Model, layer_names
from nncli.spec.values import Shape


def build(spec: TypedSpec, **more: Any) -> Any:
    """The Keras object that `spec` describes.

    Args:
        spec: any typed spec that names a Keras class.
        more: arguments that come from the run, not from the config, such as a layer's `dtype`.
    """
    if spec.kind == "activation":
        return _activation(spec, more)
    fields = {name: _value(getattr(spec, name), more) for name in type(spec).model_fields if name not in spec.own_fields}
    if spec.kind == "metric" and fields["name"] is None:
        del fields["name"]  # Keras would make up a numbered one
    trainable = fields.pop("trainable", True)
    if isinstance(spec, Layer) and spec.in_float32:
        more.pop("dtype", None)
    made = _class(spec)(**(fields | more))
    if isinstance(spec, Convolution | TransposedConvolution | ConvLSTM | Bidirectional | STFTSpectrogram):
        convolve_channels_last(made)
    if isinstance(spec, ImageLayer | Normalization | Discretization):
        store_as_made(made, fields)
    if not trainable:
        made.trainable = False  # the setter alone reaches the layers inside: as an argument of a wrapper it would freeze nothing
    return made


def _class(spec: TypedSpec) -> Any:
    """What makes the object: Keras's own class, or nncli's where Keras has none or cannot compute it."""
    import keras

    match spec.kind, spec.type:
        case "loss", "expression":
            return expression_loss
        case "metric", "expression":
            return expression_metric
        case "layer", "stochastic_pooling2d":
            return stochastic_pooling2d()
        case "layer", "random_crop":
            return random_crop()
        case "layer", "equalization":
            return equalization()
        case _:
            return operator.attrgetter(f"{spec.keras_module}.{spec.keras_class}")(keras)


def _activation(spec: TypedSpec, more: dict[str, Any]) -> Any:
    """An activation's name, or the layer that carries its arguments: only these survive in a saved network."""
    import keras

    if spec.type == "step":
        return step_function()
    fields = {name: getattr(spec, name) for name in type(spec).model_fields if name not in spec.own_fields}
    defaults = {name: type(spec).model_fields[name].default for name in fields}
    if fields == defaults:
        return spec.keras_class
    return getattr(keras.layers, spec.keras_layer)(**(fields | _inside(spec, more)))  # type: ignore[attr-defined]


def _value(value: Any, more: dict[str, Any]) -> Any:
    if isinstance(value, TypedSpec):
        if value.kind in ("layer", "cell"):
            return build(value, **_inside(value, more))
        return build(value, **{key: more[key] for key in ("dtype",) if key in more and value.kind == "activation"})
    if isinstance(value, tuple) and value and isinstance(value[0], Cell):
        # Numbered, since weights are stored by these names.
        return [build(cell, **_inside(cell, more) | {"name": f"{cell.type}_{number}"}) for number, cell in enumerate(value, 1)]
    if isinstance(value, tuple):
        return [_value(entry, more) for entry in value]  # some classes of Keras refuse tuples, none refuses lists
    return value.model_dump() if isinstance(value, Spec) else value


def _inside(spec: TypedSpec, more: dict[str, Any]) -> dict[str, Any]:
    """What a layer inside another is given: its wrapper's precision, and a name that does not depend on what this process has
    built before, as the numbered names do that Keras makes up; the names are part of the checkpoint.
    """
    inherited = {"dtype": more["dtype"]} if "dtype" in more else {}
    return {"name": getattr(spec, "name", None) or spec.type, **inherited}


def input_dtype(model: Model) -> str:
    """Type of the network's inputs: int32 for whole numbers that a layer looks up, else float32."""
    return "float32" if model.numbers is None else "int32"


def build_network(
    model: Model,
    *,
    name: str,
    input_shape: tuple[int, ...],
    precision: str = "float32",
    batch_size: int | None = None,
    stateless: bool = False,
    seed: int = 0,
) -> Any:
    """A Sequential network with weights.

    Args:
        model: the stack of layers.
        name: the network's name; part of its weights' paths.
        input_shape: shape of one prepared sample, without the batch.
        precision: a Keras dtype policy; the last layer always computes in float32.
        batch_size: size of every batch, for stateful layers; None: any.
        stateless: leave the layers' states out, so that each batch starts from zero: for evaluation and prediction.
        seed: where first weights and dropout masks come from.

    Returns:
        The `keras.Sequential`, built. The same arguments give the same bits.

    Raises:
        NncliError: NN303, Keras cannot build a layer, such as one whose initializer takes arrays of another rank.
    """
    tensorflow()
    import keras

    keras.utils.set_random_seed(seed)
    network = keras.Sequential(name=name)
    network.add(keras.Input(batch_shape=(batch_size, *input_shape), dtype=input_dtype(model), name="inputs"))
    layers = tuple(_without_states(layer) if stateless else layer for layer in model.layers)
    names = layer_names(layers)
    shape: Shape = input_shape
    for index, (layer, layer_name) in enumerate(zip(layers, names, strict=True)):
        if isinstance(layer, Input):
            continue
        dtype = None if precision == "float32" else "float32" if index == len(layers) - 1 else precision
        with refused_by_keras("NN303", f"layer `{layer_name}`"):
            network.add(_build_layer(layer, shape, layer_name, batch_size=batch_size, dtype=dtype))
            shape = tuple(network.output_shape[1:])
    return network


def _build_layer(layer: Layer, shape: Shape, name: str, *, batch_size: int | None, dtype: str | None) -> Any:
    if isinstance(layer, Composite):
        inner = functools.partial(_build_layer, batch_size=batch_size, dtype=dtype)
        return build_composite(layer, shape, name, inner, batch_size=batch_size, dtype=dtype)
    return build(layer, name=name, **({} if dtype is None else {"dtype": dtype}))


def _without_states(value: Any) -> Any:
    """A layer, and those that it holds, starting each batch from zero."""
    if isinstance(value, tuple):
        return tuple(map(_without_states, value))
    if not isinstance(value, Layer):
        return value
    update = {name: _without_states(getattr(value, name)) for name in type(value).model_fields}
    return value.model_copy(update=update | ({"stateful": False} if "stateful" in update else {}))

"""The shapes of a network, layer by layer, without building it."""

from __future__ import annotations

from typing import Final

from nncli.spec.base import Mistake
from nncli.spec.layers.base import ShapeMistake, dimensions
from nncli.spec.layers.core import Input
from nncli.spec.model import Model, layer_names
from nncli.spec.values import Shape
from nncli.spec.wording import repeated

RESERVED: Final = {"inputs": "the network's input", "top_level_model_weights": "a part of every h5 file"}
"""Names that are taken in every network."""


def output_shapes(model: Model, input_shape: Shape) -> tuple[list[Shape], list[Mistake]]:
    """Follow one sample through the stack.

    Args:
        model: the network.
        input_shape: shape of one prepared sample, without the batch.

    Returns:
        The output shape of each layer up to the first that cannot take its input, and the mistakes found.
    """
    mistakes = _name_mistakes(model)
    shape: Shape = input_shape
    if model.input_shape is not None and tuple(model.input_shape) != tuple(input_shape):
        mistakes.append(
            Mistake(
                ("model", "input_shape"),
                "NN303",
                f"`input_shape` states {dimensions(model.input_shape)}, the data give {dimensions(input_shape)}",
                "leave it out: it is known from the data",
            )
        )
        shape = model.input_shape
    shapes: list[Shape] = []
    for index, layer in enumerate(model.layers):
        path: tuple[str | int, ...] = ("model", "layers", index)
        if isinstance(layer, Input) and index > 0:
            mistakes.append(Mistake(path, "NN403", "`input` can only be the first layer", "remove it"))
            continue
        try:
            shape = layer.output_shape(shape)
        except ShapeMistake as mistake:
            mistakes.append(Mistake((*path, *mistake.at), mistake.code, mistake.message, mistake.hint))
            return shapes, mistakes
        shapes.append(shape)
    return shapes, mistakes


def _name_mistakes(model: Model) -> list[Mistake]:
    names = layer_names(model.layers)
    twice = [(index, f"two layers are called `{names[index]}`", "give each its own name") for index in repeated(names)]
    taken = [
        (index, f"a layer cannot be called `{name}`: {RESERVED[name]} is", "give it another name")
        for index, name in enumerate(names)
        if name in RESERVED
    ]
    return [Mistake(("model", "layers", index, "name"), "NN403", message, hint) for index, message, hint in twice + taken]

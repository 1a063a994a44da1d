"""The shapes of a network, layer by layer, without building it."""

from __future__ import annotations

from typing import Any, Final

from nncli.spec.base import Mistake
from nncli.spec.layers.base import Layer, ShapeMistake, dimensions
from nncli.spec.layers.core import Input
from nncli.spec.layers.reshaping import Reshape
from nncli.spec.model import Model, layer_names
from nncli.spec.values import Shape
from nncli.spec.wording import repeated

RESERVED: Final = {"inputs": "the network's input", "top_level_model_weights": "a part of every h5 file"}
"""Names that are taken in every network."""


def output_shapes(model: Model, input_shape: Shape) -> tuple[list[Shape], list[Mistake]]:
    """Follow one sample through the stack.

    After a mistake the layers above are followed with what the layer would give once it is mended, as far as that can be told,
    so that no mistake hides another.

    Args:
        model: the network.
        input_shape: shape of one prepared sample, without the batch.

    Returns:
        The output shape of each layer up to the first whose output nobody can tell, and the mistakes found.
    """
    mistakes = _name_mistakes(model)
    shape: Shape | None = input_shape
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
        if shape is None or (isinstance(layer, Input) and index > 0):
            continue
        try:
            shape = layer.resulting_shape(shape)
        except ShapeMistake as mistake:
            shape = _mended_output(layer, shape, mistake)
            hint = mistake.hint
            if shape is None and index + 1 < len(model.layers):
                unknown = "the shapes after it are not checked before this is mended"
                hint = f"{hint}; {unknown}" if hint else unknown
            mistakes.append(Mistake((*path, *mistake.at), mistake.code, mistake.message, hint))
        if shape is not None:
            shapes.append(shape)
    return shapes, mistakes


def _mended_output(layer: Layer, shape: Shape, mistake: ShapeMistake) -> Shape | None:
    """What the layer gives once the field at fault is mended in the simplest way; None where nobody can tell."""
    if layer.type == "residual":
        return shape
    if len(mistake.at) != 1:
        return None
    field = str(mistake.at[0])
    value, known = getattr(layer, field), type(layer).model_fields[field]
    if isinstance(layer, Input | Reshape):
        return None if -1 in value else tuple(value)  # what a layer states is more likely meant than what it receives
    if mistake.code == "NN302":
        mended = _smallest(value, 0 if field == "cropping" else 1)
    elif known.is_required():
        return None
    else:
        mended = known.get_default(call_default_factory=True)
    try:
        return layer.model_copy(update={field: mended}).resulting_shape(shape)
    except ShapeMistake:
        return None


def _smallest(value: Any, size: int) -> Any:
    return tuple(_smallest(entry, size) for entry in value) if isinstance(value, tuple) else size


def _name_mistakes(model: Model) -> list[Mistake]:
    names = layer_names(model.layers)
    twice = [(index, f"two layers are called `{names[index]}`", "give each its own name") for index in repeated(names)]
    taken = [
        (index, f"a layer cannot be called `{name}`: {RESERVED[name]} is", "give it another name")
        for index, name in enumerate(names)
        if name in RESERVED
    ]
    return [Mistake(("model", "layers", index, "name"), "NN403", message, hint) for index, message, hint in twice + taken]

"""Whether what a config says of the arrays of a layer fits them: how they begin, what is added to the loss for them, what they are
held to, and along which axes an activation works.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from nncli.spec.axes import axis_misfit
from nncli.spec.base import Misfit, Mistake, TypedSpec
from nncli.spec.experiment import Experiment
from nncli.spec.layers.base import Layer, ShapeMistake, dimensions
from nncli.spec.values import Shape

_ARRAYS: Final = {
    "activity": "output with its batch",
    "recurrent": "recurrent kernel",
    "depthwise": "depthwise kernel",
    "pointwise": "pointwise kernel",
    "embeddings": "table",
    "moving_mean": "running mean",
    "moving_variance": "running variance",
    "alpha": "array of slopes",
}
"""What arrays are called, where it is not what their fields begin with."""

_Path = tuple[str | int, ...]


def layer_mistakes(experiment: Experiment, input_shape: Shape, shapes: Sequence[Shape]) -> Iterator[Mistake]:
    """What is wrong with initializers, regularizers, constraints and activations.

    Args:
        experiment: the config.
        input_shape: of one sample.
        shapes: output shape of every layer.
    """
    found: dict[tuple[_Path, str], Mistake] = {}
    for index, (layer, before) in enumerate(zip(experiment.model.layers, [input_shape, *shapes], strict=False)):
        for mistake in _of_layer(layer, before, ("model", "layers", index)):
            found.setdefault((mistake.path, mistake.message), mistake)  # a repeated layer has it each time
    yield from found.values()


def _of_layer(layer: Layer, shape: Shape, path: _Path, *, is_distributed: bool = False) -> Iterator[Mistake]:
    try:
        output = layer.resulting_shape(shape)
    except ShapeMistake:
        return  # which is told already; what lies behind has the shapes of a mended one
    if fields := _chosen(layer):
        step = output[1:] if getattr(layer, "return_sequences", False) else output
        arrays: dict[str, Shape] = {**layer.weight_shapes(shape)}
        if not is_distributed:  # Keras's TimeDistributed leaves the penalty on the outputs out
            arrays["activity"] = (None, *output)
        yield from _of_fields(layer, fields, arrays, (None, *step), path)
    if (cell := getattr(layer, "cell", None)) is not None:
        yield from _of_cell(cell, shape[-1] or 0, (*path, "cell"))
    for at, inside, before in layer.within(shape):
        yield from _of_layer(inside, before, (*path, *at), is_distributed=layer.type == "time_distributed")


def _of_cell(cell: Any, features: int, path: _Path) -> Iterator[Mistake]:
    if hasattr(cell, "cells"):
        for index, one in enumerate(cell.cells):
            yield from _of_cell(one, features, (*path, "cells", index))
            features = one.width
    elif fields := _chosen(cell):
        yield from _of_fields(cell, fields, cell.step_shapes(features), (None, cell.width), path)


def _chosen(spec: TypedSpec) -> list[str]:
    """The fields that the config gives to a layer or cell, and that hold a part which looks at an array."""
    return [field for field in spec.model_fields_set if field.rpartition("_")[2] in _KINDS and getattr(spec, field) is not None]


_KINDS: Final = ("initializer", "regularizer", "constraint", "activation")


def _of_fields(
    spec: TypedSpec, fields: Sequence[str], arrays: Mapping[str, Shape], output: Shape, path: _Path
) -> Iterator[Mistake]:
    for field in sorted(fields):
        part, (prefix, _, kind) = getattr(spec, field), field.rpartition("_")
        if kind == "activation":
            misfit = axis_misfit(part.axis, len(output), "its inputs, the batch included") if hasattr(part, "axis") else None
            if misfit is not None:
                yield _mistake(misfit.message, misfit, (*path, field))
        elif prefix in arrays:
            shapes = [arrays[prefix]]
            if field == "bias_initializer" and getattr(spec, "unit_forget_bias", False):
                # Keras fills the parts beside the forget gate's by themselves.
                units = (shapes[0][0] or 0) // 4
                shapes = [(units,), (2 * units,)]
            yield from _misfits(part, shapes, _ARRAYS.get(prefix, prefix), (*path, field))


def _misfits(part: Any, shapes: Sequence[Shape], array: str, path: _Path) -> Iterator[Mistake]:
    for shape in shapes:
        misfit: Misfit | None = part.misfit(shape)
        if misfit is not None:
            size = f"a vector of {shape[0]}" if len(shape) == 1 else dimensions(shape)
            yield _mistake(f"{misfit.message}; the {array} is {size}", misfit, path)
            return


def _mistake(message: str, misfit: Misfit, path: _Path) -> Mistake:
    return Mistake((*path, *misfit.at), "NN303", message, misfit.hint)

"""Whether what the last layer gives is what the loss takes: probabilities, scores, amounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import Final

from nncli.spec.accuracy import BINARY_LOSSES, CLASS_NUMBER_LOSSES
from nncli.spec.base import Mistake
from nncli.spec.experiment import Experiment
from nncli.spec.layers.base import Layer
from nncli.spec.outline import Outline
from nncli.spec.values import Shape

_CLASS_LOSSES: Final = CLASS_NUMBER_LOSSES | {"categorical_crossentropy", "categorical_focal_crossentropy"}
_DISTRIBUTIONS: Final = frozenset({"softmax", "sparsemax"})
_PROBABILITIES: Final = _DISTRIBUTIONS | {"sigmoid", "hard_sigmoid", "sparse_sigmoid", "step"}
_ANY_NUMBER: Final = frozenset(
    {"linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "tanh", "softplus", "softsign"}
)
_PASSING_ON: Final = frozenset(
    {
        *("flatten", "reshape", "permute", "cropping1d", "cropping2d", "cropping3d", "identity", "activity_regularization"),
        *("dropout", "spatial_dropout1d", "spatial_dropout2d", "spatial_dropout3d", "alpha_dropout"),
        *("gaussian_dropout", "gaussian_noise"),
    }
)
"""Types of the layers that give numbers on as they come, but for what they do at random while training."""

_Path = tuple[str | int, ...]


def output_mistakes(
    experiment: Experiment, outline: Outline, shapes: Sequence[Shape], *, loss_fits: bool = True
) -> Iterator[Mistake]:
    """What is wrong, or looks wrong, with the activation of the last layer.

    Args:
        experiment: the config.
        outline: shapes and form of its data.
        shapes: output shape of every layer.
        loss_fits: whether the loss goes with the labels; if not, another one takes its place, and what this one would want of the
            activation is not said.
    """
    layers = experiment.model.layers
    for index, (layer, shape) in enumerate(zip(layers, shapes, strict=True)):
        path: _Path = ("model", "layers", index)
        if _activation(layer) == "softmax" and shape[-1:] == (1,) and getattr(layer, "axis", -1) == -1:
            message = "softmax over a single unit is always 1"
            many = (outline.num_classes or 0) > 2
            hint = f"give it {outline.num_classes} units" if many else "use `sigmoid`, or give it a unit for each class"
            yield Mistake(_function_path(layer, path), "NN401", message, hint)
        elif layer.type in ("softmax", "activation") and _activation(layer) == "softmax" and index:
            before, _ = _ending(layers[:index], ("model", "layers"))
            if _activation(before) == "softmax":
                message = "the layer before ends with a softmax already: a second one makes all classes nearly alike"
                yield Mistake(path, "NN401", message, "remove one of them", "warning")
    if loss_fits:
        yield from _last(experiment, outline, shapes[-1])


def _ending(layers: Sequence[Layer], path: _Path) -> tuple[Layer, _Path]:
    """The layer whose numbers a stack gives, and where it stands."""
    index = next((at for at in reversed(range(len(layers))) if layers[at].type not in _PASSING_ON), len(layers) - 1)
    layer, here = layers[index], (*path, index)
    return _ending(layer.stacks[0], (*here, "layers")) if layer.type == "repeat" else (layer, here)


def _last(experiment: Experiment, outline: Outline, output: Shape) -> Iterator[Mistake]:
    layer, path = _ending(experiment.model.layers, ("model", "layers"))
    loss, activation = experiment.loss.type, _activation(layer)
    if activation is None:
        return
    path = _function_path(layer, path)
    if not getattr(experiment.loss, "from_logits", False):
        yield from _out_of_reach(layer, outline, path)
    if loss not in _CLASS_LOSSES | BINARY_LOSSES:
        return
    if loss in BINARY_LOSSES and activation in _DISTRIBUTIONS and (output[-1] or 0) > 2:
        # Of two classes it is the same sum. Keras takes `accuracy` for `binary_accuracy` then, which flatters.
        message = f"`{loss}` asks of each class by itself whether it is there, `{activation}` shares 1 among all {output[-1]}"
        yield Mistake(("loss",), "NN401", message, f"use `{loss.replace('binary', 'categorical')}`", "warning")
    elif getattr(experiment.loss, "from_logits", False):
        if activation in _PROBABILITIES:
            message = f"`from_logits: true` takes plain scores, but the last layer's `{activation}` gives probabilities"
            yield Mistake(("loss", "from_logits"), "NN401", message, "remove `from_logits`, or the activation", "warning")
    elif activation in _ANY_NUMBER:
        wanted = "sigmoid" if loss in BINARY_LOSSES else "softmax"
        gives = "has no activation" if activation == "linear" else f"ends with `{activation}`"
        message = f"`{loss}` takes probabilities, but the last layer {gives} and gives any number"
        hint = f"add `activation: {wanted}`" + (
            ", or `from_logits: true` to the loss" if "from_logits" in type(experiment.loss).model_fields else ""
        )
        yield Mistake(path, "NN401", message, hint, "warning")
    elif loss in _CLASS_LOSSES and activation not in _DISTRIBUTIONS:
        message = f"`{loss}` takes one probability a class that add up to 1, `{activation}` gives each class one of its own"
        yield Mistake(path, "NN401", message, "use `softmax`", "warning")


def _out_of_reach(layer: Layer, outline: Outline, path: _Path) -> Iterator[Mistake]:
    """Of targets that the last activation can never give."""
    function = getattr(layer, "activation", None)
    if function is None or outline.target_range is None or function.model_fields_set - {"type"}:
        return
    (least, most), (lowest, highest) = function.bounds, outline.target_range
    if lowest < least or highest > most:
        to = f"from {least:g} to {most:g}" if least > -inf and most < inf else f"{least:g} or more" if most == inf else "0 or less"
        message = f"`{function.type}` gives numbers {to}, the targets go from {lowest:g} to {highest:g}"
        yield Mistake(path, "NN401", message, "remove the activation of the last layer, or scale the targets", "warning")


def _activation(layer: Layer) -> str | None:
    """Type of the function that a layer ends with; None where its outputs are of no known kind."""
    if "activation" in type(layer).model_fields and not hasattr(layer, "recurrent_initializer"):
        function = getattr(layer, "activation", None)
        return "linear" if function is None else str(function.type)
    return layer.type if layer.type in ("softmax", "relu", "leaky_relu", "elu") else None


def _function_path(layer: Layer, path: _Path) -> _Path:
    """Where the function of the layer at `path` is written."""
    return (*path, "activation") if getattr(layer, "activation", None) is not None else path

"""Whether what the last layer gives is what the loss takes: probabilities, scores, amounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
_PASSING_ON: Final = frozenset({"flatten", "reshape", "permute", "identity", "dropout"})


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
        if _activation(layer) == "softmax" and shape[-1:] == (1,) and getattr(layer, "axis", -1) == -1:
            message = "softmax over a single unit is always 1"
            many = (outline.num_classes or 0) > 2
            hint = f"give it {outline.num_classes} units" if many else "use `sigmoid`, or give it a unit for each class"
            yield Mistake(_path(layer, index), "NN401", message, hint)
    index = next((at for at in reversed(range(len(layers))) if layers[at].type not in _PASSING_ON), len(layers) - 1)
    if loss_fits:
        yield from _last(experiment, layers[index], index, shapes[-1])


def _last(experiment: Experiment, layer: Layer, index: int, output: Shape) -> Iterator[Mistake]:
    loss, activation = experiment.loss.type, _activation(layer)
    if loss not in _CLASS_LOSSES | BINARY_LOSSES or activation is None:
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
        yield Mistake(_path(layer, index), "NN401", message, hint, "warning")
    elif loss in _CLASS_LOSSES and activation not in _DISTRIBUTIONS:
        message = f"`{loss}` takes one probability a class that add up to 1, `{activation}` gives each class one of its own"
        yield Mistake(_path(layer, index), "NN401", message, "use `softmax`", "warning")


def _activation(layer: Layer) -> str | None:
    """Type of the function that a layer ends with; None where its outputs are of no known kind."""
    if "activation" in type(layer).model_fields and not hasattr(layer, "recurrent_initializer"):
        function = getattr(layer, "activation", None)
        return "linear" if function is None else str(function.type)
    return layer.type if layer.type in ("softmax", "relu", "leaky_relu", "elu") else None


def _path(layer: Layer, index: int) -> tuple[str | int, ...]:
    here: tuple[str | int, ...] = ("model", "layers", index)
    return (*here, "activation") if getattr(layer, "activation", None) is not None else here

"""The network: its stack of layers, and where its first weights come from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, model_validator

from nncli.spec.base import Spec, TypedSpec
from nncli.spec.choice import OneOf
from nncli.spec.layers.base import MOST_LAYERS, Layer, refuse_unfolding
from nncli.spec.values import FilePath, Many, PositiveInt, Shape

KEEPING_VALUES: Final = ("input", "reshape", "flatten")
"""Types of the layers that give the numbers on as they come."""

OWN_PARTS: Final = ("step", "stochastic_pooling2d", "random_crop", "equalization")
"""Types whose Keras object is nncli's own."""


class WeightsFrom(Spec):
    """Trained weights to start from, matched by layer name."""

    checkpoint: FilePath
    """A checkpoint of nncli, or a network that stock Keras saved (`.h5`, `.keras`), relative to the config's folder."""
    partial: bool = False
    """Whether layers may stay unmatched; without it every layer with weights must find its own in the checkpoint."""


def _expanded(value: object) -> object:
    return {"checkpoint": value} if isinstance(value, str) else value


class Model(Spec):
    """A sequential network."""

    layers: Annotated[Many[Annotated[Layer, OneOf("layer")]], Field(min_length=1)]
    """The layers, first to last."""
    input_shape: Many[PositiveInt] | None = None
    """Shape of one prepared sample; null: known from the data."""
    weights_from: Annotated[WeightsFrom, BeforeValidator(_expanded, json_schema_input_type=str | WeightsFrom)] | None = None
    """A checkpoint whose weights the training starts from; null: the initializers."""

    @model_validator(mode="after")
    def _can_be_unfolded(self) -> Self:
        numbers = [layer.num_unfolded for layer in self.layers]
        if sum(numbers) > MOST_LAYERS:
            refuse_unfolding(sum(numbers), ("layers", numbers.index(max(numbers))))
        return self

    @property
    def stated_shape(self) -> Shape | None:
        """Shape of one prepared sample, where the config states it by an `input` layer or by `input_shape`."""
        first = self.layers[0] if self.layers else None
        return getattr(first, "shape", None) if first is not None and first.type == "input" else self.input_shape

    @property
    def is_stateful(self) -> bool:
        """Whether some layer carries a state from batch to batch."""
        return any(layer.is_stateful for layer in self.layers)

    @property
    def stateful_path(self) -> tuple[str | int, ...]:
        """Where in the config the first layer stands that carries a state."""
        index = next(index for index, layer in enumerate(self.layers) if layer.is_stateful)
        return ("model", "layers", index, *(("stateful",) if getattr(self.layers[index], "stateful", False) else ()))

    @property
    def numbers(self) -> Collection[int] | None:
        """The whole numbers that the network's inputs may be, where a layer looks them up; None: they are any numbers."""
        first = next((layer for layer in self.layers if layer.type not in KEEPING_VALUES), None)
        return None if first is None else getattr(first, "layer", first).numbers


def own_parts(spec: object) -> set[str]:
    """Types of nncli's own parts, which stock Keras has to be told of, in a network or a part of it."""
    if isinstance(spec, tuple):
        return set().union(*map(own_parts, spec))
    if not isinstance(spec, Spec):
        return set()
    found = {spec.type} if isinstance(spec, TypedSpec) and spec.type in OWN_PARTS else set()
    return found.union(*(own_parts(getattr(spec, field)) for field in type(spec).model_fields))


def layer_names(layers: Iterable[Layer]) -> tuple[str, ...]:
    """The name of each layer: its own, or its type, numbered from the second nameless one on.

    The numbering depends on the stack alone, never on what was built before in the same process (as Keras's does), since
    weights are found by these names.
    """
    layers = tuple(layers)
    taken = {layer.name for layer in layers if layer.name is not None}
    numbers: dict[str, int] = {}
    names: list[str] = []
    for layer in layers:
        name = layer.name or layer.type
        while layer.name is None and name in taken:
            numbers[layer.type] = numbers.get(layer.type, 0) + 1
            name = f"{layer.type}_{numbers[layer.type]}"
        taken.add(name)
        names.append(name)
    return tuple(names)

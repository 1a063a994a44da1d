"""Whether layers that look whole numbers up are given such numbers, and have a place for each."""

from __future__ import annotations

from collections.abc import Iterator

from nncli.spec.base import Mistake
from nncli.spec.experiment import Experiment
from nncli.spec.layers.base import Layer, parts
from nncli.spec.model import KEEPING_VALUES
from nncli.spec.outline import Outline


def lookup_mistakes(experiment: Experiment) -> Iterator[Mistake]:
    """What is wrong with where the network looks numbers up, and with what other layers give it to look up.

    Args:
        experiment: the config.
    """
    before: Layer | None = None  # the last layer that did something to the numbers
    for index, layer in enumerate(experiment.model.layers):
        looking = next((part for part in parts(layer) if part.numbers is not None), None)
        if looking is not None and (layer.stacks or before is not None):
            name = "an embedding" if hasattr(looking, "input_dim") else f"`{looking.type}`"
            path = ("model", "layers", index)
            if layer.stacks:
                message = f"{name} inside `{layer.type}` does not see the network's inputs as whole numbers"
                yield Mistake(path, "NN403", message, "put it first in the stack itself")
            elif before is None or before.places is None:
                message = f"{name} looks up whole numbers, but what `{before and before.type}` gives are fractions"
                hint = (
                    "put it first; only `reshape`, `flatten` and what gives such numbers, as `discretization` does, may come before"
                )
                yield Mistake(path, "NN403", message, hint)
            elif missing := [number for number in range(before.places) if number not in (looking.numbers or ())]:
                message = f"`{before.type}` gives numbers from 0 to {before.places - 1}, {name} has no place for {missing[0]}"
                yield Mistake(path, "NN403", message, f"give it {before.places}")
        if layer.type not in KEEPING_VALUES:
            before = layer


def range_mistakes(experiment: Experiment, outline: Outline) -> Iterator[Mistake]:
    """Whether the first layer has a place for the smallest and the largest number of the data, where these are known.

    Args:
        experiment: the config.
        outline: range of its data.
    """
    layers = experiment.model.layers
    index = next((at for at, layer in enumerate(layers) if layer.type not in KEEPING_VALUES), None)
    if index is None or outline.input_range is None:
        return
    looking = getattr(layers[index], "layer", layers[index])
    field = next((name for name in ("input_dim", "num_tokens") if hasattr(looking, name)), None)
    if field is None or looking.numbers is None:
        return
    within: tuple[str | int, ...] = () if looking is layers[index] else ("layer",)
    path, (smallest, largest) = ("model", "layers", index, *within, field), outline.input_range
    if smallest < 0:
        message = f"the data hold {smallest}, `{looking.type}` has places for whole numbers from 0 on"
        yield Mistake(path, "NN403", message, "number them from 0 on")
    elif largest >= (places := getattr(looking, field)):
        message = f"the data hold numbers up to {largest}, `{looking.type}` has {places} place{'s'[: places != 1]}, from 0 on"
        yield Mistake(path, "NN403", message, f"write {largest + 1}, the largest number plus 1")

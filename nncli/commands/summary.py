"""`nncli summary`: a network, layer by layer, without TensorFlow."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from nncli.checkpoint.contents import Weights
from nncli.commands.configs import load_network
from nncli.commands.loading import is_trained, load_trained
from nncli.figures.networks import Box, Format, draw_network
from nncli.problems import error
from nncli.reports.networks import LayerSummary, SummaryReport, WeightSummary
from nncli.runs.new_file import require_new, write_new
from nncli.spec.experiment import Experiment
from nncli.spec.layers.base import Layer, dimensions
from nncli.spec.layers.core import Input
from nncli.spec.memory import estimate_memory
from nncli.spec.model import layer_names
from nncli.spec.shapes import output_shapes
from nncli.spec.values import Shape

MOST_VALUES: Final = 100
"""Arrays of up to so many values are shown whole."""


def summarize(
    path: str | Path, *, overrides: Sequence[str] = (), which: str = "best", weights: bool = False, plot: Path | None = None
) -> SummaryReport:
    """Describe the network of a config or of a checkpoint.

    Args:
        path: a config, a checkpoint, a run folder, or a file of stock Keras.
        overrides: `--set` arguments, for a config.
        which: `best` or `last`, for a run folder.
        weights: list the arrays of weights, too; for a checkpoint.
        plot: a picture to draw, `.svg` or `.png`, which must not exist.

    Raises:
        NncliError: every mistake of the config, or what is wrong with the checkpoint; NN601 or NN604, the picture cannot be made.
    """
    picture = None if plot is None else _picture(plot)
    report = _summary(path, overrides, which, weights)
    if plot is None or picture is None:
        return report
    write_new(plot, draw_network(_heading(report), list(_boxes(report)), picture))
    return replace(report, plot=str(plot))


def _summary(path: str | Path, overrides: Sequence[str], which: str, weights: bool) -> SummaryReport:
    if is_trained(path):
        if overrides:
            raise error("NN606", "a checkpoint is as it is: `--set` is for configs", argument=f"--set {overrides[0]}")
        trained = load_trained(path, which)
        report = _report(trained.experiment, trained.preparation.input_shape, None)
        return replace(report, weights=_weights(trained.checkpoint.weights)) if weights else report
    if weights:
        raise error("NN606", "a config has no weights yet", "name a checkpoint or a run folder", argument="--weights")
    loaded, known, problems = load_network(path, overrides)
    experiment = loaded.experiment
    shape = cast("Shape", experiment.model.stated_shape) if known is None else known.input_shape
    return replace(_report(experiment, shape, None if known is None else known.num_train), problems=problems)


def _report(experiment: Experiment, input_shape: Shape, num_samples: int | None) -> SummaryReport:
    model = experiment.model
    shapes, _ = output_shapes(model, input_shape)
    before = [input_shape, *shapes[:-1]]
    named = zip(model.layers, layer_names(model.layers), before, strict=True)
    layers = tuple(_layer(layer, name, shape) for layer, name, shape in named if not isinstance(layer, Input))
    return SummaryReport(
        name=experiment.name,
        input_shape=input_shape,
        layers=layers,
        parameters=sum(layer.parameters for layer in layers),
        trained=sum(layer.trained for layer in layers),
        multiply_adds=sum(layer.multiply_adds for layer in layers),
        memory=estimate_memory(experiment, before, num_samples),
    )


def _layer(layer: Layer, name: str, before: Shape) -> LayerSummary:
    return LayerSummary(
        name=name,
        type=layer.type,
        output_shape=layer.resulting_shape(before),
        parameters=sum(layer.parameters(before)),
        trained=layer.num_trained(before),
        multiply_adds=layer.multiply_adds(before),
        inside=tuple(
            _layer(part, name, shape) for name, (part, shape) in zip(_names_inside(layer), layer.held(before), strict=False)
        ),
    )


def _names_inside(layer: Layer) -> Iterator[str]:
    """The types of the layers inside, in the order of `held`, with the number of their branch where there are several."""
    branches = len(layer.stacks) > 1
    names = [
        f"{part.type} (branch {number})" if branches else part.type for number, stack in enumerate(layer.stacks) for part in stack
    ]
    return itertools.cycle(names)


def _picture(path: Path) -> Format:
    """The format that a picture's name asks for.

    Raises:
        NncliError: NN606, it is no picture's; NN601 or NN604, no such file can be made.
    """
    ending = path.suffix.lower()
    if ending not in (".svg", ".png"):
        raise error(
            "NN606", "a picture is a .svg or a .png file", f"for example {path.stem or 'network'}.svg", argument=f"--plot {path}"
        )
    require_new(path)
    return "svg" if ending == ".svg" else "png"


def _heading(report: SummaryReport) -> str:
    return f"{report.name}: {report.parameters:,} parameters"


def _boxes(report: SummaryReport) -> Iterator[Box]:
    yield Box("input", "input", dimensions(report.input_shape), "", is_trained=False)
    for layer in report.layers:
        parameters = f"{layer.parameters:,} parameters" if layer.parameters else ""
        frozen = ", frozen" if layer.parameters and not layer.trained else ""
        yield Box(layer.name, layer.type, dimensions(layer.output_shape), parameters + frozen, is_trained=layer.trained > 0)


def _weights(weights: Weights) -> tuple[WeightSummary, ...]:
    return tuple(_weight(path, array) for arrays in weights.layers.values() for path, array in arrays)


def _weight(path: str, array: NDArray[Any]) -> WeightSummary:
    exact = array.astype(np.float64)
    statistics = {name: float(getattr(exact, name)()) for name in ("min", "max", "mean", "std")} if array.size else {}
    values = shortest(array) if array.size <= MOST_VALUES else None
    # The path begins with the network's name, which says nothing here.
    return WeightSummary(name=path.partition("/")[2] or path, shape=array.shape, values=values, statistics=statistics)


def shortest(array: NDArray[Any]) -> Any:
    """An array as nested lists of the shortest decimals that mean the same numbers."""
    if array.ndim:
        return [shortest(entry) for entry in array]
    return float(str(array)) if array.dtype.kind == "f" else array.item()

"""`nncli summary`: a network, layer by layer, without TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.checkpoint.contents import Weights
from nncli.commands.loading import load_experiment, load_trained, placed
from nncli.data.outline import outline
from nncli.problems import Problem, error
from nncli.reports import LayerSummary, SummaryReport, WeightSummary
from nncli.spec.experiment import Experiment
from nncli.spec.layers.core import Input
from nncli.spec.model import layer_names
from nncli.spec.shapes import output_shapes
from nncli.spec.values import Shape

MOST_VALUES: Final = 100
"""Arrays of up to so many values are shown whole."""
_CHECKPOINTS: Final = (".h5", ".hdf5", ".keras")
"""How the names of files with weights end."""


def summarize(path: str | Path, *, overrides: Sequence[str] = (), which: str = "best", weights: bool = False) -> SummaryReport:
    """Describe the network of a config or of a checkpoint.

    Args:
        path: a config, a checkpoint, a run folder, or a file of stock Keras.
        overrides: `--set` arguments, for a config.
        which: `best` or `last`, for a run folder.
        weights: list the arrays of weights, too; for a checkpoint.

    Raises:
        NncliError: every mistake of the config, or what is wrong with the checkpoint.
    """
    if Path(path).is_dir() or Path(path).suffix.lower() in _CHECKPOINTS:
        if overrides:
            raise error("NN606", "a checkpoint is as it is: `--set` is for configs", argument=f"--set {overrides[0]}")
        trained = load_trained(path, which)
        stored = _weights(trained.checkpoint.weights) if weights else None
        return _report(trained.experiment, trained.preparation.input_shape, (), stored)
    if weights:
        raise error("NN606", "a config has no weights yet", "name a checkpoint or a run folder", argument="--weights")
    loaded, problems = load_experiment(path, overrides)
    with placed(loaded):
        known = outline(loaded.experiment.dataset)
    return _report(loaded.experiment, known.input_shape, problems, None)


def _report(
    experiment: Experiment, input_shape: Shape, problems: tuple[Problem, ...], weights: tuple[WeightSummary, ...] | None
) -> SummaryReport:
    model = experiment.model
    shapes, _ = output_shapes(model, input_shape)
    layers = []
    for layer, name, before, after in zip(model.layers, layer_names(model.layers), [input_shape, *shapes], shapes, strict=False):
        if isinstance(layer, Input):
            continue
        parameters, trained = sum(layer.parameters(before)), layer.num_trained(before)
        layers.append(LayerSummary(name=name, type=layer.type, output_shape=after, parameters=parameters, trained=trained))
    return SummaryReport(
        name=experiment.name,
        input_shape=input_shape,
        layers=tuple(layers),
        parameters=sum(layer.parameters for layer in layers),
        trained=sum(layer.trained for layer in layers),
        weights=weights,
        problems=problems,
    )


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

"""Which pictures a run is worth, and the numbers for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.checkpoint.contents import Weights
from nncli.commands.classes import class_scores, confusion
from nncli.data.samples import Samples, Splits
from nncli.engine.continuation import Continuation
from nncli.engine.evaluate import Evaluator
from nncli.figures.curves import draw_curves
from nncli.figures.drawing import Drawing
from nncli.figures.fits import draw_descent, draw_fit, draw_series
from nncli.figures.images import draw_confusion, draw_filters
from nncli.spec.datasets.generated import Series
from nncli.spec.experiment import Experiment
from nncli.spec.layers.convolution import Conv2D
from nncli.spec.layers.wrappers import Wrapper
from nncli.spec.model import Model, layer_names

MOST_CLASSES: Final = 100
MOST_POINTS: Final = 400
"""Points of a series that are drawn."""
CURVE_POINTS: Final = 200


def draw_figures(
    experiment: Experiment,
    splits: Splits,
    evaluator: Evaluator,
    weights: Weights,
    records: Sequence[Mapping[str, Any]],
    outputs: NDArray[np.float32] | None = None,
) -> Iterator[Drawing]:
    """All pictures that say something about this run.

    Args:
        experiment: the config.
        splits: the prepared data.
        evaluator: a network of the run's own kind; it is given other weights here.
        weights: the weights to look at.
        records: the lines of `metrics.jsonl`.
        outputs: what the network says of the part that is drawn (`drawn_part`), where that is known already.

    Yields:
        The drawings, one by one.
    """
    evaluator.assign(weights)
    seen = getattr(splits, drawn_part(splits))
    if (curves := draw_curves(records)) is not None:
        yield curves
    if (counts := _confusion(experiment, splits, evaluator, seen, outputs)) is not None:
        yield draw_confusion(counts, splits.preparation.class_names)
    if isinstance(experiment.dataset, Series):
        view = SeriesView(experiment, seen, evaluator)
        yield draw_series(view.truth, view.predict(weights))
    elif splits.preparation.input_shape == (1,) and splits.preparation.target_shape == (1,) and len(splits.train) > 1:
        yield _fit(splits, evaluator)
    if (kernel := _first_filters(experiment.model, weights)) is not None:
        yield draw_filters(kernel)
    if (descent := _descent(experiment, splits, evaluator, weights, records)) is not None:
        yield descent


def drawn_part(splits: Splits) -> str:
    """The part that is drawn: the one that was seen least."""
    return next(name for name in ("test", "validation", "train") if getattr(splits, name) is not None)


def _first_filters(model: Model, weights: Weights) -> NDArray[Any] | None:
    """Kernel of the first convolution that sees the images themselves, turned or cut as they may be; None where there is none."""
    for layer, name in zip(model.layers, layer_names(model.layers), strict=True):
        if isinstance(layer, Conv2D):
            return weights.layers[name][0][1]
        if layer.has_weights or isinstance(layer, Wrapper):
            return None
    return None


def _confusion(
    experiment: Experiment, splits: Splits, evaluator: Evaluator, samples: Samples, outputs: NDArray[np.float32] | None
) -> NDArray[np.int64] | None:
    """How often each class was taken for which; None where the network names no class."""
    num_classes = len(splits.preparation.class_names)
    if not 2 <= num_classes <= MOST_CLASSES or evaluator.network.output_shape[1:] not in ((num_classes,), (1,)):
        return None
    scores = class_scores(experiment, evaluator.predict(samples.inputs) if outputs is None else outputs, num_classes)
    if scores is None:
        return None
    return confusion(samples.targets[:], scores, num_classes)


class SeriesView:
    """The first target of a series and what a network predicts for it, point by point, from the beginning of `samples`.

    A stateful network goes through windows that continue each other without forgetting in between, as it does while training.

    Args:
        experiment: the config, whose data set is a `series`.
        samples: windows of the series, in order.
        evaluator: a network that may be given other weights.
    """

    def __init__(self, experiment: Experiment, samples: Samples, evaluator: Evaluator) -> None:
        dataset = experiment.dataset
        assert isinstance(dataset, Series)
        whole = dataset.predict == "sequence"
        # Windows that overlap would show their points several times.
        apart = -(-dataset.length // (dataset.stride or dataset.length)) if whole else 1
        count = -(-MOST_POINTS // dataset.length) if whole else MOST_POINTS
        self._inputs, targets = samples.inputs[::apart][:count], samples.targets[::apart][:count]
        self.truth: NDArray[np.float32] = targets.reshape(-1, targets.shape[-1])[:, 0]
        self._evaluator = evaluator
        self._continuation = Continuation(experiment, self._inputs) if whole and experiment.model.is_stateful else None

    def predict(self, weights: Weights) -> NDArray[np.float32]:
        """The predictions with these weights, (num_points,)."""
        if self._continuation is not None:
            outputs = self._continuation.predict(weights)
        else:
            self._evaluator.assign(weights)
            outputs = self._evaluator.predict(self._inputs)
        return outputs.reshape(-1, outputs.shape[-1])[:, 0]


def _fit(splits: Splits, evaluator: Evaluator) -> Drawing:
    parts = [part for part in (splits.train, splits.validation, splits.test) if part is not None]
    x, y = (np.concatenate([getattr(part, name)[:, 0] for part in parts]) for name in ("inputs", "targets"))
    line = np.linspace(x.min(), x.max(), CURVE_POINTS, dtype=np.float32)
    return draw_fit(x, y, line, evaluator.predict(line[:, np.newaxis])[:, 0])


def _descent(
    experiment: Experiment, splits: Splits, evaluator: Evaluator, weights: Weights, records: Sequence[Mapping[str, Any]]
) -> Drawing | None:
    """The path of the only weight, where the output is that weight and a metric tells it at each step."""
    arrays = [(layer, path, array) for layer, entries in weights.layers.items() for path, array in entries]
    position = next((metric for metric in experiment.metrics if getattr(metric, "formula", None) == "y_pred"), None)
    if len(arrays) != 1 or arrays[0][2].size != 1 or position is None or not bool((splits.train.inputs[:] == 1).all()):
        return None
    name = getattr(position, "name", "")
    path = [(record[name], record["loss"]) for record in records if None not in (record.get(name), record.get("loss"))]
    if len(path) < 2:
        return None
    positions, losses = np.array(path, np.float64).T
    margin = 0.25 * float(np.ptp(positions)) or 1.0
    curve = np.linspace(positions.min() - margin, positions.max() + margin, CURVE_POINTS)
    layer, weight, array = arrays[0]
    heights = []
    for value in curve:
        moved = ((weight, np.full_like(array, value)),)
        evaluator.assign(Weights(weights.architecture, weights.keras_version, {**weights.layers, layer: moved}))
        measured = evaluator.evaluate(splits.train)
        heights.append(np.nan if measured is None else measured["loss"])
    evaluator.assign(weights)
    return draw_descent(positions, losses, curve, np.array(heights))

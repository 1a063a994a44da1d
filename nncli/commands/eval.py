"""`nncli eval`: the metrics of a trained network."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.commands.classes import balanced_accuracy, class_report, class_scores, confusion
from nncli.commands.datasets import load_splits, require_lookup
from nncli.commands.gates import failed, parse_fail_under
from nncli.commands.loading import Trained, load_trained, require_sizes
from nncli.data.origin import Origin
from nncli.data.prepare import load_evaluation
from nncli.data.samples import Samples
from nncli.engine.evaluate import BATCH_SIZE
from nncli.engine.events import never
from nncli.problems import Problem, Where, error
from nncli.reports.runs import EvalReport
from nncli.spec.accuracy import metric_name


def evaluate(
    path: str | Path,
    *,
    which: str = "best",
    data: str | None = None,
    split: str | None = None,
    fail_under: Sequence[str] = (),
    per_class: bool = False,
    should_stop: Callable[[], bool] = never,
) -> EvalReport:
    """Measure a trained network.

    Args:
        path: a checkpoint, a run folder, or a file of stock Keras.
        which: `best` or `last`, for a run folder.
        data: a `.npz` file of raw inputs and targets, a table, a folder, or the name of a data set that ships;
            None: its own data set.
        split: `train`, `validation` or `test` of its own data set; None: `test`, or `train` where there is no test part.
        fail_under: conditions such as `accuracy >= 0.9`.
        per_class: whether each class is reported on.
        should_stop: asked between batches.

    Raises:
        NncliError: the checkpoint, the data or a condition are at fault.
        KeyboardInterrupt: it was asked to stop.
    """
    trained = load_trained(path, which)
    require_sizes(trained)
    trained.require_memory(BATCH_SIZE)
    trained = _measurable(trained, data)
    names = ["loss", *(metric_name(metric) for metric in trained.experiment.metrics)]
    conditions = parse_fail_under(fail_under, names)
    if data is None:
        samples, split, problems = _own_data(trained, split)
    else:
        samples, problems = load_evaluation(data, trained.preparation, trained.experiment.dataset)
        require_lookup(trained.experiment.model, samples.inputs, Origin("the data", file=data))
    began = time.perf_counter()
    evaluator = trained.evaluator(should_stop)
    outputs: list[NDArray[np.float32]] = []
    metrics = evaluator.evaluate(samples, outputs=outputs if per_class else None)
    if metrics is None:
        raise KeyboardInterrupt
    if per_class and not outputs:  # more numbers a sample than are kept
        outputs = list(evaluator.predictions(samples.inputs))
    classes = _classes(trained, outputs, samples) if per_class else ()
    return EvalReport(
        checkpoint=str(trained.path),
        data=data if data is not None else f"{trained.preparation.dataset} ({split})",
        split=split,
        samples=len(samples),
        metrics=metrics,
        classes=classes,
        balanced_accuracy=balanced_accuracy(classes),
        seconds=round(time.perf_counter() - began, 3),
        problems=(*problems, *_not_measured(trained), *failed(conditions, metrics)),
    )


def _classes(trained: Trained, outputs: list[NDArray[np.float32]], samples: Samples) -> tuple[Mapping[str, Any], ...]:
    """What there is to say of each class.

    Raises:
        NncliError: NN606, the network says nothing about classes.
    """
    names = trained.preparation.class_names
    scores = class_scores(trained.experiment, np.concatenate(outputs), len(names))
    if scores is None:
        raise error("NN606", "this network says nothing about classes", "leave out --per-class", argument="--per-class")
    return class_report(confusion(samples.targets[:], scores, len(names)), names)


def _measurable(trained: Trained, data: str | None) -> Trained:
    """The network with its metrics, where it is one of stock Keras's that has a loss, and is given data.

    Raises:
        NncliError: NN603, its file tells no loss; NN606, no data are named.
    """
    if trained.stock is None:
        return trained
    if trained.stock.compiled.loss is None:
        named = next((f": {lost.removeprefix('loss: ')}" for lost in trained.stock.compiled.lost if lost.startswith("loss: ")), "")
        hint = "choose it in a config: `nncli init --from-h5 FILE`, then measure with `nncli train CONFIG --set training.steps=0`"
        raise error("NN603", f"this network of stock Keras has no loss to be measured by{named}", hint, file=trained.path)
    if data is None:
        message = "a network of stock Keras has no data of its own"
        raise error("NN606", message, "name a `.npz` file with raw x and y: --data FILE", argument=str(trained.path))
    return replace(trained, experiment=trained.experiment.model_copy(update={"metrics": trained.stock.compiled.metrics}))


def _not_measured(trained: Trained) -> tuple[Problem, ...]:
    """A warning of each metric of stock Keras's file that no config can express."""
    lost = trained.stock.compiled.lost if trained.stock is not None else ()
    where = Where(file=str(trained.path))
    return tuple(
        Problem("NN603", f"not measured: {text}", None, where, "warning") for text in lost if not text.startswith("optimizer")
    )


def _own_data(trained: Trained, split: str | None) -> tuple[Samples, str, tuple[Problem, ...]]:
    splits = load_splits(trained.experiment)
    if splits.fingerprint != trained.facts.fingerprint:
        message = "the data are not those that this network was trained on: their fingerprint differs"
        raise error("NN502", message, "name the data to evaluate on with --data", file=trained.path)
    parts = {"train": splits.train, "validation": splits.validation, "test": splits.test}
    if split is not None:
        samples = parts[split]
        if samples is None:
            there = ", ".join(name for name, part in parts.items() if part is not None)
            raise error("NN606", f"its data have no {split} part", f"there are: {there}", argument=f"--split {split}")
        return samples, split, ()
    if splits.test is not None:
        return splits.test, "test", ()
    hint = "give it unseen data with --data"
    said = Problem("NN504", "its data have no test part: these are metrics of the training part", hint, severity="warning")
    return splits.train, "train", (said,)

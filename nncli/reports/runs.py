"""What training, measuring, predicting and exporting give back."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nncli.reports.base import Metrics, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainReport(Report):
    """A training run.

    Attributes:
        name: the experiment's name.
        outcome: `finished`, `stopped_early`, `stop_when`, `diverged` or `interrupted`.
        message: the outcome in a sentence.
        run_dir: the run folder.
        checkpoint: the last state, to go on from; null where none was written.
        best_checkpoint: the best weights; null likewise.
        steps: steps done, and `epochs`: passes over the training part, with a fraction.
        best_step: the step whose weights are in `best_checkpoint`.
        metrics: clean passes of the best weights over `train`, `validation` and `test`; null for a part that does not exist, all
            null for a run that was interrupted or diverged.
        seconds: time spent training, compilation included, and `samples_per_second` in it.
        dataset: the data set's type, and the number of samples of each part.
        weights_digest: SHA-256 over all best weights.
    """

    name: str
    outcome: str
    message: str
    run_dir: str
    checkpoint: str | None
    best_checkpoint: str | None
    steps: int
    epochs: float
    best_step: int
    metrics: Mapping[str, Metrics | None]
    seconds: float
    samples_per_second: float
    dataset: Mapping[str, str | int]
    weights_digest: str

    @property
    def how_to_go_on(self) -> str | None:
        """`nncli train --resume` for a run that a signal ended."""
        return f"nncli train --resume {shlex.quote(self.run_dir)}" if self.outcome == "interrupted" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalReport(Report):
    """An evaluation.

    Attributes:
        checkpoint: the file evaluated.
        data: what it was evaluated on: a part of its own data set, or the file.
        split: `test`, `validation` or `train` of its own data set; null for other data.
        samples: how many.
        metrics: loss and metrics.
        seconds: time spent.
        classes: with `--per-class`, for each class its name, how many `samples` it has, `precision`, `recall` and `f1`; null where
            nothing was taken for it, or nothing is of it.
        balanced_accuracy: with `--per-class`, the mean of the recalls of the classes that have samples.
    """

    checkpoint: str
    data: str
    split: str | None
    samples: int
    metrics: Metrics
    seconds: float
    classes: tuple[Mapping[str, Any], ...] = ()
    balanced_accuracy: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictReport(Report):
    """Predictions.

    Attributes:
        checkpoint: the file that predicted.
        samples: how many rows.
        output: the file written; null where the predictions are in `predictions`.
        predictions: a row each: `input`, then `class`, `probability` and `top` for classes, else `output`; empty with `output`.
        class_names: names of the classes; empty where there are none.
    """

    checkpoint: str
    samples: int
    output: str | None
    predictions: tuple[Mapping[str, Any], ...] = field(default=())
    class_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionReport(Report):
    """A text that a network went on with.

    Attributes:
        checkpoint: the file that predicted.
        prompt: how the text began.
        text: all of it.
        length: how many characters or words were added.
        temperature: how evenly they were drawn.
    """

    checkpoint: str
    prompt: str
    text: str
    length: int
    temperature: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport(Report):
    """An export.

    Attributes:
        checkpoint: the file converted.
        format: `h5` or `keras`.
        output: the file written.
        bytes: its size.
        compared: how many random inputs were given to both networks.
        largest_difference: between the two predictions; 0 where they are equal to the bit.
        input_shape, input_dtype: of one sample as the exported network takes it.
        preprocessing: the fitted steps that such a sample must have gone through, in order, as the checkpoint holds them; null for
            a file of stock Keras, which does not tell.
        encoding: what makes a raw sample of a row of a table, or of a picture, before these steps, as the checkpoint holds it; null
            where the data are arrays.
        target_scale: what outputs are to be multiplied with, second, and what is then added, first, for the data's own units; null
            where they have these.
        num_outputs: along the last axis.
        class_names: in the order of the outputs; empty where there are no classes.
    """

    checkpoint: str
    format: str
    output: str
    bytes: int
    compared: int
    largest_difference: float
    input_shape: tuple[int, ...]
    input_dtype: str
    preprocessing: tuple[Mapping[str, Any], ...] | None
    num_outputs: int
    class_names: tuple[str, ...]
    encoding: Mapping[str, Any] | None = None
    target_scale: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotReport(Report):
    """Pictures of a run.

    Attributes:
        run_dir: the run folder.
        figures: the files written; beside each lies a `.csv` of the same name.
    """

    run_dir: str
    figures: tuple[str, ...]

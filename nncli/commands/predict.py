"""`nncli predict`: what a trained network says about new inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.commands.classes import class_scores
from nncli.commands.datasets import require_lookup
from nncli.commands.loading import Trained, load_trained, require_sizes
from nncli.data.inputs import read_inputs
from nncli.data.origin import Origin
from nncli.data.predictions import FILE_FORMATS, predictions_bytes
from nncli.engine.events import never
from nncli.problems import error
from nncli.reports.runs import PredictReport
from nncli.runs.new_file import require_new, write_new


def predict(
    path: str | Path,
    inputs: Sequence[str | Path],
    *,
    which: str = "best",
    output: Path | None = None,
    file_format: str | None = None,
    top_k: int = 1,
    prepared: bool = False,
    should_stop: Callable[[], bool] = never,
) -> PredictReport:
    """Predict.

    Args:
        path: a checkpoint, a run folder, or a file of stock Keras.
        inputs: `.npy` and `.npz` files and images, raw, as the data set stores them.
        which: `best` or `last`, for a run folder.
        output: a file to write instead of giving the rows back: `.npy` (the network's outputs, float32), `.csv`, `.jsonl`, `.json`
            or `.parquet`; it must not exist.
        file_format: the format of `output`, where its name does not tell.
        top_k: how many classes are named for each row, most probable first.
        prepared: the inputs are what the network's first layer takes, no preprocessing follows.
        should_stop: asked between batches.

    Raises:
        NncliError: the checkpoint, an input or the output are at fault.
        KeyboardInterrupt: it was asked to stop; nothing was written.
    """
    if output is not None:
        file_format = _file_format(output, file_format)
        require_new(output)
    trained = load_trained(path, which)
    require_sizes(trained)
    preparation = trained.preparation
    raw = read_inputs(inputs, preparation, prepared)
    ready = raw.inputs if prepared else preparation.inputs(raw.inputs)
    require_lookup(trained.experiment.model, ready, Origin("the input"))
    evaluator = trained.evaluator()
    batches = []
    for batch in evaluator.predictions(ready):
        if should_stop():
            raise KeyboardInterrupt
        batches.append(batch)
    outputs = np.concatenate(batches) if batches else np.empty((0, *evaluator.network.output_shape[1:]), np.float32)
    rows = describe_outputs(trained, outputs, raw.names, top_k)
    if output is not None:
        assert file_format is not None
        write_new(output, predictions_bytes(file_format, rows, outputs))
    return PredictReport(
        checkpoint=str(trained.path),
        samples=len(outputs),
        output=None if output is None else str(output),
        predictions=() if output is not None else tuple(rows),
        class_names=preparation.class_names,
        problems=raw.notes,
    )


def _file_format(path: Path, stated: str | None) -> str:
    chosen = stated or path.suffix.removeprefix(".").lower()
    if chosen not in FILE_FORMATS:
        hint = f"use one of {', '.join('.' + name for name in FILE_FORMATS)}"
        raise error("NN606", f"`{path.name}` does not tell what to write", hint, argument=str(path))
    return chosen


def describe_outputs(trained: Trained, outputs: NDArray[np.float32], names: Sequence[str], top_k: int) -> list[Mapping[str, Any]]:
    """The network's outputs as a person reads them.

    Args:
        trained: the network.
        outputs: (num_samples, ...), float32.
        names: what each row is called.
        top_k: how many classes are named for each row.

    Returns:
        A row each: `input`; then `class`, `probability` (or `score`, where the outputs are no probabilities) and, for `top_k`
        above 1, `top`; or `output` where there are no classes.
    """
    classes = trained.preparation.class_names
    scores = class_scores(trained.experiment, outputs, len(classes))
    if scores is None:
        return [{"input": name, "output": values.tolist()} for name, values in zip(names, outputs, strict=True)]
    rows: list[Mapping[str, Any]] = []
    # A stable sort: of equally probable classes the first is named first.
    order = np.argsort(-scores.values, axis=1, kind="stable")[:, : max(1, top_k)]
    for name, ranked, values in zip(names, order, scores.values, strict=True):
        top = [{"class": classes[index], scores.kind: float(values[index])} for index in ranked]
        rows.append({"input": name, **top[0]} | ({"top": top} if top_k > 1 else {}))
    return rows

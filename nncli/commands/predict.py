"""`nncli predict`: what a trained network says about new inputs."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.commands.classes import class_scores
from nncli.commands.datasets import require_lookup
from nncli.commands.loading import Trained, load_trained, require_sizes
from nncli.data.inputs import read_inputs
from nncli.data.on_disk import chunk_rows
from nncli.data.origin import Origin
from nncli.data.pictures.encoding import PictureEncoding
from nncli.data.pictures.folder import stream_pictures
from nncli.data.predictions import FILE_FORMATS, STREAMED, predictions_bytes, text_lines
from nncli.data.rows import RawRows, regrouped
from nncli.data.texts.encoding import TextEncoding
from nncli.data.texts.folder import answer_texts, stream_texts
from nncli.data.texts.unknown import UnknownTexts
from nncli.engine.evaluate import BATCH_SIZE
from nncli.engine.events import never
from nncli.problems import Problem, Where, error
from nncli.reports.runs import PredictReport
from nncli.runs.new_file import require_new, write_new, writing_new

Sink = Callable[[Sequence[Mapping[str, Any]]], None]
"""What is given the rows as they come."""
MOST_BATCHES: Final = 32
"""Batches that are predicted together; fewer where samples are large."""
MOST_NAMED: Final = 100
"""Of more classes not every probability is told."""


def predict(
    path: str | Path,
    inputs: Sequence[str | Path],
    *,
    which: str = "best",
    output: Path | None = None,
    file_format: str | None = None,
    top_k: int = 1,
    prepared: bool = False,
    sink: Sink | None = None,
    should_stop: Callable[[], bool] = never,
) -> PredictReport:
    """Predict.

    Args:
        path: a checkpoint, a run folder, or a file of stock Keras.
        inputs: `.npy` and `.npz` files and images, raw, as the data set stores them; for a network that was trained on a table:
            tables, or `-` for JSON lines on standard input, each of which is answered as it comes; on a series: tables, which are
            cut into windows, each of which is answered; on texts: files, folders, or `-` for lines.
        which: `best` or `last`, for a run folder.
        output: a file to write instead of giving the rows back: `.npy` (the network's outputs, float32), `.csv`, `.jsonl`, `.json`
            or `.parquet`; it must not exist.
        file_format: the format of `output`, where its name does not tell.
        top_k: how many classes are named for each row, most probable first.
        prepared: the inputs are what the network's first layer takes, no preprocessing follows.
        sink: is given the rows as they come, in place of the report.
        should_stop: asked between batches.

    Raises:
        NncliError: the checkpoint, an input or the output are at fault.
        KeyboardInterrupt: it was asked to stop; no file was written.
    """
    if output is not None:
        file_format = _file_format(output, file_format)
        require_new(output)
    trained = load_trained(path, which)
    require_sizes(trained)
    trained.require_memory(BATCH_SIZE)
    notes: list[Problem] = []
    stream = _ready(trained, _rows(trained, inputs, prepared, notes, should_stop), prepared)
    first = next(stream, None)  # what is wrong with an input is told before TensorFlow starts
    if first is None:
        raise error("NN502", "there are no rows to predict from", file=str(inputs[0]) if inputs else None)
    evaluator = trained.evaluator()
    silent = _NoAnswers()
    count, kept, kept_outputs = 0, list[Mapping[str, Any]](), list[NDArray[np.float32]]()
    with contextlib.ExitStack() as stack:
        if output is not None and file_format in STREAMED:
            sink = _into_file(stack.enter_context(writing_new(output)), file_format)
        for raw, ready in itertools.chain((first,), stream):
            outputs = []
            for batch in evaluator.predictions(ready):
                if should_stop():
                    raise KeyboardInterrupt
                outputs.append(trained.preparation.in_own_units(batch))
            said = np.concatenate(outputs)
            silent.add(said, raw.names)
            described = describe_outputs(trained, said, raw, top_k)
            count += len(described)
            if sink is not None:
                sink(described)
            else:
                kept += described
                kept_outputs += outputs
    if output is not None and file_format not in STREAMED:
        assert file_format is not None
        write_new(output, predictions_bytes(file_format, kept, np.concatenate(kept_outputs)))
    return PredictReport(
        checkpoint=str(trained.path),
        samples=count,
        output=None if output is None else str(output),
        predictions=() if output is not None else tuple(kept),
        class_names=trained.preparation.class_names,
        problems=(*notes, *silent.notes()),
    )


class _NoAnswers:
    """Counts the inputs of which the network says something that is no finite number."""

    def __init__(self) -> None:
        self._count, self._first = 0, ""

    def add(self, outputs: NDArray[np.float32], names: Sequence[str]) -> None:
        wrong = np.flatnonzero(~_are_answers(outputs))
        if len(wrong):
            self._first = self._first or names[wrong[0]]
            self._count += len(wrong)

    def notes(self) -> list[Problem]:
        message = f"inputs of which the network says nothing, but NaN or infinity: {self._count:,}, of which this is the first"
        hint = (
            "no class is named for them; a text of which it knows no word has no mean behind a mask, and too large numbers overflow"
        )
        return [Problem("NN505", message, hint, Where(file=self._first), "warning")] if self._count else []


def _are_answers(outputs: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether all that is said of an input is a finite number: (num_samples,)."""
    return np.array([bool(np.isfinite(said).all()) for said in outputs])


def _rows(
    trained: Trained, inputs: Sequence[str | Path], prepared: bool, notes: list[Problem], should_stop: Callable[[], bool]
) -> Iterator[RawRows]:
    """What is to be predicted from, as it comes; arrays and images all at once, so that all that is wrong is told at once."""
    encoding = trained.preparation.encoding
    arrays = isinstance(encoding, PictureEncoding) and any(Path(path).suffix in (".npy", ".npz") for path in inputs)
    if encoding is None or prepared or arrays:
        if "-" in map(str, inputs):
            message = "lines on standard input are for networks that were trained on a table or on texts"
            raise error("NN606", message, "name a .npy, .npz or image file", argument="-")
        raw = read_inputs(inputs, trained.preparation, prepared, trained.experiment.dataset)
        notes += raw.notes
        yield RawRows(raw.inputs, raw.names)
        return
    if isinstance(encoding, PictureEncoding):
        pictures = stream_pictures(list(map(str, inputs)), encoding, trained.experiment.dataset, notes)
        yield from regrouped(pictures, group_rows(encoding.raw_shape))
        return
    if isinstance(encoding, TextEncoding):
        unknown = UnknownTexts()
        if list(map(str, inputs)) == ["-"]:
            yield from unknown.counted(answer_texts(sys.stdin.buffer, encoding, should_stop))
            if should_stop():
                raise KeyboardInterrupt
        else:
            texts = stream_texts(list(map(str, inputs)), encoding, trained.experiment.dataset)
            yield from unknown.counted(regrouped(texts, group_rows(encoding.raw_shape)))
        notes += unknown.notes()
        return
    from nncli.data.tables.encoding import TableEncoding  # pyarrow takes 0.2 s, which other networks need not pay
    from nncli.data.tables.reading import answer_lines, stream_rows

    assert isinstance(encoding, TableEncoding)
    unknown = UnknownTexts(encoding.units)
    if list(map(str, inputs)) == ["-"]:
        yield from unknown.counted(answer_lines(sys.stdin.buffer, encoding, should_stop))
        if should_stop():
            raise KeyboardInterrupt
    else:
        dataset = trained.experiment.dataset
        table = (rows for path in inputs for rows in stream_rows(str(path), encoding, dataset))
        yield from unknown.counted(regrouped(table, group_rows(encoding.raw_shape)))
    notes += unknown.notes()


def group_rows(shape: tuple[int, ...]) -> int:
    """How many rows are predicted together: whole batches, so that the bits are those of an evaluation.

    Args:
        shape: of a raw sample.
    """
    return max(1, min(MOST_BATCHES, chunk_rows(shape) // BATCH_SIZE)) * BATCH_SIZE


def _ready(trained: Trained, stream: Iterable[RawRows], prepared: bool) -> Iterator[tuple[RawRows, NDArray[Any]]]:
    """Rows, and the network's inputs for them."""
    for raw in stream:
        ready = raw.inputs if prepared else trained.preparation.inputs(raw.inputs)
        require_lookup(trained.experiment.model, ready, Origin("the input"))
        yield raw, ready


def _into_file(write: Callable[[bytes], None], file_format: str) -> Sink:
    is_first = True

    def add(rows: Sequence[Mapping[str, Any]]) -> None:
        nonlocal is_first
        write("".join(text_lines(rows, file_format, header=is_first)).encode())
        is_first = False

    return add


def _file_format(path: Path, stated: str | None) -> str:
    chosen = stated or path.suffix.removeprefix(".").lower()
    if chosen not in FILE_FORMATS:
        hint = f"use one of {', '.join('.' + name for name in FILE_FORMATS)}"
        raise error("NN606", f"`{path.name}` does not tell what to write", hint, argument=str(path))
    return chosen


def describe_outputs(trained: Trained, outputs: NDArray[np.float32], raw: RawRows, top_k: int) -> list[Mapping[str, Any]]:
    """The network's outputs as a person reads them.

    Args:
        trained: the network.
        outputs: (num_samples, ...), float32, in the units of the data.
        raw: what they are about.
        top_k: how many classes are named for each row.

    Returns:
        A row each: `input`, and `id` where a column names the rows; then `class`, `probability` (or `score`, where the outputs are
        no probabilities), for `top_k` above 1 `top`, and for rows of a table, pictures and texts `probabilities`, of each class; or
        `output` where there are no classes. What is no finite number has no class.
    """
    is_encoded = trained.preparation.encoding is not None
    heads: list[dict[str, Any]] = [{"input": name} for name in raw.names]
    if raw.ids is not None:
        heads = [{**head, "id": entry} for head, entry in zip(heads, raw.ids, strict=True)]
    classes = trained.preparation.class_names
    scores = class_scores(trained.experiment, outputs, len(classes))
    if scores is None:
        return [{**head, "output": values.tolist()} for head, values in zip(heads, outputs, strict=True)]
    rows: list[Mapping[str, Any]] = []
    # A stable sort: of equally probable classes the first is named first.
    order = np.argsort(-scores.values, axis=1, kind="stable")[:, : max(1, top_k)]
    tells_all = is_encoded and scores.kind == "probability" and len(classes) <= MOST_NAMED
    for head, ranked, values, is_answer in zip(heads, order, scores.values, _are_answers(outputs), strict=True):
        top = [{"class": classes[index] if is_answer else None, scores.kind: float(values[index])} for index in ranked]
        every = {"probabilities": dict(zip(classes, values.tolist(), strict=True))} if tells_all else {}
        rows.append({**head, **top[0], **({"top": top} if top_k > 1 else {}), **every})
    return rows

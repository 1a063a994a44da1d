"""`nncli export`: a trained network in a format that others read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.commands.loading import Trained, load_trained, require_sizes
from nncli.engine.export.compare import largest_difference
from nncli.engine.export.formats import FORMATS, export_bytes
from nncli.engine.state import architecture, capture_weights
from nncli.problems import Problem, error
from nncli.reports.runs import ExportReport
from nncli.runs.new_file import require_new, write_new
from nncli.spec.experiment import Experiment
from nncli.spec.model import own_parts

NUM_COMPARED = 128
"""How many rows both networks predict: four batches."""
TOLERANCE = 1e-5
"""Largest difference allowed where the stock network has to be compiled by another compiler; elsewhere the bits are equal."""


def export(path: str | Path, *, export_format: str | None = None, output: Path | None = None, which: str = "best") -> ExportReport:
    """Convert a trained network, load the result, and compare its predictions.

    Args:
        path: a checkpoint, a run folder, or a file of stock Keras.
        export_format: `h5` (stock Keras, no training state) or `keras`; None: that of the output's name, `h5` without one.
        output: the file to write; None: the experiment's name in the working directory. It must not exist.
        which: `best` or `last`, for a run folder.

    Raises:
        NncliError: the checkpoint or the output are at fault; NN702, the exported network predicts otherwise (nothing is written).
    """
    export_format = format_of(output, export_format)
    trained = load_trained(path, which)
    require_sizes(trained)
    output = output or Path(f"{trained.experiment.name}.{export_format}")
    require_new(output)
    trained.require_memory(NUM_COMPARED)
    inputs = _inputs(trained)
    evaluator = trained.evaluator()
    # The network as nncli built it from the spec: a stored architecture may be anyone's, and its layers may keep states.
    weights = capture_weights(evaluator.network, architecture(evaluator.network))
    data, network = export_bytes(weights, export_format)
    layers = trained.experiment.model.layers
    channels_first = any(layer.has_windows and getattr(layer, "data_format", None) == "channels_first" for layer in layers)
    difference = largest_difference(evaluator.predict(inputs), network, inputs, jit=channels_first)
    if difference > (TOLERANCE if channels_first else 0.0):
        raise error("NN702", f"the exported network's predictions differ by up to {difference:g}; nothing was written", file=output)
    write_new(output, data)
    document = trained.preparation.to_json()
    return ExportReport(
        checkpoint=str(trained.path),
        format=export_format,
        output=str(output),
        bytes=len(data),
        compared=len(inputs),
        largest_difference=difference,
        input_shape=trained.preparation.input_shape,
        input_dtype=trained.preparation.input_dtype,
        preprocessing=None if trained.stock is not None else tuple(document["steps"]),
        encoding=document["encoding"],
        target_scale=trained.preparation.target_scale,
        num_outputs=evaluator.network.output_shape[-1],
        class_names=trained.preparation.class_names,
        problems=_notes(trained.experiment, channels_first),
    )


def format_of(output: Path | None, stated: str | None) -> str:
    """The format that is stated, or that of the file's name, by which Keras knows it.

    Raises:
        NncliError: NN606, the name does not end in it.
    """
    if output is None:
        return stated or FORMATS[0]
    chosen = stated or output.suffix.removeprefix(".")
    if chosen not in FORMATS or output.suffix != f".{chosen}":
        endings = [f".{name}" for name in ([stated] if stated else FORMATS)]
        message = f"`{output.name}` does not end in {' or '.join(endings)}, by which Keras knows the format"
        hint = f"call it {' or '.join(f'`{output.stem}{ending}`' for ending in endings)}"
        raise error("NN606", message, hint, argument=str(output))
    return chosen


def _notes(experiment: Experiment, channels_first: bool) -> tuple[Problem, ...]:
    notes = []
    if channels_first:
        message = "stock Keras computes channels_first convolutions on a CPU only when compiled by XLA"
        notes.append(Problem("NN404", message, "call `compile(jit_compile=True)` before `predict`", severity="warning"))
    if own := sorted(own_parts(experiment.model)):
        message = f"stock Keras does not know {', '.join(f'`{name}`' for name in own)}"
        notes.append(Problem("NN404", message, "write `import nncli.keras_objects` before `load_model`", severity="warning"))
    if experiment.model.is_stateful:
        message = "the exported network starts every batch from a zero state, as nncli's own predictions do"
        notes.append(Problem("NN404", message, "a checkpoint holds the stateful network itself", severity="warning"))
    return tuple(notes)


def _inputs(trained: Trained) -> NDArray[Any]:
    """Random inputs to compare on: bits that are equal on them are equal, and no data have to be at hand."""
    shape = (NUM_COMPARED, *trained.preparation.input_shape)
    generator = np.random.default_rng(0)
    if (numbers := trained.experiment.model.numbers) is not None:
        if isinstance(numbers, range):
            return generator.integers(numbers[0], numbers[-1], shape, dtype=np.int32, endpoint=True)
        return generator.choice(np.array(sorted(numbers), np.int32), shape)
    return generator.random(shape, dtype=np.float32)

"""What the commands give back: plain values that a terminal shows as tables and `--json` as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from nncli.problems import Problem

Metrics = Mapping[str, float | list[float]]
"""Metric name -> value; a list for a metric that has a value a class."""


def plain(value: Any) -> Any:
    """JSON values: parts of reports as mappings, tuples as lists, and null for numbers that JSON does not have."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What every report has.

    Attributes:
        problems: warnings, and what makes the command fail after all (a gate, a divergence); not part of the JSON `report`.
    """

    problems: tuple[Problem, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The report's own fields as JSON values."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self) if entry.name != "problems"}


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
    """

    checkpoint: str
    data: str
    split: str | None
    samples: int
    metrics: Metrics
    seconds: float


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
    """

    checkpoint: str
    format: str
    output: str
    bytes: int
    compared: int
    largest_difference: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSummary:
    """A layer of a network.

    Attributes:
        name, type: as the config has them, or as they were made up.
        output_shape: of one sample; null for an axis that may vary.
        parameters: weights and statistics.
        trained: how many of them training changes by the gradient.
        multiply_adds: how many times it multiplies and adds for one sample.
    """

    name: str
    type: str
    output_shape: tuple[int | None, ...]
    parameters: int
    trained: int
    multiply_adds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySummary:
    """What a step of the training keeps in memory, an estimate in bytes.

    Attributes:
        batch_size: samples of a step.
        weights: all weights.
        gradients: one for each weight that is trained.
        optimizer: what it keeps for each of those.
        activations: the input and the outputs of all layers, for every sample of a batch.
        total: the sum.
    """

    batch_size: int
    weights: int
    gradients: int
    optimizer: int
    activations: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightSummary:
    """An array of weights.

    Attributes:
        name: its path in the network.
        shape: its shape.
        values: all of it as nested lists where it is small; null where it is large.
        statistics: `min`, `max`, `mean` and `std` of its values.
    """

    name: str
    shape: tuple[int, ...]
    values: Any
    statistics: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryReport(Report):
    """A network, layer by layer.

    Attributes:
        name: the experiment's.
        input_shape: of one prepared sample; null for an axis that may vary, in a file of stock Keras.
        layers: first to last.
        parameters, trained, multiply_adds: sums over the layers.
        memory: of a step of the training; null for a checkpoint that was trained with all samples in a batch.
        weights: the arrays of a checkpoint, where asked for.
        plot: the picture written; null where none was asked for.
    """

    name: str
    input_shape: tuple[int | None, ...]
    layers: tuple[LayerSummary, ...]
    parameters: int
    trained: int
    multiply_adds: int = 0
    memory: MemorySummary | None = None
    weights: tuple[WeightSummary, ...] | None = None
    plot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotReport(Report):
    """Pictures of a run.

    Attributes:
        run_dir: the run folder.
        figures: the files written; beside each lies a `.csv` of the same name.
    """

    run_dir: str
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InitReport(Report):
    """Configs to start from, or the one that was written.

    Attributes:
        examples: name -> what it is, in a line.
        output: the file written; null where they were only listed.
    """

    examples: Mapping[str, str]
    output: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport(Report):
    """A check of configs.

    Attributes:
        files: each config, with the number of errors and warnings found.
    """

    files: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeExplanation:
    """What a problem code means.

    Attributes:
        code, title, exit_code: as `nncli.problems` has them.
        meaning: what it means, when it appears, and what to do.
        wrong, right: a part of a config or a command line that leads to it, and the same without the mistake.
    """

    code: str
    title: str
    exit_code: int
    meaning: str
    wrong: str
    right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldExplanation:
    """A field of a type or of a mapping.

    Attributes:
        name: its key.
        takes: what it takes, in words, with the range or the choices.
        required: whether it has no default.
        default: as one would write it; null where there is none, too.
        meaning: what it does.
    """

    name: str
    takes: str
    required: bool
    default: Any
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeExplanation:
    """Something that a config can choose by name.

    Attributes:
        kind, name: such as `layer` and `conv2d`.
        short_names: what a config may write in place of the name.
        keras: the Keras class that it stands for; null for nncli's own.
        meaning: what it is.
        fields: all but `type`.
        example: a part of a config with it, as YAML; null for the one that no config can use.
    """

    kind: str
    name: str
    short_names: tuple[str, ...]
    keras: str | None
    meaning: str
    fields: tuple[FieldExplanation, ...]
    example: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartExplanation:
    """A part of a config, or a kind of what it chooses by name.

    Attributes:
        path: such as `training.early_stopping`; the kind, such as `layer`, where there is no path.
        value: what the part takes; null for a kind.
        meaning: what it is.
        fields: of a mapping; empty elsewhere.
        kind: what is chosen there by name; null where nothing is.
        types: of that kind, name -> what it is, in a sentence.
    """

    path: str
    value: FieldExplanation | None
    meaning: str
    fields: tuple[FieldExplanation, ...] = ()
    kind: str | None = None
    types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainReport(Report):
    """What a word means that nncli uses.

    Attributes:
        topic: the word.
        code: the problem code of that name; null where it is none.
        part: the part of a config, or the kind, of that name; null likewise.
        types: the types of that name, one of each kind that has one.
    """

    topic: str
    code: CodeExplanation | None = None
    part: PartExplanation | None = None
    types: tuple[TypeExplanation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaReport(Report):
    """The JSON Schema of configs.

    Attributes:
        schema: the schema; null where it was written into a file.
        output: the file; null where the schema is in `schema`.
    """

    schema: Mapping[str, Any] | None
    output: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowConfigReport(Report):
    """A config with every default filled in.

    Attributes:
        name: the experiment's.
        config: all of it, paths absolute.
        output: the file written; null where it was only shown.
    """

    name: str
    config: Mapping[str, Any]
    output: str | None

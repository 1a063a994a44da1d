"""`nncli init --from-h5`: the config of a network that stock Keras saved."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from nncli.checkpoint.read import parse_checkpoint, read_file
from nncli.checkpoint.stock.container import is_stock
from nncli.checkpoint.stock.parts import clean
from nncli.checkpoint.stock.read import Stock, read_stock
from nncli.commands.editing import with_schema
from nncli.commands.stock import labels_of, stock_experiment
from nncli.config.load import parse_config
from nncli.config.write import on_lines, short
from nncli.problems import Problem, Where, error
from nncli.reports.configs import InitReport
from nncli.runs.new_file import require_new, write_new
from nncli.spec.base import TypedSpec
from nncli.spec.experiment import Experiment
from nncli.spec.layers.base import Layer, dimensions
from nncli.spec.model import layer_names
from nncli.spec.registry import SHORT_NAMES

_CHOOSE: Final = "To be chosen: the file does not tell"
_CHOOSE_ANOTHER: Final = "To be chosen: no config can express the file's own"
_FOR_SCORES: Final = " This one is for amounts; for class numbers: {type: sparse_categorical_crossentropy, from_logits: true}"


def adopt(source: Path, *, output: Path | None = None) -> InitReport:
    """Write the config of a network that stock Keras saved; training it starts from the file's weights.

    Args:
        source: a sequential network, `.h5` or `.keras`.
        output: the file, which must not exist; None: the network's name with `.yaml`, in the working directory.

    Raises:
        NncliError: NN603, the file is no such network, or all that no config can express; NN601, the config exists; NN604, it
            cannot be written.
    """
    if not source.exists():
        raise error("NN603", "there is no such file", "check the path; it takes a .h5 or .keras file of stock Keras", file=source)
    data = read_file(source)
    if not is_stock(data):
        parse_checkpoint(source, data)  # says what the file is, unless it is a checkpoint
        hint = "its config is the `config.yaml` of its run"
        raise error("NN603", "this is a checkpoint of nncli's own; --from-h5 takes what stock Keras saved", hint, file=source)
    stock = read_stock(source, data)
    experiment = stock_experiment(source, stock)
    path = output or Path(f"{experiment.name}.yaml")
    require_new(path)
    weights_from = Path(os.path.relpath(source.resolve(), path.parent.resolve())).as_posix()
    text = config_text(experiment, stock, source.name, weights_from)
    parse_config(text, str(path), str(path.parent))  # whatever this would refuse is a bug, and better met here
    text, schema, notes = with_schema(path.parent, text)
    write_new(path, text.encode())
    where = Where(file=str(source))
    warnings = tuple(Problem("NN603", f"not taken over: {lost}", None, where, "warning") for lost in stock.compiled.lost)
    title = f"the network of {source.name}: {len(stock.stack.model.layers)} layers"
    return InitReport(examples={experiment.name: title}, output=str(path), schema=schema, problems=(*warnings, *notes))


def config_text(experiment: Experiment, stock: Stock, title: str, weights_from: str) -> str:
    """The YAML of a stock network's config, with a comment on whatever the file does not tell.

    Args:
        experiment: what is to be written.
        stock: the network.
        title: what its file is called.
        weights_from: path of the file, as the config names it.
    """
    compiled, stack = stock.compiled, stock.stack
    labels = labels_of(experiment.loss.type, stack.shapes[-1])
    dataset = {"type": "npz", "path": "data.npz"} | ({"labels": "one_hot"} if labels == "one_hot" else {})
    lines = [
        f"# The network of {clean(title)}, which stock Keras saved",
        f"name: {on_lines(experiment.name, 2)}",
        f"# {_CHOOSE}. Samples of {dimensions(stack.input_shape)}, prepared as for the training of the network.",
        f"dataset: {on_lines(dataset, 2)}",
        "model:",
        f"  weights_from: {on_lines(weights_from, 4)}  # training starts from these weights",
    ]
    if None not in stack.input_shape:
        lines.append(f"  input_shape: {on_lines(list(stack.input_shape), 4)}")
    lines += ["  layers:", *(f"    - {on_lines(short(layer), 6)}" for layer in _without_usual_names(stack.model.layers))]
    for name in ("optimizer", "loss"):
        if getattr(compiled, name) is None:
            is_lost = any(lost.startswith(f"{name}: ") for lost in compiled.lost)
            is_open = name == "loss" and experiment.loss.type == "mean_squared_error" and (stack.shapes[-1][-1] or 0) > 1
            lines.append(f"# {_CHOOSE_ANOTHER if is_lost else _CHOOSE}.{_FOR_SCORES if is_open else ''}")
        lines.append(f"{name}: {on_lines(short(getattr(experiment, name)), 2)}")
    if experiment.metrics:
        lines.append(f"metrics: {on_lines([_metric(metric) for metric in experiment.metrics], 2)}")
    return "\n".join([*lines, *_training(experiment, stack.batch_size), ""])


def _metric(metric: TypedSpec) -> Any:
    """A metric by the name alone that it is called by, where that means the same."""
    written = short(metric)
    is_named = isinstance(written, dict) and set(written) == {"type", "name"}
    return written["name"] if is_named and SHORT_NAMES["metric"].get(written["name"]) == written["type"] else written


def _training(experiment: Experiment, batch_size: int | None) -> list[str]:
    """What the network's kind asks for; the budget has a default."""
    if not any(layer.is_trained for layer in experiment.model.layers):
        return ["# No layer of this network can be trained: a run only measures it.", "training: {steps: 0}"]
    if experiment.model.is_stateful:
        training = {"batch_size": batch_size or 1, "order": "sequential"}
        return ["# A stateful layer goes on where the batch before ended.", f"training: {on_lines(training, 2)}"]
    return []


def _without_usual_names(layers: tuple[Layer, ...]) -> list[Layer]:
    """The layers without the names that they would get anyway; weights are found by the names."""
    wanted = [layer.name for layer in layers]
    plain = [layer.model_copy(update={"name": None}) for layer in layers]
    while (names := list(layer_names(plain))) != wanted:
        wrong = next(index for index, (name, right) in enumerate(zip(names, wanted, strict=True)) if name != right)
        plain[wrong] = layers[wrong]
    return plain

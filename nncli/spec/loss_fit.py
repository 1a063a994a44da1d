"""Whether loss, labels and the last layer fit together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nncli.spec.accuracy import BINARY_LOSSES, CLASS_NUMBER_LOSSES
from nncli.spec.axes import output_axis_misfit
from nncli.spec.base import Mistake, TypedSpec
from nncli.spec.datasets.tables import Table
from nncli.spec.experiment import Experiment
from nncli.spec.layers.base import Layer, dimensions
from nncli.spec.outline import Outline
from nncli.spec.values import Shape

_TWO_CLASS_LOSSES: Final = BINARY_LOSSES | {"hinge", "squared_hinge"}
_ROW_LOSSES: Final = frozenset({"categorical_crossentropy", "categorical_focal_crossentropy", "categorical_hinge"})
"""Losses of rows with one entry a class, which say nothing about a single output."""
_AMOUNT_LOSSES: Final = frozenset(
    {
        "mean_squared_error",
        "mean_absolute_error",
        "mean_absolute_percentage_error",
        "mean_squared_logarithmic_error",
        "huber",
        "log_cosh",
    }
)


def loss_mistakes(experiment: Experiment, outline: Outline, output: Shape) -> Iterator[Mistake]:
    """What is wrong with the loss.

    Args:
        experiment: the config.
        outline: shapes and form of its data.
        output: the last layer's output for one sample.
    """
    yield from (found := list(_form(experiment, outline, output)))
    if all(mistake.severity == "warning" for mistake in found):
        yield from _arguments(experiment.loss, output, experiment.model.layers[-1])


def _arguments(loss: TypedSpec, output: Shape, last: Layer) -> Iterator[Mistake]:
    """What of its fields does not go with outputs that go with the targets."""
    if (misfit := output_axis_misfit(loss, len(output) + 1, last)) is not None:
        yield Mistake(("loss", *misfit.at), "NN401", misfit.message, misfit.hint)
    alpha = getattr(loss, "alpha", None)
    if isinstance(alpha, tuple) and len(alpha) not in (1, output[-1]):
        message = f"`alpha` lists {len(alpha)} weights, the last layer has {output[-1]} outputs"
        yield Mistake(("loss", "alpha"), "NN401", message, f"give {output[-1]}, one a class, or one number for all")


def _form(experiment: Experiment, outline: Outline, output: Shape) -> Iterator[Mistake]:
    loss = experiment.loss.type
    if getattr(experiment.loss, "reduction", "sum") in (None, "none"):
        message = "without a reduction there are many losses, and training needs one number to make small"
        yield Mistake(("loss", "reduction"), "NN403", message, "remove `reduction`")
    if loss in CLASS_NUMBER_LOSSES:
        yield from _class_numbers(experiment, outline, output)
    elif loss == "circle":
        if outline.labels != "index":
            yield _mistake(f"`circle` takes class numbers, the targets here are {_targets(outline)}", _index_hint(outline))
        elif len(output) != 1:
            yield _mistake(f"`circle` takes one vector a sample, the last layer gives {dimensions(output)}", _FLATTEN)
    elif loss == "ctc":
        if outline.labels is not None or len(outline.target_shape) != 1:
            yield _mistake(
                f"`ctc` takes a row of label numbers a sample, the targets here are {_targets(outline)}",
                "give each sample a row of whole numbers from 1 up, filled up with 0, and leave `labels` out",
            )
        elif len(output) != 2:
            hint = "end with a recurrent layer with `return_sequences: true` and a `dense` layer of one unit a label, plus 1"
            yield _mistake(f"`ctc` takes outputs of 2 axes (time, labels), the last layer gives {dimensions(output)}", hint)
    elif outline.labels == "index":
        yield from _values_of_class_numbers(experiment, outline, output)
    elif outline.labels == "one_hot" and _count_from_1(outline, output):
        yield _counted_from_1(experiment, output)
    elif not _same(output, outline.target_shape):
        yield _other_shape(experiment, outline.target_shape, output)
    elif loss in _ROW_LOSSES and output[-1:] == (1,):
        yield _mistake(f"`{loss}` needs an output for each class, the last layer has one", "use `binary_crossentropy`")


_FLATTEN: Final = "add a `flatten` layer before the last `dense` layer"


def _mistake(message: str, hint: str | None) -> Mistake:
    return Mistake(("loss",), "NN401", message, hint)


def _targets(outline: Outline) -> str:
    return {"one_hot": "one-hot rows", "index": "class numbers", None: "numbers to predict"}[outline.labels]


def _index_hint(outline: Outline) -> str:
    if outline.labels is None and outline.target_shape == (1,):
        return "set `dataset.labels: index` where they are class numbers, or use another loss, such as `mse`"
    if outline.labels is None:
        return "set `dataset.labels: one_hot` and use `categorical_crossentropy` where they are one-hot rows, or use another loss"
    return "set `dataset.labels: index`"


def _class_numbers(experiment: Experiment, outline: Outline, output: Shape) -> Iterator[Mistake]:
    loss, classes, width = experiment.loss.type, outline.num_classes, output[-1] if output else None
    if outline.labels != "index":
        hint = _index_hint(outline) + (", or use `categorical_crossentropy`" if outline.labels else "")
        yield _mistake(f"`{loss}` takes class numbers, the targets here are {_targets(outline)}", hint)
    elif len(output) != 1:
        yield _mistake(f"`{loss}` takes one row of outputs a sample, the last layer gives {dimensions(output)}", _FLATTEN)
    elif _count_from_1(outline, output):
        yield _counted_from_1(experiment, output)
    elif classes is not None and width is not None and width < classes:
        message = f"the last layer has {width} output{'s'[: width != 1]}, the data have {classes} classes"
        yield Mistake(_units(experiment), "NN401", message, f"give it {classes} units")
    elif classes is not None and width is not None and width > classes and experiment.dataset.type != "text":
        # Room for more words than a text has is usual, and does no harm.
        message = f"the last layer has {width} outputs, the data have only {classes} class{'es'[: 2 * (classes != 1)]}"
        yield Mistake(_units(experiment), "NN401", message, f"give it {classes} unit{'s'[: classes != 1]}", "warning")


def _count_from_1(outline: Outline, output: Shape) -> bool:
    """Whether only class 0, which no sample is of, has no output."""
    return outline.lowest_class == 1 and outline.num_classes is not None and output == (outline.num_classes - 1,)


def _counted_from_1(experiment: Experiment, output: Shape) -> Mistake:
    width = output[0] or 0
    message = f"the last layer has {width} outputs, for the class numbers 0 to {width - 1}; those of the data go from 1 to {width}"
    return Mistake(_units(experiment), "NN401", message, f"subtract 1 from the class numbers, or give it {width + 1} units")


def _units(experiment: Experiment) -> tuple[str | int, ...]:
    """Path of the last layer's width."""
    return ("model", "layers", len(experiment.model.layers) - 1, "units")


def _values_of_class_numbers(experiment: Experiment, outline: Outline, output: Shape) -> Iterator[Mistake]:
    loss, classes = experiment.loss.type, outline.num_classes or 0
    if output != (1,):
        # Rows are no way out for a loss that asks each class by itself, or that measures distances.
        rows = "" if loss in BINARY_LOSSES | _AMOUNT_LOSSES else "set `dataset.labels: one_hot`, or "
        message = (
            f"`{loss}` compares the outputs ({dimensions(output)}) with the targets value by value, which are class numbers here"
        )
        yield _mistake(message, f"{rows}use `sparse_categorical_crossentropy`")
    elif loss in _TWO_CLASS_LOSSES and classes > 2:
        hint = f"give the last layer {classes} units with softmax, and use `sparse_categorical_crossentropy`"
        if outline.lowest_class == 1 and classes == 3:
            hint = "subtract 1 from the class numbers, which are 1 and 2 here: they count from 0"
        yield _mistake(f"`{loss}` tells two classes apart with one output, the data have {classes}", hint)
    elif loss in _ROW_LOSSES:
        hint = "use `binary_crossentropy`" if classes <= 2 else "use `sparse_categorical_crossentropy`"
        yield _mistake(f"`{loss}` needs an output for each class, the last layer has one", hint)
    elif loss in _AMOUNT_LOSSES and classes > 2:
        message = f"`{loss}` takes class numbers for amounts: class 4 would be twice class 2"
        hint = f"give the last layer {classes} units with softmax, and use `sparse_categorical_crossentropy`"
        if experiment.dataset.labels is None:
            way = "say so: `targets: numbers`" if isinstance(experiment.dataset, Table) else "store them as floats"
            hint += f"; where they are amounts, {way}"
        yield Mistake(("loss",), "NN401", message, hint, "warning")


def _same(output: Shape, target: Shape) -> bool:
    return len(output) == len(target) and all(a is None or a == b for a, b in zip(output, target, strict=True))


def _one_a_point(experiment: Experiment) -> str | None:
    """The ways out where a series has a target for each point of a window, and the network gives one answer for all of them."""
    if getattr(experiment.dataset, "predict", None) != "sequence":
        return None
    recurrent = [layer.type for layer in experiment.model.layers if getattr(layer, "return_sequences", None) is False]
    last = f"the last `{recurrent[-1]}`" if recurrent else "a recurrent layer"
    return f"set `dataset.predict: last` for one answer a window, or `return_sequences: true` in {last} for one a point"


def _other_shape(experiment: Experiment, target: Shape, output: Shape) -> Mistake:
    message = f"the last layer gives {dimensions(output)}, the targets are {dimensions(target)}"
    if len(output) == len(target) == 1 and experiment.loss.type in _TWO_CLASS_LOSSES and experiment.dataset.labels == "one_hot":
        many = f"give the last layer {target[0]} units with softmax, and use `categorical_crossentropy`"
        return _mistake(message, many if (target[0] or 0) > 2 else "set `dataset.labels: index`")
    if output[:-1] == target[:-1] and target:
        return Mistake(_units(experiment), "NN401", message, f"give it {target[-1]} unit{'s'[: target[-1] != 1]}")
    if len(output) <= len(target):
        return _mistake(message, _one_a_point(experiment) if len(output) < len(target) else None)
    sequences = next((layer for layer in reversed(experiment.model.layers) if getattr(layer, "return_sequences", False)), None)
    return _mistake(message, _FLATTEN if sequences is None else f"remove `return_sequences` from the last `{sequences.type}`")

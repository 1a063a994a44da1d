"""Mistakes that are no matter of one value: parts of a config that do not fit together, or not to the data."""

from __future__ import annotations

from collections.abc import Iterator

from nncli.spec.accuracy import BINARY_LOSSES, CLASS_NUMBER_LOSSES
from nncli.spec.base import Mistake, Shape, closest
from nncli.spec.conditions import parse_condition
from nncli.spec.experiment import Experiment, metric_name
from nncli.spec.layers.base import dimensions
from nncli.spec.outline import Outline
from nncli.spec.shapes import output_shapes


def find_mistakes(experiment: Experiment, outline: Outline) -> list[Mistake]:
    """Everything that is wrong with an experiment whose every part is valid by itself.

    Args:
        experiment: the whole config.
        outline: shapes and counts of its data set.
    """
    shapes, mistakes = output_shapes(experiment.model, outline.input_shape)
    if not mistakes:
        mistakes += _loss(experiment, outline, shapes[-1] if shapes else outline.input_shape)
    return [*mistakes, *_names(experiment, outline), *_training(experiment, outline)]


def _loss(experiment: Experiment, outline: Outline, output: Shape) -> Iterator[Mistake]:
    loss, path = experiment.loss.type, ("loss",)
    classes, width = outline.num_classes, output[-1] if output else None
    if loss in CLASS_NUMBER_LOSSES:
        if outline.labels != "index":
            yield Mistake(
                path,
                "NN401",
                f"`{loss}` takes class numbers, the targets here are {_targets(outline)}",
                "set `dataset.labels: index`, or use `categorical_crossentropy`"
                if outline.labels
                else "use another loss, such as `mse`",
            )
        elif output[:-1] != outline.target_shape:
            yield Mistake(path, "NN401", f"`{loss}` takes one row of outputs a sample, the last layer gives {dimensions(output)}")
        elif classes is not None and width is not None and width < classes:
            yield Mistake(
                path,
                "NN401",
                f"the last layer has {width} outputs, the data have {classes} classes",
                f"give it {classes} units",
            )
    elif outline.labels == "index" and (width != 1 or len(output) != 1):
        yield Mistake(
            path,
            "NN401",
            f"`{loss}` compares the outputs ({dimensions(output)}) with the targets value by value, which are class numbers here",
            "set `dataset.labels: one_hot`" + ("" if loss in BINARY_LOSSES else ", or use `sparse_categorical_crossentropy`"),
        )
    elif outline.labels != "index" and not _same(output, outline.target_shape):
        yield Mistake(
            path,
            "NN401",
            f"the last layer gives {dimensions(output)}, the targets are {dimensions(outline.target_shape)}",
            f"give the last layer {outline.target_shape[-1]} units" if outline.target_shape else None,
        )


def _targets(outline: Outline) -> str:
    return "one-hot rows" if outline.labels == "one_hot" else "numbers to predict" if outline.labels is None else "class numbers"


def _same(output: Shape, target: Shape) -> bool:
    return len(output) == len(target) and all(a is None or a == b for a, b in zip(output, target, strict=True))


def _names(experiment: Experiment, outline: Outline) -> Iterator[Mistake]:
    """Names of metrics that nothing in this run produces."""
    own = ["loss", *(metric_name(metric) for metric in experiment.metrics)]
    for index, name in enumerate(own[1:]):
        if name in own[: index + 1]:
            yield Mistake(("metrics", index), "NN403", f"two metrics are called `{name}`", "give one of them a `name`")
    while_training = [*own, *(f"val_{name}" for name in own if outline.num_validation)]
    at_the_end = [*while_training, *(f"test_{name}" for name in own if outline.num_test)]
    training = experiment.training
    for field in ("early_stopping", "reduce_lr_on_plateau", "best"):
        part = getattr(training, field)
        if part is None or (field == "best" and "monitor" not in part.model_fields_set):
            continue  # the default of `best` falls back to the last weights
        yield from _unknown(part.monitor, while_training, ("training", field, "monitor"))
    for index, text in enumerate(training.stop_when):
        yield from _unknown(parse_condition(text).name, while_training, ("training", "stop_when", index))
    for index, text in enumerate(experiment.expect):
        yield from _unknown(parse_condition(text).name, at_the_end, ("expect", index))


def _unknown(name: str, known: list[str], path: tuple[str | int, ...]) -> Iterator[Mistake]:
    if name in known:
        return
    if name.startswith("val_") and name.removeprefix("val_") in known:
        hint = "there is no validation part: set `dataset.validation`, for example to 0.1"
    elif name.startswith("test_") and name.removeprefix("test_") in known:
        hint = "there is no test part in these data"
    else:
        right = closest(name, known)
        hint = f"did you mean `{right}`?" if right else f"there are: {', '.join(known)}"
    yield Mistake(path, "NN402", f"nothing in this run measures `{name}`", hint)


def _training(experiment: Experiment, outline: Outline) -> Iterator[Mistake]:
    training = experiment.training
    if training.precision == "mixed_float16":
        yield Mistake(
            ("training", "precision"),
            "NN404",
            "`mixed_float16` is 150 times slower than float32 on a CPU",
            "use `mixed_bfloat16`, which recent CPUs compute fast, or `float32`",
        )
    if experiment.model.is_stateful:
        yield from _stateful(experiment, outline)
    for name in training.class_weight or {}:
        if outline.labels is None:
            yield Mistake(
                ("training", "class_weight"), "NN403", "class weights need classes, the targets here are numbers to predict"
            )
            break
        known = outline.class_names or tuple(str(number) for number in range(outline.num_classes or 0))
        if known and name not in known:
            right = closest(name, known)
            hint = f"did you mean `{right}`?" if right else f"there are: {', '.join(known[:20])}"
            yield Mistake(("training", "class_weight", name), "NN402", f"there is no class `{name}`", hint)


def _stateful(experiment: Experiment, outline: Outline) -> Iterator[Mistake]:
    training = experiment.training
    if training.batch_size != "full" and outline.num_train % training.batch_size:
        yield Mistake(
            ("training", "batch_size"),
            "NN403",
            f"a stateful layer needs batches of one size, {outline.num_train} samples do not divide by {training.batch_size}",
            "choose a batch size that divides them",
        )
    if training.order != "sequential" and training.batch_size != "full":
        yield Mistake(
            ("training", "order"),
            "NN403",
            f"a stateful layer goes on where row i of the batch before ended, which `order: {training.order}` tears apart",
            "set `training.order: sequential`",
        )

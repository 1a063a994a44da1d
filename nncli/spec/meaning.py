"""Mistakes that are no matter of one value: parts of a config that do not fit together, or not to the data."""

from __future__ import annotations

from collections.abc import Iterator

from nncli.spec.base import Mistake, TypedSpec
from nncli.spec.experiment import Experiment
from nncli.spec.loss_fit import loss_mistakes
from nncli.spec.metric_fit import metric_mistakes
from nncli.spec.model import KEEPING_VALUES
from nncli.spec.names import name_mistakes
from nncli.spec.outline import Outline
from nncli.spec.shapes import output_shapes
from nncli.spec.wording import closest


def find_mistakes(experiment: Experiment, outline: Outline) -> list[Mistake]:
    """Everything that is wrong with an experiment whose every part is valid by itself.

    Args:
        experiment: the whole config.
        outline: shapes and counts of its data set.
    """
    shapes, mistakes = output_shapes(experiment.model, outline.input_shape)
    if len(shapes) == len(experiment.model.layers):
        mistakes += loss_mistakes(experiment, outline, shapes[-1])
        mistakes += metric_mistakes(experiment, outline, shapes[-1])
    mistakes += name_mistakes(experiment, outline)
    mistakes += _embeddings(experiment)
    mistakes += _training(experiment, outline)
    return [*mistakes, *_class_weight(experiment, outline)]


def _embeddings(experiment: Experiment) -> Iterator[Mistake]:
    layers = experiment.model.layers
    first = next((index for index, layer in enumerate(layers) if layer.type not in KEEPING_VALUES), 0)
    for index, layer in enumerate(layers):
        if index > first and hasattr(getattr(layer, "layer", layer), "input_dim"):
            message = f"an embedding looks up whole numbers, but what `{layers[index - 1].type}` gives are fractions"
            yield Mistake(
                ("model", "layers", index), "NN403", message, "put it first; only `reshape` and `flatten` may come before"
            )


def _training(experiment: Experiment, outline: Outline) -> Iterator[Mistake]:
    training, samples = experiment.training, outline.num_train
    if training.precision == "mixed_float16":
        yield Mistake(
            ("training", "precision"),
            "NN404",
            "`mixed_float16` is 150 times slower than float32 on a CPU",
            "use `mixed_bfloat16`, which recent CPUs compute fast, or `float32`",
        )
    if training.batch_size != "full" and "batch_size" in training.model_fields_set and training.batch_size > samples:
        message = f"batches of {training.batch_size} are larger than the training part: each takes all {samples} samples"
        yield Mistake(("training", "batch_size"), "NN403", message, f"write {samples} or less, or `full`", "warning")
    if training.reduce_lr_on_plateau is not None and isinstance(getattr(experiment.optimizer, "learning_rate", None), TypedSpec):
        yield Mistake(
            ("training", "reduce_lr_on_plateau"),
            "NN403",
            "the learning rate follows a schedule, and nothing else can lower it",
            "give the optimizer a number for `learning_rate`, or remove this",
            at_key=True,
        )
    if experiment.model.is_stateful:
        yield from _stateful(experiment, outline)
    if 0 not in (training.steps, training.epochs) and not any(layer.is_trained for layer in experiment.model.layers):
        frozen = any(not (layer.trainable and getattr(layer, "layer", layer).trainable) for layer in experiment.model.layers)
        yield Mistake(
            ("model", "layers"),
            "NN403",
            "every layer that could be trained has `trainable: false`"
            if frozen
            else "no layer of this network has weights to train",
            "let one be trained, or set `training.steps: 0`"
            if frozen
            else "add a layer such as `dense`, or set `training.steps: 0`",
        )


def _stateful(experiment: Experiment, outline: Outline) -> Iterator[Mistake]:
    training, samples = experiment.training, outline.num_train
    if training.batch_size == "full":
        return
    if training.order != "sliding" and samples % min(training.batch_size, samples):
        yield Mistake(
            ("training", "batch_size"),
            "NN403",
            f"a stateful layer needs batches of one size, {samples} samples do not divide by {training.batch_size}",
            "choose a batch size that divides them",
        )
    if training.order not in ("sequential", "sliding"):
        yield Mistake(
            ("training", "order"),
            "NN403",
            f"a stateful layer goes on where row i of the batch before ended, which `order: {training.order}` tears apart",
            "set `training.order: sequential`, or `sliding` for windows that continue each other",
        )


def _class_weight(experiment: Experiment, outline: Outline) -> Iterator[Mistake]:
    weights, path = experiment.training.class_weight, ("training", "class_weight")
    if weights and outline.labels is None:
        message = "class weights need classes, the targets here are numbers to predict"
        yield Mistake(path, "NN403", message, "remove it", at_key=True)
        return
    known = outline.class_names or tuple(str(number) for number in range(outline.num_classes or 0))
    for name in weights or {}:
        if known and name not in known:
            right = None if name.isdigit() else closest(name, known)
            hint = f"did you mean `{right}`?" if right else f"there are: {', '.join(known[:20])}{', ...'[: 5 * (len(known) > 20)]}"
            yield Mistake((*path, name), "NN402", f"there is no class `{name}`", hint, at_key=True)

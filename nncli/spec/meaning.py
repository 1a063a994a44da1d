"""Mistakes that are no matter of one value: parts of a config that do not fit together, or not to the data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final

from nncli.spec.base import Mistake, TypedSpec
from nncli.spec.budget_fit import budget_mistakes
from nncli.spec.experiment import Experiment
from nncli.spec.layer_fit import layer_mistakes
from nncli.spec.layers.base import parts
from nncli.spec.lookup_fit import lookup_mistakes, range_mistakes
from nncli.spec.loss_fit import loss_mistakes
from nncli.spec.memory import memory_mistakes
from nncli.spec.metric_fit import metric_mistakes
from nncli.spec.mixup_fit import unblendable_inputs, unblendable_losses, unblendable_samples
from nncli.spec.names import name_mistakes
from nncli.spec.outline import Outline
from nncli.spec.output_fit import output_mistakes
from nncli.spec.series_fit import series_mistakes
from nncli.spec.shapes import output_shapes
from nncli.spec.values import Shape
from nncli.spec.weight_fit import weight_mistakes
from nncli.spec.window_fit import window_mistakes
from nncli.spec.wording import closest


def find_mistakes(
    experiment: Experiment, outline: Outline | None, unknown: Collection[str] = (), *, memory: int | None = None
) -> list[Mistake]:
    """Everything that is wrong with an experiment whose every part is valid by itself.

    Args:
        experiment: the whole config.
        outline: shapes and counts of its data set; None where they are not to be had: what depends on them is not looked at.
        unknown: keys of parts that only stand in for those of the config: what depends on them is not looked at. Of an unknown
            `model` the layers are looked at that are there.
        memory: bytes of memory that the machine has; None where that is not known.
    """
    known = {*Experiment.model_fields} - {*unknown} - ({"dataset"} if outline is None else set())
    shapes, mistakes = _shapes(experiment, outline)
    layers_known = {"shapes"} if outline is not None and len(shapes) == len(experiment.model.layers) else set()
    for needed, find in _CHECKS:
        if needed <= known | layers_known:
            mistakes += find(experiment, outline, shapes)
    sound = all(mistake.severity == "warning" for mistake in mistakes)
    if outline is not None and sound and {"model", "optimizer", "training", "shapes"} <= known | layers_known:
        mistakes += memory_mistakes(experiment, outline, shapes, memory)
    return mistakes


def _shapes(experiment: Experiment, outline: Outline | None) -> tuple[list[Shape], list[Mistake]]:
    """The layers' output shapes as far as they can be told, from the data's or from the one that the config states."""
    shape = experiment.model.stated_shape if outline is None else outline.input_shape
    return output_shapes(experiment.model, shape) if shape is not None else ([], [])


def _training(experiment: Experiment) -> Iterator[Mistake]:
    training = experiment.training
    if training.precision == "mixed_float16":
        yield Mistake(
            ("training", "precision"),
            "NN404",
            "`mixed_float16` is 150 times slower than float32 on a CPU, where training refuses it",
            "use `mixed_bfloat16`, which recent CPUs compute fast, or `float32`",
            "warning",
        )
    if training.reduce_lr_on_plateau is not None and isinstance(getattr(experiment.optimizer, "learning_rate", None), TypedSpec):
        yield Mistake(
            ("training", "reduce_lr_on_plateau"),
            "NN403",
            "the learning rate follows a schedule, and nothing else can lower it",
            "give the optimizer a number for `learning_rate`, or remove this",
            at_key=True,
        )
    if experiment.model.is_stateful and training.batch_size != "full" and training.order not in ("sequential", "sliding"):
        path = ("training", "order") if "order" in training.model_fields_set else experiment.model.stateful_path
        yield Mistake(
            path,
            "NN403",
            f"a stateful layer goes on where row i of the batch before ended, which `order: {training.order}` tears apart",
            "set `training.order: sequential`, or `sliding` for windows that continue each other",
        )
    if 0 not in (training.steps, training.epochs) and not any(layer.is_trained for layer in experiment.model.layers):
        frozen = any(not part.trainable for layer in experiment.model.layers for part in parts(layer))
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


def _loss(experiment: Experiment, outline: Outline, shapes: list[Shape]) -> Iterator[Mistake]:
    found = list(loss_mistakes(experiment, outline, shapes[-1]))
    yield from found
    fits = not any(mistake.path == ("loss",) and mistake.severity == "error" for mistake in found)
    yield from output_mistakes(experiment, outline, shapes, loss_fits=fits)


def _class_weight(experiment: Experiment, outline: Outline) -> Iterator[Mistake]:
    weights, path = experiment.training.class_weight, ("training", "class_weight")
    if weights and outline.labels is None:
        message = "class weights need classes, the targets here are numbers to predict"
        yield Mistake(path, "NN403", message, "remove it", at_key=True)
        return
    known = outline.class_names or tuple(str(number) for number in range(outline.num_classes or 0))
    for name in weights if isinstance(weights, dict) else ():
        if known and name not in known:
            right = None if name.isdigit() else closest(name, known)
            hint = f"did you mean `{right}`?" if right else f"there are: {', '.join(known[:20])}{', ...'[: 5 * (len(known) > 20)]}"
            yield Mistake((*path, name), "NN402", f"there is no class `{name}`", hint, at_key=True)


_Find = Callable[[Experiment, Any, list[Shape]], Iterable[Mistake]]

_CHECKS: Final[tuple[tuple[set[str], _Find], ...]] = (
    ({"metrics"}, lambda experiment, outline, _: name_mistakes(experiment, outline)),
    ({"model"}, lambda experiment, *_: lookup_mistakes(experiment)),
    ({"dataset", "model"}, lambda experiment, outline, _: range_mistakes(experiment, outline)),
    ({"model", "optimizer", "training"}, lambda experiment, *_: _training(experiment)),
    ({"model", "loss", "shapes"}, _loss),
    ({"model", "shapes"}, lambda experiment, outline, shapes: layer_mistakes(experiment, outline.input_shape, shapes)),
    ({"model", "metrics", "shapes"}, lambda experiment, outline, shapes: metric_mistakes(experiment, outline, shapes[-1])),
    ({"dataset", "model", "shapes"}, window_mistakes),
    ({"dataset"}, lambda experiment, *_: series_mistakes(experiment)),
    ({"dataset", "model", "optimizer", "training"}, lambda experiment, outline, _: budget_mistakes(experiment, outline)),
    ({"dataset"}, lambda experiment, outline, _: _class_weight(experiment, outline)),
    ({"dataset", "model", "loss", "training", "shapes"}, weight_mistakes),
    ({"model", "training"}, lambda experiment, *_: unblendable_inputs(experiment)),
    ({"model", "loss", "training", "shapes"}, lambda experiment, _, shapes: unblendable_losses(experiment, shapes)),
    ({"dataset", "training"}, lambda experiment, outline, _: unblendable_samples(experiment, outline)),
)
"""What a check needs to know (parts of the config, `shapes` of every layer), and what finds the mistakes."""

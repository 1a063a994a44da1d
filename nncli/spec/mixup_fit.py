"""Whether blended samples make sense: to the network, to the loss, and with the data at hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nncli.spec.base import Mistake
from nncli.spec.experiment import Experiment
from nncli.spec.layers.base import parts
from nncli.spec.outline import Outline
from nncli.spec.values import Shape

_NO_SINGLE_SAMPLES: Final = {"circle": "pairs of samples", "dice": "regions", "tversky": "regions"}
"""Losses that give no loss to each sample by itself, and what they compare."""


def unblendable_inputs(experiment: Experiment) -> Iterator[Mistake]:
    """Layers for which a blend of two inputs is none.

    Args:
        experiment: the config.
    """
    if experiment.training.mixup is None:
        return
    if experiment.model.numbers is not None:
        yield _mistake("`mixup` blends inputs, but this network looks whole numbers up, and between two of them there is nothing")
    if experiment.model.is_stateful:
        yield _mistake(
            "`mixup` blends the rows of a batch, but a stateful layer goes on where the same row of the one before ended"
        )
    if any(part.type == "masking" for layer in experiment.model.layers for part in parts(layer)):
        message = "`mixup` blends padding with other samples, and `masking` no longer knows it by its value"
        yield _mistake(message, "remove `mixup`, or the `masking`")


def unblendable_losses(experiment: Experiment, shapes: list[Shape]) -> Iterator[Mistake]:
    """Losses that are no sum of the samples' own, so that none can count by its share.

    Args:
        experiment: the config.
        shapes: output shape of every layer.
    """
    loss = experiment.loss
    if experiment.training.mixup is None:
        return
    axis, rank = getattr(loss, "axis", None), len(shapes[-1]) + 1
    if loss.type in _NO_SINGLE_SAMPLES:
        message = f"`mixup` weighs the loss of each sample by its share, but `{loss.type}` compares {_NO_SINGLE_SAMPLES[loss.type]}"
        yield _mistake(message, "remove `mixup`, or use a loss of single samples, such as a cross-entropy")
    elif isinstance(axis, int) and axis in (0, -rank):
        message = f"`mixup` weighs the loss of each sample by its share, but `axis: {axis}` of the loss is that of the samples"
        yield _mistake(message, "remove `mixup`, or the loss's `axis`")
    elif getattr(loss, "reduction", None) == "mean_with_sample_weight":
        message = "`mixup` weighs each target by its share, and `reduction: mean_with_sample_weight` divides by such weights again"
        yield _mistake(message, "remove the loss's `reduction`")


def unblendable_samples(experiment: Experiment, outline: Outline) -> Iterator[Mistake]:
    """Data of which no two samples can be blended.

    Args:
        experiment: the config.
        outline: how many samples there are.
    """
    training = experiment.training
    if training.mixup is None:
        return
    if experiment.dataset.is_its_own_target:
        yield _mistake("`mixup` blends two targets of a blended input, but with `target: input` that has one of its own: itself")
    size = outline.num_train if training.batch_size == "full" else min(training.batch_size, outline.num_train)
    if size == 1:
        yield _mistake("`mixup` blends samples of one batch, and each batch has one sample", "set a larger `training.batch_size`")


def _mistake(message: str, hint: str = "remove `mixup`") -> Mistake:
    return Mistake(("training", "mixup"), "NN403", message, hint, at_key=True)

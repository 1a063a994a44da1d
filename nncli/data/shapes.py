"""What the spec of a data set leads to, in shapes and counts alone: no array is needed for it, and no NumPy."""

from __future__ import annotations

from collections.abc import Sequence

from nncli.problems import error
from nncli.spec.layers.base import ShapeMistake
from nncli.spec.preprocessing import Preprocessing


def shape_after(step: Preprocessing, shape: tuple[int, ...], position: int) -> tuple[int, ...]:
    """Shape of one sample after a step of the preprocessing.

    Args:
        step: the step.
        shape: of one sample before it.
        position: of the step in `dataset.preprocess`.

    Raises:
        NncliError: NN303, a reshape that does not fit; NN301, too few axes to move channels.
    """
    try:
        return step.resulting_shape(shape)
    except ShapeMistake as found:
        path = ".".join(map(str, ("dataset", "preprocess", position, *found.at)))
        raise error(found.code, found.message, found.hint, path=path) from None


def shape_after_all(steps: Sequence[Preprocessing], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Shape of one sample after all of `dataset.preprocess`; raises as `shape_after` does."""
    for position, step in enumerate(steps):
        shape = shape_after(step, shape, position)
    return shape


def num_held_out(num_samples: int, share: float) -> int:
    """How many of `num_samples` a share comes to: the nearest whole number, halves upwards."""
    return int(num_samples * share + 0.5)


def check_share(num_samples: int, share: float, split: str, num_classes: int = 1) -> int:
    """How many samples a share comes to, where that leaves something on both sides.

    Args:
        num_samples: how many there are.
        share: 0 to below 1.
        split: `test` or `validation`, the setting's name.
        num_classes: how many classes occur among the samples; each needs one for training.

    Returns:
        The number held out, 0 for a share of 0.

    Raises:
        NncliError: NN403, nothing is held out or too little is left.
    """
    held = num_held_out(num_samples, share)
    if share > 0 and held == 0:
        hint = f"a share of {1 / num_samples:.3g} holds out one sample" if num_samples > 1 else "give more samples, or leave it out"
        raise error(
            "NN403", f"`{split}: {share}` of {num_samples} samples is less than half a sample", hint, path=f"dataset.{split}"
        )
    if num_samples - held < num_classes:
        needed = f"one of each of the {num_classes} classes is needed" if num_classes > 1 else "at least one is needed"
        raise error(
            "NN403",
            f"`{split}: {share}` leaves {num_samples - held} of {num_samples} samples for training, but {needed}",
            "give a smaller share",
            path=f"dataset.{split}",
        )
    return held

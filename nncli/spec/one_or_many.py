"""Values that are one number or a list of numbers, such as an axis or a threshold.

A plain union would report a mistake once for each of its branches, under paths that are not in the config. The validators here
look at the value first and name what is wrong; the union behind them then only states the type.
"""

import math
from typing import Annotated

from pydantic import BeforeValidator

from nncli.spec.base import refuse
from nncli.spec.values import NonNegativeFloat, Probability
from nncli.spec.wording import brackets_hint, describe, number_hint


def one_or_many(number: type[int] | type[float], minimum: float | None = None, maximum: float | None = None) -> BeforeValidator:
    """A validator of one number, or of a list of at least one, each within a range; a list becomes a tuple.

    Args:
        number: `int` for whole numbers, `float` for any.
        minimum: smallest value allowed, or None.
        maximum: largest value allowed, or None.
    """
    noun = "whole number" if number is int else "number"

    def check(value: object, at: tuple[int, ...]) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int if number is int else int | float):
            message = f"expected a {noun}{'' if at else f' or a list of {noun}s'}, received {describe(value)}"
            refuse("NN203", message, brackets_hint(value) or number_hint(value, whole=number is int), at)
        exact = value if number is int else as_float(value, at)
        if minimum is not None and exact < minimum:
            refuse("NN204", f"expected a {noun} of at least {minimum:g}, received {describe(value)}", at=at)
        if maximum is not None and exact > maximum:
            refuse("NN204", f"expected a {noun} of at most {maximum:g}, received {describe(value)}", at=at)
        return exact

    def validate(value: object) -> object:
        if not isinstance(value, list | tuple):
            return check(value, ())
        if not value:
            refuse("NN204", f"expected at least one {noun}, received an empty list")
        return tuple(check(entry, (index,)) for index, entry in enumerate(value))

    return BeforeValidator(validate)


def as_float(value: int | float, at: tuple[int, ...] = ()) -> float:
    """The number as a float; refused where no finite float holds it.

    Args:
        value: the number.
        at: its path below the value that is being validated.
    """
    try:
        exact = float(value)
    except OverflowError:
        exact = math.inf
    if not math.isfinite(exact):
        refuse("NN204", f"expected a finite number, received {describe(value)}", at=at)
    return exact


def _only_one(value: object) -> object:
    entries = value if isinstance(value, list | tuple) else (value,)
    if len(entries) > 1 and all(isinstance(entry, int) for entry in entries):
        message = f"several axes get lost in the h5 files of Keras, as checkpoints are, received {list(entries)}"
        refuse("NN404", message, "give one; a `reshape` before the layer can make one of several")
    entry = entries[0] if len(entries) == 1 else value
    if isinstance(entry, bool) or not isinstance(entry, int):
        refuse(
            "NN203", f"expected a whole number, received {describe(entry)}", brackets_hint(entry) or number_hint(entry, whole=True)
        )
    return entry


OneAxis = Annotated[int, BeforeValidator(_only_one)]
"""One axis, where Keras takes several, too, but does not keep them: a list of one is taken for it."""
Axes = Annotated[int | tuple[int, ...], one_or_many(int)]
"""One axis or several; negative ones count from the last."""
Weights = Annotated[NonNegativeFloat | tuple[NonNegativeFloat, ...], one_or_many(float, minimum=0)]
"""One weight, or one for each class; 0 or more."""
Thresholds = Annotated[Probability | tuple[Probability, ...], one_or_many(float, minimum=0, maximum=1)]
"""One threshold or several, 0 to 1."""
Numbers = Annotated[float | tuple[float, ...], one_or_many(float)]
"""One number or several."""

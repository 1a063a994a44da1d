"""Whether the axes that a config names are there."""

from __future__ import annotations

from nncli.spec.base import Misfit


def axis_misfit(axes: int | tuple[int, ...], rank: int, of: str) -> Misfit | None:
    """What is wrong with axes of an array; None where nothing is.

    Args:
        axes: one or several; negative ones count from the last.
        rank: how many axes the array has.
        of: what array it is, for the message.
    """
    several = isinstance(axes, tuple)
    seen: set[int] = set()
    for index, axis in enumerate(axes if isinstance(axes, tuple) else (axes,)):
        at = ("axis", index) if several else ("axis",)
        if not -rank <= axis < rank:
            hint = f"they go from 0 to {rank - 1}, -1 being the last" if rank > 1 else "it has one alone: 0"
            return Misfit(f"there is no axis {axis} in {of}", hint, at)
        if axis % rank in seen:
            return Misfit(f"axis {axis} of {of} is named twice", "name each axis once", at)
        seen.add(axis % rank)
    return None

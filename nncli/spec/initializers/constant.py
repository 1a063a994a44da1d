"""Initializers that need no chance."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import BeforeValidator

from nncli.spec.base import Misfit, refuse
from nncli.spec.initializers.base import Initializer
from nncli.spec.one_or_many import as_float
from nncli.spec.wording import describe

Nested: TypeAlias = tuple["float | Nested", ...]
"""Lists of numbers to any depth."""


class Zeros(Initializer):
    """All 0."""

    type: Literal["zeros"] = "zeros"
    keras_class: ClassVar[str] = "Zeros"


class Ones(Initializer):
    """All 1."""

    type: Literal["ones"] = "ones"
    keras_class: ClassVar[str] = "Ones"


def regular_numbers(value: object, at: tuple[int, ...] = ()) -> float | Nested:
    """A number or lists of numbers of a regular shape, as floats and tuples.

    Args:
        value: what the config holds.
        at: its path below the value that is being validated.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return as_float(value, at)
    if not isinstance(value, list | tuple):
        refuse("NN203", f"expected a number or a list of numbers, received {describe(value)}", at=at)
    if not value:
        refuse("NN204", "expected at least one number, received an empty list", at=at)
    entries = tuple(regular_numbers(entry, (*at, index)) for index, entry in enumerate(value))
    for index, entry in enumerate(entries):
        if list_shape(entry) != list_shape(entries[0]):
            message = f"expected entries of equal shape, received {_name(entry)} beside {_name(entries[0])}"
            refuse("NN204", message, "give every row the same length", at=(*at, index))
    return entries


def list_shape(value: object) -> tuple[int, ...]:
    """Lengths of regular lists, outermost first; none of a number."""
    return (len(value), *list_shape(value[0])) if isinstance(value, tuple) else ()


def _name(value: object) -> str:
    shape = list_shape(value)
    return f"a list of {' x '.join(map(str, shape))}" if shape else "a number"


class Constant(Initializer):
    """One value everywhere, or values that are given one by one."""

    type: Literal["constant"] = "constant"
    keras_class: ClassVar[str] = "Constant"
    value: Annotated[float | tuple[object, ...], BeforeValidator(regular_numbers)] = 0.0
    """A number, or lists of numbers of a regular shape that is that of the weights or stretches to it."""

    def misfit(self, shape: tuple[int, ...]) -> Misfit | None:
        """Each axis of the lists, counted from the last, is as long as the array's, or 1."""
        own = list_shape(self.value)
        fits = len(own) <= len(shape) and all(size in (1, other) for size, other in zip(own[::-1], shape[::-1], strict=False))
        return (
            None
            if fits
            else Misfit(f"{_name(self.value)} cannot be stretched to it", "give a number, or lists of its shape", ("value",))
        )


class Identity(Initializer):
    """`gain` times the identity matrix; for matrices only."""

    type: Literal["identity"] = "identity"
    keras_class: ClassVar[str] = "Identity"
    gain: float = 1.0
    """Value on the diagonal."""

    def misfit(self, shape: tuple[int, ...]) -> Misfit | None:
        """Two axes and no others."""
        return (
            None
            if len(shape) == 2
            else Misfit("`identity` fills matrices alone", "use `zeros` for a bias, `glorot_uniform` for a kernel")
        )

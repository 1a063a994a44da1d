"""What every spec is made of: the base class, the rule "a name or a mapping with `type`", and mistakes without a position.

Specs are pure Python and Pydantic. They say what a config may hold and know the name of the Keras class that each entry stands
for; they never import Keras.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, NoReturn

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

from nncli.problems import Problem, Severity, Where


class Spec(BaseModel):
    """A part of a config: unknown keys are refused, values are never coerced, instances never change."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class TypedSpec(Spec):
    """A part that is chosen by `type`, and that names the Keras class it stands for.

    The fields other than `type` and `own_fields` are exactly the arguments of that class, with the same names and defaults.
    """

    type: str

    kind: ClassVar[str]
    """The registry's name for the family, such as `layer` or `optimizer`."""
    keras_module: ClassVar[str] = ""
    """The public module below `keras` that holds the class, such as `layers`; empty where Keras has none."""
    keras_class: ClassVar[str] = ""
    """The class's name there."""
    own_fields: ClassVar[frozenset[str]] = frozenset({"type"})
    """Fields that are nncli's own and are not passed to the class."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A problem before it is given a position: the path of the value at fault instead of a line and a column.

    Attributes:
        path: keys and indices from the top of the config, such as `("model", "layers", 0, "filters")`.
        code, message, hint, severity: as in `nncli.problems.Problem`.
        at_key: whether the key at the end of `path` is at fault, and not its value.
        offset: where inside a text the fault lies, in characters from its start; None: the whole value is at fault.
    """

    path: tuple[str | int, ...]
    code: str
    message: str
    hint: str | None = None
    severity: Severity = "error"
    at_key: bool = False
    offset: int | None = None

    def placed(self, where: Where) -> Problem:
        """The problem at its place."""
        return Problem(self.code, self.message, self.hint, where, self.severity)


class Misfit(NamedTuple):
    """Why a part cannot be used where it stands.

    Attributes:
        message: what it takes; what it gets is known to the one that asks.
        hint: how to mend it, or None.
        at: path of the field at fault inside the part; empty for the part as a whole.
    """

    message: str
    hint: str | None = None
    at: tuple[str | int, ...] = ()


Hint = str | Callable[[], str | None] | None
"""How to mend something, or what finds that out when it is asked for."""


def refuse(code: str, message: str, hint: Hint = None, at: tuple[str | int, ...] = (), offset: int | None = None) -> NoReturn:
    """Refuse a value from inside a validator, with nncli's own code.

    Args:
        code: a key of `nncli.problems.CODES`.
        message: what was received and what was expected.
        hint: how to mend it; a function where that takes time to find out.
        at: path of the value at fault, relative to the value that is being validated.
        offset: where inside a text the fault lies, in characters from its start.

    Raises:
        PydanticCustomError: always; Pydantic adds the path of the value.
    """
    # Pydantic formats the template with the context; passing the text as a value keeps braces in it as they are.
    raise PydanticCustomError(code, "{message}", {"message": message, "hint": hint, "at": list(at), "offset": offset})

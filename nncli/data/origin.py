"""Where an array came from, so that a message about its content can name the place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncli.problems import NncliError, Problem, Where


@dataclass(frozen=True, slots=True)
class Origin:
    """The place of an array.

    Attributes:
        name: what messages call it, such as "`y_train`".
        file: the file that holds it, as the user named it, or None.
        path: dotted path of the values inside the config, such as `dataset.targets`, or None.
    """

    name: str
    file: str | None = None
    path: str | None = None

    def error(self, code: str, message: str, hint: str | None = None, at: Iterable[int] = ()) -> NncliError:
        """An error about this array.

        Args:
            code: a key of `nncli.problems.CODES`; for data that the config itself writes NN208 takes the place of NN502.
            message: what was received and what was expected.
            hint: how to mend it.
            at: indices of the value at fault; they lengthen `path`.
        """
        path = ".".join([self.path, *map(str, at)]) if self.path else None
        code = "NN208" if path and self.file is None and code == "NN502" else code
        where = Where(file=self.file, path=path) if self.file or path else None
        return NncliError(Problem(code, message, hint, where))


def first_index(wrong: NDArray[np.bool_]) -> tuple[int, ...]:
    """Indices of the first True of an array that holds one."""
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(wrong)), wrong.shape))


def check_finite(array: NDArray[Any], origin: Origin, start: int = 0) -> None:
    """Refuse numbers that are not finite.

    Args:
        array: the numbers.
        origin, start: where they came from, and the number of the first row of them there.

    Raises:
        NncliError: NN502 with the index of the first one.
    """
    if array.dtype.kind != "f" or bool(np.isfinite(array).all()):
        return
    index = first_index(~np.isfinite(array))
    at = (start + index[0], *index[1:]) if index else ()
    raise origin.error(
        "NN502",
        f"{origin.name} holds {array[index]} at {list(at)}, but every number must be finite",
        hint="leave such samples out, or replace the value",
        at=at,
    )

"""What the tests of the data room share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncli.data.preprocessing import Preparation
from nncli.problems import NncliError, Problem

Refused = Callable[..., Problem]


def only_problem(call: Callable[..., Any], *arguments: Any, **named: Any) -> Problem:
    """The single problem that a call is refused with."""
    with pytest.raises(NncliError) as caught:
        call(*arguments, **named)
    (problem,) = caught.value.problems
    return problem


@pytest.fixture
def refused() -> Refused:
    """`refused(call, *arguments)` is the single problem that the call raises."""
    return only_problem


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., str]:
    """`save(x=..., y=...)` writes a `.npz` file and gives its path."""

    def write(**arrays: Any) -> str:
        path = tmp_path / "data.npz"
        np.savez_compressed(path, **arrays)
        return str(path)

    return write


@pytest.fixture
def digits() -> Preparation:
    """The preparation of a network on raw uint8 digits, without any step."""
    names = tuple(map(str, range(10)))
    return Preparation("mnist", (28, 28, 1), "uint8", (28, 28, 1), "index", names, (), "int32", ())

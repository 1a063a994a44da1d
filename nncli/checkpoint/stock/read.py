"""The bytes of a file that stock Keras saved -> a network in our own specs, and its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nncli.checkpoint.contents import Weights
from nncli.checkpoint.hdf5 import DAMAGE, Damaged
from nncli.checkpoint.stock.adapted import state_statistics
from nncli.checkpoint.stock.compiled import Compiled, read_compiled
from nncli.checkpoint.stock.container import open_container
from nncli.checkpoint.stock.layers import Stack, layers_of, read_stack
from nncli.checkpoint.stock.parts import clean
from nncli.checkpoint.stock.weights import read_weights
from nncli.problems import NncliError, Problem, Where, error

_MOST_PROBLEMS: Final = 100


@dataclass(frozen=True, slots=True)
class Stock:
    """A sequential network that stock Keras saved.

    Attributes:
        stack: its layers and shapes.
        weights: its weights; without an architecture, as Keras's own is not to be trusted.
        compiled: how it was trained, as far as the file tells.
    """

    stack: Stack
    weights: Weights
    compiled: Compiled


def read_stock(path: Path, data: bytes) -> Stock:
    """Read a file of stock Keras through the allow-list; nothing in it is executed, and no class is looked up by its words.

    Args:
        path: the file, for messages.
        data: its bytes.

    Raises:
        NncliError: NN603, all that no config can express; or what is damaged.
    """
    try:
        with open_container(data) as container:
            is_keras_2 = container.keras_version.split(".")[0] in ("1", "2")
            entries, about = layers_of(container.architecture)
            state_statistics(entries, container.weights, is_archive=container.is_archive)
            stack, problems = read_stack(entries, about.get("build_input_shape"), is_keras_2=is_keras_2)
            if stack is None:
                raise NncliError(_problems(problems, path))
            layers = read_weights(container.weights, stack, is_archive=container.is_archive)
            compiled = read_compiled(container.compiled, is_keras_2=is_keras_2)
            return Stock(stack, Weights("", container.keras_version, layers), compiled)
    except Damaged as problem:
        raise error("NN603", f"this network of stock Keras cannot be taken: {clean(str(problem))}", file=path) from None
    except DAMAGE as problem:
        message = f"this network of stock Keras cannot be taken: its HDF5 structure is damaged ({type(problem).__name__})"
        raise error("NN603", message, file=path) from None


def _problems(messages: Sequence[str], path: Path) -> list[Problem]:
    shown = [clean(message) for message in messages[:_MOST_PROBLEMS]]
    if len(messages) > _MOST_PROBLEMS:
        shown.append(f"{len(messages) - _MOST_PROBLEMS:,} more things that no config can express")
    return [Problem("NN603", message, None, Where(file=str(path))) for message in shown]

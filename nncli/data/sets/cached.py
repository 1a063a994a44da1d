"""Files in Keras's cache, downloaded where they are missing, and held to their hash."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nncli.data.arrays import Archive, open_file, open_npz
from nncli.problems import error

_FOLDER: Final = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


@dataclass(frozen=True, slots=True)
class CachedFile:
    """A `.npz` file that Keras loads.

    Attributes:
        name: its own, below `datasets`.
        sha256: of its bytes.
        max_bytes: more than it has.
    """

    name: str
    sha256: str
    max_bytes: int

    @property
    def url(self) -> str:
        """Where Keras loads it from."""
        return f"{_FOLDER}{self.name}"


BOSTON: Final = CachedFile("boston_housing.npz", "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5", 2**20)
CALIFORNIA: Final = CachedFile(
    "california_housing.npz", "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f", 16 * 2**20
)
"""Source of both: keras/src/datasets."""


def cache_folder() -> Path:
    """Where Keras keeps data sets: `datasets` in `$KERAS_HOME`, else in `~/.keras`."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"


def cached_bytes(file: CachedFile) -> tuple[Path, bytes]:
    """Path and content of a file of the cache; it is downloaded where it is not there yet.

    Raises:
        NncliError: NN503, the file is missing and cannot be downloaded, or it is there with the wrong bytes (and left alone).
    """
    path = cache_folder() / file.name
    if not os.path.lexists(path):  # a dangling link is somebody's arrangement, and not ours to replace
        from nncli.data.sets.download import download  # brings http and ssl, 40 ms that `check` need not pay

        download(file.url, path, sha256=file.sha256, max_bytes=file.max_bytes, instead="put the file there yourself")
    with open_file(path) as stream:
        data = stream.read(file.max_bytes + 1)
    found = hashlib.sha256(data).hexdigest()
    if found != file.sha256:
        message = f"the cached file is another one: its SHA-256 is {found[:12]}..., not {file.sha256[:12]}..."
        raise error("NN503", message, "repair or remove it yourself, so that it is downloaded again", file=path)
    return path, data


@contextlib.contextmanager
def open_cached(file: CachedFile) -> Iterator[Archive]:
    """Open a file of the cache; errors are those of `cached_bytes`."""
    path, data = cached_bytes(file)
    with open_npz(path, io.BytesIO(data)) as archive:
        yield archive

"""Fetching a known file: checked before it gets its name, so that a cache never holds half a file."""

from __future__ import annotations

import hashlib
import http.client
import os
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

from nncli.problems import NncliError, error

CONNECT_SECONDS: Final = 5.0
"""How long to wait for the server, to connect and for each next piece."""
_PIECE: Final = 2**16


def download(url: str, to: Path, *, sha256: str, max_bytes: int, instead: str) -> None:
    """Bring a file, check it and put it in its place in one step.

    Args:
        url: where it is.
        to: where it goes; the folder is made where it is missing.
        sha256: of the right bytes, in hex.
        max_bytes: more than these are never stored.
        instead: the hint for who cannot download.

    Raises:
        NncliError: NN503, the server was not reached or sent something else, or the file cannot be stored. Nothing is left
            behind.
    """
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{to.name}.", suffix=".part", dir=to.parent)
    except OSError as failure:
        raise error("NN503", f"the download cannot be stored in {to.parent}: {failure.strerror}", instead, file=to) from None
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _fetch(url, file.fileno(), to, sha256=sha256, max_bytes=max_bytes, instead=instead)
            os.fsync(descriptor)
        beside.chmod(0o644)  # mkstemp keeps the file to its owner; a cache may be shared
        os.replace(beside, to)
    except (OSError, http.client.HTTPException, ValueError) as failure:
        if isinstance(failure, urllib.error.HTTPError):
            failure.close()  # it holds the answer, and with it the connection
        reason = getattr(failure, "reason", None) or getattr(failure, "strerror", None) or failure
        raise error("NN503", f"{url} could not be downloaded: {reason}", instead, file=to) from None
    finally:
        beside.unlink(missing_ok=True)


def _fetch(url: str, descriptor: int, to: Path, *, sha256: str, max_bytes: int, instead: str) -> None:
    digest, size = hashlib.sha256(), 0
    with urllib.request.urlopen(url, timeout=CONNECT_SECONDS) as answer:
        while piece := answer.read(_PIECE):
            size += len(piece)
            if size > max_bytes:
                raise _wrong(url, f"more than the {max_bytes:,} bytes expected", instead, to)
            digest.update(piece)
            os.write(descriptor, piece)
    if digest.hexdigest() != sha256:
        raise _wrong(url, f"{size:,} bytes with SHA-256 {digest.hexdigest()[:12]}..., not {sha256[:12]}...", instead, to)


def _wrong(url: str, what: str, instead: str, to: Path) -> NncliError:
    return error("NN503", f"{url} sent {what}", instead, file=to)

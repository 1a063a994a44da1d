"""Bytes as characters: which encoding a file has, and who decodes it."""

from __future__ import annotations

import codecs
from typing import Final

from nncli.problems import error

MOST_BYTES: Final = 2**24
"""Of a line, or of a file that is one text."""
_MARKS: Final = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def marked(start: bytes) -> str | None:
    """The encoding that the mark at the beginning of a file tells; None where there is no mark."""
    return next((encoding for mark, encoding in _MARKS.items() if start.startswith(mark)), None)


def decoder(encoding: str) -> codecs.IncrementalDecoder:
    """What decodes text piece by piece.

    Raises:
        NncliError: NN205, there is no encoding of that name, or it is none of texts, as `rot13`.
    """
    try:
        codec = codecs.lookup(encoding)
    except (LookupError, ValueError):  # the latter of a null character in the name
        codec = None
    if codec is None or not codec._is_text_encoding or codec.incrementaldecoder is None:
        hint = "for example `utf-8` or `latin-1`"
        raise error("NN205", f"there is no encoding `{encoding:.40}`", hint, path="dataset.encoding")
    return codec.incrementaldecoder()

"""Files of plain text: their bytes as characters, and the texts in them, a line each or one in all."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from io import BufferedReader
from typing import Final

from nncli.data.arrays import MAX_BYTES, open_file
from nncli.data.characters import MOST_BYTES, decoder, marked
from nncli.problems import error, reason

_PIECE_BYTES: Final = 2**20


def read_texts(path: str, encoding: str | None, *, by_line: bool, digest: hashlib._Hash | None = None) -> Iterator[tuple[int, str]]:
    """The texts of a file, in constant memory.

    Line ends are those of Unix, Windows or old Macs; blanks around a text do not count.

    Args:
        path: the file.
        encoding: how characters are written; None: UTF-8, or UTF-16 where the file begins with its mark.
        by_line: whether each line that is not blank is a text; else the file is one.
        digest: a hash that is given the file's bytes; it is complete when the iterator is used up.

    Yields:
        The number of the line that a text stands in, from 1 on (1 for a whole file), and the text.

    Raises:
        NncliError: NN501, the file cannot be opened or read; NN502, it is too long, is no text in that encoding, or there is none
            in it; NN205, there is no such encoding.
    """
    with open_file(path) as stream:
        size, most = os.fstat(stream.fileno()).st_size, MAX_BYTES if by_line else MOST_BYTES
        if size > most:
            hint = "split it into several" if by_line else "give a part of it, or put texts into lines of one file for each class"
            raise error("NN502", f"the file has {size:,} bytes, at most {most:,} are read", hint, file=path)
        pieces = _pieces(stream, path, encoding, digest)
        found = _lines(pieces, path) if by_line else [(1, _whole(pieces, path))]
        is_empty = True
        for number, text in found:
            if text := text.strip():
                is_empty = False
                yield number, text
    if is_empty:
        raise error("NN502", "the file holds no text", "fill it, or remove it", file=path)


def _pieces(stream: BufferedReader, path: str, encoding: str | None, digest: hashlib._Hash | None) -> Iterator[str]:
    """The characters of a file, piece by piece."""
    with _readable(path):
        name = encoding or marked(stream.peek(3)) or "utf-8"
    # It makes one line end of every kind, wherever the pieces are cut.
    decode = io.IncrementalNewlineDecoder(decoder(name), translate=True).decode
    position, line, is_first, data = 0, 1, True, b" "
    while data:
        with _readable(path):
            data = stream.read(_PIECE_BYTES)
        if digest is not None:
            digest.update(data)
        position += len(data)
        try:
            text = decode(data, not data)
        except UnicodeDecodeError as failure:
            at = position - len(failure.object) + failure.start
            before = failure.object[: failure.start].decode(failure.encoding, "replace").replace("\r\n", "\n")
            line += before.count("\n") + before.count("\r")
            message = f"byte {at:,}, in line {line:,}, is not {name}: {failure.reason}"
            raise error("NN502", message, "save the file as UTF-8, or state its `encoding`", file=path) from None
        except (ValueError, LookupError, OverflowError) as failure:  # of encodings that are seldom used
            message = f"the file is not {name}: {' '.join(str(failure).split())[:200]}"
            raise error("NN502", message, "save the file as UTF-8, or state its `encoding`", file=path) from None
        if is_first and text:
            text, is_first = text.removeprefix("\ufeff"), False
        require_no_null(text, line, path)
        line += text.count("\n")
        yield text


@contextlib.contextmanager
def _readable(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        raise error("NN501", f"the file cannot be read: {reason(failure)}", file=path) from None


def require_no_null(text: str, line: int, file: str) -> None:
    """Check that characters are those of a text.

    Args:
        text: the characters.
        line: number of the line that they begin in.
        file: what messages call the place.

    Raises:
        NncliError: NN502, there is a null character.
    """
    before, null, _ = text.partition("\x00")
    if null:
        message = f"line {line + before.count(chr(10)):,} holds a null character: this is no text"
        raise error("NN502", message, "if it is UTF-16 or UTF-32, save it as UTF-8, or state its `encoding`", file=file)


def _whole(pieces: Iterable[str], path: str) -> str:
    text = ""
    for piece in pieces:
        text += piece
        if len(text) > MOST_BYTES:  # it has grown since its size was looked at
            raise error("NN502", f"the text has more than {MOST_BYTES:,} characters", "give a part of it", file=path)
    return text


def _lines(pieces: Iterable[str], path: str) -> Iterator[tuple[int, str]]:
    number, rest = 1, ""
    for piece in pieces:
        *whole, rest = (rest + piece).split("\n")
        for line in whole:
            _require_short(line, number, path)
            yield number, line
            number += 1
        _require_short(rest, number, path)
    yield number, rest


def _require_short(line: str, number: int, path: str) -> None:
    if len(line) > MOST_BYTES:
        raise error("NN502", f"line {number:,} has more than {MOST_BYTES:,} characters", "give a part of it", file=path)

"""Where a CSV file is at fault: pyarrow reads in blocks and does not say, so it is read again, line by line."""

from __future__ import annotations

import csv
import io

from nncli.data.characters import decoder
from nncli.data.tables.opening import open_bytes

_BLOCK_BYTES = 2**20


def find_ragged(path: str, encoding: str, delimiter: str, width: int, *, header: bool) -> tuple[int, int] | None:
    """The first row that has not as many cells as it should.

    Args:
        path, encoding, delimiter: of the file.
        width: how many cells a row has.
        header: whether the first line is no row.

    Returns:
        Numbers of the row, and of the line that it begins in, from 1 on; None where Python's own reader finds none.
    """
    row, before = -int(header), 0
    with open_bytes(path) as stream, io.TextIOWrapper(stream, encoding, newline="") as text:
        reader = csv.reader(text, delimiter=delimiter)
        try:
            for cells in reader:
                if cells:
                    row += 1
                    if len(cells) != width:
                        return row, before + 1
                before = reader.line_num
        except csv.Error:  # a cell of more than 131,072 characters
            pass
    return None


def find_undecodable(path: str, encoding: str) -> int | None:
    """The line, from 1 on, that holds the first byte which is none of an encoding; None where there is none."""
    found, line = decoder(encoding), 1
    with open_bytes(path) as stream:
        while data := stream.read(_BLOCK_BYTES):
            state = found.getstate()
            try:
                line += found.decode(data).count("\n")
                continue
            except UnicodeDecodeError:
                found.setstate(state)
            for byte in data:
                try:
                    line += found.decode(bytes([byte])).count("\n")
                except UnicodeDecodeError:
                    return line
    return None

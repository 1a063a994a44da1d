"""Texts in the attributes of an HDF5 file, read from its bytes.

Keras keeps names and architectures in attributes of variable length, for which HDF5 follows pointers and sizes of the file's own
without end. Here each pointer is checked, and nothing is read twice. Layouts as in the HDF5 File Format Specification, 3.0: object
headers (IV.A.1), the attribute message (IV.A.2.m), the global heap (III.E).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

MAX_TEXT: Final = 16 * 2**20
"""Most bytes of all texts of one attribute."""
_ATTRIBUTE, _CONTINUATION = 0x0C, 0x10
_TEXT, _VARIABLE = 3, 9
_MOST_PIECES: Final = 4096
"""Most messages of one object, and most pieces that hold them."""
_MOST_OBJECTS: Final = 1_000_000
"""Most texts of a file."""


class Unreadable(Exception):
    """What is wrong with an attribute."""


class AttributeTexts:
    """The texts in the attributes of one file.

    Args:
        image: the whole file.
    """

    def __init__(self, image: bytes) -> None:
        self._image = image
        self._heaps: dict[int, dict[int, memoryview]] = {}
        self._num_objects = 0

    def find(self, address: int, name: str) -> tuple[str, ...] | None:
        """The texts of an attribute: one, or the entries of a list.

        Args:
            address: where the header of the object begins that has the attribute, as HDF5 says.
            name: the attribute's.

        Returns:
            The texts; None where the object's header has no such attribute.

        Raises:
            Unreadable: it holds no texts, or its bytes lead out of the file or go round in a circle.
        """
        sizes = (13, 14) if _number(self._image, 8, 1) < 2 else (9, 10)
        if any(_number(self._image, place, 1) != 8 for place in sizes):
            raise Unreadable("its addresses are not of 8 bytes")
        for message in _attributes(self._image, address):
            length, begin = _number(message, 2, 2), 9 if message[0] == 3 else 8
            if bytes(message[begin : begin + length]).rstrip(b"\0") == name.encode():
                return self._texts(message, begin, length)
        return None

    def _texts(self, message: memoryview, begin: int, length: int) -> tuple[str, ...]:
        steps = [length, _number(message, 4, 2), _number(message, 6, 2)]
        places = [-(-step // 8) * 8 if message[0] == 1 else step for step in steps]  # the first version pads
        datatype = _part(message, begin + places[0], steps[1])
        count, data = _count(_part(message, begin + places[0] + places[1], steps[2])), begin + sum(places)
        if count == 0:
            return ()  # Keras gives an empty list the type of numbers
        kind, size = _number(datatype, 0, 1) & 15, _number(datatype, 4, 4)
        if kind == _VARIABLE and _number(datatype, 1, 1) & 15 == 1 and size == 16:
            found = self._from_heaps(_part(message, data, 16 * count))
        elif kind == _TEXT:
            entries = _part(message, data, size * count)
            found = [bytes(entries[size * number : size * (number + 1)]).rstrip(b"\0 ") for number in range(count)]
        else:
            raise Unreadable("it is no text")
        try:
            return tuple(text.decode() for text in found)
        except UnicodeDecodeError:
            raise Unreadable("it is not UTF-8") from None

    def _from_heaps(self, pointers: memoryview) -> list[bytes]:
        total, found = 0, []
        for at in range(0, len(pointers), 16):
            length, address, index = _number(pointers, at, 4), _number(pointers, at + 4, 8), _number(pointers, at + 12, 4)
            total += length
            if total > MAX_TEXT:
                raise Unreadable(f"it has more than {MAX_TEXT:,} bytes")
            if length:
                objects = self._heap(address)
                if index not in objects:
                    raise Unreadable("it points to nothing")
            found.append(bytes(_part(objects[index], 0, length)).rstrip(b"\0") if length else b"")
        return found

    def _heap(self, address: int) -> dict[int, memoryview]:
        """Number -> bytes of every object of a global heap."""
        if address in self._heaps:
            return self._heaps[address]
        if bytes(_part(self._image, address, 4)) != b"GCOL":
            raise Unreadable("it points to nothing")
        heap, at = _part(self._image, address, _number(self._image, address + 8, 8)), 16
        objects: dict[int, memoryview] = {}
        while at + 16 <= len(heap) and (index := _number(heap, at, 2)):
            self._num_objects += 1
            if self._num_objects > _MOST_OBJECTS:
                raise Unreadable("there are too many texts")
            size = _number(heap, at + 8, 8)
            objects[index] = _part(heap, at + 16, size)
            at += 16 + -(-size // 8) * 8
        self._heaps[address] = objects
        return objects


def _number(data: bytes | memoryview, begin: int, size: int) -> int:
    return int.from_bytes(_part(data, begin, size), "little")


def _part(data: bytes | memoryview, begin: int, size: int) -> memoryview:
    if begin < 0 or size < 0 or begin + size > len(data):
        raise Unreadable("it leads out of the file")
    return memoryview(data)[begin : begin + size]


def _attributes(image: bytes, address: int) -> Iterator[memoryview]:
    """The attribute messages of an object's header, which may lie in several pieces."""
    is_new = bytes(_part(image, address, 4)) == b"OHDR"
    if is_new:
        flags = _number(image, address + 5, 1)
        begin = address + 6 + 16 * (flags >> 5 & 1) + 4 * (flags >> 4 & 1)
        width = 1 << (flags & 3)
        pieces = [_part(image, begin + width, _number(image, begin, width))]
        head = 4 + 2 * (flags >> 2 & 1)
    else:
        pieces, head = [_part(image, address + 16, _number(image, address + 8, 4))], 8
    num_messages = 0
    for number, piece in enumerate(pieces):
        if number > _MOST_PIECES:
            raise Unreadable("its header goes round in a circle")
        at = 0
        while at + head <= len(piece):
            num_messages += 1
            kind, size, flags = (
                (piece[at], _number(piece, at + 1, 2), piece[at + 3])
                if is_new
                else (_number(piece, at, 2), _number(piece, at + 2, 2), piece[at + 4])
            )
            body = _part(piece, at + head, size)
            at += head + size
            if num_messages > _MOST_PIECES:
                raise Unreadable("its header goes round in a circle")
            if kind == _CONTINUATION:
                length = _number(body, 8, 8)
                pieces.append(_part(image, _number(body, 0, 8) + 4 * is_new, length - 8 * is_new))
            elif kind == _ATTRIBUTE and not flags & 2 and size > 8 and body[0] in (1, 2, 3):
                yield body


def _count(space: memoryview) -> int:
    version, rank = _number(space, 0, 1), _number(space, 1, 1)
    if version not in (1, 2) or rank > 1:
        raise Unreadable("it is no text and no list of texts")
    return _number(space, 8 if version == 1 else 4, 8) if rank else 1

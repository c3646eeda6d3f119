"""Reads the protocol buffers wire format: numbered fields, nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

VARINT: Final = 0
FIXED64: Final = 1
BYTES: Final = 2
FIXED32: Final = 5
_MAX_VARINT_BYTES: Final = 10


class WireError(ValueError):
    """The bytes are no protocol buffers message."""


def varint(data: bytes, position: int) -> tuple[int, int]:
    """A number and the position after it.

    Raises:
        WireError: the data ends early.
    """
    value = shift = 0
    for index in range(position, min(len(data), position + _MAX_VARINT_BYTES)):
        value |= (data[index] & 0x7F) << shift
        if not data[index] & 0x80:
            return value, index + 1
        shift += 7
    raise WireError("a number does not end")


def fields(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """The fields of a message: number, wire type, and a number or bytes.

    Raises:
        WireError: the data is no message.
    """
    position = 0
    while position < len(data):
        key, position = varint(data, position)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, position = varint(data, position)
            yield number, kind, value
            continue
        if kind == BYTES:
            size, position = varint(data, position)
        elif kind in {FIXED64, FIXED32}:
            size = 8 if kind == FIXED64 else 4
        else:
            raise WireError(f"wire type {kind} is not used")
        if position + size > len(data):
            raise WireError("a field is longer than the message")
        yield number, kind, data[position : position + size]
        position += size

"""Ogg files with equal bytes for equal sound: encoders draw a random serial number for every stream they write."""

import struct
from pathlib import Path

_POLYNOMIAL = 0x1_04C1_1DB7  # of Ogg's checksum: no reflection, begins with 0, nothing added at the end
_HEADER = struct.Struct("<4sBBqIIIB")  # magic, version, kind, position, serial, page number, checksum, segments
_SERIAL_AT, _CHECKSUM_AT = 14, 22


def _product(a: int, b: int) -> int:
    """a * b modulo the polynomial."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = (a << 1) ^ (_POLYNOMIAL if a >> 31 else 0)
        b >>= 1
    return product


def _shifted(remainder: int, num_bytes: int) -> int:
    """The remainder of a number with so many zero bytes put behind it."""
    square = 1 << 8
    while num_bytes:
        if num_bytes & 1:
            remainder = _product(remainder, square)
        square = _product(square, square)
        num_bytes >>= 1
    return remainder


def set_serial(path: str | Path, serial: int = 0) -> None:
    """Give every page of a file with one stream this serial number, in place, its checksum corrected.

    The checksum is linear: it changes by that of a page of zeros but for the bits of the serial number that change.
    """
    with open(path, "r+b") as file:
        start = 0
        while header := file.read(_HEADER.size):
            magic, *_, old, _, checksum, num_segments = _HEADER.unpack(header)
            if magic != b"OggS":
                raise ValueError(f"{path}: no Ogg page at byte {start}")
            length = _HEADER.size + num_segments + sum(file.read(num_segments))
            change = int.from_bytes((old ^ serial).to_bytes(4, "little"), "big")  # as the checksum reads it
            # times x^32: a remainder takes in its number with four bytes of room behind
            moved = _shifted(_shifted(change, 4), length - _SERIAL_AT - 4)
            file.seek(start + _SERIAL_AT)
            file.write(struct.pack("<I", serial))
            file.seek(start + _CHECKSUM_AT)
            file.write(struct.pack("<I", checksum ^ moved))
            start += length
            file.seek(start)

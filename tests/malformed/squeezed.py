"""Much that is nothing, squeezed into little: made in no time, since the same zeros are squeezed only once."""

import struct
import zlib
from functools import cache

_UNIT = 2**24
_END = b"\x03\x00"


def deflated(start: bytes, zeros: int) -> bytes:
    """A raw deflate stream of some bytes and at least so many zeros."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = squeeze.compress(start) + squeeze.flush(zlib.Z_FULL_FLUSH)
    return first + _unit() * (-(-zeros // _UNIT)) + _END


@cache
def _unit() -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeeze.compress(bytes(_UNIT)) + squeeze.flush(zlib.Z_FULL_FLUSH)


def as_zlib(start: bytes, zeros: int) -> bytes:
    """The same as a zlib stream, with a wrong checksum."""
    return b"\x78\xda" + deflated(start, zeros) + bytes(4)


def as_gzip(start: bytes, zeros: int) -> bytes:
    """The same as a gzip file, with a wrong checksum."""
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + deflated(start, zeros) + bytes(8)


def as_zip(members: dict[str, tuple[bytes, int]]) -> bytes:
    """A zip archive of members: some bytes and at least so many zeros, with a wrong checksum where there are any."""
    body, directory = b"", b""
    for name, (start, zeros) in members.items():
        raw, size = deflated(start, zeros), len(start) + -(-zeros // _UNIT) * _UNIT
        sizes = struct.pack("<HHQQ", 1, 16, size, len(raw))
        # Only what is small gets a right checksum: nobody should get to the end of the rest.
        common = struct.pack(
            "<HHHHIIIHH", 0, 8, 0, 0x21, zlib.crc32(start), 2**32 - 1, 2**32 - 1, len(name), len(sizes)
        )
        place = len(body)
        body += b"PK\x03\x04" + struct.pack("<H", 45) + common + name.encode() + sizes + raw
        rest = struct.pack("<HHHII", 0, 0, 0, 0, place)
        directory += b"PK\x01\x02" + struct.pack("<HH", 45, 45) + common + rest + name.encode() + sizes
    count = len(members)
    return body + directory + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)

"""How much a Parquet or Arrow file would unpack to, by its own headers, before any of it is unpacked.

Both formats say the size of every piece beside it, so that their reader can allocate it: the sums are what reading
takes. Sources: https://github.com/apache/parquet-format (Thrift's compact protocol) and
https://arrow.apache.org/docs/format/Columnar.html (FlatBuffers).
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Columns of few different values, written as runs, are small in a file; so much is unpacked from any.
LARGE, MOST_SQUEEZED = 2**30, 100
# What one value takes in memory besides its own bytes, at most.
_VALUE_BYTES = 16
_MOST_DEPTH = 20
_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 11, 12
_MOST_PIECES, _MOST_VALUES = 1_000_000, 2_000_000
_RECORD_BATCH, _DICTIONARY_BATCH = 3, 2
_CONTINUES = 0xFFFFFFFF
# The file ends with the length of its footer and a mark.
_PARQUET_END, _ARROW_END = 8, 10


@dataclass(frozen=True)
class Claims:
    """What a file says of itself: the bytes of its pieces once they are unpacked, and the values in them."""

    unpacked: int
    values: int


def unpacked_bytes(path: Path, *, is_parquet: bool) -> int:
    """The memory that reading a file takes, by its own headers.

    Raises:
        ValueError: It is far more than the file has, or the headers contradict themselves.
        OSError: The file cannot be read.
    """
    size, claims = path.stat().st_size, claims_of(path, is_parquet=is_parquet)
    needed = claims.unpacked + _VALUE_BYTES * claims.values
    if needed > max(LARGE, MOST_SQUEEZED * size):
        raise ValueError(
            f"it would unpack from {size / 2**20:,.1f} MiB to {claims.values:,} values of {needed / 2**20:,.0f} MiB, "
            f"more than {MOST_SQUEEZED} times as much"
        )
    return needed


def claims_of(path: Path, *, is_parquet: bool) -> Claims:
    """The sums over all pieces of a file.

    Raises:
        ValueError: Its headers contradict themselves.
        OSError: It cannot be read.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as blob:
        pieces = _parquet_pieces(blob) if is_parquet else _arrow_pieces(blob)
        unpacked = values = 0
        try:
            for number, (size, count) in enumerate(pieces):
                if size < 0 or count < 0:
                    raise ValueError("it says that a part of it has less than nothing")
                if number >= _MOST_PIECES:
                    raise ValueError(f"it has more than {_MOST_PIECES:,} parts")
                unpacked, values = unpacked + size, values + count
        except (IndexError, KeyError, TypeError, AttributeError, struct.error):
            raise _broken() from None
        return Claims(unpacked, values)


def _broken() -> ValueError:
    return ValueError("its headers are broken or cut short")


# -- Parquet


def _parquet_pieces(blob: mmap.mmap) -> Iterator[tuple[int, int]]:
    """Bytes and values of every page."""
    end = len(blob) - _PARQUET_END
    (length,) = struct.unpack_from("<I", blob, end)
    for group in _Thrift(blob, end - length).struct().get(4, []):
        for column in group[1]:
            about = column[3]
            place = min(about[9], about.get(11) or about[9])
            end = min(place + about[7], len(blob))
            while place < end:
                header = _Thrift(blob, place)
                page = header.struct()
                counted = page.get(5) or page.get(8) or {}
                yield page[2], counted.get(1, 0)
                if page[3] < 0:
                    raise _broken()
                place = header.place + page[3]


class _Thrift:
    """Reads values of Thrift's compact protocol, one after the other.

    Attributes:
        place: Where the next one begins.
    """

    def __init__(self, blob: mmap.mmap, place: int) -> None:
        if place < 0:
            raise _broken()
        self._blob, self.place, self._left = blob, place, _MOST_VALUES

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """The fields of a struct by their numbers; texts are passed over."""
        if depth > _MOST_DEPTH:
            raise _broken()
        fields: dict[int, Any] = {}
        number = 0
        while (head := self._byte()) & 15 != _STOP:
            number = number + (head >> 4) if head >> 4 else self._zigzag()
            fields[number] = self._value(head & 15, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        self._left -= 1
        if self._left < 0:
            raise ValueError(f"its headers hold more than {_MOST_VALUES:,} values")
        if kind in (_TRUE, _FALSE):
            return kind == _TRUE
        if kind in (_LIST, _SET):
            return self._list(depth + 1)
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in (_BINARY, _DOUBLE):
            length = self._varint() if kind == _BINARY else 8
            self.place += length
            return None
        if kind == _MAP:
            raise _broken()
        return self._byte() if kind == _BYTE else self._zigzag()

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        count, kind = head >> 4 if head >> 4 < 15 else self._varint(), head & 15
        if depth > _MOST_DEPTH or count > self._left:
            raise _broken()
        # Truths in a list have a byte of their own.
        return [self._value(_BYTE if kind in (_TRUE, _FALSE) else kind, depth) for _ in range(count)]

    def _byte(self) -> int:
        self.place += 1
        return self._blob[self.place - 1]

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise _broken()

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)


# -- Arrow


def _arrow_pieces(blob: mmap.mmap) -> Iterator[tuple[int, int]]:
    """Bytes of every buffer, and the values of every column of every batch."""
    places = _arrow_blocks(blob) if blob[:6] == b"ARROW1" else _arrow_stream(blob)
    for place, length, body in places:
        yield from _batch(blob, place, length, body)


def _arrow_blocks(blob: mmap.mmap) -> Iterator[tuple[int, int, int]]:
    """Where the messages lie that a file's footer lists: metadata, its length, and the body behind it."""
    end = len(blob) - _ARROW_END
    (length,) = struct.unpack_from("<i", blob, end)
    if not 0 < length <= end:
        raise _broken()
    footer = _Table(blob, end - length)
    for field in (2, 3):
        start, count = footer.vector(field, 24)
        for block in range(count):
            offset, metadata = struct.unpack_from("<qi", blob, start + 24 * block)
            if not 0 <= offset <= len(blob) - 8:
                raise _broken()
            skipped = 8 if struct.unpack_from("<I", blob, offset)[0] == _CONTINUES else 4
            yield offset + skipped, metadata - skipped, offset + metadata


def _arrow_stream(blob: mmap.mmap) -> Iterator[tuple[int, int, int]]:
    """The same for messages one after the other."""
    place = 0
    while place <= len(blob) - 8:
        mark, length = struct.unpack_from("<Ii", blob, place)
        if mark != _CONTINUES or length < 0:
            raise _broken()
        if not length:
            return
        place += 8
        yield place, length, place + length
        body = _Table(blob, place).number(3, "<q")
        if body < 0:
            raise _broken()
        place += length + body


def _batch(blob: mmap.mmap, place: int, length: int, body: int) -> Iterator[tuple[int, int]]:
    message = _Table(blob, place)
    kind, batch = message.number(1, "<B"), message.table(2)
    if kind not in (_RECORD_BATCH, _DICTIONARY_BATCH) or batch is None:
        return
    if kind == _DICTIONARY_BATCH:
        batch = batch.table(1)
        if batch is None:
            return
    start, count = batch.vector(1, 16)
    for node in range(count):
        yield 0, struct.unpack_from("<q", blob, start + 16 * node)[0]
    is_packed = batch.table(3) is not None
    start, count = batch.vector(2, 16)
    for buffer in range(count):
        offset, size = struct.unpack_from("<qq", blob, start + 16 * buffer)
        # In front of a packed buffer stands its size; -1 where packing did not pay.
        said = struct.unpack_from("<q", blob, body + offset)[0] if is_packed and size else -1
        yield size if said == -1 else said, 0


class _Table:
    """A table of FlatBuffers: its fields by their numbers."""

    def __init__(self, blob: mmap.mmap, place: int, *, is_root: bool = True) -> None:
        self._blob = blob
        self._place = place + struct.unpack_from("<I", blob, place)[0] if is_root else place
        self._fields = self._place - struct.unpack_from("<i", blob, self._place)[0]
        if self._fields < 0:
            raise _broken()
        (self._size,) = struct.unpack_from("<H", blob, self._fields)

    def _at(self, field: int) -> int | None:
        slot = 4 + 2 * field
        offset = struct.unpack_from("<H", self._blob, self._fields + slot)[0] if slot < self._size else 0
        return self._place + offset if offset else None

    def number(self, field: int, form: str) -> int:
        place = self._at(field)
        return 0 if place is None else int(struct.unpack_from(form, self._blob, place)[0])

    def table(self, field: int) -> "_Table | None":
        place = self._at(field)
        if place is None:
            return None
        return _Table(self._blob, place + struct.unpack_from("<I", self._blob, place)[0], is_root=False)

    def vector(self, field: int, size: int) -> tuple[int, int]:
        """Where a list of structs begins, and how many there are."""
        place = self._at(field)
        if place is None:
            return 0, 0
        place += struct.unpack_from("<I", self._blob, place)[0]
        (count,) = struct.unpack_from("<I", self._blob, place)
        if place + 4 + count * size > len(self._blob):
            raise _broken()
        return place + 4, count

"""Small files that unpack to much: columns, archives, pictures and sounds."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from malformed import good, squeezed
from malformed.case import ACCEPTED, REFUSED, WARNED, Case
from malformed.pictures import among_good, png

FAMILY = "bombs"
_TABLE: dict[str, Any] = {"kind": "table", "label": "label", "validation_fraction": 0.25}
_CHATS: dict[str, Any] = {"kind": "conversations"}
_FOLDER: dict[str, Any] = {"kind": "image_folder", "folder": "pictures", "size": (8, 8), "validation_fraction": 0.25}
_SOUNDS: dict[str, Any] = {"kind": "audio", "folder": "sounds", "validation_fraction": 0.25}
_COLUMNAR = "unpack|texts of its column|rows|headers|cannot be read|memory"


def cases() -> Iterator[Case]:
    """Tables, each dropped as well; then archives, pictures and sounds."""
    for name, (file, content, section) in _TABLES.items():
        yield Case(name, good.write(file, content), "data", REFUSED, _COLUMNAR, section | {"file": file})
    for name in ("a Parquet of 80,000,000 equal numbers", "an Arrow file of 80,000,000 equal numbers"):
        file, content, _ = _TABLES[name]
        yield Case(f"{name}, dropped", good.write(file, content), "look", ACCEPTED)
    yield Case("npz: 1,000 members of 255 MiB that nobody asks for", good.write("data.npz", _many_members), "data",
               ACCEPTED, section={"kind": "arrays", "file": "data.npz", "validation_fraction": 0.25})  # fmt: skip
    for name, (file, content) in _PICTURES.items():
        yield Case(
            name, good.write(file, content), "picture", REFUSED, "pixels|broken|large|not a picture|cannot be read"
        )
        skipping = _FOLDER | {"skip_broken": True}
        yield Case(f"{name}, left out", among_good(file, content), "data", WARNED, file.replace(".", r"\."), skipping)
    for name, (file, content) in _SOUNDS_THAT_LIE.items():
        yield Case(name, _among_sounds(file, content), "data", REFUSED, "samples|read as a sound|cut short", _SOUNDS,
                   file)  # fmt: skip


# -- tables


def _frame(rows: int, **columns: Any) -> Any:
    """Columns of one value each, which takes a small type where it is a number."""
    import polars

    kinds = {name: polars.Int8 if isinstance(value, int) else polars.String for name, value in columns.items()}
    return polars.DataFrame(
        [polars.Series(name, [value], kinds[name]).new_from_index(0, rows) for name, value in columns.items()]
    )


def _as_parquet(frame: Any, compression: str = "zstd") -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression=compression)
    return buffer.getvalue()


def _long_text() -> bytes:
    return _as_parquet(_frame(1_500, text="x" * 10**6, label="a"))


def _long_messages() -> bytes:
    import polars

    message = [{"role": "user", "content": "x" * 10**6}, {"role": "assistant", "content": "y" * 10**6}]
    return _as_parquet(polars.concat([polars.DataFrame({"messages": [message]})] * 1_000))


def _one_row_of_numbers() -> bytes:
    import polars

    inner = polars.Series([0], dtype=polars.Int8).new_from_index(0, 4_000_000)
    return _as_parquet(polars.DataFrame({"a": polars.Series([inner] * 20), "label": ["a", "b"] * 10}))


def _arrow_zeros(*, stream: bool) -> Callable[[], bytes]:
    def content() -> bytes:
        buffer = io.BytesIO()
        frame = _frame(40_000_000, a=0, label=0)
        (frame.write_ipc_stream if stream else frame.write_ipc)(buffer, compression="zstd")
        return buffer.getvalue()

    return content


def _arrow_claim() -> bytes:
    """The size in front of a packed buffer is 2^40."""
    import polars

    buffer = io.BytesIO()
    polars.DataFrame({"a": np.zeros(100_000), "label": ["a"] * 100_000}).write_ipc(buffer, compression="zstd")
    raw = buffer.getvalue()
    size = struct.pack("<q", 800_000)
    assert size in raw, "the column is packed"
    return raw.replace(size, struct.pack("<q", 2**40))


def _page_claim() -> bytes:
    """A page's own header says that it unpacks to 2 GiB, and the footer does not."""
    raw = _as_parquet(_frame(1000, a=1, label="a"), compression="uncompressed")
    # Field 1 of the first page is its kind, field 2 its size, as a varint behind 0x15.
    place = raw.index(b"\x15", 5)
    end = place + 1
    while raw[end] >= 128:
        end += 1
    return raw[: place + 1] + b"\xfe\xff\xff\xff\x0f" + raw[end + 1 :]


_TABLES: dict[str, tuple[str, Callable[[], bytes], dict[str, Any]]] = {
    "a Parquet of 80,000,000 equal numbers": (
        "table.parquet", lambda: _as_parquet(_frame(40_000_000, a=1, label=1)), _TABLE
    ),
    "a Parquet of a text of 10^6 letters in 1,500 rows": ("table.parquet", _long_text, _TABLE),
    "the same as conversations": ("chats.parquet", _long_text, _CHATS),
    "a Parquet of long messages in 1,000 rows": ("chats.parquet", _long_messages, _CHATS),
    "a Parquet of 80,000,000 numbers in 20 rows": ("table.parquet", _one_row_of_numbers, _TABLE),
    "a Parquet whose page says 2 GiB": ("table.parquet", _page_claim, _TABLE),
    "an Arrow file of 80,000,000 equal numbers": ("table.arrow", _arrow_zeros(stream=False), _TABLE),
    "an Arrow stream of 80,000,000 equal numbers": ("table.arrow", _arrow_zeros(stream=True), _TABLE),
    "an Arrow file whose buffer says 2^40 bytes": ("table.arrow", _arrow_claim, _TABLE),
}  # fmt: skip


# -- archives


def _many_members() -> bytes:
    header = good.npy(f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({255 * 2**20},), }}")
    members = {f"{name}.npy": (good.npy_of(array), 0) for name, array in good.arrays().items()}
    return squeezed.as_zip(members | {f"extra{n}.npy": (header, 255 * 2**20) for n in range(100)})


# -- pictures


def _tiff_bomb(width: int, height: int) -> bytes:
    """Deflated zeros for every pixel of a grey TIFF."""
    body = squeezed.as_zlib(b"", 2**24)
    entries = ((256, width), (257, height), (258, 8), (259, 8), (262, 1), (273, 200), (277, 1), (278, height),
               (279, len(body)))  # fmt: skip
    table = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    start = b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", len(entries)) + table
    return start + bytes(200 - len(start)) + body


def _many_chunks() -> bytes:
    """A PNG with 2,000 text chunks of a MiB of zeros each, squeezed."""
    whole = good.picture("PNG")
    text = b"Comment\x00\x00" + zlib.compress(bytes(2**20), 9)
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    return whole[:33] + chunk * 2_000 + whole[33:]


def _icon() -> bytes:
    """An icon that holds a PNG of 50,000 pixels a side."""
    inner = png(50_000, 50_000, zlib.compress(bytes(2**20)), 1, 0)
    return b"\x00\x00\x01\x00\x01\x00" + struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, len(inner), 22) + inner


def _header_only(magic: bytes) -> Callable[[], bytes]:
    return lambda: magic


def _webp() -> bytes:
    """A WebP whose canvas is 2^24 pixels a side."""
    chunk = b"VP8X" + struct.pack("<I", 10) + b"\x00\x00\x00\x00" + b"\xff\xff\xff" * 2
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def _jpeg_2000() -> bytes:
    """A codestream that says it is 2^31 pixels a side, in tiles of one."""
    size = struct.pack(">HIIIIIIIIH", 0, 2**31 - 1, 2**31 - 1, 0, 0, 1, 1, 0, 0, 1) + b"\x07\x01\x01"
    return b"\xff\x4f\xff\x51" + struct.pack(">H", len(size) + 2) + size + b"\xff\xd9"


_PICTURES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a TIFF of 60,000 pixels a side, deflated": ("bomb.tif", lambda: _tiff_bomb(60_000, 60_000)),
    "a TIFF of 8,000 pixels a side, mostly missing": ("short.tif", lambda: _tiff_bomb(8_000, 8_000)),
    "a PNG with 2,000 comments of a MiB": ("comments.png", _many_chunks),
    "an icon of 50,000 pixels a side": ("huge.ico", _icon),
    "a WebP of 2^24 pixels a side": ("huge.webp", _webp),
    "a JPEG 2000 of 2^31 pixels a side": ("huge.jp2", _jpeg_2000),
    "a PPM of 10^9 pixels a side": ("huge.ppm", _header_only(b"P6 1000000000 1000000000 255\n" + bytes(64))),
    "a PPM of a size of 10^5 digits": ("digits.ppm", _header_only(b"P6 " + b"9" * 10**5 + b" 1 255\n")),
    "a PCX of 65,535 pixels a side": (
        "huge.pcx",
        _header_only(b"\x0a\x05\x01\x08" + struct.pack("<HHHH", 0, 0, 65534, 65534) + bytes(53) + b"\x01" + bytes(62)),
    ),
    "a TGA of 65,535 pixels a side": (
        "huge.tga", _header_only(b"\x00\x00\x0a" + bytes(9) + struct.pack("<HHBB", 65535, 65535, 24, 0) + b"\xff" * 64)
    ),
    "a DDS of 2^31 pixels a side": (
        "huge.dds", _header_only(b"DDS " + struct.pack("<IIII", 124, 0x1007, 2**31 - 1, 2**31 - 1) + bytes(200))
    ),
    "a PSD of 300,000 pixels a side": (
        "huge.psd",
        _header_only(b"8BPS\x00\x01" + bytes(6) + struct.pack(">HIIHH", 3, 300_000, 300_000, 8, 3) + bytes(64)),
    ),
}  # fmt: skip


# -- sounds


def _among_sounds(file: str, content: Callable[[], bytes]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        for n in range(8):
            good.write(f"sounds/{'ab'[n % 2]}/{n}.wav", good.sound(tone=n))(folder)
        good.write(f"sounds/a/{file}", content)(folder)
        return folder / "sounds"

    return make


def _wave_64(frames: int) -> bytes:
    """Sony's WAVE with 64-bit sizes."""
    riff, wave = bytes.fromhex("726966662e91cf11a5d628db04c10000"), bytes.fromhex("77617665f3acd3118cd100c04f8edb8a")
    form, data = bytes.fromhex("666d7420f3acd3118cd100c04f8edb8a"), bytes.fromhex("64617461f3acd3118cd100c04f8edb8a")
    described = struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16)
    chunks = form + struct.pack("<Q", 40) + described + data + struct.pack("<Q", 24 + 2 * frames) + bytes(4096)
    return riff + struct.pack("<Q", 40 + 2 * frames) + wave + chunks


def _rf64(frames: int) -> bytes:
    """The EBU's WAVE with 64-bit sizes."""
    sizes = b"ds64" + struct.pack("<IQQQI", 28, 2 * frames + 72, 2 * frames, frames, 0)
    described = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 16_000, 32_000, 2, 16)
    return b"RF64\xff\xff\xff\xffWAVE" + sizes + described + b"data\xff\xff\xff\xff" + bytes(4096)


def _aiff(frames: int) -> bytes:
    rate = bytes.fromhex("400cfa00000000000000")
    common = b"COMM" + struct.pack(">IhIh", 18, 1, frames, 16) + rate
    sound = b"SSND" + struct.pack(">III", 8 + 2 * frames & 0xFFFFFFFF, 0, 0) + bytes(4096)
    return b"FORM" + struct.pack(">I", 20 + len(common) + 2 * frames) + b"AIFF" + common + sound


def _caf(size: int) -> bytes:
    described = b"desc" + struct.pack(">qd4sIIIII", 32, 16_000.0, b"lpcm", 0, 2, 1, 1, 16)
    return b"caff\x00\x01\x00\x00" + described + b"data" + struct.pack(">qI", size, 0) + bytes(4096)


_SOUNDS_THAT_LIE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a WAVE of 64 bits that says 10^12 samples": ("long.w64", lambda: _wave_64(10**12)),
    "an RF64 that says 10^12 samples": ("long.wav", lambda: _rf64(10**12)),
    "an AIFF that says 5 × 10^8 samples": ("long.aiff", lambda: _aiff(5 * 10**8)),
    "a CAF that says 10^15 bytes": ("long.caf", lambda: _caf(10**15)),
}

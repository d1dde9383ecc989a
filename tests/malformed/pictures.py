"""Pictures that claim absurd sizes, are broken, or are something else."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from malformed import good, squeezed
from malformed.case import ACCEPTED, REFUSED, WARNED, Case

FAMILY = "pictures"
_SIZE = "large|size|pixels"
_BROKEN = "far too large|broken|not a picture|read|decod|cut|empty"
_FOLDER: dict[str, Any] = {"kind": "image_folder", "folder": "pictures", "size": (8, 8), "validation_fraction": 0.25}


def cases() -> Iterator[Case]:
    """Each dropped on the playground, in a folder of good ones, and left out of such a folder."""
    for name, (file, content) in (_ABSURD | _BROKEN_ONES).items():
        reason = _SIZE if name in _ABSURD else _BROKEN
        yield Case(name, good.write(file, content), "picture", REFUSED, f"{reason}|{_BROKEN}")
        yield Case(
            f"{name}, in a folder", among_good(file, content), "data", REFUSED, f"{reason}|{_BROKEN}", _FOLDER, file
        )
        skipping = _FOLDER | {"skip_broken": True}
        yield Case(f"{name}, left out", among_good(file, content), "data", WARNED, file.replace(".", r"\."), skipping)
    for name, (file, content) in _ODD.items():
        yield Case(name, good.write(file, content), "picture", ACCEPTED)
        yield Case(f"{name}, in a folder", among_good(file, content), "data", ACCEPTED, section=_FOLDER)


def among_good(file: str, content: Callable[[], bytes]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        for n in range(12):
            good.write(f"pictures/{'ab'[n % 2]}/{n}.png", good.picture("PNG", seed=n))(folder)
        good.write(f"pictures/a/{file}", content)(folder)
        return folder / "pictures"

    return make


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, data: bytes = b"", bits: int = 8, colours: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _png_bomb() -> bytes:
    """50,000 × 50,000 black pixels that are really there, row after row."""
    return png(50_000, 50_000, squeezed.as_zlib(b"", 50_000 * (1 + 50_000 // 8)), 1, 0)


def _bmp(width: int, height: int) -> bytes:
    return b"BM" + struct.pack("<IIIIiiHHIIiiII", 70, 0, 54, 40, width, height, 1, 24, 0, 16, 0, 0, 0, 0) + bytes(16)


def _gif(width: int, height: int) -> bytes:
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\x00;"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + frame


def _tiff(width: int, height: int) -> bytes:
    entries = ((256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, height), (279, 16))
    body = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    return b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", len(entries)) + body + bytes(20)


def _comment_bomb() -> bytes:
    """A text chunk of a GiB of zeros, squeezed."""
    whole = good.picture("PNG")
    return whole[:33] + _chunk(b"zTXt", b"Comment\x00\x00" + squeezed.as_zlib(b"", 2**30)) + whole[33:]


def _flipped(form: str, place: float) -> Callable[[], bytes]:
    def content() -> bytes:
        raw = bytearray(good.picture(form, (64, 64)))
        start = int(len(raw) * place)
        raw[start : start + 40] = bytes(byte ^ 0x5A for byte in raw[start : start + 40])
        return bytes(raw)

    return content


_ABSURD: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a PNG of 2^31 pixels a side": ("huge.png", lambda: png(2**31 - 1, 2**31 - 1)),
    "a PNG of 50,000 pixels a side": ("bomb.png", _png_bomb),
    "a BMP of 2^31 pixels a side": ("huge.bmp", lambda: _bmp(2**31 - 1, 2**31 - 1)),
    "a GIF of 65,535 pixels a side": ("huge.gif", lambda: _gif(65535, 65535)),
    "a TIFF of 2^32 pixels a side": ("huge.tif", lambda: _tiff(2**32 - 1, 2**32 - 1)),
}
_BROKEN_ONES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a PNG without pixels": ("none.png", lambda: png(8, 8)),
    "a PNG of 0 pixels": ("zero.png", lambda: png(0, 0)),
    "a PNG of a negative size": ("minus.png", lambda: png(2**32 - 8, 8)),
    "a PNG of a depth that is not": ("depth.png", lambda: png(8, 8, zlib.compress(bytes(400)), 7, 5)),
    "a PNG with other bytes": ("flipped.png", _flipped("PNG", 0.3)),
    "a PNG with a comment of a GiB": ("comment.png", _comment_bomb),
    "a JPEG that is only a beginning": ("start.jpg", lambda: b"\xff\xd8\xff\xe0" + bytes(40)),
    "a JPEG cut in half": ("half.jpg", lambda: good.picture("JPEG", (64, 64))[:900]),
    "a TIFF that points at itself": (
        "circle.tif",
        lambda: b"II*\x00\x08\x00\x00\x00" + struct.pack("<HHHIII", 1, 273, 4, 1, 8, 8) + bytes(20),
    ),
    "an empty file": ("empty.png", lambda: b""),
    "a text named as a picture": ("text.png", lambda: b"this is no picture"),
    "SVG named as a picture": ("drawing.png", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    "a zip named as a picture": ("archive.jpg", good.npz),
    "PostScript, which other programs run": (
        "script.png",
        lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n(%pipe%touch TOUCHED) (w) file\n",
    ),
}


def _turned() -> bytes:
    """A JPEG whose EXIF says that it lies on its side."""
    from PIL import Image

    image = Image.open(io.BytesIO(good.picture("PNG", (8, 6))))
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


_ODD: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a JPEG named PNG": ("really.png", lambda: good.picture("JPEG", seed=77)),
    "a PNG without a known ending": ("name.jpeg", lambda: good.picture("PNG", seed=78)),
    "a JPEG on its side": ("turned.jpg", _turned),
    "a picture of one pixel": ("dot.png", lambda: good.picture("PNG", (1, 1))),
    "a picture of 1 × 5,000 pixels": ("line.png", lambda: good.picture("PNG", (1, 5000))),
    "a TIFF": ("good.tif", lambda: good.picture("TIFF", seed=79)),
}

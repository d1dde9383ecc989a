"""IDX files with a wrong magic number, wrong counts, or wrong axes."""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from malformed import good
from malformed.case import REFUSED, Case

FAMILY = "IDX files"


def cases() -> Iterator[Case]:
    """For pictures, then for labels."""
    for name, (content, reason) in _PICTURES.items():
        yield Case(name, _pair(content, good.idx_labels()), "data", REFUSED, reason, _SECTION)
    for name, (content, reason) in _LABELS.items():
        names = "data" if "class" in reason else "labels"
        yield Case(f"labels: {name}", _pair(good.idx_pictures(), content), "data", REFUSED, reason, _SECTION, names)


_SECTION: dict[str, Any] = {"kind": "idx", "images": "pictures", "labels": "labels"}


def _pair(pictures: bytes, labels: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        good.write("labels", labels)(folder)
        return good.write("pictures", pictures)(folder)

    return make


_PICTURES = {
    "a wrong magic number": (b"\x12\x34\x08\x03" + good.idx_pictures()[4:], "not an IDX file"),
    "the magic number backwards": (b"\x03\x08\x00\x00" + good.idx_pictures()[4:], "not an IDX file"),
    "floats instead of bytes": (good.idx(2, 4, 4, kind=0x0D), "only bytes"),
    "an unknown type": (good.idx(2, 4, 4, kind=0x77), "only bytes"),
    "no axes": (b"\x00\x00\x08\x00", "not an IDX file"),
    "255 axes": (b"\x00\x00\x08\xff" + struct.pack(">255I", *[1] * 255) + b"\x00", "255 axes"),
    "a byte too few": (good.idx_pictures()[:-1], "header says"),
    "a byte too many": (good.idx_pictures() + b"\x00", "header says"),
    "axes of 2^32": (good.idx(2**32 - 1, 2**32 - 1, 2**32 - 1, body=bytes(64)), "header says"),
    "no pictures": (good.idx(0, 4, 4), "is empty"),
    "pictures of no pixels": (good.idx(20, 0, 4), "is empty"),
    "labels instead of pictures": (good.idx_labels(), "no examples|shape"),
    "a header only": (good.idx_pictures()[:16], "header says"),
    "a PNG": (b"\x89PNG\r\n\x1a\n" + bytes(40), "not an IDX file"),
}
_LABELS = {
    "too few": (good.idx(19), "20 pictures"),
    "too many": (good.idx(21), "20 pictures"),
    "two axes": (good.idx(20, 1), "20 pictures"),
    "pictures instead": (good.idx_pictures(), "20 pictures"),
    "all of one class": (good.idx(20), "1 class"),
    "a text": (np.random.default_rng(0).bytes(28), "not an IDX file"),
}

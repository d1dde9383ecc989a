"""Sounds with headers that lie, samples that are no numbers, or nothing in them."""

import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from malformed import good
from malformed.case import REFUSED, WARNED, Case

FAMILY = "sounds"
_SOUNDS: dict[str, Any] = {"kind": "audio", "folder": "sounds", "validation_fraction": 0.25}


def cases() -> Iterator[Case]:
    """Each among good ones, refused or left out; then folders."""
    for name, content in _BROKEN.items():
        yield Case(name, _among_good(content), "data", REFUSED, ".", _SOUNDS, "odd.wav")
        yield Case(
            f"{name}, left out", _among_good(content), "data", WARNED, r"odd\.wav", _SOUNDS | {"skip_broken": True}
        )
    short = _among_good(lambda: _wav(body=np.arange(16, dtype=np.int16).tobytes()))
    yield Case("too short for one frame", short, "data", WARNED, "shorter", _SOUNDS)
    yield Case("17 bits", _among_good(lambda: _wav(bits=17)), "data", WARNED, "repeat", _SOUNDS)
    yield Case("a pipe", _with_pipe, "data", REFUSED, ".", _SOUNDS, "odd.wav", posix=True)
    yield Case("no sounds at all", _empty, "data", REFUSED, "no sound|no file|empty|no .*folder", _SOUNDS)
    yield Case("a rate of 1 Hz", _among_good(lambda: _wav(rate=1)), "data", REFUSED, ".", _SOUNDS, "odd.wav")


def _wav(
    *,
    form: int = 1,
    channels: int = 1,
    rate: int = 16_000,
    bits: int = 16,
    said: int | None = None,
    body: bytes = bytes(8192),
) -> bytes:
    block = channels * bits // 8 & 0xFFFF
    described = struct.pack("<HHIIHH", form, channels, rate, rate * block & 0xFFFFFFFF, block, bits)
    data = b"data" + struct.pack("<I", len(body) if said is None else said) + body
    chunks = b"WAVEfmt " + struct.pack("<I", 16) + described + data
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def _floats(value: float) -> bytes:
    return _wav(form=3, bits=32, body=np.full(4096, value, np.float32).tobytes())


def _endless_flac() -> bytes:
    """Only a header, of 2^36 − 1 samples."""
    rate, channels, bits = 16_000, 0, 15
    packed = rate << 44 | channels << 41 | bits << 36 | (2**36 - 1)
    return b"fLaC\x80\x00\x00\x22" + struct.pack(">HH", 4096, 4096) + bytes(6) + packed.to_bytes(8, "big") + bytes(16)


_BROKEN: dict[str, Callable[[], bytes]] = {
    "no channels": lambda: _wav(channels=0),
    "65,535 channels": lambda: _wav(channels=65_535, body=bytes(131_070)),
    "a rate of 0": lambda: _wav(rate=0),
    "0 bits": lambda: _wav(bits=0),
    "an unknown form": lambda: _wav(form=0x7777),
    "no samples": lambda: _wav(body=b""),
    "NaN for samples": lambda: _floats(float("nan")),
    "infinity for samples": lambda: _floats(float("inf")),
    "a text named as a sound": lambda: b"this is no sound",
    "an empty file": lambda: b"",
    "only the mark of a RIFF file": lambda: b"RIFF\xff\xff\xff\xffWAVE",
    "a FLAC that says 2^36 samples": _endless_flac,
    "a picture named as a sound": lambda: good.picture("PNG"),
}


def _among_good(content: Callable[[], bytes]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        for n in range(8):
            good.write(f"sounds/{'ab'[n % 2]}/{n}.wav", good.sound(tone=n))(folder)
        good.write("sounds/a/odd.wav", content)(folder)
        return folder / "sounds"

    return make


def _with_pipe(folder: Path) -> Path:
    sounds = _among_good(good.sound)(folder)
    (sounds / "a" / "odd.wav").unlink()
    os.mkfifo(sounds / "a" / "odd.wav")
    return sounds


def _empty(folder: Path) -> Path:
    (folder / "sounds" / "a").mkdir(parents=True)
    return folder / "sounds"

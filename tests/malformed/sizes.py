"""Files that say they are far larger than they are, or have far more parts than anything real."""

import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from malformed import good
from malformed.case import ACCEPTED, REFUSED, Case
from malformed.safetensors_headers import raw_file

FAMILY = "sizes on paper"
_HUGE = 10 * 10**9
_ARRAYS: dict[str, Any] = {"kind": "arrays", "validation_fraction": 0.25}
_MLP: dict[str, Any] = {"architecture": good.MLP}
_IDX: dict[str, Any] = {"kind": "idx", "images": "pictures", "labels": "labels"}
_TABLE: dict[str, Any] = {"kind": "table", "label": "label", "validation_fraction": 0.25}


def cases() -> Iterator[Case]:
    """Files of 10 GB that were never written, by every door; then too many parts; then lines without end."""
    for name, (file, start, door, section) in _UNWRITTEN.items():
        said = section | ({"file": file} if section.get("kind") in ("arrays", "table", "text", "conversations") else {})
        yield Case(
            f"10 GB that were never written: {name}",
            _hole(file, start),
            door,
            REFUSED,
            "ever written",
            said,
            posix=True,
        )
        if door != "look":
            yield Case(
                f"10 GB that were never written: {name}, dropped",
                _hole(file, start),
                "look",
                REFUSED,
                "ever written",
                posix=True,
            )
    for name, (file, content, door, section, reason) in _MANY.items():
        said = section | ({"file": file} if "kind" in section else {})
        yield Case(name, good.write(file, content), door, REFUSED, reason, said)
    file, content, _, _, reason = _MANY["400,000 tensors, bare"]
    yield Case("400,000 tensors, bare, dropped", good.write(file, content), "look", REFUSED, reason)
    yield Case("400,000 tensors, in a folder", _in_folder, "checkpoint", REFUSED, "tensors|header of", names="model")
    yield Case("20,000 tensors that nobody asks for", good.write("data.safetensors", _arrays_among(20_000)), "data",
               ACCEPTED, section=_ARRAYS | {"file": "data.safetensors"})  # fmt: skip


def _hole(file: str, start: Callable[[], bytes]) -> Callable[[Path], Path]:
    """A file with a beginning, whose size was set without anything more being written."""

    def make(folder: Path) -> Path:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if _IDX["images"] == file:
            good.write("labels", good.idx_labels)(folder)
        with path.open("wb") as opened:
            opened.write(start())
            opened.truncate(_HUGE)
        return path

    return make


def _stored_npz() -> bytes:
    """The beginning of an archive; its directory would stand at the end."""
    header = b"inputs.npy"
    return b"PK\x03\x04" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, 0, 2**32 - 1, 2**32 - 1, len(header), 0) + header


def _one_tensor() -> bytes:
    size = (_HUGE - 200) // 4 * 4
    header = json.dumps({"inputs": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}}).encode()
    header += b" " * (192 - len(header))
    return struct.pack("<Q", len(header)) + header


_UNWRITTEN: dict[str, tuple[str, Callable[[], bytes], str, dict[str, Any]]] = {
    "safetensors": ("bare.safetensors", _one_tensor, "checkpoint", _MLP),
    "our own checkpoint": ("own.safetensors", good.own_checkpoint, "checkpoint", {}),
    "a state dict": ("model.pt", lambda: good.saved(good.state()), "checkpoint", _MLP),
    "GGUF": ("model.gguf", lambda: b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "checkpoint", {}),
    "arrays in safetensors": ("data.safetensors", _one_tensor, "data", _ARRAYS),
    "arrays in npz": ("data.npz", _stored_npz, "data", _ARRAYS),
    "IDX": ("pictures", lambda: good.idx(_HUGE // 784, 28, 28, body=b""), "data", _IDX),
    "a table": ("table.csv", good.comma_separated, "data", _TABLE),
    "a Parquet": ("table.parquet", good.parquet, "data", _TABLE),
    "conversations": ("chats.jsonl", good.conversations, "data", {"kind": "conversations"}),
    "a recipe": ("recipe.toml", lambda: b'format = 1\nname = "', "recipe", {}),
    "a picture": ("picture.png", lambda: good.picture("PNG"), "picture", {}),
    "a run's database beside nothing": ("run.sqlite", lambda: b"SQLite format 3\x00", "look", {}),
}


def _tensors(count: int) -> bytes:
    entry = '"{}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'
    header = "{" + ",".join(entry.format(f"layer.{n}.w") for n in range(count)) + "}"
    return raw_file(header.encode(), b"")


def _arrays_among(count: int) -> Callable[[], bytes]:
    def content() -> bytes:
        from safetensors.numpy import save

        extra = {f"extra.{n}": np.zeros(1, np.float32) for n in range(count)}
        return bytes(save(good.arrays() | extra))

    return content


def _in_folder(folder: Path) -> Path:
    return good.hugging_face(folder, weights=_tensors(400_000))


def _gguf(keys: int, body: bytes) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, 0, keys) + body


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def _texts_in_gguf(count: int) -> Callable[[], bytes]:
    architecture = _text("general.architecture") + struct.pack("<I", 8) + _text("llama")
    return lambda: _gguf(
        2, architecture + _text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, count) + bytes(8 * count)
    )


def _settings_in_gguf() -> bytes:
    return _gguf(100_001, b"".join(_text(f"k{n:06d}") + struct.pack("<IB", 0, 1) for n in range(100_001)))


_CHATS: dict[str, Any] = {"kind": "conversations"}
_LONG = 40 * 2**20
_MANY: dict[str, tuple[str, Callable[[], bytes], str, dict[str, Any], str]] = {
    "400,000 tensors, bare": ("bare.safetensors", lambda: _tensors(400_000), "checkpoint", _MLP, "tensors|header of"),
    "400,000 tensors, as arrays": ("data.safetensors", lambda: _tensors(400_000), "data", _ARRAYS, "tensors|header of"),
    "a header of 25 MiB of lists": (
        "bare.safetensors",
        lambda: raw_file(b'{"a":[' + b"[]," * (25 * 2**20 // 3) + b"[]]}", b""),
        "checkpoint",
        _MLP,
        "header",
    ),
    "a header of 20 MiB of lists": (
        "bare.safetensors",
        lambda: raw_file(b'{"a":[' + b"[]," * (20 * 2**20 // 3) + b"[]]}", b""),
        "checkpoint",
        _MLP,
        ".",
    ),
    "a list of 3,000,000 texts in GGUF": ("model.gguf", _texts_in_gguf(3_000_000), "language", {}, "3,000,000 texts"),
    "100,001 settings in GGUF": ("model.gguf", _settings_in_gguf, "language", {}, "100,001 settings"),
    "a table of one line": ("table.csv", lambda: b"a,label\n" + b"1," * (_LONG // 2), "data", _TABLE, "line 2"),
    "a header of one line": ("table.csv", lambda: b"a," * (_LONG // 2), "data", _TABLE, "line 1"),
    "15,000,000 columns": ("table.csv", lambda: b"a," * 15_000_000, "data", _TABLE, "15,000,000 values"),
    "15,000,000 values in one row": (
        "table.csv", lambda: b"a,label\n" + b"1," * 15_000_000 + b"\n", "data", _TABLE, "line 2",
    ),
    "a row of 100 MiB in quotes": (
        "table.csv",
        lambda: b"a,label\n" + b'"' + (b"x" * 1000 + b"\n") * (100 * 2**10),
        "data",
        _TABLE,
        "line",
    ),
    "texts of one line": (
        "texts.jsonl", lambda: b'{"label":"a","n":[' + b"1," * (_LONG // 2), "data", _TABLE, "line 1"
    ),
    "a line of 10,000,000 lists": (
        "texts.jsonl", lambda: b'{"label":"a","n":[' + b"[]," * 10_000_000 + b"[]]}\n" * 2, "data", _TABLE, "line 1",
    ),
    "a conversation of one line": (
        "chats.jsonl", lambda: b'{"prompt":"' + b"x" * _LONG + b'"}\n' * 4, "data", _CHATS, "line 1"
    ),
    "one JSON of 20,000,000 lists": (
        "chats.json", lambda: b"[\n" + b"[],\n" * 20_000_000 + b"[]]", "data", _CHATS, "lists and objects"
    ),
    "one JSON of 40,000,000 numbers": (
        "chats.json", lambda: b"[\n" + b"1.5,\n" * 40_000_000 + b"1]", "data", _CHATS, "values"
    ),
    "a recipe of 4 MiB": ("recipe.toml", lambda: b"a = 1\n" * (4 * 2**20 // 6), "recipe", {}, "MiB|TOML|refused"),
    "a recipe with a list of 10^6 numbers": (
        "recipe.toml", lambda: b"stages = [" + b"1," * 10**6 + b"]\n", "recipe", {}, "MiB|TOML|refused"
    ),
}  # fmt: skip

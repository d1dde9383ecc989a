"""Archives and compressed files that claim absurd sizes, or contradict themselves."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from malformed import good, squeezed
from malformed.case import ACCEPTED, REFUSED, Case

FAMILY = "archives that claim absurd sizes"
_SIZE = "size|unpack|header says|cannot be read|not an IDX|cannot be unzipped"
_NPZ: dict[str, Any] = {"kind": "arrays", "file": "data.npz"}
_IDX: dict[str, Any] = {"kind": "idx", "images": "pictures.gz"}
_MLP: dict[str, Any] = {"architecture": good.MLP}


def cases() -> Iterator[Case]:
    """Arrays, IDX, zipped state dicts and programs, Parquet."""
    for name, header in _HEADERS.items():
        yield Case(f"npz: {name}", good.write("data.npz", _npz_with(header)), "data", REFUSED, ".", _NPZ)
    for name, make in _ARCHIVES.items():
        yield Case(f"npz: {name}", make, "data", REFUSED, _SIZE, _NPZ)
    for name, make in _HARMLESS.items():
        yield Case(f"npz: {name}", make, "data", ACCEPTED, section=_NPZ)
    for name, content in _ZIPPED_IDX.items():
        yield Case(f"IDX: {name}", good.write("pictures.gz", content), "data", REFUSED, _SIZE, _IDX)
    for name, make in _STATES.items():
        yield Case(f"state dict: {name}", make, "checkpoint", REFUSED, ".", _MLP)


def _npz_with(header: str) -> Callable[[], bytes]:
    labels = good.npy_of(np.arange(3))
    return lambda: good.npz_of({"inputs.npy": good.npy(header, bytes(48)), "labels.npy": labels})


_HEADERS = {
    "10^12 rows": "{'descr': '|u1', 'fortran_order': False, 'shape': (10**12, 4), }".replace("10**12", str(10**12)),
    "10^10 bytes": "{'descr': '|u1', 'fortran_order': False, 'shape': (10000000000,), }",
    "10^30 rows": f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({10**30}, 4), }}",
    "negative rows": "{'descr': '<f4', 'fortran_order': False, 'shape': (-3, 4), }",
    "64 axes too many": f"{{'descr': '|u1', 'fortran_order': False, 'shape': {(1,) * 100}, }}",
    "a type of its own": "{'descr': '|V1000000000', 'fortran_order': False, 'shape': (4, 4), }",
    "texts of a GiB": "{'descr': '<U1000000000', 'fortran_order': False, 'shape': (3, 1), }",
    "objects": "{'descr': '|O', 'fortran_order': False, 'shape': (3, 4), }",
    "complex numbers": "{'descr': '<c8', 'fortran_order': False, 'shape': (3, 2), }",
    "a header that is code": "__import__('os').system('touch TOUCHED')",
    "a header that is deep": "(" * 5_000 + ")" * 5_000,
    "no header": "",
}


def _bomb() -> bytes:
    """Four GiB of zeros in four MiB, with a header that asks for them."""
    header = good.npy(f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({2**22}, 1024), }}")
    return squeezed.as_zip({"inputs.npy": (header, 2**32), "labels.npy": (good.npy_of(np.zeros(3, np.int64)), 0)})


def _labels_bomb() -> bytes:
    """The same for the labels, beside inputs of an honest size."""
    header = good.npy(f"{{'descr': '<i8', 'fortran_order': False, 'shape': ({2**28},), }}")
    return squeezed.as_zip({"inputs.npy": (good.npy_of(good.arrays()["inputs"]), 0), "labels.npy": (header, 2**31)})


def _other_member() -> bytes:
    """A bomb that nobody asked for, beside good arrays."""
    header = good.npy(f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({2**31},), }}")
    members = {f"{name}.npy": (good.npy_of(array), 0) for name, array in good.arrays().items()}
    return squeezed.as_zip(members | {"extra.npy": (header, 2**31)})


def _changed(change: Callable[[bytearray], None]) -> Callable[[Path], Path]:
    """The good arrays with other bytes."""

    def make(folder: Path) -> Path:
        raw = bytearray(good.npz())
        change(raw)
        return good.write("data.npz", bytes(raw))(folder)

    return make


def _central_sizes(raw: bytearray) -> None:
    """The directory at the end says that the first member is 4 GiB."""
    place = raw.find(b"PK\x01\x02")
    raw[place + 24 : place + 28] = struct.pack("<I", 0xFFFFFFF0)


def _zip64(raw: bytearray) -> None:
    """The sizes are said to be in a 64-bit field that is not there."""
    place = raw.find(b"PK\x01\x02")
    raw[place + 20 : place + 28] = struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF)


def _overlapping(raw: bytearray) -> None:
    """Both members lie at the same place."""
    first = raw.find(b"PK\x01\x02")
    second = raw.find(b"PK\x01\x02", first + 4)
    raw[second + 42 : second + 46] = raw[first + 42 : first + 46]


def _entries(raw: bytearray) -> None:
    """The end says that there are 65,534 members."""
    place = raw.rfind(b"PK\x05\x06")
    raw[place + 8 : place + 12] = struct.pack("<HH", 65534, 65534)


def _directory(raw: bytearray) -> None:
    """The directory is said to begin beyond the end."""
    place = raw.rfind(b"PK\x05\x06")
    raw[place + 12 : place + 20] = struct.pack("<II", 0x7FFFFFFF, 0x7FFFFFFF)


def _checksum(raw: bytearray) -> None:
    """The content is not what was put in."""
    place = raw.find(b"NUMPY") + 200
    raw[place] ^= 0xFF


def _method(raw: bytearray) -> None:
    """A way of compression that nobody knows."""
    for sign, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        place = raw.find(sign)
        raw[place + offset : place + offset + 2] = struct.pack("<H", 77)


def _encrypted(raw: bytearray) -> None:
    """The members are said to be encrypted."""
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = raw.find(sign)
        raw[place + offset] |= 1


_ARCHIVES: dict[str, Callable[[Path], Path]] = {
    "4 GiB of zeros in 4 MiB": good.write("data.npz", _bomb),
    "2 GiB of labels in 2 MiB": good.write("data.npz", _labels_bomb),
    "a directory that says 4 GiB of a few bytes": _changed(_central_sizes),
    "64-bit sizes that are not there": _changed(_zip64),
    "overlapping members": _changed(_overlapping),
    "a directory beyond the end": _changed(_directory),
    "a wrong checksum": _changed(_checksum),
    "an unknown compression": _changed(_method),
    "encrypted members": _changed(_encrypted),
}


# Only what nobody reads is wrong, and the arrays are whole.
_HARMLESS: dict[str, Callable[[Path], Path]] = {
    "2 GiB of zeros beside good arrays": good.write("data.npz", _other_member),
    "65,534 members announced": _changed(_entries),
}


_ZIPPED_IDX: dict[str, Callable[[], bytes]] = {
    "4 GiB behind a header of 16 bytes": lambda: squeezed.as_gzip(good.idx(16, body=b""), 2**32),
    "4 GiB as its header says": lambda: squeezed.as_gzip(good.idx(2**16, 256, 256, body=b""), 2**32),
    "a header of 2^96": lambda: good.zipped(good.idx(2**32 - 1, 2**32 - 1, 2**32 - 1, body=bytes(64))),
    "gzip in gzip": lambda: good.zipped(good.zipped(good.idx_pictures())),
    "2 GiB of no IDX at all": lambda: squeezed.as_gzip(b"\x01\x02\x03\x04", 2**31),
}


def _members(change: Callable[[str, bytes], bytes | None]) -> Callable[[Path], Path]:
    """A zipped state dict with other members."""

    def make(folder: Path) -> Path:
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(good.saved(good.state()))) as before, zipfile.ZipFile(buffer, "w") as after:
            for name in before.namelist():
                raw = change(name, before.read(name))
                if raw is not None:
                    after.writestr(name, raw)
        return good.write("model.pt", buffer.getvalue())(folder)

    return make


def _huge_storage(name: str, raw: bytes) -> bytes:
    """The pickle says that the first storage has 2^30 numbers, of which the file holds 24."""
    if not name.endswith("data.pkl"):
        return raw
    # BININT1 24 is what the first weight of 6 × 4 says of its storage.
    return raw.replace(b"K\x18t", b"J" + struct.pack("<i", 2**30) + b"t", 1)


def _compressed_state(folder: Path) -> Path:
    """Four GiB of zeros for a storage."""
    with zipfile.ZipFile(io.BytesIO(good.saved(good.state()))) as archive:
        members = {
            name: (b"", 2**32) if name.endswith("data/0") else (archive.read(name), 0) for name in archive.namelist()
        }
    return good.write("model.pt", squeezed.as_zip(members))(folder)


def _expanded(folder: Path) -> Path:
    """A tensor of 2^40 numbers that all share one."""
    import torch

    weights = good.state()
    weights["1.weight"] = torch.zeros(1).expand(2**20, 2**20)
    return good.write("model.pt", good.saved(weights))(folder)


def _many(folder: Path) -> Path:
    import torch

    weights = good.state() | {f"extra.{n}": torch.zeros(()) for n in range(3_000)}
    return good.write("model.pth", good.saved(weights, zipped=False))(folder)


def _deep(folder: Path) -> Path:
    inner: Any = good.state()
    for _ in range(200):
        inner = {"state_dict": inner}
    return good.write("model.pt", good.saved(inner))(folder)


def _itself(folder: Path) -> Path:
    inner: dict[str, Any] = {"epoch": 3}
    inner["state_dict"] = inner
    return good.write("model.pt", good.saved(inner))(folder)


def _no_tensors(folder: Path) -> Path:
    return good.write("model.pt", good.saved({"epoch": 3, "note": "nothing here"}))(folder)


def _no_texts(folder: Path) -> Path:
    return good.write("model.pt", good.saved(dict(enumerate(good.state().values()))))(folder)


def _plain_zip(folder: Path) -> Path:
    return good.write("model.pt", good.npz_of({"readme.txt": b"hello"}))(folder)


_STATES: dict[str, Callable[[Path], Path]] = {
    "a storage of 2^30 numbers in 96 bytes": _members(_huge_storage),
    "a storage that is missing": _members(lambda name, raw: None if name.endswith("data/0") else raw),
    "a storage that is short": _members(lambda name, raw: raw[:8] if name.endswith("data/0") else raw),
    "no pickle": _members(lambda name, raw: None if name.endswith("data.pkl") else raw),
    "a pickle of nothing": _members(lambda name, raw: b"" if name.endswith("data.pkl") else raw),
    "no byte order that is known": _members(lambda name, raw: b"middle" if name.endswith("byteorder") else raw),
    "a version of 10^9": _members(lambda name, raw: b"1000000000" if name.endswith("version") else raw),
    "4 GiB of zeros in 4 MiB": _compressed_state,
    "a tensor of 2^40 numbers that share one": _expanded,
    "3,000 tensors too many": _many,
    "200 wrappers": _deep,
    "a wrapper around itself": _itself,
    "no tensors": _no_tensors,
    "names that are numbers": _no_texts,
    "a zip of something else": _plain_zip,
}

"""What torch.save wrote, read as weights only; what wants more than that is refused by the names of what it wants."""

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from workbench.engine.checkpoints.pickle_contents import PickleContents, contents_of
from workbench.errors import WorkbenchError
from workbench.writing import disk_errors

_ZIP = b"PK\x03\x04"
_PICKLE = 0x80
# What torch.save put before everything else until version 1.6: a number of 80 bits as a pickle.
_OLD_START = b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
_PICKLES_BEFORE_WEIGHTS = 5
_MOST_PICKLE = 16 * 2**20
_MOST_DIRECTORY = 16 * 2**20
_BEGINNING = 4096
_SAVE_AGAIN = "Where it was made, save its weights alone: torch.save(model.state_dict(), …)."


@dataclass(frozen=True)
class Wants:
    """What a file by torch.save would import besides weights.

    Attributes:
        unsafe: What is refused.
        leftovers: What is left out.
        is_zip: Whether it is of the newer of the two forms.
    """

    unsafe: tuple[str, ...]
    leftovers: tuple[str, ...]
    is_zip: bool


def is_by_torch(path: Path) -> bool:
    """Whether a file looks like one by torch.save or like another pickle, by its beginning."""
    start = beginning_of(path)
    if start[:4] == _ZIP:
        return b"data.pkl" in start or any(_is_data(name) for name in _names_in_zip(path))
    return len(start) > 2 and start[0] == _PICKLE and 2 <= start[1] <= 5


def beginning_of(path: Path) -> bytes:
    """The first bytes of a file; none where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(_BEGINNING)
    except OSError:
        return b""


def wants_of(path: Path) -> Wants:
    """What a file would import, from its opcodes alone.

    Raises:
        WorkbenchError: It is broken, cut short, or claims absurd sizes.
    """
    is_zip = beginning_of(path)[:4] == _ZIP
    found = list(_pickles_in(path, is_zip=is_zip))
    newest = max(contents.protocol for contents in found)
    unsafe = sorted({name for contents in found for name in contents.unsafe})
    if newest > 2 and not unsafe:
        raise WorkbenchError(
            f"{path} was saved with pickle protocol {newest}, and only 2 can be read without running code.",
            "Save it again with torch.save, its pickle_protocol left as it is.",
        )
    return Wants(tuple(unsafe), tuple(sorted({name for one in found for name in one.leftovers})), is_zip)


def read_by_torch(path: Path, *, values: bool) -> Any:
    """What a file holds: tensors, and containers of them.

    Args:
        path: By torch.save.
        values: Whether the numbers are wanted; without them no memory is taken for them.

    Raises:
        WorkbenchError: It wants to run code, is broken, or claims absurd sizes.
    """
    wants = wants_of(path)
    if wants.unsafe:
        raise _refused(path, wants.unsafe)
    if path.suffix.lower() == ".safetensors":
        raise WorkbenchError(f"{path} is named as safetensors, but torch.save wrote it.", "Name it .pt instead.")
    stand_ins: list[Any] = [(type("Leftover", (_Leftover,), {}), name) for name in wants.leftovers]
    with disk_errors(path):
        size = path.stat().st_size
    try:
        with torch.serialization.safe_globals(stand_ins):
            # Mapped, a zip takes no memory; but only unmapped, torch compares what it reads with what the pickle says.
            read = {"map_location": "cpu"} if values else {"mmap": True} if wants.is_zip else {"map_location": "meta"}
            return torch.load(path, weights_only=True, **read)
    except Exception as error:
        # A broken pickle fails in as many ways as there are opcodes.
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise WorkbenchError(
            f"{path} ({size:,} bytes) is broken or cut short, and none of its code was run: {reason[0]}",
            "Copy or download it again.",
        ) from None


class _Leftover:
    """Stands where a file has settings of its training; whatever is done to it, nothing happens."""

    def __new__(cls, *_: object) -> "_Leftover":
        return super().__new__(cls)

    def __init__(self, *_: object) -> None: ...

    def __setstate__(self, _: object) -> None: ...


def _refused(path: Path, unsafe: tuple[str, ...]) -> WorkbenchError:
    rows = "\n".join(f"  {name}" for name in unsafe)
    whole = [name for name in unsafe if name.startswith(("torch.nn.", "__main__.", "torchvision.", "timm."))]
    if whole:
        return WorkbenchError(
            f"{path} holds a whole Python object ({whole[0]}) and not only weights: reading it would run code.",
            _SAVE_AGAIN,
            rows,
        )
    shown = ", ".join(unsafe[:3]) + (f" and {len(unsafe) - 3} more" if len(unsafe) > 3 else "")
    return WorkbenchError(
        f"{path} holds more than tensors: it asks for {shown}, which can run code. Nothing of it was run.",
        f"Do not open it with another program unless you trust where it comes from. {_SAVE_AGAIN}",
        rows,
    )


def _pickles_in(path: Path, *, is_zip: bool) -> Iterator[PickleContents]:
    raw = _zipped_pickle(path) if is_zip else _old_pickles(path)
    is_torch = is_zip or raw[2:].startswith(_OLD_START)
    start = 0
    try:
        for _ in range(1 if is_zip or not is_torch else _PICKLES_BEFORE_WEIGHTS):
            contents = contents_of(raw, start)
            start = contents.end
            yield contents
    except (ValueError, UnicodeError, struct.error, RecursionError, MemoryError) as error:
        raise WorkbenchError(
            f"{path} is broken or cut short, and none of its code was run: in its list of tensors, {error}.",
            "Copy or download it again.",
        ) from None
    if not is_torch and not contents.unsafe:
        raise WorkbenchError(
            f"{path} is a Python pickle but none by torch.save; opening such a file can run code.", _SAVE_AGAIN
        )


def _old_pickles(path: Path) -> bytes:
    with disk_errors(path), path.open("rb") as file:
        return file.read(_MOST_PICKLE)


def _zipped_pickle(path: Path) -> bytes:
    """The pickle of a zip whose members are as large as they say and lie in it as they are."""
    with disk_errors(path):
        size = path.stat().st_size
    if _directory_size(path, size) > _MOST_DIRECTORY:
        raise WorkbenchError(f"{path} has an absurd number of members; no checkpoint has so many.")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            packed = [one.filename for one in members if one.compress_type or one.file_size != one.compress_size]
            claimed = sum(one.file_size for one in members)
            data = [one for one in members if _is_data(one.filename)]
            _refuse_odd(path, packed, claimed, size, data)
            return archive.read(data[0])
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        ValueError,
        EOFError,
        OSError,
        struct.error,
    ) as error:
        raise WorkbenchError(
            f"{path} ({size:,} bytes) is broken or cut short, and none of its code was run: {error}.",
            "Copy or download it again.",
        ) from None


def _refuse_odd(path: Path, packed: list[str], claimed: int, size: int, data: list[zipfile.ZipInfo]) -> None:
    if packed:
        raise WorkbenchError(
            f"{path} is no file by torch.save, and none of its code was run: its member {packed[0]} is compressed.",
            "Unpack it first, if it is a checkpoint that was zipped.",
        )
    if claimed > size:
        raise WorkbenchError(
            f"{path} is broken: its members claim {claimed:,} bytes, and the whole file has {size:,}. "
            "None of its code was run."
        )
    if len(data) != 1:
        raise WorkbenchError(f"{path} is a zip with {len(data)} lists of tensors and not one.", _SAVE_AGAIN)
    if data[0].file_size > _MOST_PICKLE:
        raise WorkbenchError(f"{path} describes its tensors in {data[0].file_size:,} bytes: that is absurd.")


def _directory_size(path: Path, size: int) -> int:
    """How many bytes the list of members takes, by the end of the file; 0 where that cannot be told."""
    with disk_errors(path), path.open("rb") as file:
        file.seek(max(0, size - 66_000))
        tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + 22:
        return 0
    length = int(struct.unpack_from("<L", tail, place + 12)[0])
    longer = tail.rfind(b"PK\x06\x06", 0, place)
    if length == 0xFFFFFFFF and longer >= 0 and len(tail) >= longer + 56:
        length = int(struct.unpack_from("<Q", tail, longer + 40)[0])
    return length


def _names_in_zip(path: Path) -> list[str]:
    try:
        if _directory_size(path, path.stat().st_size) > _MOST_DIRECTORY:
            return []
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error, WorkbenchError):
        return []


def _is_data(name: str) -> bool:
    return name == "data.pkl" or name.endswith("/data.pkl")


__all__ = ["Wants", "beginning_of", "is_by_torch", "read_by_torch", "wants_of"]

"""A SHA-256 inside each safetensors file that this program writes, so that a damaged file is refused when it is read.

The file has one metadata entry, JSON with the field `sha256`: the digest of the whole file, header included, with 64
zeros in place of the digest. A folder of several files has its digests in `student.sha256` beside them, in the format
of `sha256sum`. Files and folders without a digest are older ones and stay usable.
"""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any, BinaryIO

from workbench.errors import WorkbenchError
from workbench.writing import disk_errors, write_atomically

SUMS_FILE = "student.sha256"
_FIELD = "sha256"
_EMPTY = "0" * 64
_PIECE = 2**20
_MAX_HEADER = 100 * 2**20
_HINT = "Copy it again from where it came from."


def reserve(record: dict[str, Any]) -> str:
    """A file's metadata entry as JSON, with room for its digest."""
    return json.dumps(record | {_FIELD: _EMPTY}, sort_keys=True)


def seal(raw: bytes) -> bytes:
    """A safetensors file whose metadata entry is from `reserve`, with its digest filled in."""
    place = raw.index(f'\\"{_FIELD}\\": \\"{_EMPTY}'.encode()) + len(f'\\"{_FIELD}\\": \\"')
    view = memoryview(raw)
    return b"".join((view[:place], hashlib.sha256(raw).hexdigest().encode(), view[place + len(_EMPTY) :]))


def record_of(entry: str) -> dict[str, Any]:
    """A metadata entry without its digest. Raises ValueError where it is no JSON object."""
    record = json.loads(entry)
    if not isinstance(record, dict):
        raise ValueError("its metadata are no JSON object")
    record.pop(_FIELD, None)
    return record


def digest_in(entry: Any) -> str | None:
    """The digest in a metadata entry of any name, which may be what is damaged; None where there is none."""
    try:
        return str(json.loads(entry)[_FIELD])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def verify(file: BinaryIO, name: str) -> None:
    """Compare a safetensors file with the digest in its metadata; without a digest nothing is compared.

    Args:
        file: At its beginning; it is read to its end.
        name: For the message.

    Raises:
        WorkbenchError: It was changed since it was written.
    """
    start = file.read(8)
    length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
    header = file.read(length) if length <= _MAX_HEADER else b""
    try:
        entries = json.loads(header)["__metadata__"].values()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # No safetensors file: whoever reads it finds that out too.
        return
    digest = next(filter(None, map(digest_in, entries)), None)
    if digest is None:
        return
    found = hashlib.sha256(start)
    found.update(header.replace(digest.encode(), _EMPTY.encode(), 1))
    while piece := file.read(_PIECE):
        found.update(piece)
    if found.hexdigest() != digest:
        raise WorkbenchError(
            f"{name} is damaged: its content does not match the SHA-256 that was written with it.", _HINT
        )


def write_sums(folder: Path) -> None:
    """Write the digests of all files in a folder beside them. Raises WorkbenchError."""
    with disk_errors(folder):
        names = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name != SUMS_FILE)
    lines = "".join(f"{_digest(folder / name)}  {name}\n" for name in names)
    write_atomically(folder / SUMS_FILE, lines.encode())


def forget_sums(folder: Path) -> None:
    """Remove the digests before any of the files is written anew. Raises WorkbenchError."""
    with disk_errors(folder):
        (folder / SUMS_FILE).unlink(missing_ok=True)


def check_sums(folder: Path) -> None:
    """Compare the files of a folder with their digests; without digests nothing is compared.

    Raises:
        WorkbenchError: A file was changed since it was written, or is gone.
    """
    sums = folder / SUMS_FILE
    if not sums.is_file():
        return
    with disk_errors(sums):
        lines = sums.read_text(encoding="utf-8", errors="replace").splitlines()
    if not lines:
        raise WorkbenchError(f"{sums} is damaged: it names no files.", _HINT)
    for line in lines:
        digest, _, name = line.partition("  ")
        path = folder / name
        if path.name != name or not path.is_file() or _digest(path) != digest:
            raise WorkbenchError(
                f"{path} is damaged or gone: it does not match the SHA-256 in {SUMS_FILE}.",
                f"{_HINT} If you changed it on purpose, delete {SUMS_FILE}.",
            )


def _digest(path: Path) -> str:
    with disk_errors(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

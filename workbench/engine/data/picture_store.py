"""Decoded pictures in one file of plain bytes, with an index beside it: written once, mapped into memory after.

Either both files are whole or they do not count: each is written under another name and renamed, the index last. The
index knows the length of the pixels, when they were written and the SHA-256 of their content, which is looked at
whenever the file was written to since.

N pictures, C channels, H, W height and width.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.engine.mapped import map_bytes
from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.writing import disk_errors, sync_folder, write_atomically

_VERSION = 1
_BLOCK = 2**22
_OLD_SECONDS = 24 * 3600
_UNFINISHED = ".new-"


@dataclass(frozen=True)
class Index:
    """What is known of decoded pictures.

    Attributes:
        shape: Of one picture: [C, H, W].
        training: How many come first and are to train on; the others are held out.
        labels: Of all of them, `UNLABELLED` where there is none.
        classes: Names in label order.
        notes: What a person should know of them.
        digest: SHA-256 of the pixels.
        written: When the pixels were written, in ns.
    """

    shape: tuple[int, int, int]
    training: int
    labels: tuple[int, ...]
    classes: tuple[str, ...]
    notes: tuple[Finding, ...]
    digest: str
    written: int = 0

    @property
    def nbytes(self) -> int:
        """Of all pixels."""
        return len(self.labels) * int(np.prod(self.shape, dtype=np.int64))


class PictureStore:
    """The decoded pictures of one source in one form."""

    def __init__(self, folder: Path, place: str, key: str) -> None:
        """Name the files.

        Args:
            folder: Where decoded pictures are kept.
            place: Says which source and which form; an older state of the same place is removed.
            key: Says which files in which state, split how.
        """
        self._folder = folder
        self._place = hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        name = f"{self._place}-{key[:32]}"
        self._pixels, self._index = folder / f"{name}.pixels", folder / f"{name}.json"

    def read(self, most_bytes: float) -> tuple[Index, Tensor, Tensor] | None:
        """The index, and training and held-out pictures [N, C, H, W]; None where there is nothing whole.

        Args:
            most_bytes: Up to this size they are read into memory, else mapped.
        """
        try:
            index = _parsed(self._index.read_bytes())
            with self._pixels.open("rb") as file:
                status = os.fstat(file.fileno())
                if status.st_size != index.nbytes:
                    return None
                is_touched = status.st_mtime_ns != index.written
                return index, *_tensors(file, index, most_bytes, is_touched=is_touched)
        except (OSError, ValueError, TypeError, KeyError, _ChangedError):
            return None

    def write(self, index: Index, pixels: BinaryIO, unfinished: Path) -> Index:
        """Put pixels that were written under another name in their place, then the index.

        Raises:
            WorkbenchError: The disk is full or refuses.
        """
        with disk_errors(self._pixels):
            pixels.flush()
            os.fsync(pixels.fileno())
            pixels.close()
            unfinished.chmod(0o644)
            unfinished.replace(self._pixels)
            sync_folder(self._folder)
            index = Index(**{**vars(index), "written": self._pixels.stat().st_mtime_ns})
        write_atomically(self._index, json.dumps({"version": _VERSION, **asdict(index)}).encode())
        self._tidy()
        return index

    def begin(self, nbytes: int) -> tuple[BinaryIO, Path]:
        """A file under another name in the same folder, and that name.

        Raises:
            WorkbenchError: The disk has no room for so many bytes, or refuses.
        """
        with disk_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            refuse_unless_room(self._folder, nbytes)
            descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=_UNFINISHED)
            return os.fdopen(descriptor, "w+b"), Path(name)

    def _tidy(self) -> None:
        """Remove older states of the same pictures, and what a crash left behind."""
        for path in self._folder.iterdir():
            is_older = path.name.startswith(f"{self._place}-") and path.stem != self._index.stem
            # Windows keeps what is in use; the next time it goes.
            with suppress(OSError):
                if is_older or (
                    path.name.startswith(_UNFINISHED) and path.stat().st_mtime < time.time() - _OLD_SECONDS
                ):
                    path.unlink()


def write_pixels(pictures: Iterable[NDArray[np.uint8]], file: BinaryIO) -> str:
    """Write pictures one after the other; returns the SHA-256 of all. Raises WorkbenchError where the disk is full."""
    digest = hashlib.sha256()
    for picture in pictures:
        content = picture.tobytes()
        digest.update(content)
        # Only the disk's own errors: those of whoever makes the pictures pass through the loop.
        with disk_errors(Path(str(file.name))):
            file.write(content)
    return digest.hexdigest()


def read_unnamed(file: BinaryIO, index: Index, most_bytes: float) -> tuple[Tensor, Tensor]:
    """Training and held-out pictures of a file that has no name and goes with the last of them."""
    file.flush()
    file.seek(0)
    return _tensors(file, index, most_bytes, is_touched=False)


def refuse_unless_room(folder: Path, nbytes: int) -> None:
    """Raise WorkbenchError where the disk has no room for so many bytes."""
    free = shutil.disk_usage(folder).free
    if nbytes > free:
        raise WorkbenchError(
            f"The decoded pictures need {nbytes / 2**30:,.2f} GiB in {folder}, and {free / 2**30:,.2f} GiB are free.",
            "Make room, give a smaller data.size, or move the cache by DISTILLATION_WORKBENCH_HOME.",
        )


class _ChangedError(Exception):
    """The pixels are not those the index was written for."""


def _tensors(file: BinaryIO, index: Index, most_bytes: float, *, is_touched: bool) -> tuple[Tensor, Tensor]:
    shape = (len(index.labels), *index.shape)
    if is_touched and _digest_of(file) != index.digest:
        raise _ChangedError
    if index.nbytes > most_bytes:
        whole_NX = map_bytes(file, shape)
        return whole_NX[: index.training], whole_NX[index.training :]
    # Two pieces of memory: whoever only needs the held-out pictures lets go of the others.
    parts = []
    file.seek(0)
    for count in (index.training, len(index.labels) - index.training):
        part = np.empty((count, *index.shape), np.uint8)
        view = part.reshape(-1).data
        for start in range(0, len(view), _BLOCK):
            block = view[start : start + _BLOCK]
            if file.readinto(block) != len(block):  # type: ignore[attr-defined]
                raise _ChangedError
        parts.append(torch.from_numpy(part))
    return parts[0], parts[1]


def _digest_of(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _parsed(content: bytes) -> Index:
    record: dict[str, Any] = json.loads(content)
    if record.pop("version") != _VERSION:
        raise ValueError("another version")
    record["notes"] = tuple(Finding(**note) for note in record["notes"])
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in record.items()
    }
    index = Index(**values)
    if not 0 < index.training < len(index.labels):
        raise ValueError("no training or no held-out pictures")
    return index

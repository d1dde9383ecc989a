"""Files that can be read to an end: no pipes, devices or files of the system, and none that was never written."""

import errno
import os
import stat
from pathlib import Path

from workbench.errors import WorkbenchError

# A hole of less than this is no reason to suspect an interrupted download.
_LARGE = 64 * 2**20
_MOST_PARTS = 1000
_SHOWN = 60
# What Windows reports for a name that is too long.
_TOO_LONG_ON_WINDOWS = 206


def refuse_unless_plain(path: Path) -> None:
    """Look before opening; what is not there, or cannot be looked at, is left to whoever opens it.

    Raises:
        WorkbenchError: It is a pipe, a socket, a device or a file that the system makes up while it is read; most of
            it was never written; or no system could have a file of that name.
    """
    try:
        status = path.stat()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG or getattr(error, "winerror", 0) == _TOO_LONG_ON_WINDOWS:
            name = str(path)
            raise WorkbenchError(
                f"“…{name[-_SHOWN:]}” is no name of a file: it has {len(name):,} characters, too many for this system.",
                "Check the name.",
            ) from None
        return
    except ValueError as error:
        raise WorkbenchError(f"{str(path)!r} is no name of a file: {error}.", "Check the name.") from None
    if stat.S_ISDIR(status.st_mode):
        return
    if not stat.S_ISREG(status.st_mode):
        raise WorkbenchError(f"{path} is a pipe or a device, not a file.", "Name a file on the disk.")
    if not status.st_size and _is_made_up(path):
        raise WorkbenchError(
            f"{path} is no file on a disk: the system makes up its content while it is read, perhaps without end.",
            "Name a file on the disk.",
        )
    if status.st_size > _LARGE:
        _refuse_unwritten(path, status.st_size)


def is_plain(path: Path) -> bool:
    """Whether a file is there and can be read to an end."""
    try:
        refuse_unless_plain(path)
        return path.is_file()
    except (OSError, WorkbenchError):
        return False


def _is_made_up(path: Path) -> bool:
    """Whether a file lies where nothing is stored, as in /proc; Windows has no such places."""
    return hasattr(os, "statvfs") and os.statvfs(path).f_blocks == 0


def _refuse_unwritten(path: Path, size: int) -> None:
    """A file whose size was set before its content came, as downloads do that are then interrupted."""
    try:
        written = _written_bytes(path, size)
    except OSError:
        return
    if written < size // 10:
        raise WorkbenchError(
            f"{path} has a size of {size:,} bytes, but only {written:,} of them were ever written; the rest is empty.",
            "Its download or copy was probably interrupted: download or copy it again.",
        )


def _written_bytes(path: Path, size: int) -> int:
    """How much of a file is no hole, as far as its disk tells."""
    if not hasattr(os, "SEEK_DATA"):
        return size
    written = end = 0
    with path.open("rb", buffering=0) as file:
        for _ in range(_MOST_PARTS):
            try:
                start = os.lseek(file.fileno(), end, os.SEEK_DATA)
            except OSError as error:
                # There is no data behind this place.
                return written if error.errno == errno.ENXIO else size
            end = os.lseek(file.fileno(), start, os.SEEK_HOLE)
            written += end - start
            if end >= size:
                return written
    return size

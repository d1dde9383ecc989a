"""Files that are either the old one or the new one, never half; and disk errors in words."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import WorkbenchError

_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)


def write_atomically(path: Path, content: bytes) -> None:
    """Write to a temporary name in the same folder, flush to the disk, and rename.

    Raises:
        WorkbenchError: The disk is full or refuses; an existing file at `path` is untouched.
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename inside a folder survive a power cut; Windows does that by itself."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn what the system says of a disk into a WorkbenchError with the actual numbers."""
    try:
        yield
    except OSError as error:
        raise disk_error(path, error.errno, error.strerror or str(error)) from error


def disk_error(path: Path, code: int | None, text: str) -> WorkbenchError:
    """What a disk refused, in words; `code` is the system's errno, None where it is not known."""
    if code == errno.ENOSPC:
        free = shutil.disk_usage(_existing(path)).free
        return WorkbenchError(
            f"The disk is full: {path} could not be written, {free / 2**20:,.0f} MiB are free.",
            "Make room, then resume the run: its last checkpoint is good.",
        )
    if code in _REFUSED:
        return WorkbenchError(
            f"{path} cannot be written: {text}.",
            "Choose a folder you may write to; a run can be resumed from its last checkpoint.",
        )
    return WorkbenchError(f"{path} cannot be read or written: {text}.", "Is the folder still there, and the disk?")


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())

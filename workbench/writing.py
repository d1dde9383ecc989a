"""Files that are either the old one or the new one, never half; and disk errors in words."""

import errno
import os
import platform
import re
import shutil
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workbench.errors import WorkbenchError

_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
_UNFINISHED = re.compile(r"\.(?:new|export)-([0-9a-f]{8})-([0-9]{1,9})-[a-z0-9_]{8}", re.ASCII)
# Earlier versions did not write the process into the name.
_UNFINISHED_BEFORE = re.compile(r"\.(?:new|export)-[a-z0-9_]{8}", re.ASCII)
_OLD_SECONDS = 3600


def write_atomically(path: Path, content: bytes) -> None:
    """Write to a temporary name in the same folder, flush to the disk, and rename.

    Raises:
        WorkbenchError: The disk is full or refuses; an existing file at `path` is untouched.
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=unfinished_prefix("new"))
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


def unfinished_prefix(kind: str) -> str:
    """How the name of an unfinished file or folder begins: ".new-" or ".export-", the machine and the process."""
    return f".{kind}-{_machine()}-{os.getpid()}-"


def remove_abandoned(folder: Path, *, of_earlier_versions: bool = False) -> None:
    """Remove what killed processes left unfinished in a folder; what is in use stays, and links are not followed.

    Args:
        folder: Where to look; what lies in its subfolders stays.
        of_earlier_versions: Also what an earlier version left an hour ago or more, whose names are less distinct.
    """
    for path in abandoned_in(folder, of_earlier_versions=of_earlier_versions):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def abandoned_in(folder: Path, *, of_earlier_versions: bool = False) -> list[Path]:
    """What processes of this machine that are gone left unfinished in a folder; arguments as `remove_abandoned`."""
    found = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            is_older = of_earlier_versions and _UNFINISHED_BEFORE.fullmatch(entry.name)
            if _is_abandoned(entry.name) or (is_older and _age(entry) > _OLD_SECONDS):
                found.append(Path(entry.path))
    return found


def _is_abandoned(name: str) -> bool:
    found = _UNFINISHED.fullmatch(name)
    if found is None:
        return False
    import psutil

    # Of the processes of another machine, on a network drive, nothing is known.
    return found[1] == _machine() and not psutil.pid_exists(int(found[2]))


def _age(entry: "os.DirEntry[str]") -> float:
    return time.time() - entry.stat(follow_symlinks=False).st_mtime


def _machine() -> str:
    return f"{zlib.crc32(platform.node().encode()):08x}"


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
            "Make room, then try again; what was there before is untouched.",
        )
    if code in _REFUSED:
        return WorkbenchError(
            f"{path} cannot be written: {text}.",
            "Choose a folder you may write to.",
        )
    return WorkbenchError(f"{path} cannot be read or written: {text}.", "Is the folder still there, and the disk?")


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())

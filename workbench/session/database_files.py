"""What is wrong with a file or folder of a run: missing, empty, cut off, not to be read; by size and first bytes."""

import os
from pathlib import Path

MAGIC = b"SQLite format 3\0"
_HEADER = 100
_LARGEST_PAGE = 65536


def database_problem(path: Path) -> str:
    """What is wrong, as the end of a sentence whose subject is the file; "" where nothing is seen."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(_HEADER)
    except OSError as error:
        return unreadable(path, error)
    return _problem_of(start, size) if size else "is empty (0 bytes)"


def folder_problem(path: Path) -> str:
    """The same of a folder that is to be looked into."""
    try:
        os.scandir(path).close()
    except OSError as error:
        return unreadable(path, error)
    return ""


def unreadable(path: Path, error: OSError) -> str:
    """Why a file or folder cannot be read, as the end of a sentence."""
    if isinstance(error, FileNotFoundError):
        return f"is a link to {path.readlink()}, which is not there" if path.is_symlink() else "is missing"
    if isinstance(error, IsADirectoryError):
        return "is a folder, not a file"
    return f"cannot be read: {error.strerror or error}"


def _problem_of(start: bytes, size: int) -> str:
    if len(start) < _HEADER and (start.startswith(MAGIC) or MAGIC.startswith(start)):
        return f"looks like a SQLite database that was cut off after {size:,} bytes"
    if not start.startswith(MAGIC):
        begins = "zero bytes" if not any(start[: len(MAGIC)]) else repr(start[: len(MAGIC)])
        return f"is not a SQLite database: its {size:,} bytes begin with {begins}"
    page = int.from_bytes(start[16:18], "big")
    whole = (_LARGEST_PAGE if page == 1 else page) * int.from_bytes(start[28:32], "big")
    # The number of pages holds only where both counters of changes agree.
    if start[24:28] == start[92:96] and size < whole:
        return f"looks like a SQLite database that was cut off after {size:,} of {whole:,} bytes"
    return ""

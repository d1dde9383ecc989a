"""A set of files that appears as a whole or not at all, and never costs the set that was there before."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.writing import abandoned_in, remove_abandoned, sync_folder, unfinished_prefix

# Inside a new folder while its files take the place of earlier ones.
_OLD = "old"


@contextmanager
def fresh_folder(folder: Path, own_names: tuple[str, ...]) -> Iterator[Path]:
    """A new folder to write in; what it holds takes its place in `folder` once the block ends well.

    Args:
        folder: Where the files shall be; files in it that are not ours stay.
        own_names: The files an earlier export may have left, which go when the new one has no such file.

    Raises:
        WorkbenchError: Something could not be written; `folder` is as it was.
    """
    existed = folder.is_dir()
    # Inside a folder that is there already: what is beside it may lie on another disk, or be forbidden ground.
    staging = (folder if existed else folder.parent) / (unfinished_prefix("export") + secrets.token_hex(4))
    _clear(folder)
    try:
        staging.mkdir(parents=True)
        yield staging
        for file in staging.rglob("*"):
            if file.is_file():
                _flush(file)
        if existed:
            _exchange(staging, folder, own_names)
        else:
            staging.rename(folder)
        sync_folder(folder)
    except OSError as error:
        raise WorkbenchError(
            f"The export cannot be written to {folder}: {error.strerror or error}.",
            "Free some space or choose another folder; files that were there are as they were.",
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _clear(folder: Path) -> None:
    """Remove what killed exports left behind; one that was killed while its files were moved is finished first."""
    for left in abandoned_in(folder):
        if (left / _OLD).is_dir() and not left.is_symlink():
            with suppress(OSError):
                _exchange(left, folder, ())
    for place in (folder, folder.parent):
        remove_abandoned(place)


def _exchange(staging: Path, folder: Path, own_names: tuple[str, ...]) -> None:
    """Old files out, new files in, each by a rename; put everything back if one of them fails."""
    old = staging / _OLD
    old.mkdir(exist_ok=True)
    fresh = {file.name for file in staging.iterdir()} - {_OLD}
    names = sorted(fresh.union(own_names))
    try:
        for name in names:
            if (folder / name).exists():
                (folder / name).rename(old / name)
            if name in fresh:
                (staging / name).rename(folder / name)
    except OSError:
        for name in names:
            if name in fresh and not (staging / name).exists():
                _make_way(folder / name, old / name)
            if (old / name).exists():
                (old / name).replace(folder / name)
        raise


def _make_way(new: Path, old: Path) -> None:
    """Remove what took a place, unless the old file can replace it in one go."""
    if new.is_dir():
        shutil.rmtree(new)
    elif not old.exists():
        new.unlink()


def _flush(file: Path) -> None:
    """Onto the disk, so that a rename never outlives the content in a power cut."""
    with file.open("rb+") as handle:
        os.fsync(handle.fileno())

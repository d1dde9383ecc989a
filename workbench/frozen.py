"""What a program that PyInstaller built must settle before anything else: its environment, its workers, its streams."""

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import TextIO

from workbench.own_home import log_folder

_LARGEST = 1_000_000
# By these a started program would take itself for a part of this one, and not look for its own libraries.
_OF_THE_BOOTLOADER = "_PYI_"
_ORIGINAL = "_ORIG"
_SEARCHED_BY_THE_LOADER = ("LD_LIBRARY_PATH", "LIBPATH", "DYLD_LIBRARY_PATH")


def is_frozen() -> bool:
    """Whether this is the built program, with its own Python and libraries beside it."""
    return bundle_folder() is not None


def bundle_folder() -> Path | None:
    """Where the built program keeps its libraries; None where Python runs the program."""
    folder = getattr(sys, "_MEIPASS", None)
    return Path(folder) if folder else None


def settle() -> None:
    """To be called first, once; it does nothing in a program that Python runs with its streams open."""
    folder = bundle_folder()
    if folder is not None:
        clean(os.environ, folder)
        import multiprocessing

        multiprocessing.freeze_support()
    if sys.stdout is None or sys.stderr is None:
        stream = _stream()
        sys.stdout = sys.stdout or stream
        sys.stderr = sys.stderr or stream


def clean(environ: MutableMapping[str, str], folder: Path) -> None:
    """Make an environment again what it was before the built program began.

    The loader has read its part when the process began, and Qt finds its plugins by itself; only programs that are
    started from here, such as a browser, would load libraries of the bundle, and break.

    Args:
        environ: Changed in place.
        folder: Of the bundle's libraries.
    """
    for name in [name for name in environ if name.startswith(_OF_THE_BOOTLOADER)]:
        del environ[name]
    for name in _SEARCHED_BY_THE_LOADER:
        original = environ.pop(name + _ORIGINAL, None)
        if original is not None:
            environ[name] = original
    for name, value in list(environ.items()):
        parts = value.split(os.pathsep)
        kept = [part for part in parts if not (part and Path(part).is_relative_to(folder))]
        if len(kept) == len(parts):
            continue
        if any(kept):
            environ[name] = os.pathsep.join(kept)
        else:
            del environ[name]


def _stream() -> TextIO:
    """Where words go that no console takes: beside the log, or nowhere."""
    file = log_folder() / "output.log"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and file.stat().st_size > _LARGEST:
            file.unlink()
        return file.open("a", buffering=1, encoding="utf-8", errors="replace")
    except OSError:
        return Path(os.devnull).open("w", encoding="utf-8", errors="replace")

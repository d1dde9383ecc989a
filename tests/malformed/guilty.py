"""Cases that do what none may: they prove that the watching sees it. They are no part of the corpus."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from malformed import good
from malformed.case import ACCEPTED, Case

FAMILY = "deeds that must be seen"


def cases() -> Iterator[Case]:
    """Each through a door that does it."""
    for name, deed in _DEEDS.items():
        yield Case(name, good.write("deed", name), "guilty", ACCEPTED, section={"deed": deed})


def _touches(folder: Path) -> None:
    (folder.parent / "elsewhere" / "TOUCHED").touch()


def _changes(folder: Path) -> None:
    (folder.parent / "elsewhere" / "note.txt").write_text("something else")


def _writes_at_home(_: Path) -> None:
    (Path.home() / "left behind").touch()


def _starts(_: Path) -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)


def _crashes(_: Path) -> None:
    os.abort()


def _takes_memory(_: Path) -> None:
    bytearray(b"x") * (2**30 + 2**28)


def _raises(_: Path) -> None:
    raise KeyError("no word for a person")


_DEEDS: dict[str, Callable[[Path], None]] = {
    "it touches a file": _touches,
    "it changes a file": _changes,
    "it writes at home": _writes_at_home,
    "it starts a program": _starts,
    "it crashes": _crashes,
    "it takes memory": _takes_memory,
    "it raises an error of another kind": _raises,
}

"""What can be opened like a file but is none on a disk: files of the system, sockets; and names that cannot be."""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from malformed.case import REFUSED, Case
from malformed.places import DOORS, with_another

FAMILY = "no files on a disk"
_LINUX = "made up|makes up|no file|pipe or a device|no checkpoint|nothing at"


def cases() -> Iterator[Case]:
    """By every door, then for what is read beside the file that is named."""
    for kind, (make, reason) in _KINDS.items():
        for door, (file, section) in DOORS.items():
            yield Case(f"{kind} as {door}", _named(make, file), door.split()[0], REFUSED, reason, section, file,
                       posix=True)  # fmt: skip
        for name, maker, door, section, names in with_another(make):
            yield Case(f"{kind} for {name}", maker, door, REFUSED, ".", section, names, posix=True)
    for door, (_, section) in DOORS.items():
        said = {key: _LONG if value in ("data.npz", "digits", "table.csv") else value for key, value in section.items()}
        yield Case(f"a name of 5,000 letters as {door}", lambda folder: folder / _LONG, door.split()[0], REFUSED,
                   "too many|no name", said, _LONG[:40])  # fmt: skip
    for door, (file, section) in DOORS.items():
        yield Case(f"a ring of links as {door}", _named(_ring, file), door.split()[0], REFUSED, ".", section, file,
                   posix=True)  # fmt: skip


_LONG = "d" * 5000


def _named(make: Callable[[Path], None], file: str) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        make(folder / file)
        return folder / file

    return made


def _of_the_system(path: Path) -> None:
    """Reading it waits for the kernel's next message, without end."""
    path.symlink_to("/proc/kmsg")


def _of_a_process(path: Path) -> None:
    path.symlink_to("/proc/self/environ")


def _socket(path: Path) -> None:
    """Bound by its last name, since the whole one may be longer than a socket's can be."""
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(before)


def _ring(path: Path) -> None:
    others = [path.with_name(f"{path.name}.{n}") for n in range(3)]
    for one, other in zip([path, *others], [*others, path], strict=True):
        one.symlink_to(other.name)


_KINDS: dict[str, tuple[Callable[[Path], None], str]] = {
    "the messages of the system": (_of_the_system, _LINUX),
    "the environment of a process": (_of_a_process, _LINUX),
    "a socket": (_socket, "pipe or a device"),
}

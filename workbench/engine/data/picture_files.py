"""Which pictures there are, and what their classes are called: by folders, or by a list."""

import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from workbench.engine.data.decoding import endings
from workbench.engine.data.delimited import delimited_rows
from workbench.errors import WorkbenchError
from workbench.events import Finding

_LONGEST_NAME = 200
_EVERY = 4096
_COUNTS_FROM = "File names in a list count from data.folder and stay inside it."


class PictureFile(NamedTuple):
    """One file that should be a picture.

    Attributes:
        name: From the folder on, by slashes.
        label: The name of its class; None where it has none.
        size: In bytes.
        time: When it was last written, in ns.
    """

    name: str
    label: str | None
    size: int
    time: int


@dataclass
class PictureFiles:
    """What was found.

    Attributes:
        folder: What names count from.
        files: Those that should be pictures.
        broken: Those that should be but are no files that can be read: name and reason.
        passed_over: How many of what else there is, by what it is.
    """

    folder: Path
    files: list[PictureFile] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)

    def notes(self) -> tuple[Finding, ...]:
        """A sentence for what was passed over, where anything was."""
        if not self.passed_over:
            return ()
        kinds = ", ".join(f"{count:,} {what}" for what, count in self.passed_over.most_common(6))
        return (Finding(level="ok", title=f"{shown(str(self.folder))}: passed over {kinds}."),)


def pictures_in_folder(folder: Path, pulse: Callable[[str], None]) -> PictureFiles:
    """All files below a folder that are pictures by their ending.

    The class of a file is the folder of the first level that it lies in; right in the folder it has none. What begins
    with a dot is passed over. A link to a file is followed, wherever it leads; a link to a folder is not, since it may
    lead round in a circle.

    Raises:
        WorkbenchError: There is no such folder.
    """
    found = PictureFiles(folder)
    if not folder.is_dir():
        raise WorkbenchError(f"There is no folder at {shown(str(folder))}.", "Check data.folder in the recipe.")
    waiting = [("", str(folder))]
    while waiting:
        prefix, path = waiting.pop()
        try:
            with os.scandir(path) as entries:
                inside = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            found.broken.append((prefix or ".", f"the folder cannot be read: {error.strerror or error}"))
            continue
        pulse(f"Looking for pictures: {len(found.files):,} so far")
        folders = [entry for entry in inside if _note(entry, prefix, found)]
        waiting += [(f"{prefix}{entry.name}/", entry.path) for entry in reversed(folders)]
    return found


def _note(entry: "os.DirEntry[str]", prefix: str, found: PictureFiles) -> bool:
    """Take an entry down; whether it is a folder to look into."""
    if entry.name.startswith("."):
        found.passed_over["hidden"] += 1
        return False
    try:
        is_folder = entry.is_dir()
    except OSError:
        # A link to itself: its status says why it cannot be read.
        is_folder = False
    if is_folder:
        if entry.is_symlink():
            found.passed_over["links to folders"] += 1
        return not entry.is_symlink()
    stem, dot, last = entry.name.rpartition(".")
    ending = f".{last.lower()}" if stem and dot else ""
    if ending not in endings():
        found.passed_over[f"named {shown(ending[:10])}" if ending else "without an ending"] += 1
        return False
    label = prefix.split("/", 1)[0] if prefix else None
    _add(found, f"{prefix}{entry.name}", label, entry.stat)
    return False


def _add(found: PictureFiles, name: str, label: str | None, ask: Callable[[], os.stat_result]) -> None:
    try:
        status = ask()
    except OSError as error:
        found.broken.append((name, f"it cannot be read: {error.strerror or error}"))
        return
    if stat.S_ISREG(status.st_mode):
        found.files.append(PictureFile(name, label, status.st_size, status.st_mtime_ns))
    else:
        found.broken.append((name, "it is a pipe, a device or a folder, not a file"))


def pictures_in_list(listing: Path, folder: Path, pulse: Callable[[str], None]) -> PictureFiles:
    """The pictures that a list names, in its order; an empty label, or no column of that name, means unlabelled.

    Raises:
        WorkbenchError: It is no such list, or names files outside the folder.
    """
    table = delimited_rows(listing)
    header = [name.lower() for name in table.header]
    if "file" not in header:
        names = ", ".join(f"“{shown(name[:40])}”" for name in table.header[:10])
        raise WorkbenchError(
            f"{listing} has no column “file”; it has: {names}.",
            "A list of pictures has the columns file and label.",
        )
    file, label = header.index("file"), header.index("label") if "label" in header else None
    found, whole = PictureFiles(folder), os.path.abspath(folder)  # noqa: PTH100
    for count, (line, row) in enumerate(table.rows):
        if count % _EVERY == 0:
            pulse(f"Looking for pictures: {count:,} so far")
        if len(row) != len(header):
            raise WorkbenchError(
                f"{listing}, line {line:,} has {len(row)} values, but the header names {len(header)} columns.",
                "Put names that hold a comma into quotes.",
            )
        name = _inside(row[file].strip(), whole, f"{listing}, line {line:,}")
        path = os.path.join(whole, name)  # noqa: PTH118
        _add(found, name, (row[label].strip() or None) if label is not None else None, lambda path=path: os.stat(path))  # type: ignore[misc]  # noqa: PTH116
    return found


def _inside(name: str, folder: str, where: str) -> str:
    """The name from the folder on."""
    if not name:
        raise WorkbenchError(f"{where}: the name of the file is empty.", _COUNTS_FROM)
    whole = os.path.normpath(os.path.join(folder, name))  # noqa: PTH118
    if os.path.commonpath((whole, folder)) != folder or whole == folder:
        raise WorkbenchError(f"{where}: “{shown(name)}” leads out of the folder {folder}.", _COUNTS_FROM)
    return os.path.relpath(whole, folder).replace(os.sep, "/")


def class_names(files: Iterable[PictureFile], classes: tuple[str, ...], where: str) -> tuple[str, ...]:
    """All classes in label order: as they are given, else as people sort names, “10” after “9”.

    Args:
        files: Of both sides.
        classes: As the recipe lists them, or ().
        where: The folder or list, for messages.

    Raises:
        WorkbenchError: There are classes that the recipe does not list, or names that cannot be written.
    """
    named = {file.label for file in files if file.label is not None}
    odd = next((name for name in named if len(name) > _LONGEST_NAME or not _is_text(name)), None)
    if odd is not None:
        raise WorkbenchError(
            f"{where}: “{shown(odd[:_LONGEST_NAME])}” cannot be the name of a class: at most {_LONGEST_NAME} letters "
            "of Unicode can.",
            "Give it another name.",
        )
    if not classes:
        return tuple(sorted(named, key=lambda name: (natural(name), name)))
    unknown = sorted(named - set(classes), key=natural)
    if unknown:
        names = ", ".join(f"“{shown(name)}”" for name in unknown[:5])
        raise WorkbenchError(
            f"{where}: {len(unknown):,} classes are not in data.classes: {names}.",
            f"data.classes lists {len(classes):,}; add them in the models' order, or leave it empty.",
        )
    return classes


def natural(name: str) -> list[str | int]:
    """What to sort names by so that the numbers in them count: “class 9” before “class 10”."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]


def shown(name: str) -> str:
    """A file name as it can be put into a sentence: line ends and what cannot be seen are written out."""
    return name if name.isprintable() else repr(name)[1:-1]


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True

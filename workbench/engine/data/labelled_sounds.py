"""Which sound files there are and what class each is of: one folder a class, or a CSV list of files and labels."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench.engine.data.columns import in_order
from workbench.engine.data.label_columns import labels_in
from workbench.engine.data.reading_tables import read_rows
from workbench.engine.objectives import UNLABELLED
from workbench.errors import WorkbenchError

_ENDINGS = (".wav", ".flac", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".au", ".caf", ".w64", ".rf64", ".mp3")
_NAMES = ("file", "filename", "file_name", "path", "audio", "sound")
_MOST_FILES = 1_000_000


@dataclass(frozen=True)
class LabelledSounds:
    """Files with their labels.

    Attributes:
        name: The folder or list, for messages.
        files: In a fixed order.
        labels: One a file, `UNLABELLED` where there is none.
        classes: Names in label order.
    """

    name: str
    files: tuple[Path, ...]
    labels: tuple[int, ...]
    classes: tuple[str, ...]


def sounds_in(
    folder: Path, listing: Path | None, classes: tuple[str, ...], pulse: Callable[[str], None] = lambda _: None
) -> LabelledSounds:
    """The sounds in a folder.

    Args:
        folder: One folder of sounds a class; sounds right inside it are unlabelled where there are no such folders.
        listing: CSV list with the columns file and label instead; its names count from the folder.
        classes: Names in label order; () takes all there are, sorted.
        pulse: Hears what is being done.

    Raises:
        WorkbenchError: There are none, a class is unknown, or a name leads out of the folder.
    """
    pulse(f"Looking through {folder.name}")
    if not folder.is_dir():
        raise WorkbenchError(f"There is no folder at {folder}.", "Check the data section of the recipe.")
    found = _listed(folder, listing, classes) if listing is not None else _by_folder(folder, classes)
    if not found.files:
        raise WorkbenchError(
            f"There are no sounds in {folder}.", "Put them into one folder a class: WAV, FLAC or OGG files."
        )
    return found


def _by_folder(folder: Path, classes: tuple[str, ...]) -> LabelledSounds:
    by_class = {entry.name: _files_under(entry) for entry in _entries(folder) if entry.is_dir()}
    by_class = {name: files for name, files in by_class.items() if files}
    loose = [entry for entry in _entries(folder) if entry.is_file() and entry.suffix.lower() in _ENDINGS]
    names = classes or tuple(in_order(by_class))
    unknown = sorted(set(by_class) - set(names))
    if unknown:
        raise WorkbenchError(
            f"{folder}: the folder “{unknown[0]}” is none of the {len(names)} classes.",
            "List every class name in data.classes, or leave it empty.",
        )
    pairs = [(file, UNLABELLED) for file in loose]
    pairs += [(file, label) for label, name in enumerate(names) for file in by_class.get(name, [])]
    return LabelledSounds(str(folder), tuple(file for file, _ in pairs), tuple(label for _, label in pairs), names)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise WorkbenchError(f"{folder} cannot be read: {error.strerror or error}.") from None


def _files_under(folder: Path) -> list[Path]:
    """Sounds in a folder and the folders in it; links to folders are not followed, so that none leads in a circle."""
    found: list[Path] = []
    for place, inner, names in os.walk(folder):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        found += [
            Path(place, name)
            for name in sorted(names)
            if not name.startswith(".") and Path(name).suffix.lower() in _ENDINGS
        ]
        if len(found) > _MOST_FILES:
            raise WorkbenchError(f"{folder} holds more than {_MOST_FILES:,} sounds.")
    return found


def _listed(folder: Path, listing: Path, classes: tuple[str, ...]) -> LabelledSounds:
    rows = read_rows(listing, skip_broken=False)
    known = {name.strip().lower(): name for name in rows.frame.columns}
    column = next((known[name] for name in _NAMES if name in known), None)
    if column is None:
        raise WorkbenchError(f"{listing} has no column “file”; it has: {', '.join(rows.frame.columns[:20])}.")
    names = [str(name).strip() if name is not None else "" for name in rows.frame[column].to_list()]
    base = folder.resolve()
    for line, name in zip(rows.lines.to_list(), names, strict=True):
        if not name or not (base / name).resolve().is_relative_to(base):
            raise WorkbenchError(
                f"{listing}, line {line}: “{name}” is no file inside {folder}.", "Names count from the folder."
            )
    if "label" in known:
        found, (labels_N,) = labels_in([rows], known["label"], classes)
        labels = tuple(labels_N.tolist())
    else:
        found, labels = classes, (UNLABELLED,) * len(rows)
    return LabelledSounds(str(listing), tuple(folder / name for name in names), labels, found)

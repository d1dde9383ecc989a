"""Which data section a dropped file or folder stands for, told by its beginning: never is all of it read."""

import csv
import io
import itertools
import json
import os
import struct
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.recipe.data import DATA, Arrays, Audio, Idx, ImageFolder, Table, Text
from workbench.recipe.drafts import fresh
from workbench.recipe.section import Section, is_file
from workbench.session.guessing_conversations import guess_conversations, guess_plain_text, holds_sentences, items_of

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
_SOUNDS = (".wav", ".flac", ".ogg", ".opus", ".aiff", ".mp3")
_TRAINING, _HELD_OUT = ("train", "training"), ("val", "valid", "validation", "test", "testing")
_HEAD = 64 * 2**10
_ROWS = 20
_MOST_ENTRIES, _MOST_FOLDERS = 400, 40
_INPUTS, _LABELS = ("inputs", "x", "x_train", "images", "data", "features"), ("labels", "y", "y_train", "targets")
# The same files, read in two ways.
_EITHER_WAY = {"table", "text"}
_LISTED = ("file", "filename", "file_name", "path", "image")


def guess_data(path: Path) -> dict[str, Any] | None:
    """A draft of the data section that reads this file or folder; None where it holds no data.

    Raises:
        OSError: It cannot be read.
    """
    if path.is_dir():
        return _of_folder(path)
    with path.open("rb") as file:
        start = file.read(16)
    if start[:4] == b"PK\x03\x04":
        return _of_arrays(path)
    if _is_idx(path, start):
        return _of_idx(path)
    if start[:4] == b"PAR1" or start[:6] == b"ARROW1":
        return _of_rows(path, _columnar_rows(path, is_parquet=start[:4] == b"PAR1"))
    return _of_text(path)


def as_held_out(now: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The recipe's data section, judged by other data of its own kind.

    Args:
        now: The section as it is.
        given: From `guess_data`.

    Raises:
        WorkbenchError: The kinds differ.
    """
    kind = _section(str(now["kind"]))
    pairs = {name.removeprefix("validation_"): name for name in kind.model_fields if name.startswith("validation_")}
    pairs = {source: name for source, name in pairs.items() if is_file(kind.model_fields[name])}
    if now["kind"] != given["kind"] and not {now["kind"], given["kind"]} <= _EITHER_WAY:
        words = {one: one.replace("_", " ") for one in (str(now["kind"]), str(given["kind"]))}
        raise WorkbenchError(
            f"The recipe learns from the kind “{words[now['kind']]}”, and this is “{words[given['kind']]}”.",
            "Held-out data must be of the same kind; or use it as training data.",
        )
    return {**now, **{name: given[source] for source, name in pairs.items()}}


def _section(kind: str) -> type[Section]:
    return next(section for section in DATA if section.model_fields["kind"].default == kind)


# -- files


def _of_arrays(path: Path) -> dict[str, Any] | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        return None
    if not names:
        return None
    known = {name.lower(): name for name in names}
    inputs = next((known[name] for name in _INPUTS if name in known), names[0])
    labels = next((known[name] for name in _LABELS if name in known), "labels")
    return {**fresh(Arrays), "file": str(path), "inputs": inputs, "labels": labels}


def _is_idx(path: Path, start: bytes) -> bool:
    if start[:2] == b"\x1f\x8b":
        return "idx" in path.name.lower()
    return start[:3] == b"\x00\x00\x08" and start[3:4] != b"" and 1 <= start[3] <= 8


def _of_idx(path: Path) -> dict[str, Any]:
    """The pictures with their labels, and with what is held out, where these lie beside them as MNIST names them."""
    pictures = path if "label" not in path.name.lower() else _beside(path, ("labels", "images"), ("idx1", "idx3"))
    pictures = pictures or path
    labels = _beside(pictures, ("images", "labels"), ("idx3", "idx1"))
    held_out = _beside(pictures, ("train", "t10k"))
    held_out_labels = _beside(held_out, ("images", "labels"), ("idx3", "idx1")) if held_out else None
    section = {**fresh(Idx), "images": str(pictures), "labels": str(labels or "")}
    if held_out and held_out_labels:
        section |= {"validation_images": str(held_out), "validation_labels": str(held_out_labels)}
    return section


def _beside(path: Path, *changes: tuple[str, str]) -> Path | None:
    """The file of another name in the same folder, where there is one."""
    name = path.name
    for old, new in changes:
        name = name.replace(old, new)
    return path.with_name(name) if name != path.name and path.with_name(name).is_file() else None


def _columnar_rows(path: Path, *, is_parquet: bool) -> list[dict[str, Any]]:
    import polars

    from workbench.engine.data.columnar_sizes import unpacked_bytes

    try:
        unpacked_bytes(path, is_parquet=is_parquet)
        frame = (polars.scan_parquet(path) if is_parquet else polars.scan_ipc(path)).head(_ROWS).collect()
    except (polars.exceptions.PolarsError, OSError, ValueError):
        # Whoever reads the table has the words for what is wrong with it.
        return []
    return frame.to_dicts()


def _of_text(path: Path) -> dict[str, Any] | None:
    with path.open("rb") as file:
        raw = file.read(_HEAD)
    if not raw or b"\0" in raw:
        return None
    text = raw.decode("utf-8-sig", "replace")
    lines = text.splitlines()
    if len(raw) == _HEAD:
        lines = lines[:-1]
    if text.lstrip().startswith("["):
        return guess_conversations(path, items_of(text))
    rows = _json_rows(lines) if text.lstrip().startswith("{") else _delimited_rows(lines)
    if not rows:
        return guess_plain_text(path, lines)
    listed = _listed(path, rows)
    return listed if listed is not None else _of_rows(path, rows)


def _json_rows(lines: Sequence[str]) -> list[dict[str, Any]]:
    rows = []
    for line in itertools.islice((line for line in lines if line.strip()), _ROWS):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            return []
        if not isinstance(row, dict):
            return []
        rows.append(row)
    # One line alone is a settings file rather than data.
    return rows if len(rows) > 1 else []


def _delimited_rows(lines: Sequence[str]) -> list[dict[str, Any]]:
    """The first rows where the text is a table: two columns at least, every row as long as the heading."""
    head = "\n".join(lines[: 4 * _ROWS])
    for delimiter in ("\t", ",", ";", "|"):
        try:
            rows = list(itertools.islice(csv.reader(io.StringIO(head), delimiter=delimiter), _ROWS))
        except csv.Error:
            continue
        rows = [row for row in rows if row]
        if len(rows) >= 2 and len(rows[0]) >= 2 and all(len(row) == len(rows[0]) for row in rows):
            return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    return []


def _of_rows(path: Path, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Conversations, or text where one column holds sentences and at most two others stand beside it, else a table."""
    spoken = guess_conversations(path, rows)
    if spoken is not None:
        return spoken
    columns = list(rows[0]) if rows else []
    texts = [name for name in columns if holds_sentences([row.get(name) for row in rows])]
    if len(texts) == 1 and len(columns) <= 3:
        return {**fresh(Text), "file": str(path)}
    return {**fresh(Table), "file": str(path)}


def _listed(path: Path, rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """A list of pictures or sounds with their labels."""
    name = next((column for column in rows[0] if column.lower() in _LISTED), None)
    endings = [Path(str(row.get(name, ""))).suffix.lower() for row in rows] if name else []
    if not endings:
        return None
    for section, known in ((ImageFolder, _PICTURES), (Audio, _SOUNDS)):
        if all(ending in known for ending in endings):
            return {**fresh(section), "folder": str(path.parent), "listing": str(path)}
    return None


# -- folders


def _of_folder(path: Path) -> dict[str, Any] | None:
    images = next((file for file in _files(path) if "train" in file.name and "images-idx" in file.name), None)
    if images is not None:
        return _of_idx(images)
    parts = {entry.name.lower(): entry for entry in itertools.islice(_folders(path), _MOST_ENTRIES)}
    training = next((parts[name] for name in _TRAINING if name in parts), None)
    held_out = next((parts[name] for name in _HELD_OUT if name in parts), None)
    section = _kind_of_folder(training or path)
    if section is None:
        return None
    found = {**fresh(section), "folder": str(training or path)}
    if training is not None and held_out is not None:
        found["validation_folder"] = str(held_out)
    return found


def _kind_of_folder(path: Path) -> type[Section] | None:
    """Pictures or sounds, whatever more of the first files are."""
    counts: dict[type[Section], int] = {ImageFolder: 0, Audio: 0}
    for folder in [path, *itertools.islice(_folders(path), _MOST_FOLDERS)]:
        for file in itertools.islice(_files(folder), _ROWS):
            ending = file.suffix.lower()
            counts[ImageFolder] += ending in _PICTURES
            counts[Audio] += ending in _SOUNDS
    best = max(counts, key=lambda section: counts[section])
    return best if counts[best] else None


def _files(folder: Path) -> Iterator[Path]:
    yield from (Path(entry.path) for entry in _entries(folder) if _is(entry, "file"))


def _folders(folder: Path) -> Iterator[Path]:
    yield from (Path(entry.path) for entry in _entries(folder) if _is(entry, "dir"))


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    """The first entries; a folder that may not be read has none."""
    try:
        with os.scandir(folder) as entries:
            return sorted(itertools.islice(entries, _MOST_ENTRIES), key=lambda entry: entry.name)
    except OSError:
        return []


def _is(entry: "os.DirEntry[str]", kind: str) -> bool:
    try:
        return not entry.name.startswith(".") and (entry.is_file() if kind == "file" else entry.is_dir())
    except OSError:
        return False

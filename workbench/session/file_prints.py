"""What tells whether files are still the same: a print of their state, and keys for what was found out from them."""

import json
import os
from collections.abc import Hashable
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from workbench.consents import consents_file
from workbench.recipe.data import Data
from workbench.recipe.models import Student, Teacher
from workbench.recipe.section import Section, file_locations, whole_name

_Data = TypeVar("_Data", bound=Section)
_MOST_FILES = 1000


def with_whole_names(data: _Data, folder: Path) -> _Data:
    """The same with whole file names, as a run gets it."""
    names = {str(name): str(whole_name(folder, getattr(data, str(name)))) for (name,) in file_locations(data)}
    return data.model_copy(update=names)


def data_key(data: Data, reader: Teacher | Student | None) -> Hashable:
    """Changes when the section does, or the data it names, or the model whose wishes it follows."""
    files = [getattr(data, str(name)) for (name,) in file_locations(data)]
    asked = reader.model_dump_json() if reader is not None and data.follows_models else ""
    return json.dumps(data.model_dump(mode="json")), asked, tuple(print_of(Path(name)) for name in files)


def section_key(section: Teacher | Student | None, folder: Path) -> Hashable:
    """What else decides over a checkpoint: what the recipe says of it, the code it names, and consents."""
    if section is None:
        return ""
    files = [whole_name(folder, str(_at(section, place))) for place in file_locations(section)]
    return section.model_dump_json(), tuple(map(print_of, files)), print_of(consents_file())


def _at(section: Any, place: tuple[int | str, ...]) -> Any:
    for name in place:
        section = getattr(section, str(name))
    return section


def print_of(path: Path) -> Hashable:
    """Changes when the file does, or a file right inside a folder; what is not there has one too."""
    try:
        status = path.stat()
        with os.scandir(path) if path.is_dir() else nullcontext(()) as entries:
            inside = [(entry.name, entry.stat()) for entry in islice(entries, _MOST_FILES)]
    except OSError:
        return str(path), 0, 0
    files = tuple(sorted((name, found.st_mtime_ns, found.st_size) for name, found in inside))
    return str(path), status.st_mtime_ns, status.st_size, files

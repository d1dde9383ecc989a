"""What a person prefers everywhere, in the window and in the terminal: where runs are kept, how many threads, news."""

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from workbench.errors import WorkbenchError
from workbench.own_home import configuration_folder
from workbench.recipe.section import Section, setting
from workbench.writing import write_atomically

_CHANGING = threading.Lock()


class Preferences(Section):
    """Kept as JSON in the person's configuration folder."""

    runs_folder: str = setting("", help="Folder of all runs; empty is the person's data folder.", is_file=True)
    threads: int = setting(0, help="Processor threads for training; 0 lets PyTorch choose.", ge=0, le=1024)
    looks_for_updates: bool = setting(False, help="Look for a new version once a day, when the window opens.")


def preferences_file() -> Path:
    """Where they are kept."""
    return configuration_folder() / "preferences.json"


def read_preferences() -> Preferences:
    """As they were kept; what cannot be read counts as the default, since a broken file must not stop a start."""
    try:
        return Preferences.model_validate_json(preferences_file().read_bytes())
    except (OSError, ValidationError):
        return Preferences()


def keep_preferences(preferences: Preferences) -> None:
    """Keep them. Raises WorkbenchError when the disk refuses."""
    path = preferences_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(preferences.model_dump(), indent=2).encode())


def change_preferences(changes: dict[str, object], is_wanted: Callable[[], None] = lambda: None) -> Preferences:
    """Change some and keep the others, one change after the other whichever thread asks.

    Args:
        changes: New values by the names of their fields.
        is_wanted: Asked once it is this change's turn; it raises when another has taken its place.

    Raises:
        WorkbenchError: The folder of runs cannot be one, or the disk refuses.
    """
    with _CHANGING:
        is_wanted()
        preferences = Preferences.model_validate({**read_preferences().model_dump(), **changes})
        if "runs_folder" in changes and preferences.runs_folder:
            _check_runs_folder(Path(preferences.runs_folder).expanduser())
        keep_preferences(preferences)
        return preferences


def _check_runs_folder(path: Path) -> None:
    """Refuse what the next run would stumble over; nothing is made yet."""
    if not path.is_absolute():
        raise WorkbenchError(f"“{path}” is not a whole path.", "Begin with / or ~, or with a drive such as C:.")
    nearest = next(folder for folder in (path, *path.parents) if folder.exists())
    if not nearest.is_dir():
        raise WorkbenchError(f"{nearest} is a file, not a folder.", "Choose another folder.")
    if not os.access(nearest, os.W_OK):
        raise WorkbenchError(f"Nothing may be written to {nearest}.", "Choose another folder.")

"""Looks at a watched text that a run took down on its way, read back one at a time."""

from pathlib import Path

from workbench.events import TextProbed
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder

_KIND = TextProbed.__name__


def text_steps(path: Path) -> list[int]:
    """After which steps the text was looked at, as far as that has been written. Raises WorkbenchError."""
    with RunDatabase(RunFolder(path).database_file, read_only=True) as database:
        return database.steps_of(_KIND)


def text_look(path: Path, step: int) -> TextProbed | None:
    """The look after a step; None where the run has not written one. Raises WorkbenchError."""
    with RunDatabase(RunFolder(path).database_file, read_only=True) as database:
        event = database.event_at(_KIND, step)
    assert event is None or isinstance(event, TextProbed), "it was asked for by its kind"
    return event

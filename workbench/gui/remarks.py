"""Keeps tags and notes of runs: one after the other, so that what was written last is what stays."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from workbench.errors import WorkbenchError
from workbench.gui.workspace import Workspace
from workbench.session.jobs import Job
from workbench.session.library import RunSummary, annotate

_Remarks = tuple[tuple[str, ...], str]


class Remarks(QObject):
    """Writes remarks in the background.

    Signals:
        kept: The remarks of the run at a path are on the disk.
    """

    kept = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        # Newer than what the disk has; those that the disk refused stay, so that nothing a person wrote is lost.
        self._newer: dict[Path, _Remarks] = {}
        self._waiting: list[Path] = []
        self._job: Job[None] | None = None

    def keep(self, path: Path, tags: tuple[str, ...], notes: str) -> None:
        """Write the remarks of a run as soon as the last ones are written."""
        self._newer[path] = (tags, notes)
        if path not in self._waiting:
            self._waiting.append(path)
        self._begin()

    def applied(self, run: RunSummary) -> RunSummary:
        """A run with what was written about it, whether or not the disk has it yet."""
        if run.path not in self._newer:
            return run
        tags, notes = self._newer[run.path]
        return replace(run, tags=tags, notes=notes)

    def _begin(self) -> None:
        if not self._waiting or (self._job is not None and not self._job.is_over):
            return
        path = self._waiting.pop(0)
        remarks = self._newer[path]

        def work(_: Job[None]) -> None:
            annotate(path, tags=remarks[0], notes=remarks[1])

        def done(_: None) -> None:
            if self._newer.get(path) == remarks:
                del self._newer[path]
            self.kept.emit(path)
            self._begin()

        def failed(error: WorkbenchError) -> None:
            self._workspace.failed.emit(error)
            self._begin()

        name = f"Keeping the notes of {path.name}"
        self._job = self._workspace.jobs.start(name, work, done, failed, must_end=True)

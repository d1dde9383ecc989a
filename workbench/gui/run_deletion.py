"""Moves runs to the trash, after asking."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from workbench.errors import WorkbenchError
from workbench.gui.workspace import Workspace
from workbench.session.jobs import Job
from workbench.session.library import move_to_trash


class RunDeletion(QObject):
    """Asks in a sheet that blocks nothing, and deletes in the background."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._asked: list[Path] = []

    def ask(self, paths: Sequence[Path], owner: QWidget) -> None:
        """Ask whether to delete runs; `owner` is what the question lies over."""
        self._asked = list(paths)
        several = len(paths) > 1
        box = QMessageBox(owner)
        box.setObjectName("delete-runs")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Delete runs" if several else "Delete run")
        box.setText(f"Move {len(paths):,} runs to the trash?" if several else f"Move {paths[0].name} to the trash?")
        box.setInformativeText("Checkpoints, exports, tags and notes go along; from the trash you can get them back.")
        box.setDefaultButton(box.addButton("Move to trash", QMessageBox.ButtonRole.AcceptRole))
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.accepted.connect(self._delete)
        box.open()

    def _delete(self) -> None:
        paths, gone = self._asked, list[Path]()

        def work(job: Job[None]) -> None:
            for number, path in enumerate(paths):
                job.say(f"Moving {path.name} to the trash", number / len(paths))
                move_to_trash(path)
                gone.append(path)

        done = partial(self._deleted, gone)
        failed = partial(self._failed, gone)
        self._workspace.jobs.start("Deleting runs", work, done, failed, must_end=True)

    def _failed(self, gone: list[Path], error: WorkbenchError) -> None:
        self._workspace.failed.emit(error)
        self._deleted(gone)

    def _deleted(self, gone: list[Path], _: object = None) -> None:
        for path in gone:
            self._workspace.forget(path)
        if gone:
            name = gone[0].name if len(gone) == 1 else f"{len(gone):,} runs"
            self._workspace.noticed.emit("ok", f"{name} moved to the trash.")
        self._workspace.runs_changed.emit()

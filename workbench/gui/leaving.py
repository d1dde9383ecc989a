"""Closing the window: only once the run that trains is kept, and the recipe is saved or given up on purpose."""

from PySide6.QtCore import QObject

from workbench.errors import WorkbenchError
from workbench.gui.asking import ask
from workbench.gui.main_window import MainWindow
from workbench.gui.recipe_files import RecipeFiles
from workbench.session.run import RunStatus


class Leaving(QObject):
    """Hears that a person wants to close the window, asks what must be asked, and closes it when nothing is lost."""

    def __init__(self, window: MainWindow, files: RecipeFiles) -> None:
        super().__init__(window)
        self._window, self._workspace, self._files = window, window.workspace, files
        self._is_stopping = False
        window.leaving.connect(self.leave)
        self._workspace.status_changed.connect(self._follow)
        self._workspace.failed.connect(self._stay)

    def leave(self) -> None:
        """Close, once nothing is lost by it."""
        if not self._workspace.is_training:
            self._files.guarded(self._window.leave)
            return
        ask(
            self._window,
            "A run is training.",
            "Stopping keeps a checkpoint at the next step; the next start offers to go on from there. "
            "Nothing is lost either way.",
            (
                ("Keep training in this window", self._window.showMinimized),
                ("Stop and save", self._stop),
                ("Cancel", None),
            ),
        )

    def _stop(self) -> None:
        self._is_stopping = True
        self._workspace.stop()
        if not self._workspace.is_training:
            self._follow(self._workspace.status)

    def _follow(self, status: RunStatus) -> None:
        if self._is_stopping and status is RunStatus.IDLE:
            self._is_stopping = False
            self._files.guarded(self._window.leave)
        elif self._is_stopping and status in (RunStatus.RUNNING, RunStatus.PREPARING):
            # The run had not begun when the stop was asked for.
            self._workspace.stop()

    def _stay(self, _: WorkbenchError) -> None:
        # Where stopping failed, nothing may have been saved: that is to be read before the window goes.
        self._is_stopping = False

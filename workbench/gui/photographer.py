"""Takes pictures of the window, light and dark, while a walk leads it from view to view: for the documentation."""

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QRect, QSize, QTimer
from PySide6.QtGui import QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QDialog, QWidget

from workbench.gui.main_window import MainWindow
from workbench.session.run import RunStatus

_LOOK_MS = 40
# A view has settled when nothing was asked of the background for so many looks.
_CALM_LOOKS = 12

Condition = Callable[[], bool]


class Photographer(QObject):
    """Follows a walk through the window, as a person would take it, and ends the program.

    Attributes:
        window: What is photographed.
        walk: One view after the other; each `yield` waits for its condition, and for calm.
    """

    def __init__(self, window: MainWindow, folder: Path, size: QSize | None = None) -> None:
        super().__init__(window)
        from workbench.gui.photo_walk import walk

        self.window, self._workspace, self._folder = window, window.workspace, folder
        # Neither tour nor question may stand in the picture.
        self._workspace.settings.tour_seen = True
        if size is not None:
            window.resize(size)
        self.walk: Iterator[Condition] = walk(self)
        self._until: Condition = lambda: True
        self._calm = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Begin once the window is ready."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self.window.ready.connect(self._timer.start)

    @property
    def steps(self) -> int:
        """How far the run on the screen is."""
        watched = self._workspace.watched
        return 0 if watched is None else len(watched.own.log)

    def take_both(self, name: str) -> None:
        """Light, then dark; the window is light again afterwards."""
        for mode in ("light", "dark"):
            self._workspace.theme.mode = mode
            self.take(f"{name}-{mode}")
        self._workspace.theme.mode = "light"

    def take(self, name: str) -> None:
        """The window with what lies over it."""
        picture = self.window.grab()
        ratio = picture.devicePixelRatio()
        for dialog in self.window.findChildren(QDialog):
            if dialog.isVisible():
                _lay(picture, dialog, self.window)
        picture.setDevicePixelRatio(ratio)
        picture.save(str(self._folder / f"{name}.png"))

    def _look(self) -> None:
        if not self._until():
            self._calm = 0
            return
        self._calm = self._calm + 1 if self._workspace.jobs.is_idle else 0
        if self._calm < _CALM_LOOKS and self._workspace.status is not RunStatus.RUNNING:
            return
        self._calm = 0
        try:
            self._until = next(self.walk)
        except StopIteration:
            self._timer.stop()
            self.window.leave()


def _lay(picture: QPixmap, dialog: QWidget, window: QWidget) -> None:
    """Paint a dialog in the middle of the window's picture."""
    shown = dialog.grab()
    away = window.size() - dialog.size()
    painter = QPainter(picture)
    place = QPoint(max(away.width() // 2, 0), max(away.height() // 2, 0))
    painter.drawPixmap(place, shown)
    painter.setPen(window.palette().color(QPalette.ColorRole.Mid))
    painter.drawRect(QRect(place, dialog.size()).adjusted(0, 0, -1, -1))
    painter.end()

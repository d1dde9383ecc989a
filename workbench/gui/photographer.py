"""Renders every main view with the example's data, light and dark: the pictures of the documentation."""

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QRect, QSize, QTimer
from PySide6.QtGui import QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QDialog, QWidget

from workbench.gui.main_window import MainWindow
from workbench.session.examples import list_examples
from workbench.session.run import RunStatus

_LOOK_MS = 40
# A view has settled when nothing was asked of the background for so many looks.
_CALM_LOOKS = 12
_STEP_OF_CHANGE, _STEP_OF_PICTURE = 300, 420
_SEEN_TEMPERATURE = 8.0

Condition = Callable[[], bool]


class Photographer(QObject):
    """Walks through the window as a person would, and ends the program."""

    def __init__(self, window: MainWindow, folder: Path, size: QSize | None = None) -> None:
        super().__init__(window)
        self._window, self._workspace, self._folder = window, window.workspace, folder
        # Neither tour nor question may stand in the picture.
        self._workspace.settings.tour_seen = True
        if size is not None:
            window.resize(size)
        self._walk = self._views()
        self._until: Condition = lambda: True
        self._calm = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Begin once the window is ready."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._window.ready.connect(self._timer.start)

    def _look(self) -> None:
        if not self._until():
            self._calm = 0
            return
        self._calm = self._calm + 1 if self._workspace.jobs.is_idle else 0
        if self._calm < _CALM_LOOKS and self._workspace.status is not RunStatus.RUNNING:
            return
        self._calm = 0
        try:
            self._until = next(self._walk)
        except StopIteration:
            self._timer.stop()
            self._window.leave()

    def _views(self) -> Iterator[Condition]:
        """One view after the other; each `yield` waits for its condition, and for calm."""
        window, workspace = self._window, self._workspace
        self._take_both("welcome")
        window.welcome.example_wanted.emit(list_examples()[0].path, False)
        yield lambda: workspace.document.recipe is not None and not workspace.jobs.jobs
        workspace.theme.mode = "light"
        workspace.train(baseline=True)
        yield lambda: self._steps >= _STEP_OF_CHANGE
        workspace.turn(temperature=_SEEN_TEMPERATURE)
        yield lambda: self._steps >= _STEP_OF_PICTURE
        self._take("training")
        yield lambda: not workspace.is_training
        yield lambda: True
        for main, lower, name in (
            ("curves", "probabilities", "result"),
            ("runs", "softening", "runs-and-softening"),
            ("compare", "playground", "compare-and-playground"),
        ):
            window.show_docks(main)
            window.show_docks(lower)
            yield lambda: True
            self._take_both(name)
        yield from self._dialogs()

    def _dialogs(self) -> Iterator[Condition]:
        window = self._window
        for name in ("export", "preferences", "about"):
            window.actions_by_name.named(name).trigger()
            yield lambda: True
            self._take_both(name)
            for dialog in window.findChildren(QDialog):
                dialog.close()
            yield lambda: True
        window.actions_by_name.named("palette").trigger()
        yield lambda: True
        self._take_both("palette")

    @property
    def _steps(self) -> int:
        watched = self._workspace.watched
        return 0 if watched is None else len(watched.own.log)

    def _take_both(self, name: str) -> None:
        theme = self._workspace.theme
        for mode in ("light", "dark"):
            theme.mode = mode
            self._take(f"{name}-{mode}")

    def _take(self, name: str) -> None:
        """The window with what lies over it."""
        picture = self._window.grab()
        ratio = picture.devicePixelRatio()
        for dialog in self._window.findChildren(QDialog):
            if dialog.isVisible():
                _lay(picture, dialog, self._window)
        picture.setDevicePixelRatio(ratio)
        picture.save(str(self._folder / f"{name}.png"))


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

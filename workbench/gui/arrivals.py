"""What a person opens from outside: on the command line, by another start, or by a double click on macOS."""

import os
import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from workbench import APP_ID, __version__
from workbench.frozen import is_frozen
from workbench.gui.main_window import MainWindow

_UNTIL_ALERT = 500
_BETWEEN_LOOKS = 200


class Application(QApplication):
    """The application: what systems know it by, and what macOS asks it to open.

    Signals:
        file_asked_for: (Path): macOS opens a file with it.
    """

    file_asked_for = Signal(object)

    def __init__(self) -> None:
        _tell_windows()
        # X11 takes the first word for the name of the window's class.
        super().__init__(["distillation-workbench"])

    def event(self, event: QEvent) -> bool:
        """Files come to the application as a whole, and not to a window."""
        if isinstance(event, QFileOpenEvent):
            name = event.file()
            if name:
                self.file_asked_for.emit(Path(name))
            return True
        return super().event(event)


def introduce(application: QApplication) -> None:
    """Say to Qt, and so to the system, what the program is called."""
    application.setApplicationName("distillation-workbench")
    application.setApplicationDisplayName("Distillation Workbench")
    application.setApplicationVersion(__version__)
    # Wayland finds the icon, and X11's docks the menu entry, by the name of the desktop file.
    application.setDesktopFileName(APP_ID)


class Arrivals(QObject):
    """Opens what arrives as if it had been dropped, once there are panels to show it, and brings the window forward.

    Args:
        window: The window.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._waiting: list[Path] = []
        self._is_furnished = bool(window.docks.panels)
        self._again = QTimer(self, singleShot=True, interval=_BETWEEN_LOOKS)
        self._again.timeout.connect(self._open_waiting)
        window.docks.furnished.connect(self._begin)

    def open(self, paths: list[Path]) -> None:
        """Open them, now or as soon as the window can show them and nothing is asked in front of it."""
        self._waiting += paths
        if self._is_furnished:
            self._open_waiting()

    def open_one(self, path: Path) -> None:
        """The same for one file."""
        self.open([path])

    def take_over(self, paths: list[Path], tokens: dict[str, str]) -> None:
        """Open what another start was to open, in front of the person.

        Args:
            paths: What to open.
            tokens: Variables that came with a person's click; by them a desktop sees that the person wants the window.
        """
        self.open(paths)
        come_forward(self._window, tokens)

    def _begin(self) -> None:
        self._is_furnished = True
        self._open_waiting()

    def _open_waiting(self) -> None:
        if self._waiting and QApplication.activeModalWidget() is not None:
            # What it asks or saves is the recipe that is open now: another must not take its place meanwhile.
            self._again.start()
            return
        paths, self._waiting = self._waiting, []
        if paths:
            self._window.dropped.emit(paths)


def come_forward(window: MainWindow, tokens: dict[str, str]) -> None:
    """Show the window before all others, or where the desktop does not let it, say that it wants attention."""
    if not window.isVisible():
        return
    # Qt takes the token for the next activation from here; programs that are started later must not find it.
    os.environ.update(tokens)
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.activateWindow()
    for name in tokens:
        os.environ.pop(name, None)
    # It does nothing to a window that has come to the front by then.
    QTimer.singleShot(_UNTIL_ALERT, window, lambda: QApplication.alert(window))


def _tell_windows() -> None:
    """Without a name of its own, a window counts as Python's there; a built program is known by its file."""
    if sys.platform == "win32" and not is_frozen():
        import ctypes

        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(APP_ID)

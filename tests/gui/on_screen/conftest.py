"""The program as it starts for a person, and a person at its screen; only where a test may have a screen to itself."""

import gc
import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.app import build
from workbench.gui.collector import Collector
from workbench.gui.main_window import MainWindow
from workbench.gui.reporting import Reporter
from workbench.gui.settings import Settings
from workbench.gui.theme import Theme
from workbench.gui.workspace import Workspace
from workbench.session.run import RunStatus

if TYPE_CHECKING:
    from gui.on_screen.screen import Screen

_SLOWEST_START_MS = 60_000
_KEPT = (Reporter, Collector, Workspace, Theme)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave this folder out of every run that did not ask for a screen.

    These tests move the mouse and take the keyboard, which would be those of whoever sits there; they need an X server
    of their own, and are the check "pytest on a screen" of packaging/test.py.
    """
    has_screen = os.environ.get("QT_QPA_PLATFORM") == "xcb" and "DISPLAY" in os.environ
    return None if has_screen or collection_path.is_dir() else True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what was to be seen when a test failed."""
    report = yield
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if report.failed and folder is not None and QApplication.instance() is not None:
        path = folder / f"screen-{report.when}.png"
        QGuiApplication.primaryScreen().grabWindow(0).save(str(path))
        report.sections.append(("What was on the screen", str(path)))
    return report


@pytest.fixture
def screen(qtbot: QtBot) -> Iterator["Screen"]:
    """Mouse, keyboard and window manager."""
    # Imported here: there is no python-xlib where there is no X.
    from gui.on_screen.screen import Screen

    screen = Screen(qtbot)
    yield screen
    screen.leave()


@pytest.fixture
def start(qapp: QApplication, qtbot: QtBot, screen: "Screen", home: Path) -> Iterator[Callable[..., MainWindow]]:
    """Starts the program as its own door does, for someone who has seen the tour.

    With `as_left` the settings are what an earlier start left, which the first time is nothing. A start after another
    is another day: nothing of the first is there any more.
    """
    open_windows: list[MainWindow] = []

    def end() -> None:
        while open_windows:
            _end(open_windows.pop(), qtbot)
            _clear(qapp)

    def begin(*, as_left: bool = False) -> MainWindow:
        end()
        if not as_left:
            settings = Settings()
            settings.tour_seen = True
            settings.sync()
        window = build(qapp)
        open_windows.append(window)
        with qtbot.waitSignal(window.ready, timeout=_SLOWEST_START_MS):
            window.show()
        screen.until(window.isActiveWindow, "the window does not get the keyboard")
        return window

    yield begin
    end()


@pytest.fixture
def window(start: Callable[..., MainWindow]) -> MainWindow:
    """The program, started by someone who knows it."""
    return start()


def _end(window: MainWindow, qtbot: QtBot) -> None:
    workspace = window.workspace
    workspace.pump.start()
    workspace.stop()
    qtbot.waitUntil(lambda: workspace.status is RunStatus.IDLE, timeout=30_000)
    window.leave()
    # It stops with the window, and what was cancelled has yet to be heard of.
    workspace.pump.start()
    qtbot.waitUntil(lambda: workspace.jobs.is_idle, timeout=30_000)
    workspace.pump.stop()
    window.deleteLater()


def _clear(application: QApplication) -> None:
    """Take away what the program keeps until its process ends."""
    for reporter in application.findChildren(Reporter):
        reporter.uninstall()
    for collector in application.findChildren(Collector):
        collector.stop()
    parts: list[QObject] = [part for kind in _KEPT for part in application.findChildren(kind)]
    for part in parts:
        part.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()

"""A new version is a quiet note in the status bar; without the preference nobody is ever asked."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot
from releases import ReleaseServer, release_server, says

from workbench.gui.main_window import MainWindow
from workbench.gui.updating import Updating
from workbench.gui.workspace import Workspace
from workbench.session.preferences import Preferences, keep_preferences
from workbench.session.updates import REPOSITORY


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReleaseServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with release_server() as server:
        yield server


def ready(window: MainWindow, server: ReleaseServer, qtbot: QtBot) -> Updating:
    """What follows once the window is ready."""
    updating = Updating(window, server.url)
    window.ready.emit()
    qtbot.waitUntil(lambda: window.workspace.jobs.is_idle)
    return updating


def test_without_the_preference_no_socket_is_opened(
    window: MainWindow, server: ReleaseServer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    heard: list[object] = []
    window.workspace.failed.connect(heard.append)
    assert ready(window, server, qtbot).note is None
    assert not server.asked
    assert not heard


def test_a_new_version_is_a_note_that_leads_to_its_page(
    window: MainWindow, server: ReleaseServer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(url.toString()))
    keep_preferences(Preferences(looks_for_updates=True))
    note = ready(window, server, qtbot).note
    assert note is not None
    assert note.isVisible()
    assert note.label.text() == "Version 99.1.0 is there"
    assert window.statusBar().isAncestorOf(note)
    qtbot.mouseClick(note.page_button, Qt.MouseButton.LeftButton)
    assert opened == [f"https://github.com/{REPOSITORY}/releases/tag/v99.1.0"]
    assert note.isVisible()


def test_a_skipped_version_goes_and_is_remembered(
    window: MainWindow, workspace: Workspace, server: ReleaseServer, qtbot: QtBot, home: Path
) -> None:
    keep_preferences(Preferences(looks_for_updates=True))
    updating = ready(window, server, qtbot)
    assert updating.note is not None
    qtbot.mouseClick(updating.note.skip_button, Qt.MouseButton.LeftButton)
    assert updating.note is None
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)
    assert '"skipped": "99.1.0"' in (home / "cache" / "updates.json").read_text()


@pytest.mark.parametrize("status", [200, 404, 500])
def test_what_goes_wrong_is_neither_a_note_nor_an_error_card(
    window: MainWindow, server: ReleaseServer, qtbot: QtBot, status: int
) -> None:
    keep_preferences(Preferences(looks_for_updates=True))
    server.answer = says(b"<html>", status)
    heard: list[object] = []
    window.workspace.failed.connect(heard.append)
    window.workspace.noticed.connect(heard.append)
    assert ready(window, server, qtbot).note is None
    assert len(server.asked) == 1
    assert not heard

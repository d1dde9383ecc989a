"""Check now answers in words, whatever comes back."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot
from releases import ReleaseServer, release_server, says

import workbench
from workbench.gui.updates_section import UpdatesSection
from workbench.gui.widgets.sheet import Sheet
from workbench.gui.workspace import Workspace
from workbench.session.updates import REPOSITORY


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReleaseServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with release_server() as server:
        yield server


@pytest.fixture
def sheet(qtbot: QtBot) -> Sheet:
    sheet = Sheet()
    qtbot.addWidget(sheet)
    return sheet


@pytest.fixture
def section(workspace: Workspace, server: ReleaseServer, sheet: Sheet) -> UpdatesSection:
    section = UpdatesSection(workspace, lambda name, value: None, sheet, server.url)
    section.add_to(sheet)
    sheet.resize(520, 240)
    sheet.show()
    return section


def press(section: UpdatesSection, workspace: Workspace, qtbot: QtBot) -> str:
    qtbot.mouseClick(section.button, Qt.MouseButton.LeftButton)
    assert not section.button.isEnabled()
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)
    assert section.button.isEnabled()
    assert section.news.isVisible()
    return section.news.text()


def test_nobody_is_asked_before_the_button_is_pressed(section: UpdatesSection, server: ReleaseServer) -> None:
    assert not section.news.isVisible()
    assert not server.asked


def test_a_newer_version_is_named_with_a_link_to_its_page(
    section: UpdatesSection, workspace: Workspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(url.toString()))
    words = press(section, workspace, qtbot)
    page = f"https://github.com/{REPOSITORY}/releases/tag/v99.1.0"
    assert "Version 99.1.0 is there" in words
    assert page in words
    section.news.linkActivated.emit(page)
    assert opened == [page]


def test_being_the_newest_is_said_too(
    section: UpdatesSection, server: ReleaseServer, workspace: Workspace, qtbot: QtBot
) -> None:
    server.answer = says({"tag_name": "v0.0.1"})
    assert workbench.__version__ in press(section, workspace, qtbot)
    assert section.news.property("role") == "good"


def test_an_answer_that_is_none_is_said_in_words_and_can_be_asked_for_again(
    section: UpdatesSection, server: ReleaseServer, workspace: Workspace, qtbot: QtBot
) -> None:
    server.answer = says(b"<b>log in</b>", 503)
    assert "503" in press(section, workspace, qtbot)
    assert section.news.property("role") == "bad"
    server.answer = says({"tag_name": "v99.1.0"})
    assert "99.1.0" in press(section, workspace, qtbot)


def test_a_check_that_is_cancelled_in_the_window_can_be_asked_for_again(
    section: UpdatesSection, workspace: Workspace, qtbot: QtBot
) -> None:
    qtbot.mouseClick(section.button, Qt.MouseButton.LeftButton)
    workspace.jobs.cancel_all()
    qtbot.waitUntil(lambda: workspace.jobs.is_idle and section.button.isEnabled())
    assert not section.news.isVisible()
    assert "99.1.0" in press(section, workspace, qtbot)

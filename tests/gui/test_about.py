"""About: versions, licences in full, what may be replaced, the paper."""

import json
import sys
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from workbench import __version__
from workbench.gui.about import AboutDialog
from workbench.gui.workspace import Workspace


@pytest.fixture
def dialog(workspace: Workspace, qtbot: QtBot) -> AboutDialog:
    return opened(workspace, qtbot)


def opened(workspace: Workspace, qtbot: QtBot) -> AboutDialog:
    dialog = AboutDialog(workspace)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.table.rowCount() > 0 and workspace.jobs.is_idle)
    return dialog


def choose(dialog: AboutDialog, name: str, workspace: Workspace, qtbot: QtBot) -> str:
    """Choose a row as with the mouse, and give the text that is shown."""
    table = dialog.table
    row = [*rows(dialog)].index(name)
    table.scrollToItem(table.item(row, 0))
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualItemRect(table.item(row, 0)).center())
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)
    return dialog.view.box.toPlainText()


def rows(dialog: AboutDialog) -> dict[str, tuple[str, str]]:
    table = dialog.table
    cells = [
        [item.text() for column in range(3) if (item := table.item(row, column))] for row in range(table.rowCount())
    ]
    return {name: (version, licence) for name, version, licence in cells}


def test_the_version_and_the_sentence_are_on_it(dialog: AboutDialog) -> None:
    words = [label.text() for label in dialog.findChildren(QLabel)]
    assert f"Version {__version__}, free software under the MIT licence" in words
    assert any("Distil a big model" in text for text in words)


def test_every_dependency_is_named_with_its_version_and_licence(dialog: AboutDialog) -> None:
    found = rows(dialog)
    assert found["torch"][0].startswith("2.")
    assert found["pydantic"][1] == "MIT"
    assert "LGPL-3.0" in found["PySide6_Essentials"][1]
    assert found["Inter (font)"] == ("", "OFL-1.1")
    assert "distillation-workbench" not in found
    assert all(licence for _, licence in found.values())


def test_a_chosen_row_shows_its_licence_in_full(dialog: AboutDialog, workspace: Workspace, qtbot: QtBot) -> None:
    text = choose(dialog, "rich", workspace, qtbot)
    assert "Permission is hereby granted, free of charge" in text
    assert dialog.view.heading.text().startswith("rich ")
    assert dialog.view.licence.text() == "MIT"
    assert "SIL OPEN FONT LICENSE" in choose(dialog, "Inter (font)", workspace, qtbot)


def test_the_first_text_is_there_before_anything_is_chosen(dialog: AboutDialog) -> None:
    assert dialog.table.currentRow() == 0
    assert len(dialog.view.box.toPlainText()) > 100


def test_walking_through_the_rows_ends_with_the_text_of_the_last(
    dialog: AboutDialog, workspace: Workspace, qtbot: QtBot
) -> None:
    for _ in range(dialog.table.rowCount()):
        qtbot.keyClick(dialog.table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)
    last = dialog.table.item(dialog.table.rowCount() - 1, 0)
    assert last is not None
    assert dialog.view.heading.text().replace("\u200b", "").startswith(last.text())
    assert dialog.view.box.toPlainText() != "Reading…"


def test_a_missing_text_is_told_honestly(dialog: AboutDialog, workspace: Workspace, qtbot: QtBot) -> None:
    assert "No licence text came with flatbuffers" in choose(dialog, "flatbuffers", workspace, qtbot)


def test_words_are_found_in_the_text_one_place_after_the_other(
    dialog: AboutDialog, workspace: Workspace, qtbot: QtBot
) -> None:
    choose(dialog, "rich", workspace, qtbot)
    search, box = dialog.view.search, dialog.view.box
    search.setFocus()
    qtbot.keyClicks(search, "software")
    first = box.textCursor().selectionStart()
    assert box.textCursor().selectedText().lower() == "software"
    qtbot.keyClick(search, Qt.Key.Key_Return)
    second = box.textCursor().selectionStart()
    assert second > first
    qtbot.keyClick(search, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert box.textCursor().selectionStart() == first
    qtbot.keyClick(search, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert box.textCursor().selectionStart() > second
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert box.textCursor().selectionStart() == first
    qtbot.keyClicks(search, "xyz")
    assert search.property("invalid") is True
    search.clear()
    assert search.property("invalid") is False
    assert dialog.isVisible()


def test_what_is_replaceable_is_named_with_its_folder_and_source(
    workspace: Workspace, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "program"), raising=False)
    folder = tmp_path / "program" / "licences"
    folder.mkdir(parents=True)
    (folder / "LGPL").write_text("GNU LESSER GENERAL PUBLIC LICENSE")
    listed = [{"name": "PySide6_Essentials", "version": "6.11.3", "licence": "LGPL-3.0-only", "files": ["LGPL"]}]
    (folder / "index.json").write_text(json.dumps(listed))
    dialog = opened(workspace, qtbot)
    words = dialog.replaceable.text().replace("\u200b", "")
    assert f"separate files in {tmp_path / 'program'} and may be replaced" in words
    assert "LGPL version 3" in words
    for name in ("Qt", "PySide6", "libsndfile", "soxr"):
        assert f">{name}</a>" in words
    assert "GNU LESSER" in choose(dialog, "PySide6_Essentials", workspace, qtbot)
    assert "rich" not in rows(dialog)


def test_a_link_is_followed(dialog: AboutDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(url.toString()))
    dialog.replaceable.linkActivated.emit("https://download.qt.io/official_releases/qt/")
    assert opened == ["https://download.qt.io/official_releases/qt/"]


def test_table_search_text_links_and_buttons_are_reached_by_tab_and_have_names(
    dialog: AboutDialog, qtbot: QtBot
) -> None:
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    assert QApplication.focusWidget() is dialog.table
    reached: list[QWidget] = []
    while (widget := QApplication.focusWidget()) not in reached or widget is dialog.replaceable:
        assert widget is not None
        # A label with links is left once Tab has gone through all of them.
        assert len(reached) < 30
        reached.append(widget)
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
    for widget in (dialog.view.search, dialog.view.box, dialog.replaceable, dialog.paper_button, dialog.copy_button):
        assert widget in reached
    assert all(widget.accessibleName() or getattr(widget, "text", str)() for widget in reached)


def test_the_paper_opens_in_the_browser(dialog: AboutDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(url.toString()))
    qtbot.mouseClick(dialog.paper_button, Qt.MouseButton.LeftButton)
    assert opened == ["https://arxiv.org/abs/1503.02531"]


def test_versions_are_copied_with_everything_in_the_table(dialog: AboutDialog, qtbot: QtBot) -> None:
    qtbot.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    assert f"Distillation Workbench {__version__}" in text
    assert "System " in text
    assert "safetensors  0." in text


def test_closing_before_the_licences_are_read_leaves_nothing_behind(workspace: Workspace, qtbot: QtBot) -> None:
    dialog = AboutDialog(workspace)
    dialog.show()
    dialog.close()
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)

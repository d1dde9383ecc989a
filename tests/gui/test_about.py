"""About: versions, licences, the paper."""

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from workbench import __version__
from workbench.gui.about import AboutDialog
from workbench.gui.workspace import Workspace


@pytest.fixture
def dialog(workspace: Workspace, qtbot: QtBot) -> AboutDialog:
    dialog = AboutDialog(workspace)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.table.rowCount() > 0)
    return dialog


def rows(dialog: AboutDialog) -> dict[str, tuple[str, str]]:
    table = dialog.table
    cells = [
        [item.text() for column in range(3) if (item := table.item(row, column))] for row in range(table.rowCount())
    ]
    return {name: (version, licence) for name, version, licence in cells}


def test_the_version_and_the_sentence_are_on_it(dialog: AboutDialog) -> None:
    words = [label.text() for label in dialog.findChildren(QLabel)]
    assert f"Version {__version__}" in words
    assert any("Distil a big model" in text for text in words)


def test_every_dependency_is_named_with_its_version_and_licence(dialog: AboutDialog) -> None:
    found = rows(dialog)
    assert found["torch"][0].startswith("2.")
    assert found["pydantic"][1] == "MIT"
    assert "LGPL-3.0" in found["PySide6_Essentials"][1]
    assert found["Inter (font)"] == ("", "OFL-1.1")
    assert "distillation-workbench" not in found
    assert all(licence for _, licence in found.values())


def test_the_paper_opens_in_the_browser(dialog: AboutDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
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

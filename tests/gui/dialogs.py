"""Answers questions and chooses files as a person does, in dialogs that block nothing."""

from pathlib import Path

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QLineEdit, QMessageBox, QWidget
from pytestqt.qtbot import QtBot


def the_question(window: QWidget) -> QMessageBox:
    """The one question that is asked now."""
    (box,) = window.findChildren(QMessageBox)
    assert box.isVisible()
    return box


def words_of(box: QMessageBox) -> list[str]:
    """What its buttons say, in order of their roles."""
    return [button.text().replace("&", "") for button in box.buttons()]


def answer(qtbot: QtBot, window: QWidget, words: str) -> None:
    """Press the button that says so."""
    box = the_question(window)
    button = next(button for button in box.buttons() if button.text().replace("&", "") == words)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    _wait_until_gone(qtbot, box)


def the_file_dialog(window: QWidget) -> QFileDialog:
    """The one file dialog that is open now."""
    (dialog,) = [found for found in window.findChildren(QFileDialog) if found.isVisible()]
    return dialog


def choose_file(qtbot: QtBot, window: QWidget, path: Path) -> None:
    """Give a path and press Open or Save."""
    dialog = the_file_dialog(window)
    field = dialog.findChild(QLineEdit, "fileNameEdit")
    assert field is not None, "not Qt's own dialog"
    # Selected too: else the dialog keeps to the file it began with. Not typed: its list of proposals takes the keys.
    dialog.selectFile(str(path))
    field.setText(str(path))
    # Qt asks before it replaces a file, in an event loop of its own, where a test would wait for ever.
    assert Path(dialog.selectedFiles()[0]).stem == path.stem
    if dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave:
        assert not Path(dialog.selectedFiles()[0]).exists()
    box = dialog.findChild(QDialogButtonBox)
    assert box is not None
    kinds = (QDialogButtonBox.StandardButton.Open, QDialogButtonBox.StandardButton.Save)
    button = next(found for kind in kinds if (found := box.button(kind)) is not None)
    # It becomes possible once the dialog has looked at the folder.
    qtbot.waitUntil(button.isEnabled)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    _wait_until_gone(qtbot, dialog)


def _wait_until_gone(qtbot: QtBot, dialog: QDialog) -> None:
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))

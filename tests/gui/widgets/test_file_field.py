"""A file is typed, chosen in a dialog that blocks nothing, or dropped; its name stays relative where it can."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from gui.widgets.plain_document import PlainDocument
from workbench.gui.theme import Theme
from workbench.gui.widgets.file_field import FileField
from workbench.gui.widgets.form_part import FormContext
from workbench.recipe.data import ImageFolder
from workbench.recipe.models import Teacher


@pytest.fixture
def field(qtbot: QtBot, theme: Theme, tmp_path: Path) -> FileField:
    document = PlainDocument(Teacher, tmp_path / "here")
    field = FileField(FormContext(document, theme), ("checkpoint",), Teacher.model_fields["checkpoint"])
    qtbot.addWidget(field)
    field.resize(150, 30)
    field.show()
    return field


def drop(field: FileField, url: QUrl) -> bool:
    """Drags something over the field and lets go; whether it was taken."""
    data = QMimeData()
    data.setUrls([url])
    action, button, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), action, data, button, keys)
    enter.ignore()
    QApplication.sendEvent(field, enter)
    if enter.isAccepted():
        QApplication.sendEvent(field, QDropEvent(QPointF(5, 5), action, data, button, keys))
    return enter.isAccepted()


def test_a_dropped_file_inside_the_recipes_folder_is_named_relative_to_it(field: FileField, tmp_path: Path) -> None:
    assert drop(field, QUrl.fromLocalFile(str(tmp_path / "here" / "big" / "teacher.safetensors")))
    assert field.context.document.value(("checkpoint",)) == "big/teacher.safetensors"


def test_a_dropped_file_elsewhere_is_named_by_its_whole_path(field: FileField, tmp_path: Path) -> None:
    assert drop(field, QUrl.fromLocalFile(str(tmp_path / "there.safetensors")))
    assert field.context.document.value(("checkpoint",)) == str(tmp_path / "there.safetensors")


def test_what_is_no_file_is_not_taken(field: FileField) -> None:
    assert not drop(field, QUrl("https://example.org/teacher"))
    assert field.context.document.value(("checkpoint",)) == ""


def test_the_dialog_opens_without_blocking_and_its_choice_is_taken(
    field: FileField, qtbot: QtBot, tmp_path: Path
) -> None:
    qtbot.mouseClick(field.browse, Qt.MouseButton.LeftButton)
    assert field.menu is not None
    assert field.menu.isVisible(), "a checkpoint may be a file or a folder"
    field.menu.actions()[0].trigger()
    field.menu.close()
    dialog = field.findChild(QFileDialog)
    assert dialog.isVisible()
    assert dialog.fileMode() is QFileDialog.FileMode.ExistingFile
    dialog.fileSelected.emit(str(tmp_path / "here" / "teacher.safetensors"))
    assert field.context.document.value(("checkpoint",)) == "teacher.safetensors"
    dialog.close()


def test_a_checkpoint_may_be_a_folder_too(field: FileField) -> None:
    assert field.menu is not None
    field.menu.actions()[1].trigger()
    dialog = field.findChild(QFileDialog)
    assert dialog.fileMode() is QFileDialog.FileMode.Directory
    dialog.close()


def test_a_field_for_a_folder_asks_for_one_at_once(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    document = PlainDocument(ImageFolder, tmp_path)
    field = FileField(FormContext(document, theme), ("folder",), ImageFolder.model_fields["folder"])
    qtbot.addWidget(field)
    field.show()
    assert field.line.placeholderText() == "choose a folder"
    qtbot.mouseClick(field.browse, Qt.MouseButton.LeftButton)
    dialog = field.findChild(QFileDialog)
    assert dialog.fileMode() is QFileDialog.FileMode.Directory
    dialog.close()


def test_a_long_path_shows_its_whole_name_in_the_tooltip(field: FileField) -> None:
    field.display("a/very/long/way/to/the/teacher.safetensors")
    assert "a/very/long/way/to/the/teacher.safetensors" in field.line.toolTip()
    assert not field.grab().isNull()

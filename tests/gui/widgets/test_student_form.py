"""The student's form: a checkpoint may be poured into an architecture, and emptying its name changes no origin."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from gui.widgets.plain_document import PlainDocument
from workbench.gui.theme import Theme
from workbench.gui.widgets.form_part import FormContext
from workbench.gui.widgets.student_form import StudentForm
from workbench.recipe.drafts import fresh
from workbench.recipe.models import ResNet, Student


@pytest.fixture
def document(tmp_path: Path) -> PlainDocument:
    document = PlainDocument(Student, tmp_path)
    document.set(("checkpoint",), "a.pth")
    document.set(("architecture",), fresh(ResNet))
    return document


@pytest.fixture
def form(qtbot: QtBot, theme: Theme, document: PlainDocument) -> StudentForm:
    form = StudentForm(FormContext(document, theme), ())
    qtbot.addWidget(form)
    form.resize(280, 500)
    form.show()
    form.sync({})
    form.fold(False)
    return form


def test_a_checkpoint_with_an_architecture_is_a_checkpoint_and_shows_both(form: StudentForm) -> None:
    assert form.old.isChecked()
    assert form._checkpoint.isVisible()
    shown = [combo.currentText() for combo in form.findChildren(QComboBox) if combo.isVisible()]
    assert shown == ["ResNet"]


def test_emptying_the_name_to_type_another_one_changes_no_origin(
    form: StudentForm, document: PlainDocument, qtbot: QtBot
) -> None:
    line = form._checkpoint.field.entry
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    form.sync({})
    assert document.value(("checkpoint",)) == ""
    assert form.old.isChecked()
    qtbot.keyClicks(line, "b.pth")
    form.sync({})
    assert document.value(("checkpoint",)) == "b.pth"
    assert form.old.isChecked()


def test_going_to_a_new_student_and_back_brings_both_back(
    form: StudentForm, document: PlainDocument, qtbot: QtBot
) -> None:
    qtbot.mouseClick(form.new, Qt.MouseButton.LeftButton)
    assert document.value(("checkpoint",)) == ""
    assert document.value(("architecture",))["kind"] == "mlp"
    form.sync({})
    qtbot.mouseClick(form.old, Qt.MouseButton.LeftButton)
    assert document.value(("checkpoint",)) == "a.pth"
    assert document.value(("architecture",))["kind"] == "resnet"

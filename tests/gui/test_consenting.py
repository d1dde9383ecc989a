"""A file that can run code is shown before it is trusted; the answer is remembered and written into the recipe."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from workbench import consents
from workbench.errors import WorkbenchError
from workbench.gui.consent_dialog import ConsentDialog
from workbench.gui.document import RecipeDocument
from workbench.gui.workspace import Workspace
from workbench.recipe.drafts import fresh
from workbench.recipe.models import PythonClass
from workbench.session.trusting import agree_to, look_at_code

_SOURCE = "class Net:\n    pass\n"


@pytest.fixture
def owner(qtbot: QtBot) -> QWidget:
    owner = QWidget()
    qtbot.addWidget(owner)
    owner.show()
    return owner


@pytest.fixture
def code(tmp_path: Path) -> Path:
    path = tmp_path / "nets.py"
    path.write_text(_SOURCE)
    return path


def asked(workspace: Workspace, owner: QWidget, path: Path, qtbot: QtBot) -> ConsentDialog:
    workspace.consenting.ask(path, "os.system", owner)
    qtbot.waitUntil(lambda: bool(owner.findChildren(ConsentDialog)))
    (dialog,) = owner.findChildren(ConsentDialog)
    return dialog


def test_the_question_shows_name_digest_reasons_and_source(
    workspace: Workspace, owner: QWidget, code: Path, qtbot: QtBot
) -> None:
    dialog = asked(workspace, owner, code, qtbot)
    texts = {box.accessibleName(): box for box in dialog.findChildren(QPlainTextEdit)}
    assert texts["Why it can"].toPlainText() == "os.system"
    assert texts["What stands in it"].toPlainText() == _SOURCE
    assert texts["What stands in it"].isReadOnly()
    facts = " ".join(label.accessibleName() for label in dialog.findChildren(QWidget))
    assert str(code) in facts
    assert consents.digest_of(code).removeprefix("sha256:")[:8] in facts
    dialog.reject()


def test_return_and_escape_trust_nothing(workspace: Workspace, owner: QWidget, code: Path, qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        dialog = asked(workspace, owner, code, qtbot)
        assert not dialog.trust.isDefault()
        qtbot.keyClick(dialog, key)
        qtbot.waitUntil(lambda: not owner.findChildren(ConsentDialog))
    assert consents.consents() == {}


def test_a_yes_is_remembered_and_stands_in_the_recipe_as_one_undo_step(
    workspace: Workspace, open_tiny: RecipeDocument, owner: QWidget, qtbot: QtBot
) -> None:
    teacher = open_tiny.folder / "teacher.safetensors"
    digest = consents.digest_of(teacher)
    dialog = asked(workspace, owner, teacher, qtbot)
    with qtbot.waitSignal(workspace.consenting.agreed):
        qtbot.mouseClick(dialog.trust, Qt.MouseButton.LeftButton)
    assert consents.is_agreed(digest)
    assert open_tiny.value(("teachers", 0, "trust")) == digest
    assert open_tiny.value(("student", "trust")) == ""
    open_tiny.undo_stack.undo()
    assert open_tiny.value(("teachers", 0, "trust")) == ""
    assert not open_tiny.undo_stack.canUndo()


def test_trust_in_a_python_file_stands_beside_its_class(
    workspace: Workspace, open_tiny: RecipeDocument, owner: QWidget, code: Path, qtbot: QtBot
) -> None:
    net = {**fresh(PythonClass), "file": str(code), "name": "Net"}
    open_tiny.set(("student", "architecture"), net)
    dialog = asked(workspace, owner, code, qtbot)
    with qtbot.waitSignal(workspace.consenting.agreed):
        qtbot.mouseClick(dialog.trust, Qt.MouseButton.LeftButton)
    assert open_tiny.value(("student", "architecture", "trust")) == consents.digest_of(code)
    assert open_tiny.value(("teachers", 0, "trust")) == ""


def test_a_file_that_changed_after_it_was_looked_at_is_not_trusted(code: Path) -> None:
    file = look_at_code(code)
    code.write_text("import os\n")
    with pytest.raises(WorkbenchError, match=r"nets\.py has changed since you looked at it"):
        agree_to(file)
    assert consents.consents() == {}


def test_a_long_source_says_that_it_is_cut(code: Path) -> None:
    code.write_text("#" * 300_000)
    file = look_at_code(code)
    assert file.is_cut
    assert len(file.source) < 300_000

"""Questions and file dialogs: they block nothing, do what was answered, and leave nothing behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from gui.dialogs import answer, choose_file, the_file_dialog, the_question, words_of
from workbench.gui.asking import ask, choose


@pytest.fixture
def owner(qtbot: QtBot, qt_dialogs: None) -> Iterator[QWidget]:
    owner = QWidget()
    qtbot.addWidget(owner)
    owner.resize(600, 400)
    owner.show()
    yield owner
    assert not owner.findChildren(QMessageBox)
    assert not owner.findChildren(QFileDialog)


def _ask(owner: QWidget, said: list[str]) -> QMessageBox:
    return ask(
        owner,
        "Save the changes?",
        "They are lost otherwise.",
        (("Save", lambda: said.append("save")), ("Discard", lambda: said.append("discard")), ("Cancel", None)),
    )


def test_a_question_returns_at_once_and_does_only_what_is_answered(owner: QWidget, qtbot: QtBot) -> None:
    said: list[str] = []
    box = _ask(owner, said)
    assert said == []
    assert box.text() == "Save the changes?"
    assert sorted(words_of(box)) == ["Cancel", "Discard", "Save"]
    answer(qtbot, owner, "Discard")
    assert said == ["discard"]


def test_return_gives_the_first_answer(owner: QWidget, qtbot: QtBot) -> None:
    said: list[str] = []
    box = _ask(owner, said)
    qtbot.waitUntil(box.isVisible)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert said == ["save"]
    qtbot.waitUntil(lambda: not owner.findChildren(QMessageBox))


def test_esc_gives_the_last_answer(owner: QWidget, qtbot: QtBot) -> None:
    said: list[str] = []
    box = ask(owner, "Which?", "", (("One", lambda: said.append("one")), ("Two", lambda: said.append("two"))))
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert said == ["two"]
    qtbot.waitUntil(lambda: not owner.findChildren(QMessageBox))


def test_an_answer_without_a_deed_does_nothing(owner: QWidget, qtbot: QtBot) -> None:
    said: list[str] = []
    _ask(owner, said)
    answer(qtbot, owner, "Cancel")
    assert said == []


def test_a_question_stands_over_its_window_alone(owner: QWidget, qtbot: QtBot) -> None:
    _ask(owner, [])
    box = the_question(owner)
    assert box.windowModality() is Qt.WindowModality.WindowModal
    assert box.parentWidget() is owner
    answer(qtbot, owner, "Cancel")


def test_a_chosen_file_is_handed_over_and_nothing_before(owner: QWidget, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("")
    chosen: list[Path] = []
    choose(owner, "Open a recipe", chosen.append, start=tmp_path, filters="Recipes (*.toml)")
    dialog = the_file_dialog(owner)
    assert chosen == []
    assert (dialog.windowTitle(), dialog.directory().absolutePath()) == ("Open a recipe", str(tmp_path))
    assert dialog.acceptMode() is QFileDialog.AcceptMode.AcceptOpen
    choose_file(qtbot, owner, tmp_path / "a.toml")
    assert chosen == [tmp_path / "a.toml"]


def test_a_file_to_be_written_gets_its_ending_and_begins_with_a_name(
    owner: QWidget, qtbot: QtBot, tmp_path: Path
) -> None:
    chosen: list[Path] = []
    mode = QFileDialog.FileMode.AnyFile
    choose(owner, "Save", chosen.append, start=tmp_path / "mine.toml", mode=mode, suffix="toml")
    dialog = the_file_dialog(owner)
    assert dialog.selectedFiles() == [str(tmp_path / "mine.toml")]
    choose_file(qtbot, owner, tmp_path / "other")
    assert chosen == [tmp_path / "other.toml"]


def test_a_dialog_that_is_put_away_chooses_nothing(owner: QWidget, qtbot: QtBot, tmp_path: Path) -> None:
    chosen: list[Path] = []
    choose(owner, "Open", chosen.append, start=tmp_path)
    qtbot.keyClick(the_file_dialog(owner), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not owner.findChildren(QFileDialog))
    assert chosen == []


def test_a_folder_can_be_chosen(owner: QWidget, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    chosen: list[Path] = []
    choose(owner, "Open a run", chosen.append, start=tmp_path, mode=QFileDialog.FileMode.Directory)
    dialog = the_file_dialog(owner)
    assert dialog.fileMode() is QFileDialog.FileMode.Directory
    dialog.selectFile(str(tmp_path / "run"))
    dialog.accept()
    assert chosen == [tmp_path / "run"]
    qtbot.waitUntil(lambda: not owner.findChildren(QFileDialog))

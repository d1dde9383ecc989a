"""What is dropped on the window is asked about, and goes where the answer says, in one undo step."""

from pathlib import Path

from engine.language.text_workshop import tiny_language_model
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from gui.dialogs import answer, the_question, words_of
from workbench.engine.language.folder import write_weights
from workbench.errors import WorkbenchError
from workbench.gui.incoming import Incoming
from workbench.gui.main_window import MainWindow
from workbench.session.opening import Found


def dropped(window: MainWindow, path: Path, qtbot: QtBot) -> QMessageBox:
    window.dropped.emit([path])
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    return the_question(window)


def table(path: Path) -> Path:
    path.write_text("a,b,label\n" + "".join(f"{row},{row % 7},{'xyz'[row % 3]}\n" for row in range(60)))
    return path


def test_dropped_data_becomes_what_is_trained_on_and_is_shown(
    window: MainWindow, recipe_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    document = window.workspace.document
    document.open_file(recipe_file)
    before = document.value(("data",))
    box = dropped(window, table(tmp_path / "mine.csv"), qtbot)
    assert words_of(box) == ["Use as training data", "Use as held-out data", "Cancel"]
    assert "Table" in box.informativeText()
    answer(qtbot, window, "Use as training data")
    assert document.value(("data",))["kind"] == "table"
    assert document.value(("data",))["file"] == str(tmp_path / "mine.csv")
    assert window.docks.panels["data"].isVisible()
    document.undo_stack.undo()
    assert document.value(("data",)) == before
    assert not document.undo_stack.canUndo()


def test_a_dropped_recipe_with_a_suffix_of_its_own_is_opened(
    window: MainWindow, recipe_file: Path, qtbot: QtBot
) -> None:
    own = recipe_file.rename(recipe_file.with_suffix(".distil"))
    window.dropped.emit([own])
    qtbot.waitUntil(lambda: window.workspace.document.path == own)
    assert not window.findChildren(QMessageBox)


def test_dropped_data_can_judge_what_is_of_its_kind(
    window: MainWindow, recipe_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    document = window.workspace.document
    document.open_file(recipe_file)
    errors: list[WorkbenchError] = []
    window.workspace.failed.connect(errors.append)
    dropped(window, table(tmp_path / "more.csv"), qtbot)
    answer(qtbot, window, "Use as held-out data")
    assert "Held-out data must be of the same kind" in errors[0].hint
    dropped(window, table(tmp_path / "mine.csv"), qtbot)
    answer(qtbot, window, "Use as training data")
    dropped(window, tmp_path / "more.csv", qtbot)
    answer(qtbot, window, "Use as held-out data")
    assert document.value(("data",))["file"] == str(tmp_path / "mine.csv")
    assert document.value(("data",))["validation_file"] == str(tmp_path / "more.csv")


def test_a_finished_program_is_offered_as_a_teacher_only(window: MainWindow, recipe_file: Path, qtbot: QtBot) -> None:
    document = window.workspace.document
    document.open_file(recipe_file)
    incoming = window.findChild(Incoming)
    assert incoming is not None
    incoming._open_found(Found(recipe_file.parent / "net.pt2", "checkpoint", is_trainable=False))
    assert words_of(the_question(window)) == ["Teacher", "Cancel"]
    answer(qtbot, window, "Teacher")
    assert document.value(("teachers", 1, "checkpoint")).endswith("net.pt2")


def test_a_language_model_dropped_on_a_new_recipe_brings_its_kind_of_data_along(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    write_weights(tiny_language_model(1), tmp_path / "writer")
    window.workspace.document.new()
    dropped(window, tmp_path / "writer", qtbot)
    answer(qtbot, window, "Teacher")
    document = window.workspace.document
    assert document.value(("data",))["kind"] == "conversations"
    assert document.value(("teachers", 0))["checkpoint"] == str(tmp_path / "writer")

"""Closing the window at awkward moments: nothing is lost, and nothing goes unread."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from workbench.errors import WorkbenchError
from workbench.gui.main_window import MainWindow
from workbench.session.run import RunStatus
from workbench.session.run_folder import RunFolder


def _answer(qtbot: QtBot, window: MainWindow, words: str) -> None:
    boxes = [box for box in window.findChildren(QMessageBox) if box.isVisible()]
    assert len(boxes) == 1
    button = next(button for button in boxes[0].buttons() if button.text().replace("&", "") == words)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def _train(window: MainWindow, recipe_file: Path, *, baseline: bool = False, steps: int = 1_000_000) -> None:
    document = window.workspace.document
    document.open_file(recipe_file)
    document.set(("stages", 0, "optimisation", "steps"), steps)
    document.undo_stack.setClean()
    window.workspace.train(baseline=baseline)


def _status(window: MainWindow) -> object:
    assert window.workspace.watched is not None
    return window.workspace.watched.folder.facts()["status"]


def test_a_run_that_could_not_be_saved_is_told_of_before_the_window_goes(
    window: MainWindow, recipe_file: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    _train(window, recipe_file)
    qtbot.waitUntil(lambda: window.workspace.status is RunStatus.RUNNING)

    def refuse(*_: object) -> None:
        raise WorkbenchError("The disk is full.")

    monkeypatch.setattr(RunFolder, "save_checkpoint", refuse)
    window.close()
    with qtbot.waitSignal(window.workspace.failed) as heard:
        _answer(qtbot, window, "Stop and save")
    assert heard.args[0].title == "The disk is full."
    qtbot.waitUntil(lambda: not window.workspace.is_training)
    assert window.isVisible()


def test_while_preparing_stop_and_save_ends_the_run_and_closes(
    window: MainWindow, recipe_file: Path, qtbot: QtBot
) -> None:
    _train(window, recipe_file)
    assert window.workspace.status is RunStatus.PREPARING
    window.close()
    _answer(qtbot, window, "Stop and save")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert _status(window) == "stopped"


def test_while_paused_stop_and_save_keeps_a_checkpoint_and_closes(
    window: MainWindow, recipe_file: Path, qtbot: QtBot
) -> None:
    _train(window, recipe_file)
    qtbot.waitUntil(lambda: window.workspace.status is RunStatus.RUNNING)
    window.workspace.pause()
    qtbot.waitUntil(lambda: window.workspace.status is RunStatus.PAUSED)
    window.close()
    _answer(qtbot, window, "Stop and save")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert _status(window) == "stopped"
    assert window.workspace.watched is not None
    assert window.workspace.watched.folder.checkpoints()


def test_while_the_baseline_trains_stop_and_save_leaves_the_run_done_and_the_baseline_to_go_on_with(
    window: MainWindow, recipe_file: Path, qtbot: QtBot
) -> None:
    _train(window, recipe_file, baseline=True, steps=1500)
    workspace = window.workspace
    qtbot.waitUntil(lambda: workspace.active is not None and workspace.active.baseline is not None, timeout=60_000)
    window.close()
    _answer(qtbot, window, "Stop and save")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert _status(window) == "complete"
    assert workspace.watched is not None
    (baseline,) = workspace.watched.folder.companions()
    assert RunFolder(baseline).facts()["status"] == "stopped"


def test_with_a_run_and_an_unsaved_recipe_both_are_kept_and_cancel_keeps_the_window(
    window: MainWindow, recipe_file: Path, qtbot: QtBot
) -> None:
    _train(window, recipe_file)
    qtbot.waitUntil(lambda: window.workspace.status is RunStatus.RUNNING)
    window.workspace.document.set(("name",), "changed")
    window.close()
    _answer(qtbot, window, "Stop and save")
    qtbot.waitUntil(lambda: any(box.isVisible() for box in window.findChildren(QMessageBox)))
    _answer(qtbot, window, "Cancel")
    assert window.isVisible()
    assert window.workspace.document.is_dirty
    assert _status(window) == "stopped"
    window.close()
    _answer(qtbot, window, "Save")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert 'name = "changed"' in recipe_file.read_text(encoding="utf-8")


def test_a_run_that_ends_while_the_question_is_open_is_no_reason_to_stay(
    window: MainWindow, recipe_file: Path, qtbot: QtBot
) -> None:
    _train(window, recipe_file, steps=1500)
    qtbot.waitUntil(lambda: window.workspace.status is RunStatus.RUNNING)
    window.close()
    qtbot.waitUntil(lambda: not window.workspace.is_training)
    assert window.isVisible()
    _answer(qtbot, window, "Stop and save")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert _status(window) == "complete"

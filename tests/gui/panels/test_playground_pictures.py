"""Pictures that come into the playground: dropped, pasted, chosen as a file, and refused in words."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot
from strokes import ink_of

from gui.panels.playing import says
from workbench.gui.panels.playground import PlaygroundPanel
from workbench.gui.workspace import Workspace
from workbench.session.run_folder import RunFolder

Key = Qt.Key


def picture_event(path: Path, kind: type[QDragEnterEvent] | type[QDropEvent]) -> QDragEnterEvent | QDropEvent:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    position = QPoint(5, 5) if kind is QDragEnterEvent else QPointF(5, 5)
    event = kind(position, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    event.mime = mime  # an event does not keep what it carries
    return event


def test_a_dropped_picture_is_asked_about(ready: PlaygroundPanel, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "paper.png"
    Image.fromarray(255 - ink_of(1, 77)).save(path)
    entered = picture_event(path, QDragEnterEvent)
    ready.classes.dragEnterEvent(entered)
    assert entered.isAccepted()
    ready.classes.dropEvent(picture_event(path, QDropEvent))
    qtbot.waitUntil(says(ready, "bar"))


def test_a_dropped_recipe_is_left_to_the_window(ready: PlaygroundPanel, tmp_path: Path) -> None:
    entered = picture_event(tmp_path / "recipe.toml", QDragEnterEvent)
    ready.classes.dragEnterEvent(entered)
    assert not entered.isAccepted()


def test_a_picture_that_cannot_be_read_ends_in_words(
    ready: PlaygroundPanel, workspace: Workspace, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(b"no picture")
    with qtbot.waitSignal(workspace.noticed) as heard:
        ready.classes.dropEvent(picture_event(path, QDropEvent))
    assert heard.args[0] == "warning"
    assert "broken.png is not a picture" in heard.args[1]
    assert ready.view.pad.is_empty


def test_a_picture_for_models_of_numbers_is_refused_in_words(
    playground: PlaygroundPanel,
    workspace: Workspace,
    train_tiny: Callable[..., RunFolder],
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    train_tiny()
    qtbot.waitUntil(lambda: bool(playground.talk.briefing.models), timeout=20_000)
    with qtbot.waitSignal(workspace.noticed, check_params_cb=lambda _, words: "take no pictures" in words):
        playground.open_file(tmp_path / "cat.png")
    assert playground.view.pad.is_empty


def test_a_picture_is_chosen_in_a_dialog_that_blocks_nothing(
    ready: PlaygroundPanel, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "dash.png"
    Image.fromarray(ink_of(0, 77)).save(path)
    ready.view.tools.open.click()
    dialog = ready.findChild(QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.close()
    qtbot.waitUntil(says(ready, "dash"))


def test_a_picture_is_pasted_from_the_clipboard(ready: PlaygroundPanel, qtbot: QtBot) -> None:
    ink = np.ascontiguousarray(ink_of(0, 77))
    image = QImage(ink.data, 140, 140, 140, QImage.Format.Format_Grayscale8).copy()
    QGuiApplication.clipboard().setImage(image)
    QTest.keyClick(ready.view.pad, Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(says(ready, "dash"))


def test_an_empty_clipboard_is_said_in_words(ready: PlaygroundPanel, workspace: Workspace, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().clear()
    with qtbot.waitSignal(workspace.noticed) as heard:
        ready.view.tools.paste.click()
    assert "no picture" in heard.args[1]

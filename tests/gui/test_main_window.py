"""The window as a person meets it: pages, menus, shortcuts, leaving."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QComboBox, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.main_window import MainWindow
from workbench.gui.panels import PANELS
from workbench.gui.panels.playground import PlaygroundPanel
from workbench.gui.welcome import ExampleCard
from workbench.session.examples import list_examples
from workbench.session.places import resources_folder
from workbench.session.run import RunStatus
from workbench.session.run_folder import RunFolder

_EXAMPLE = resources_folder() / "examples" / "hinton-mnist" / "student.toml"


def _question(window: MainWindow) -> QMessageBox:
    (box,) = window.findChildren(QMessageBox)
    return box


def _answer(qtbot: QtBot, box: QMessageBox, words: str) -> None:
    button = next(button for button in box.buttons() if button.text().replace("&", "") == words)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def _drop(window: QWidget, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    action, button, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    # Qt hands a drop only to what accepted the drag before it.
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(600, 400), action, data, button, keys))
    QApplication.sendEvent(window, QDropEvent(QPointF(600, 400), action, data, button, keys))


def test_every_panel_has_a_dock_a_view_action_and_a_name_of_its_own(window: MainWindow) -> None:
    assert [*window.docks.panels] == [kind.name for kind in PANELS]
    texts = [action.text() for action in window.menus["&View"].actions()]
    for kind in PANELS:
        assert kind.title in texts
    assert len({dock.objectName() for dock in window.docks.docks.values()}) == len(PANELS)


def test_the_welcome_page_comes_first_without_the_run_bar(window: MainWindow) -> None:
    assert window.pages.currentWidget() is window.welcome
    assert not window.run_bar.isVisible()
    assert len(window.welcome.findChildren(ExampleCard)) == len(list_examples())


def test_an_example_is_one_click_from_training(window: MainWindow, qtbot: QtBot) -> None:
    card = window.welcome.findChildren(ExampleCard)[0]
    button = next(button for button in card.findChildren(QPushButton) if button.text() == "Train now")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.shows_docks
    assert window.run_bar.isVisible()
    qtbot.waitUntil(lambda: window.workspace.status is RunStatus.RUNNING, timeout=60_000)
    qtbot.mouseClick(window.run_bar.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.workspace.status is RunStatus.IDLE, timeout=60_000)
    assert window.workspace.document.path is None
    assert not window.workspace.document.is_dirty


def test_a_dropped_recipe_is_opened_and_remembered(window: MainWindow, recipe_file: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.workspace.document.opened, timeout=10_000):
        _drop(window, recipe_file)
    assert window.workspace.document.path == recipe_file.resolve()
    assert window.shows_docks
    assert window.workspace.settings.recent() == [recipe_file]


def test_a_dropped_run_is_shown(window: MainWindow, train_tiny: Callable[..., RunFolder], qtbot: QtBot) -> None:
    folder = train_tiny()
    live = window.workspace.watched
    with qtbot.waitSignal(window.workspace.watched_changed, timeout=10_000):
        _drop(window, folder.path)
    assert window.workspace.watched is not live


def test_a_dropped_checkpoint_becomes_a_teacher_when_that_is_the_answer(
    window: MainWindow, recipe_file: Path, qtbot: QtBot
) -> None:
    document = window.workspace.document
    document.new()
    _drop(window, recipe_file.parent / "teacher.safetensors")
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)), timeout=10_000)
    _answer(qtbot, _question(window), "Teacher")
    assert document.value(("teachers", 0, "checkpoint")) == str(recipe_file.parent / "teacher.safetensors")


def test_a_dropped_file_of_no_known_kind_is_refused_in_words(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    stranger = tmp_path / "notes.bin"
    stranger.write_bytes(b"hello world, this is nothing")
    with qtbot.waitSignal(window.workspace.failed, timeout=10_000) as heard:
        _drop(window, stranger)
    assert "notes.bin" in heard.args[0].title


def test_unsaved_changes_are_asked_about_before_another_recipe_takes_their_place(
    window: MainWindow, recipe_file: Path, qtbot: QtBot
) -> None:
    document = window.workspace.document
    document.open_file(recipe_file)
    document.set(("name",), "changed")
    window.actions_by_name.named("new").trigger()
    assert document.title == "changed"
    _answer(qtbot, _question(window), "Save")
    assert document.title == "untitled"
    assert 'name = "changed"' in recipe_file.read_text()


def test_cancel_keeps_the_changed_recipe(window: MainWindow, recipe_file: Path, qtbot: QtBot) -> None:
    document = window.workspace.document
    document.open_file(recipe_file)
    document.set(("name",), "changed")
    window.actions_by_name.named("new").trigger()
    _answer(qtbot, _question(window), "Cancel")
    assert document.title == "changed"
    assert document.is_dirty


def test_closing_with_unsaved_changes_asks_and_discard_closes(
    window: MainWindow, recipe_file: Path, qtbot: QtBot
) -> None:
    window.workspace.document.open_file(recipe_file)
    window.workspace.document.set(("name",), "changed")
    window.close()
    assert window.isVisible()
    _answer(qtbot, _question(window), "Discard")
    assert not window.isVisible()
    assert "changed" not in recipe_file.read_text()


def test_closing_while_a_run_trains_can_keep_training(window: MainWindow, recipe_file: Path, qtbot: QtBot) -> None:
    _train_long(window, recipe_file, qtbot)
    window.close()
    _answer(qtbot, _question(window), "Keep training in this window")
    assert window.workspace.status is RunStatus.RUNNING
    assert window.windowState() & Qt.WindowState.WindowMinimized


def test_closing_while_a_run_trains_can_stop_and_save_and_the_next_start_offers_to_resume(
    window: MainWindow, recipe_file: Path, qtbot: QtBot
) -> None:
    _train_long(window, recipe_file, qtbot)
    window.workspace.document.undo_stack.setClean()
    assert window.workspace.watched is not None
    folder = window.workspace.watched.folder
    window.close()
    assert window.isVisible()
    _answer(qtbot, _question(window), "Stop and save")
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=30_000)
    assert folder.checkpoints()
    assert folder.facts()["status"] == "stopped"


def test_unfinished_runs_are_offered_on_the_welcome_page(window: MainWindow, recipe_file: Path, qtbot: QtBot) -> None:
    _train_long(window, recipe_file, qtbot)
    window.workspace.stop()
    qtbot.waitUntil(lambda: window.workspace.status is RunStatus.IDLE, timeout=30_000)
    window.show_welcome()
    qtbot.waitUntil(lambda: bool(_buttons(window.welcome, "Resume")), timeout=10_000)
    qtbot.mouseClick(_buttons(window.welcome, "Resume")[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.workspace.status is RunStatus.RUNNING, timeout=30_000)
    assert window.shows_docks


def test_one_key_pauses_and_resumes(window: MainWindow, recipe_file: Path, qtbot: QtBot) -> None:
    _train_long(window, recipe_file, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: window.workspace.status is RunStatus.PAUSED, timeout=10_000)
    qtbot.waitUntil(lambda: window.run_bar.pause.text() == "Resume")
    assert window.run_bar.state.text() == "Paused"
    qtbot.keyClick(window, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: window.workspace.status is RunStatus.RUNNING, timeout=10_000)


def test_the_theme_is_chosen_in_the_menu_and_remembered(window: MainWindow) -> None:
    window.actions_by_name.named("theme_dark").trigger()
    assert window.workspace.theme.is_dark
    assert window.workspace.settings.theme == "dark"
    assert window.actions_by_name.named("theme_dark").isChecked()
    assert not window.actions_by_name.named("theme_light").isChecked()


def test_the_arrangement_is_kept_and_found_again(window: MainWindow) -> None:
    window.show_docks()
    window.docks.docks["recipe"].close()
    window.docks.keep()
    window.docks.docks["recipe"].show()
    window.docks._restore()
    assert window.docks.docks["recipe"].isHidden()
    window.actions_by_name.named("reset_docks").trigger()
    assert not window.docks.docks["recipe"].isHidden()


def test_everything_that_takes_the_keyboard_has_a_name(window: MainWindow) -> None:
    window.show_docks()
    nameless = [
        f"{type(widget).__name__} {widget.objectName()} in {type(widget.parentWidget()).__name__}"
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.isHidden()
        and not widget.focusProxy()
        and not _name_of(widget)
    ]
    assert not nameless


def _name_of(widget: QWidget) -> str:
    """What a screen reader says: the name given, the words on it, or what Qt's own parts inherit."""
    text = getattr(widget, "text", None)
    words = text() if callable(text) else ""
    holder = widget.parentWidget().parentWidget() if widget.parentWidget() else None
    own_of_qt = (
        widget.objectName().startswith("qt_")
        or type(widget).__name__ in ("QTabBar", "QMenuBar", "QMenu")
        or isinstance(holder, QComboBox)
    )
    return widget.accessibleName() or str(words) or ("Qt" if own_of_qt else "")


def _train_long(window: MainWindow, recipe_file: Path, qtbot: QtBot) -> None:
    document = window.workspace.document
    document.open_file(recipe_file)
    document.set(("stages", 0, "optimisation", "steps"), 1_000_000)
    document.undo_stack.setClean()
    window.show_docks()
    window.workspace.train()
    qtbot.waitUntil(window.run_bar.pause.isEnabled, timeout=60_000)


def _buttons(parent: QWidget, words: str) -> list[QPushButton]:
    return [button for button in parent.findChildren(QPushButton) if button.text() == words and button.isVisible()]


def test_a_dropped_picture_is_what_the_playground_asks_about(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    picture = QImage(28, 28, QImage.Format.Format_Grayscale8)
    picture.fill(0)
    for row in range(6, 22):
        picture.setPixelColor(14, row, "white")
    path = tmp_path / "digit.png"
    assert picture.save(str(path))
    _drop(window, path)
    panel = window.docks.panels["playground"]
    assert isinstance(panel, PlaygroundPanel)
    qtbot.waitUntil(lambda: panel.view.pad.picture is not None)


def test_every_dropped_teacher_is_taken_back_by_itself(window: MainWindow, recipe_file: Path, qtbot: QtBot) -> None:
    document = window.workspace.document
    document.new()
    for count in (1, 2):
        _drop(window, recipe_file.parent / "teacher.safetensors")
        qtbot.waitUntil(lambda: any(box.isVisible() for box in window.findChildren(QMessageBox)))
        box = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
        _answer(qtbot, box, "Teacher")
        assert len(document.value(("teachers",))) == count
    document.undo_stack.undo()
    assert len(document.value(("teachers",))) == 1


def test_a_recent_recipe_is_read_in_the_menu_as_its_file_is_called(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "R&D" / "recipe.toml"
    window.workspace.settings.add_recent(path)
    window.recent_menu.aboutToShow.emit()
    # Two of them are one to read; one would only mark a letter.
    assert window.recent_menu.actions()[0].text() == str(path).replace("&", "&&")

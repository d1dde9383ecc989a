"""A person without a mouse."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from gui.on_screen.screen import Screen
from workbench.gui.main_window import MainWindow

_MOST_STOPS = 60


def test_tab_goes_from_the_welcome_page_to_train_and_space_presses_it(window: MainWindow, screen: Screen) -> None:
    _tab_to(screen, lambda: _focused_name().startswith("Open: "))
    screen.press("space")
    screen.until(lambda: window.shows_docks, "the example is not opened")
    _tab_to(screen, window.run_bar.train.hasFocus)
    screen.press("space")
    state = window.run_bar.state
    screen.until(lambda: state.text() == "Training", "Train does not train", 60_000)
    screen.press("F8")
    screen.until(lambda: state.text() == "Paused", "F8 does not pause")
    screen.press("F8")
    screen.until(lambda: state.text() == "Training", "F8 does not resume")
    screen.press("Shift_L+F8")
    screen.until(lambda: state.text() == "Ready", "Shift+F8 does not stop", 60_000)
    assert window.workspace.watched is not None
    assert window.workspace.watched.folder.facts()["status"] == "stopped"


def test_a_recipe_is_opened_by_its_name_edited_by_typing_and_the_edit_is_undone(
    window: MainWindow, screen: Screen, recipe_file: Path
) -> None:
    document = window.workspace.document
    screen.press("Control_L+o")
    screen.until(lambda: window.findChildren(QFileDialog), "there is nothing to choose a file with")
    (dialog,) = window.findChildren(QFileDialog)
    screen.until(dialog.isActiveWindow, "the dialog does not get the keyboard")
    screen.type(str(recipe_file))
    screen.press("Return")
    screen.until(lambda: document.path == recipe_file.resolve(), "the recipe is not opened")
    screen.until(window.isActiveWindow, "the window does not get the keyboard back")
    _tab_to(screen, lambda: _focused_name() == "Name")
    name = QApplication.focusWidget()
    assert isinstance(name, QLineEdit)
    screen.press("End")
    screen.type("-2")
    screen.until(lambda: document.title == "tiny-2", "what is typed does not arrive in the recipe")
    assert document.is_dirty
    screen.press("Control_L+z")
    screen.until(lambda: document.title == "tiny", "Ctrl+Z does not undo")
    assert name.text() == "tiny"
    assert not document.is_dirty
    screen.press("Control_L+Shift_L+z")
    screen.until(lambda: document.title == "tiny-2", "Ctrl+Shift+Z does not redo")
    screen.press("Control_L+s")
    screen.until(lambda: 'name = "tiny-2"' in recipe_file.read_text(), "Ctrl+S does not save")


def test_the_palette_does_what_its_letters_say(window: MainWindow, screen: Screen) -> None:
    theme = window.workspace.theme
    assert not theme.is_dark
    screen.press("Control_L+k")
    screen.until(lambda: _focused_name() == "Find an action", "the palette does not open")
    screen.type("dark")
    screen.press("Return")
    screen.until(lambda: theme.is_dark, "it does not get dark")
    assert window.workspace.settings.theme == "dark"
    screen.until(lambda: _focused_name() != "Find an action", "the palette does not close")


def test_a_panel_comes_to_the_front_by_its_number_and_goes_when_it_is_there(window: MainWindow, screen: Screen) -> None:
    docks = window.docks
    names = [*docks.panels]
    for name in ("recipe", "runs", "compare", "data", "curves", "softening", "playground", "probabilities"):
        assert not docks.is_in_front(name), f"{name} is in front before it was asked for"
        number = names.index(name) + 1
        screen.press(f"Control_L+{number}")
        screen.until(lambda name=name: docks.is_in_front(name), f"Ctrl+{number} shows no {name}")
    screen.press(f"Control_L+{number}")
    screen.until(docks.docks["probabilities"].isHidden, f"Ctrl+{number} does not close what is in front")
    screen.press(f"Control_L+{number}")
    screen.until(lambda: docks.is_in_front("probabilities"), f"Ctrl+{number} does not bring it back")
    screen.press("Control_L+0")
    screen.until(lambda: not window.shows_docks, "Ctrl+0 does not show the welcome page")


def test_a_menu_opens_by_its_letter_and_the_arrows_walk_through_it(window: MainWindow, screen: Screen) -> None:
    menu = window.menus["&File"]
    screen.press("Alt_L+f")
    screen.until(menu.isVisible, "Alt+F opens no menu")
    screen.press("Down")
    screen.until(lambda: menu.activeAction() is not None, "the arrow chooses nothing")
    screen.press("Right")
    screen.until(window.menus["&Edit"].isVisible, "the arrow does not go to the next menu")
    screen.press("Escape")
    screen.until(lambda: QApplication.activePopupWidget() is None, "Esc does not close it")


def _tab_to(screen: Screen, there: Callable[[], bool]) -> None:
    for _ in range(_MOST_STOPS):
        if there():
            return
        was = QApplication.focusWidget()
        screen.press("Tab")
        screen.until(lambda was=was: QApplication.focusWidget() is not was, "Tab does not go on")
    raise AssertionError("Tab does not come there")


def _focused_name() -> str:
    widget = QApplication.focusWidget()
    return "" if widget is None else widget.accessibleName()

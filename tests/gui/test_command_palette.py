"""The command palette: driven by keys alone, and by mouse."""

import pytest
from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow, QTextEdit
from pytestqt.qtbot import QtBot

from workbench.gui.command_palette import CommandPalette
from workbench.gui.commands import Command
from workbench.gui.settings import Settings
from workbench.gui.theme import Theme


class Window(QMainWindow):
    """A few actions, an editor, and the palette on Ctrl+K."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.ran: list[str] = []
        self.editor = QTextEdit()
        self.setCentralWidget(self.editor)
        menu = self.menuBar().addMenu("&Run")
        for name in ("&Train", "Train with &baseline", "&Pause", "&Stop", "&Export student…"):
            action = menu.addAction(name)
            action.triggered.connect(self._note)
            self.addAction(action)
        self.by_text = {action.text().replace("&", ""): action for action in self.actions()}
        self.by_text["Stop"].setEnabled(False)
        self.by_text["Stop"].setStatusTip("Nothing trains.")
        self.palette_action = QAction("Find an action…", self)
        self.palette_action.setShortcuts([QKeySequence("Ctrl+K"), QKeySequence("Ctrl+Shift+P")])
        self.addAction(self.palette_action)
        self.commands = CommandPalette(self, self.actions, theme, Settings(), self._extras)
        self.palette_action.triggered.connect(self.commands.open)
        self.resize(1280, 800)

    def _extras(self) -> list[Command]:
        return [Command("Go to: Curves", lambda: self.ran.append("curves"))]

    def _note(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.ran.append(action.text().replace("&", ""))


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> Window:
    window = Window(theme)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    window.editor.setFocus()
    qtbot.waitUntil(window.editor.hasFocus)
    return window


@pytest.fixture
def palette(window: Window, qtbot: QtBot) -> CommandPalette:
    """Open."""
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.commands.field.hasFocus)
    return window.commands


def shown(palette: CommandPalette) -> list[str]:
    return [str(palette.model.index(row).data()) for row in range(palette.model.rowCount())]


def test_a_few_letters_and_return_do_it_and_the_focus_goes_back(
    palette: CommandPalette, window: Window, qtbot: QtBot
) -> None:
    qtbot.keyClicks(palette.field, "base")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.ran == ["Train with baseline"]
    assert not palette.isVisible()
    assert window.editor.hasFocus()
    assert window.editor.toPlainText() == ""


def test_arrow_keys_choose_while_the_focus_stays_in_the_field(
    palette: CommandPalette, window: Window, qtbot: QtBot
) -> None:
    qtbot.keyClicks(palette.field, "train")
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.field.hasFocus()
    assert palette.current is not None
    assert palette.current.text == "Train with baseline"
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.ran == ["Train"]


def test_arrow_keys_go_round_and_page_keys_end_at_the_ends(palette: CommandPalette, qtbot: QtBot) -> None:
    last = palette.model.rowCount() - 1
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentIndex().row() == last
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentIndex().row() == 0
    qtbot.keyClick(palette.field, Qt.Key.Key_PageDown)
    assert palette.list.currentIndex().row() == last
    qtbot.keyClick(palette.field, Qt.Key.Key_PageUp)
    assert palette.list.currentIndex().row() == 0


def test_what_cannot_be_done_is_found_says_why_and_does_nothing(
    palette: CommandPalette, window: Window, qtbot: QtBot
) -> None:
    qtbot.keyClicks(palette.field, "stop")
    assert palette.words.text() == "Not now: Nothing trains."
    assert palette.words.property("role") == "warning"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert not window.ran


def test_more_commands_than_the_menus_have_can_be_given(palette: CommandPalette, window: Window, qtbot: QtBot) -> None:
    qtbot.keyClicks(palette.field, "curves")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.ran == ["curves"]


def test_a_line_is_clicked(palette: CommandPalette, window: Window, qtbot: QtBot) -> None:
    qtbot.keyClicks(palette.field, "exp")
    viewport = palette.list.viewport()
    place = palette.list.visualRect(palette.model.index(0)).center()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place)
    assert window.ran == ["Export student…"]
    assert not palette.isVisible()


def test_the_last_used_come_first_also_after_a_new_start(
    palette: CommandPalette, window: Window, qtbot: QtBot, theme: Theme
) -> None:
    for query in ("pause", "exp"):
        if not palette.isVisible():
            palette.open()
        qtbot.keyClicks(palette.field, query)
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    palette.open()
    assert shown(palette)[:2] == ["Export student…", "Pause"]
    assert shown(palette)[-1] == "Stop"
    other = CommandPalette(window, window.actions, theme, Settings())
    other.open()
    assert shown(other)[:2] == ["Export student…", "Pause"]


@pytest.mark.parametrize("how", ["esc", "ctrl+k", "click beside", "focus elsewhere"])
def test_it_closes_and_nothing_was_done(palette: CommandPalette, window: Window, qtbot: QtBot, how: str) -> None:
    qtbot.keyClicks(palette.field, "train")
    if how == "esc":
        qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    elif how == "ctrl+k":
        qtbot.keyClick(palette.field, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    elif how == "click beside":
        qtbot.mouseClick(palette, Qt.MouseButton.LeftButton, pos=QPoint(20, 700))
    else:
        window.editor.setFocus()
    assert not palette.isVisible()
    assert window.editor.hasFocus()
    assert not window.ran


def test_a_click_into_its_frame_does_not_close_it(palette: CommandPalette, qtbot: QtBot) -> None:
    qtbot.mouseClick(palette.words, Qt.MouseButton.LeftButton)
    assert palette.isVisible()


def test_shortcuts_of_the_window_do_not_take_its_keys(palette: CommandPalette, window: Window, qtbot: QtBot) -> None:
    taken: list[str] = []
    for key in ("Esc", "Return", "Down"):
        shortcut = QShortcut(QKeySequence(key), window)
        shortcut.activated.connect(lambda key=key: taken.append(key))
    qtbot.keyClicks(palette.field, "train")
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    palette.open()
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert not taken
    assert window.ran == ["Train with baseline"]


def test_nothing_that_fits_is_told_and_return_does_nothing(
    palette: CommandPalette, window: Window, qtbot: QtBot
) -> None:
    qtbot.keyClicks(palette.field, "zzz")
    assert palette.words.text() == "Nothing is called “zzz”; try fewer letters."
    assert not palette.list.isVisible()
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert not window.ran
    qtbot.keyClick(palette.field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(palette.field, "pause")
    assert palette.list.isVisible()


def test_each_opening_begins_anew_and_sees_what_changed(palette: CommandPalette, window: Window, qtbot: QtBot) -> None:
    qtbot.keyClicks(palette.field, "stop")
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    window.by_text["Stop"].setEnabled(True)
    palette.open()
    assert palette.field.text() == ""
    qtbot.keyClicks(palette.field, "stop")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.ran == ["Stop"]


@pytest.mark.parametrize("size", [(1280, 800), (640, 400), (300, 260)])
def test_it_lies_at_the_top_in_the_middle_and_fits_into_any_window(
    palette: CommandPalette, window: Window, qtbot: QtBot, size: tuple[int, int]
) -> None:
    window.setMinimumSize(1, 1)
    window.resize(*size)
    qtbot.waitUntil(lambda: palette.size() == window.size())
    box = palette.box.geometry()
    assert QRect(QPoint(0, 0), window.size()).contains(box)
    assert abs(box.center().x() - window.rect().center().x()) <= 1
    assert box.top() < window.height() / 4
    QApplication.sendPostedEvents()
    assert palette.box.rect().contains(palette.list.geometry())
    assert palette.box.rect().contains(palette.words.geometry())


def test_lines_are_painted_in_both_themes_and_show_what_is_chosen(
    palette: CommandPalette, theme: Theme, qtbot: QtBot
) -> None:
    def picture(row: int) -> object:
        rect = palette.list.visualRect(palette.model.index(row))
        return palette.list.viewport().grab(rect).toImage()

    light, unchosen = picture(0), picture(1)
    assert light != unchosen
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert picture(0) != light
    assert picture(1) != unchosen
    theme.mode = "dark"
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    assert picture(0) != light


def test_a_screen_reader_hears_name_state_place_shortcut_and_why_not(
    palette: CommandPalette, window: Window, qtbot: QtBot
) -> None:
    def said(index: QModelIndex) -> object:
        return index.data(Qt.ItemDataRole.AccessibleTextRole)

    qtbot.keyClicks(palette.field, "stop")
    assert said(palette.list.currentIndex()) == "Stop, Run, not possible now: Nothing trains."
    assert palette.field.accessibleName()
    assert palette.list.accessibleName()

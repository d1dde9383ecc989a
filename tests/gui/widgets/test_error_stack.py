"""Error cards: read, unfolded, copied and put away by mouse and keyboard, without taking the focus."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from workbench.errors import WorkbenchError
from workbench.gui.theme import Theme
from workbench.gui.widgets.error_stack import ErrorStack
from workbench.gui.workspace import Workspace

FULL = WorkbenchError("The disk is full: 3 MiB are free.", "Make room.", "Traceback\n  line 3")


class Window(QWidget):
    """A window with something to type in, and the cards above it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.field = QLineEdit()
        column = QVBoxLayout(self)
        column.addWidget(self.field)
        column.addStretch()
        self.resize(1280, 800)
        self.stack = ErrorStack(self, theme)


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> Window:
    window = Window(theme)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    window.field.setFocus()
    qtbot.waitUntil(window.field.hasFocus)
    return window


def titles(window: Window) -> list[str]:
    """What can be seen, from above."""
    return [card.error.title for card in window.stack.cards if card.isVisible()]


def test_a_failure_of_the_workspace_becomes_a_card_in_the_lower_right(window: Window, workspace: Workspace) -> None:
    workspace.failed.connect(window.stack.add)
    workspace.failed.emit(FULL)
    assert titles(window) == [FULL.title]
    lying = window.stack.geometry()
    assert (window.width() - lying.right() - 1, window.height() - lying.bottom() - 1) == (14, 14)


def test_a_new_error_leaves_the_focus_where_a_person_types(window: Window, qtbot: QtBot) -> None:
    qtbot.keyClicks(window.field, "tem")
    window.stack.add(FULL)
    assert window.field.hasFocus()
    qtbot.keyClicks(window.field, "perature")
    assert window.field.text() == "temperature"


def test_details_are_folded_until_they_are_asked_for(window: Window, qtbot: QtBot) -> None:
    window.stack.add(FULL)
    card = window.stack.cards[0]
    before = window.stack.height()
    assert not card.details_box.isVisible()
    qtbot.mouseClick(card.details_button, Qt.MouseButton.LeftButton)
    assert card.details_box.isVisible()
    assert "line 3" in card.details_box.toPlainText()
    assert card.details_box.isReadOnly()
    assert window.stack.height() > before
    qtbot.mouseClick(card.details_button, Qt.MouseButton.LeftButton)
    assert window.stack.height() == before


def test_an_error_without_details_has_no_button_for_them(window: Window) -> None:
    window.stack.add(WorkbenchError("One sentence."))
    card = window.stack.cards[0]
    assert not card.details_button.isVisible()
    assert not card.hint_label.isVisible()


def test_copy_puts_title_hint_details_and_versions_on_the_clipboard(window: Window, qtbot: QtBot) -> None:
    window.stack.add(FULL)
    qtbot.mouseClick(window.stack.cards[0].copy_button, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    for words in (FULL.title, FULL.hint, FULL.details, "Python 3", "torch 2"):
        assert words in text


def test_the_log_folder_opens_from_a_card(
    window: Window, qtbot: QtBot, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(url.toLocalFile()))
    window.stack.add(FULL)
    qtbot.mouseClick(window.stack.cards[0].log_button, Qt.MouseButton.LeftButton)
    assert opened == [str(home / "logs")]


def test_equal_errors_are_one_card_with_a_count(window: Window) -> None:
    window.stack.add(FULL)
    assert not window.stack.cards[0].times_label.isVisible()
    window.stack.add(FULL, 1299)
    [card] = window.stack.cards
    assert card.times_label.text() == "1,300 times"
    assert card.times_label.isVisible()
    assert "1,300 times" in card.accessibleName()


def test_three_cards_are_visible_newest_on_top_and_the_others_are_counted(window: Window, qtbot: QtBot) -> None:
    for number in range(1, 6):
        window.stack.add(WorkbenchError(f"Error {number}."))
    assert titles(window) == ["Error 5.", "Error 4.", "Error 3."]
    assert window.stack.more_label.text() == "2 more below"
    qtbot.mouseClick(window.stack.cards[0].close_button, Qt.MouseButton.LeftButton)
    assert titles(window) == ["Error 4.", "Error 3.", "Error 2."]
    assert window.stack.more_label.text() == "1 more below"


def test_all_cards_are_put_away_at_once(window: Window, qtbot: QtBot) -> None:
    for number in range(5):
        window.stack.add(WorkbenchError(f"Error {number}."))
    qtbot.mouseClick(window.stack.dismiss_all_button, Qt.MouseButton.LeftButton)
    assert not window.stack.cards
    assert window.stack.isHidden()


def test_only_so_many_cards_are_kept(window: Window) -> None:
    for number in range(100):
        window.stack.add(WorkbenchError(f"Error {number}."))
    assert len(window.stack.cards) == 30
    assert titles(window)[0] == "Error 99."


def test_f6_goes_to_the_newest_card_and_esc_goes_from_card_to_card_and_back(window: Window, qtbot: QtBot) -> None:
    window.stack.add(WorkbenchError("First."))
    window.stack.add(WorkbenchError("Second."))
    qtbot.keyClick(window.field, Qt.Key.Key_F6)
    second, first = window.stack.cards
    assert second.hasFocus()
    qtbot.keyClick(second, Qt.Key.Key_Tab)
    assert second.isAncestorOf(QApplication.focusWidget())
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert window.stack.cards == [first]
    assert first.hasFocus()
    qtbot.keyClick(first, Qt.Key.Key_Escape)
    assert window.stack.isHidden()
    assert window.field.hasFocus()


def test_esc_in_the_details_puts_the_card_away(window: Window, qtbot: QtBot) -> None:
    window.stack.add(FULL)
    card = window.stack.cards[0]
    qtbot.mouseClick(card.details_button, Qt.MouseButton.LeftButton)
    card.details_box.setFocus()
    qtbot.keyClick(card.details_box, Qt.Key.Key_Escape)
    assert not window.stack.cards


def test_f6_is_free_for_others_while_there_is_no_error(window: Window) -> None:
    window.stack.focus_newest()
    assert window.field.hasFocus()


def test_cards_keep_their_corner_and_fit_when_the_window_is_resized(window: Window, qtbot: QtBot) -> None:
    for number in range(3):
        window.stack.add(WorkbenchError(f"Error {number}: " + "a long path/" * 30, "And a hint. " * 20, "x\n" * 30))
    for size in (QSize(1920, 1080), QSize(900, 500), QSize(420, 420)):
        window.resize(size)
        qtbot.waitUntil(
            lambda size=size: window.stack.geometry().bottomRight() == QPoint(size.width() - 15, size.height() - 15)
        )
        assert QRect(QPoint(0, 0), size).contains(window.stack.geometry())
        assert titles(window)[0].startswith("Error 2")


def test_every_line_of_a_long_error_fits_into_its_card(window: Window) -> None:
    window.stack.add(WorkbenchError("/home/" + "x" * 300 + "/run could not be read.", "Choose another."))
    card = window.stack.cards[0]
    QApplication.sendPostedEvents()
    for label in (card.title_label, card.hint_label):
        assert card.rect().contains(QRect(label.mapTo(card, QPoint(0, 0)), label.size()))
        assert label.height() >= label.heightForWidth(label.width())


def test_a_very_long_title_is_shortened_on_the_card_and_whole_in_the_details(window: Window) -> None:
    title = "word " * 400
    window.stack.add(WorkbenchError(title, details="more"))
    card = window.stack.cards[0]
    assert len(card.title_label.text()) < 500
    assert card.details_box.toPlainText().startswith(title.strip())
    assert card.details_box.toPlainText().endswith("more")


def test_cards_cover_only_the_part_of_the_window_that_they_may(window: Window, theme: Theme, qtbot: QtBot) -> None:
    part = QWidget(window)
    part.setGeometry(100, 50, 600, 400)
    part.show()
    stack = ErrorStack(window, theme, part)
    stack.add(FULL)
    assert part.geometry().contains(stack.geometry())
    assert stack.geometry().bottomRight() == QPoint(100 + 600 - 15, 50 + 400 - 15)
    part.setGeometry(0, 0, 500, 300)
    qtbot.waitUntil(lambda: stack.geometry().bottomRight() == QPoint(500 - 15, 300 - 15))


def test_everything_on_a_card_has_a_name_for_screen_readers(window: Window) -> None:
    window.stack.add(FULL)
    card = window.stack.cards[0]
    assert card.accessibleName() == f"Error: {FULL.title} {FULL.hint}"
    for widget in card.findChildren(QWidget):
        if widget.focusPolicy() is not Qt.FocusPolicy.NoFocus and not widget.objectName().startswith("qt_"):
            assert widget.accessibleName(), widget


def test_cards_take_the_colours_of_a_new_theme(window: Window, theme: Theme) -> None:
    window.stack.add(FULL)
    button = window.stack.cards[0].close_button
    before = button.icon().pixmap(16).toImage()
    theme.mode = "dark"
    assert button.icon().pixmap(16).toImage() != before

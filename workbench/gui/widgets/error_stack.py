"""All errors that were not put away yet, as cards in the lower right of the window; they never take the focus."""

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.errors import WorkbenchError
from workbench.gui.theme import Theme
from workbench.gui.widgets.announcing import announce
from workbench.gui.widgets.corner import Corner
from workbench.gui.widgets.error_card import ErrorCard

_WIDTH = 430
_MOST_VISIBLE = 3
# Older ones are in the log; a window left alone over night must not be full of widgets.
_MOST_KEPT = 30


class ErrorStack(Corner):
    """Cards, newest on top; F6 goes to them, Esc puts away the one in focus.

    Attributes:
        cards: Those not put away yet, newest first.
    """

    def __init__(self, window: QWidget, theme: Theme, within: QWidget | None = None) -> None:
        super().__init__(window, Qt.Corner.BottomRightCorner, within)
        self._theme = theme
        self._came_from: QWidget | None = None
        self.cards: list[ErrorCard] = []
        self.setAccessibleName("Errors")
        self.more_label = QLabel()
        self.more_label.setProperty("role", "muted")
        self.dismiss_all_button = QPushButton("Put all away")
        self.dismiss_all_button.clicked.connect(self.dismiss_all)
        self._footer = QFrame()
        self._footer.setProperty("card", "true")
        row = QHBoxLayout(self._footer)
        row.setContentsMargins(14, 6, 8, 6)
        row.addWidget(self.more_label, 1)
        row.addWidget(self.dismiss_all_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(self._footer)
        self._shortcut = QShortcut(QKeySequence("F6"), window)
        self._shortcut.activated.connect(self.focus_newest)
        self._shortcut.setEnabled(False)
        self.hide()

    def add(self, error: WorkbenchError, times: int = 1) -> None:
        """Show an error; one that is shown already only counts up."""
        for card in self.cards:
            if (card.error.title, card.error.hint) == (error.title, error.hint):
                card.count(times)
                self.place()
                return
        card = ErrorCard(error, self._theme, times)
        card.dismissed.connect(self._dismiss_sender)
        card.resized.connect(self.place)
        self.cards.insert(0, card)
        self._column.insertWidget(0, card)
        for old in self.cards[_MOST_KEPT:]:
            self._forget(old)
        self._shortcut.setEnabled(True)
        self.place()
        self.show()
        self.raise_()
        announce(card, card.accessibleName(), urgent=True)

    def dismiss(self, card: ErrorCard) -> None:
        """Put one away; the focus, where it was in there, goes to the next card or back to where it came from."""
        focused = QApplication.focusWidget()
        had_focus = focused is not None and (focused is card or card.isAncestorOf(focused))
        self._forget(card)
        if self.cards:
            self.place()
        else:
            self.hide()
            self._shortcut.setEnabled(False)
        if had_focus:
            self._pass_focus_on()

    def dismiss_all(self) -> None:
        """Put all away."""
        self._pass_focus_back()
        for card in list(self.cards):
            self.dismiss(card)

    def focus_newest(self) -> None:
        """Go to the newest card by keyboard."""
        if not self.cards:
            return
        focused = QApplication.focusWidget()
        if focused is None or not self.isAncestorOf(focused):
            self._came_from = focused
        self.cards[0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def place(self) -> None:
        """As many cards as there is room for, at least one, at most three."""
        width = min(_WIDTH, self.area.width())
        gap = self._column.spacing()
        footer = _height_of(self._footer, width) + gap if len(self.cards) > 1 else 0
        visible, height = 0, 0
        for card in self.cards[:_MOST_VISIBLE]:
            needed = _height_of(card, width) + gap
            if visible and height + needed + footer > self.area.height():
                break
            visible, height = visible + 1, height + needed
        for place, card in enumerate(self.cards):
            card.setVisible(place < visible)
        behind = len(self.cards) - visible
        self.more_label.setText(f"{behind} more below" if behind else "")
        self._footer.setVisible(bool(footer))
        self.lie(width, height + footer - gap)

    def _dismiss_sender(self) -> None:
        card = self.sender()
        assert isinstance(card, ErrorCard), "only cards are connected"
        self.dismiss(card)

    def _forget(self, card: ErrorCard) -> None:
        self.cards.remove(card)
        self._column.removeWidget(card)
        card.hide()
        card.deleteLater()

    def _pass_focus_on(self) -> None:
        if self.cards:
            self.cards[0].setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._pass_focus_back()

    def _pass_focus_back(self) -> None:
        came_from = self._came_from
        if came_from is not None and shiboken6.isValid(came_from) and came_from.isVisible():
            came_from.setFocus(Qt.FocusReason.OtherFocusReason)


def _height_of(widget: QWidget, width: int) -> int:
    layout = widget.layout()
    assert layout is not None, "cards have a layout"
    layout.activate()
    return max(layout.totalHeightForWidth(width), layout.totalMinimumSize().height())

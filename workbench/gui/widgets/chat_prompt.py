"""Where a person writes to the models: the words, prompts of the data to begin with, Ask and Stop."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from workbench.gui.theme import mark, small
from workbench.gui.widgets.one_line import OneLine
from workbench.session.starters import Starter

_MOST_IN_MENU, _LETTERS = 20, 60
_LINES = 2


class PromptField(QPlainTextEdit):
    """Return asks, Shift+Return begins a line.

    Signals:
        entered: A person pressed Return.
    """

    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText("Ask all models the same…")
        self.setAccessibleName("What the models are asked")
        self.setToolTip("Return asks, Shift+Return begins a new line.")
        self.setTabChangesFocus(True)
        self.setMinimumHeight(_LINES * self.fontMetrics().lineSpacing() + 16)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return is an end, not a line."""
        is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_return and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.entered.emit()
        else:
            super().keyPressEvent(event)


class ChatPrompt(QWidget):
    """The field with its buttons.

    Signals:
        asked: A person wants an answer to `words`.
        stopped: A person has read enough.
        picked: A person chose a prompt of the data (a Starter).
    """

    asked = Signal()
    stopped = Signal()
    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._starters: tuple[Starter, ...] = ()
        self.field = PromptField()
        self.known = OneLine()
        self.known.setFont(small(self.known.font()))
        mark(self.known, "role", "muted")
        self.known.hide()
        self.ask_button = QPushButton("Ask")
        self.ask_button.setProperty("primary", "true")
        self.ask_button.setAccessibleName("Ask")
        self.ask_button.setToolTip("Let the chosen models answer, one after the other (Return).")
        self.stop_button = QPushButton("Stop")
        self.stop_button.setAccessibleName("Stop")
        self.stop_button.setToolTip("End the writing; what is there stays (Esc).")
        self._ask_or_stop = QStackedWidget()
        self._ask_or_stop.addWidget(self.ask_button)
        self._ask_or_stop.addWidget(self.stop_button)
        self._ask_or_stop.setFixedHeight(self.ask_button.sizeHint().height())
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.starters_button = QToolButton()
        self.starters_button.setText("Prompts")
        self.starters_button.setAccessibleName("Prompts of the data")
        self.starters_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.starters_button.setMenu(self.menu)
        self.starters_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.starters_button.setEnabled(False)
        self._lay_out()
        self.field.entered.connect(self._ask)
        self.field.textChanged.connect(self._offer)
        self.ask_button.clicked.connect(self._ask)
        self.stop_button.clicked.connect(self.stopped)
        self._may_ask = False
        self._offer()

    @property
    def words(self) -> str:
        """What is asked."""
        return self.field.toPlainText().strip()

    def clear(self) -> None:
        """Ready for the next question."""
        self.field.clear()

    def show_state(self, *, may_ask: bool, is_writing: bool) -> None:
        """Whether there is somebody to ask, and whether somebody is writing."""
        self._may_ask = may_ask and not is_writing
        self._offer()
        button = self.stop_button if is_writing else self.ask_button
        if self._ask_or_stop.currentWidget() is not button:
            had_focus = self.ask_button.hasFocus() or self.stop_button.hasFocus()
            self._ask_or_stop.setCurrentWidget(button)
            if had_focus:
                button.setFocus()

    def show_starters(self, starters: Sequence[Starter], trouble: str) -> None:
        """Offer prompts of the data, or say why there are none."""
        tip = trouble or "Held-out prompts of the data; choosing one begins a new conversation."
        self.starters_button.setToolTip(tip)
        if tuple(starters) == self._starters:
            return
        self._starters = tuple(starters)
        self.starters_button.setEnabled(bool(starters))
        self.menu.clear()
        for starter in self._starters[:_MOST_IN_MENU]:
            action = self.menu.addAction(_in_short(starter.question))
            action.setToolTip(starter.question[:500])
            action.setData(starter)
            action.triggered.connect(self._pick)

    def _pick(self) -> None:
        action = self.sender()
        starter = next(entry.data() for entry in self.menu.actions() if entry is action)
        self.field.setPlainText(starter.question)
        self.show_known(starter.known)
        self.field.setFocus()
        self.picked.emit(starter)

    def show_known(self, known: str) -> None:
        """What the data has as an answer; empty where it has none."""
        self.known.say(f"In the data: {' '.join(known.split())}" if known else "")
        self.known.setVisible(bool(known))

    def _ask(self) -> None:
        if self._may_ask and self.words:
            self.asked.emit()

    def _offer(self) -> None:
        self.ask_button.setEnabled(self._may_ask and bool(self.words))

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.known, 0, 0, 1, 2)
        grid.addWidget(self.field, 1, 0, 2, 1)
        grid.addWidget(self.starters_button, 1, 1)
        grid.addWidget(self._ask_or_stop, 2, 1)
        grid.setColumnStretch(0, 1)
        self.setMaximumHeight(self.sizeHint().height() + 40)


def _in_short(text: str) -> str:
    line = " ".join(text.split()).replace("&", "&&")
    return line if len(line) <= _LETTERS else f"{line[: _LETTERS - 1]}…"

"""The parts of the chat in their places: who answers and how, a column a model, and where a person writes."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.text_conversation import Round
from workbench.gui.theme import Theme
from workbench.gui.widgets.chat_column import ChatColumn
from workbench.gui.widgets.chat_prompt import ChatPrompt
from workbench.gui.widgets.chat_settings import ChatSettings
from workbench.session.text_seats import Seat

_MARGIN, _ROOM_FOR_WORDS = 10, 560


class ChatView(QWidget):
    """All parts; it knows nothing of who is behind them.

    Signals:
        renewed: A person wants a new conversation.
        chosen: Other models are to answer.
        copied: An answer went to the clipboard: whose.
    """

    renewed = Signal()
    chosen = Signal()
    copied = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.columns: dict[str, ChatColumn] = {}
        # Remembered by title: another export lies elsewhere, and is the same to a person.
        self._left_out: set[str] = set()
        self._seats: tuple[Seat, ...] = ()
        self.settings = ChatSettings(self)
        self.prompt = ChatPrompt()
        self.models_menu = QMenu(self)
        self.models_button = _button("Models", "Which models answer; those left out are not loaded.")
        self.models_button.setMenu(self.models_menu)
        self.models_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.settings_button = _button("", "How answers are written, and the instruction before them.")
        self.settings_button.setAccessibleName("How answers are written")
        self.settings_button.clicked.connect(lambda: self.settings.open_under(self.settings_button))
        self.new_button = _button("New conversation", "Forget what was said, and begin anew.")
        self.new_button.clicked.connect(self.renewed)
        self.hint = QLabel()
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._row = QHBoxLayout()
        self._middle = QStackedWidget()
        self._lay_out()
        self.settings.changed.connect(self._say_how)
        theme.changed.connect(self._dress)
        self._dress()
        self._say_how()

    @property
    def asked(self) -> list[str]:
        """The seats that answer, in order."""
        return [seat.who for seat in self._seats if seat.title not in self._left_out]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow, what has an icon needs no words."""
        super().resizeEvent(event)
        style = Qt.ToolButtonStyle
        narrow = event.size().width() < _ROOM_FOR_WORDS
        self.new_button.setToolButtonStyle(style.ToolButtonIconOnly if narrow else style.ToolButtonTextBesideIcon)

    def show_hint(self, words: str) -> None:
        """Words in place of columns."""
        if self.hint.text() != words:
            self.hint.setText(words)
        self._middle.setCurrentIndex(0)

    def show_seats(self, seats: Sequence[Seat]) -> None:
        """A column for each that answers; only what changed is made anew."""
        if tuple(seats) == self._seats:
            return
        known = {seat.title for seat in self._seats}
        # Of an export's variants the first answers, unless a person wants the others.
        graphs = [seat.title for seat in seats if seat.is_graph]
        self._left_out |= {title for title in graphs[1:] if title not in known}
        self._seats = tuple(seats)
        self._fill_menu()
        self._seat_all()

    def show_rounds(self, opening: Sequence[Mapping[str, str]], rounds: Sequence[Round]) -> None:
        """Show the conversation in every column."""
        for column in self.columns.values():
            column.show_rounds(opening, rounds)
        self._middle.setCurrentIndex(1)

    def _seat_all(self) -> None:
        asked = self.asked
        for who in [who for who in self.columns if who not in asked]:
            column = self.columns.pop(who)
            self._row.removeWidget(column)
            column.deleteLater()
        for place, seat in enumerate(seat for seat in self._seats if seat.who in asked):
            if seat.who not in self.columns:
                column = self.columns[seat.who] = ChatColumn(self._theme, seat)
                column.copied.connect(self.copied)
                self._row.insertWidget(place, column, 1)
            self.columns[seat.who].show_seat(seat)
        count = len(self._seats)
        self.models_button.setText(f"{len(asked)} of {count} models")

    def _fill_menu(self) -> None:
        self.models_menu.clear()
        for seat in self._seats:
            action = self.models_menu.addAction(seat.title)
            action.setCheckable(True)
            action.setChecked(seat.title not in self._left_out)
            action.setToolTip(seat.note)
            action.toggled.connect(self._choose)
        self.models_menu.setToolTipsVisible(True)

    def _choose(self) -> None:
        entries = self.models_menu.actions()
        off = {entry.text() for entry in entries if not entry.isChecked()}
        self._left_out = (self._left_out - {entry.text() for entry in entries}) | off
        self._seat_all()
        self.chosen.emit()

    def _say_how(self) -> None:
        self.settings_button.setText(self.settings.in_words)

    def _dress(self) -> None:
        self.models_button.setIcon(self._theme.icon("eye"))
        self.settings_button.setIcon(self._theme.icon("settings"))
        self.new_button.setIcon(self._theme.icon("new"))

    def _lay_out(self) -> None:
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        columns = QWidget()
        columns.setLayout(self._row)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(columns)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._middle.addWidget(self.hint)
        self._middle.addWidget(area)
        tools = QHBoxLayout()
        tools.setSpacing(4)
        tools.addWidget(self.models_button)
        tools.addWidget(self.settings_button)
        tools.addStretch(1)
        tools.addWidget(self.new_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(_MARGIN, 6, _MARGIN, _MARGIN)
        whole.setSpacing(6)
        whole.addLayout(tools)
        whole.addWidget(self._middle, 1)
        whole.addWidget(self.prompt)


def _button(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button

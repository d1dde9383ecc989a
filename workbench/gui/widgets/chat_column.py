"""One model in the chat: who it is, what it said, how fast it writes and why it stopped."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from workbench.gui.text_conversation import Round
from workbench.gui.theme import Theme, small, strong, tabular
from workbench.gui.widgets.chat_transcript import ChatTranscript, Exchange
from workbench.gui.widgets.one_line import OneLine
from workbench.session.text_seats import Seat
from workbench.session.writing_answers import DONE, FAILED, LOADING, STOPPED, WAITING, Said

LEAST_WIDTH = 200
_ICON, _BUTTON, _DOT = QSize(14, 14), QSize(24, 24), 10
_COLOURS = {"teacher": "teacher", "endpoint": "teacher", "baseline": "baseline"}
_ENDINGS = {"stop": "ended after", "length": "cut at", STOPPED: "stopped at"}


class ChatColumn(QFrame):
    """A card with one model's side of the conversation.

    Signals:
        copied: An answer went to the clipboard: whose.
    """

    copied = Signal(str)

    def __init__(self, theme: Theme, seat: Seat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.seat = seat
        self._theme = theme
        self._answer = ""
        self.setProperty("card", "true")
        self.setMinimumWidth(LEAST_WIDTH)
        self.setAccessibleName(seat.title)
        self._title = QLabel(seat.title)
        self._title.setFont(strong(self._title.font()))
        self.note = OneLine()
        self.status = OneLine()
        for line in (self.note, self.status):
            line.setFont(tabular(small(line.font())))
            line.setProperty("role", "muted")
        self.status.setAccessibleName(f"How {seat.title} writes")
        self.transcript = ChatTranscript(theme, seat.title)
        self.copy_button = QToolButton()
        self.copy_button.setAccessibleName(f"Copy the answer of {seat.title}")
        self.copy_button.setToolTip("Copy the newest answer.")
        self.copy_button.setIconSize(_ICON)
        self.copy_button.setFixedSize(_BUTTON)
        self.copy_button.setEnabled(False)
        self.copy_button.clicked.connect(self._copy)
        self._lay_out()
        self._dress()
        theme.changed.connect(self._dress)

    def show_seat(self, seat: Seat) -> None:
        """The same place, whose model may be another now."""
        self.seat = seat
        self.note.say(seat.note if seat.through == "PyTorch" else f"{seat.through} · {seat.note}")

    def show_rounds(self, opening: Sequence[Mapping[str, str]], rounds: Sequence[Round]) -> None:
        """Show this model's side of a conversation."""
        who = self.seat.who
        exchanges = [_exchange(each.question, each.answers[who]) for each in rounds if who in each.answers]
        self.transcript.show_exchanges(opening, exchanges)
        said = rounds[-1].answers.get(who) if rounds else None
        self._answer = exchanges[-1].answer if exchanges else ""
        self.copy_button.setEnabled(bool(self._answer))
        self.status.say("" if said is None else _in_words(said))
        if said is not None and said.first_seconds:
            tip = f"{self.status.text()}\nFirst token after {said.first_seconds:.2f} s, through {self.seat.through}."
            self.status.setToolTip(tip)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._answer)
        self.copied.emit(self.seat.title)

    def _lay_out(self) -> None:
        colour = _COLOURS.get(self.seat.who, "student")
        self._dot = _Dot(self._theme, colour, is_hollow=self.seat.who == "base")
        header = QHBoxLayout()
        header.setSpacing(6)
        header.addWidget(self._dot)
        header.addWidget(self._title)
        header.addWidget(self.note, 1)
        footer = QHBoxLayout()
        footer.setSpacing(4)
        footer.addWidget(self.status, 1)
        footer.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 4, 2)
        column.setSpacing(2)
        column.addLayout(header)
        column.addWidget(self.transcript, 1)
        column.addLayout(footer)

    def _dress(self) -> None:
        self.copy_button.setIcon(self._theme.icon("copy"))


class _Dot(QWidget):
    """A small disc in the colour of a model; a ring for a student that has not learnt yet."""

    def __init__(self, theme: Theme, colour: str, *, is_hollow: bool) -> None:
        super().__init__()
        self._theme, self._colour, self._is_hollow = theme, colour, is_hollow
        self.setFixedSize(_DOT, _DOT)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A disc or a ring."""
        colour = self._theme.colour(self._colour)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colour, 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush if self._is_hollow else colour)
            painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))


def _exchange(question: str, said: Said) -> Exchange:
    empty = "It wrote nothing." if said.ending == "stop" and not said.text.strip() else ""
    return Exchange(question, said.text, said.trouble or empty)


def _in_words(said: Said) -> str:
    if said.phase == WAITING:
        return "Waits for its turn"
    if said.phase == LOADING:
        return "Loading…"
    if said.ending == FAILED:
        return "Failed"
    if not said.tokens:
        return "Stopped" if said.phase == DONE else "Reading…"
    # What matters most first: a narrow column shows the beginning.
    speed = f"{_rounded(said.rate)} tokens/s · " if said.rate is not None else ""
    ending = f"{_ENDINGS[said.ending]} " if said.phase == DONE else ""
    unit = "" if ending and speed else f" token{'s' if said.tokens != 1 else ''}"
    words = f"{speed}{ending}{said.tokens:,}{unit}"
    return words[0].upper() + words[1:]


def _rounded(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}"

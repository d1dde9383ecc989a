"""A card about one token: how likely the student found it, and what teacher and student expected instead."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QWidget

from workbench.events import TokenSeen
from workbench.gui.telling import nats, percent
from workbench.gui.theme import Theme, small, strong, tabular
from workbench.gui.widgets.token_scale import surprise

_PAD, _GAP, _ROW, _BAR = 10, 16, 17, 9
_WIDE, _ROWS, _SPACE = 360, 5, 6
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class TokenCard(QFrame):
    """Lies over the text, beside the token it is about; the mouse goes through it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._token: TokenSeen | None = None
        self._place = ""
        self.setProperty("card", "true")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFont(tabular(small(self.font())))
        self.setAccessibleName("The token that is pointed at")
        self.hide()
        theme.changed.connect(self.update)

    def show_token(self, token: TokenSeen, place: str, beside: QRect) -> None:
        """Tell of a token.

        Args:
            token: Which.
            place: Where in the text it stands, in words.
            beside: Where it is, in the coordinates of the window; the card does not cover it where there is room.
        """
        self._token, self._place = token, place
        self.setAccessibleDescription(in_words(token))
        parent = self.parentWidget()
        assert parent is not None, "it lies in a window"
        room = parent.rect().adjusted(4, 4, -4, -4)
        size = self.sizeHint()
        self.resize(min(size.width(), room.width()), min(size.height(), room.height()))
        self.move(self._corner(beside, room))
        self.show()
        self.raise_()
        self.update()

    def sizeHint(self) -> QSize:
        """Two lines of words and five rows of bars."""
        line = QFontMetrics(self.font()).height()
        rows = max(len(self._token.teacher), len(self._token.student), 1) if self._token else _ROWS
        columns = 2 if self._token is None or self._token.teacher else 1
        return QSize(_WIDE if columns == 2 else _WIDE * 2 // 3, 2 * _PAD + 3 * line + 8 + _ROW * rows)

    def _corner(self, beside: QRect, room: QRect) -> QPoint:
        """Below the token, above it, or at a side of it: wherever it fits first."""
        card, middle = self.rect(), beside.center()
        across = min(max(middle.x() - card.width() // 2, room.left()), room.right() + 1 - card.width())
        along = min(max(middle.y() - card.height() // 2, room.top()), room.bottom() + 1 - card.height())
        below, above = beside.bottom() + _SPACE, beside.top() - _SPACE - card.height()
        right, left = beside.right() + _SPACE, beside.left() - _SPACE - card.width()
        corners = (QPoint(across, below), QPoint(across, above), QPoint(right, along), QPoint(left, along))
        fitting = (corner for corner in corners if room.contains(card.translated(corner)))
        return next(fitting, QPoint(across, along))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Head and bars."""
        super().paintEvent(event)
        token = self._token
        if token is None:
            return
        with QPainter(self) as painter:
            line = painter.fontMetrics().height()
            area = self.rect().adjusted(_PAD, _PAD, -_PAD, -_PAD)
            self._paint_head(painter, token, QRect(area.left(), area.top(), area.width(), 2 * line))
            lists = [("Student", "student", token.student)] if token.student else []
            if token.teacher:
                lists.insert(0, ("Teacher", "teacher", token.teacher))
            width = (area.width() - _GAP * (len(lists) - 1)) // max(len(lists), 1)
            for number, (title, colour, expected) in enumerate(lists):
                column = QRect(area.left() + number * (width + _GAP), area.top() + 2 * line + 6, width, line)
                painter.setFont(strong(self.font()))
                painter.setPen(self._theme.colour(colour))
                painter.drawText(column, _LEFT, f"{title} expects")
                painter.setFont(self.font())
                rows = QRect(column.left(), column.bottom() + 2, width, _ROW)
                self._paint_rows(painter, expected, colour, rows)

    def _paint_head(self, painter: QPainter, token: TokenSeen, area: QRect) -> None:
        half = area.height() // 2
        first = QRect(area.left(), area.top(), area.width(), half)
        metrics = painter.fontMetrics()
        place_width = metrics.horizontalAdvance(self._place) + 10
        painter.setFont(strong(self.font()))
        painter.setPen(self._theme.colour("text"))
        name = painter.fontMetrics().elidedText(
            visible(token.text), Qt.TextElideMode.ElideRight, first.width() - place_width
        )
        painter.drawText(first, _LEFT, name)
        painter.setFont(self.font())
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(first, _RIGHT, self._place)
        painter.setPen(self._theme.colour("text"))
        words = metrics.elidedText(numbers(token), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(first.translated(0, half), _LEFT, words)

    def _paint_rows(
        self, painter: QPainter, expected: tuple[tuple[str, float], ...], colour: str, first: QRect
    ) -> None:
        metrics, token = painter.fontMetrics(), self._token
        assert token is not None, "there is one to paint"
        number = metrics.horizontalAdvance("> 99.9 %") + 4
        name = (first.width() - number) // 2
        for row, (text, share) in enumerate(expected):
            area = first.translated(0, row * _ROW)
            is_it = text == token.text
            painter.setPen(self._theme.colour("text" if is_it else "muted"))
            said = metrics.elidedText(visible(text), Qt.TextElideMode.ElideRight, name - 8)
            painter.drawText(QRect(area.left() + 3, area.top(), name - 6, _ROW), _LEFT, said)
            track = QRect(area.left() + name, area.center().y() - _BAR // 2, first.width() - name - number, _BAR)
            painter.fillRect(track, self._theme.colour("grid"))
            painter.fillRect(
                QRect(track.left(), track.top(), round(share * track.width()), _BAR), self._theme.colour(colour)
            )
            painter.setPen(self._theme.colour("text"))
            painter.drawText(area, _RIGHT, percent(share))
            if is_it:
                painter.setPen(QPen(self._theme.colour("hard"), 1, Qt.PenStyle.DashLine))
                painter.drawRect(QRect(area.left(), area.top() + 1, name - 3, _ROW - 3))


def visible(text: str) -> str:
    """A token in quotes, with signs for spaces and line breaks at its edges."""
    marked = text.replace("\r", "").replace("\n", "↵").replace("\t", "⇥")
    bare = marked.strip(" ")
    if not bare:
        return f"“{'␣' * len(marked)}”"
    before, after = len(marked) - len(marked.lstrip(" ")), len(marked) - len(marked.rstrip(" "))
    return f"“{'␣' * before}{bare}{'␣' * after}”"


def numbers(token: TokenSeen) -> str:
    """What is known of a token, in a line."""
    if not token.student:
        return "The text begins here"
    if not token.is_scored:
        return f"Not scored · student {percent(token.probability)}"
    said = f"Student {percent(token.probability)} · −log p {nats(surprise(token))}"
    return f"{said} · KL {nats(token.kl)} nats" if token.kl is not None else f"{said} nats"


def in_words(token: TokenSeen) -> str:
    """All of the card, for a screen reader."""
    parts = [f"{visible(token.text)}: {numbers(token)}"]
    for who, expected in (("Teacher", token.teacher), ("Student", token.student)):
        if expected:
            parts.append(f"{who} expects " + ", ".join(f"{visible(text)} {percent(share)}" for text, share in expected))
    return ". ".join(parts) + "."

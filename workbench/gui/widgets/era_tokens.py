"""A response token by token: the prompt quietly, then each scored token with its −log p below it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.gui.telling import nats
from workbench.gui.theme import Theme, small, tabular

_PADDING, _GAP, _CORNER = 6, 4, 4
# Nats from which on a token is as dark as it gets: a surprise of one in twenty.
_DARKEST, _PALEST_ALPHA, _DARKEST_ALPHA = 3.0, 14, 125
_LONGEST = 28


@dataclass(frozen=True)
class Token:
    """One token.

    Attributes:
        text: As the tokenizer has it.
        probability: By the student; None where it is not scored.
        surprise: −log p, None where it is not scored.
    """

    text: str
    probability: float | None = None
    surprise: float | None = None

    @property
    def shown(self) -> str:
        """Its text where every character can be seen, such as ↵ for the end of a line."""
        seen = self.text.replace("\r", "").replace("\n", "↵").replace("\t", "⇥").strip(" ") or "␣"
        return seen if len(seen) <= _LONGEST else f"{seen[: _LONGEST - 1]}…"


class TokenStrip(QWidget):
    """Tokens in lines; what is not reached yet is a pale place, so that nothing moves.

    Signals:
        picked: A person pressed on a scored token: its number among the scored ones.
    """

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tokens: tuple[Token, ...] = ()
        self._number: dict[int, int] = {}
        self._places: tuple[int, list[QRect]] = (-1, [])
        self.is_written = True
        self.scored = 0
        self.current: int | None = None
        self.setAccessibleName("The response, token by token")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def show_tokens(self, tokens: Sequence[Token]) -> None:
        """Show another text."""
        self._tokens = tuple(tokens)
        scored = [place for place, token in enumerate(tokens) if token.surprise is not None]
        self._number = {place: number for number, place in enumerate(scored)}
        self._places = (-1, [])
        self.updateGeometry()
        self.update()

    def set_reach(self, *, is_written: bool, scored: int, current: int | None) -> None:
        """Show so much of it.

        Args:
            is_written: Whether the teacher has written its response.
            scored: So many of the scored tokens show their −log p.
            current: The number of the one that is framed.
        """
        self.is_written, self.scored, self.current = is_written, scored, current
        self.setAccessibleDescription(self._in_words())
        self.update()

    def place_of(self, number: int) -> QRect:
        """Where a scored token lies."""
        place = next(place for place, own in self._number.items() if own == number)
        return self._laid_out(self.width())[place]

    def sizeHint(self) -> QSize:
        """For a usual width."""
        return QSize(320, self.heightForWidth(max(self.width(), 320)))

    def minimumSizeHint(self) -> QSize:
        """A few tokens wide."""
        return QSize(200, self._height())

    def heightForWidth(self, width: int) -> int:
        """All lines at this width."""
        places = self._laid_out(width)
        return max((area.bottom() for area in places), default=self._height()) + 2

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the token under the mouse."""
        number = self._number.get(self._at(event.position().toPoint()))
        if number is not None:
            self.picked.emit(number)

    def event(self, event: QEvent) -> bool:
        """A tip for the token under the mouse."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._at(event.pos())
            QToolTip.showText(event.globalPos(), self._tip(place), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Token by token."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, area in enumerate(self._laid_out(self.width())):
            self._paint(painter, place, area)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(self._theme.colour("accent"), 1, Qt.PenStyle.DotLine))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint(self, painter: QPainter, place: int, area: QRect) -> None:
        token, number = self._tokens[place], self._number.get(place)
        word = QRect(area.left(), area.top() + 2, area.width(), QFontMetrics(self.font()).height())
        if token.surprise is None or number is None:
            painter.setFont(self.font())
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(word, Qt.AlignmentFlag.AlignCenter, token.shown)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("grid", 110))
        is_scored = number < self.scored
        if is_scored:
            depth = min(token.surprise / _DARKEST, 1.0)
            painter.setBrush(
                self._theme.colour("hard", round(_PALEST_ALPHA + depth * (_DARKEST_ALPHA - _PALEST_ALPHA)))
            )
        if number == self.current:
            painter.setPen(QPen(self._theme.colour("accent"), 2))
        painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), _CORNER, _CORNER)
        if not self.is_written:
            return
        painter.setFont(self.font())
        painter.setPen(self._theme.colour("muted" if _is_tag(token.text) else "text"))
        painter.drawText(word, Qt.AlignmentFlag.AlignCenter, token.shown)
        if is_scored:
            painter.setFont(tabular(small(self.font(), 0.8)))
            painter.setPen(self._theme.colour("text"))
            below = QRect(area.left(), word.bottom(), area.width(), area.bottom() - word.bottom() - 1)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, _short(token.surprise))

    def _laid_out(self, width: int) -> list[QRect]:
        if self._places[0] == width:
            return self._places[1]
        metrics, numbers = QFontMetrics(self.font()), QFontMetrics(tabular(small(self.font(), 0.8)))
        least, x, y, places = numbers.horizontalAdvance("0.00"), 0, 0, []
        low, high = metrics.height() + 4, self._height()
        line = low
        for place, token in enumerate(self._tokens):
            wide = metrics.horizontalAdvance(token.shown)
            is_scored = token.surprise is not None
            wide = max(wide, least) + 2 * _PADDING if is_scored else wide
            # The response begins on a line of its own.
            if x and (x + wide > width or self._number.get(place) == 0):
                x, y, line = 0, y + line + _GAP, low
            line = high if is_scored else line
            places.append(QRect(x, y, min(wide, max(width, 1)), high if is_scored else low))
            x += wide + _GAP
        self._places = (width, places)
        return places

    def _height(self) -> int:
        return QFontMetrics(self.font()).height() + QFontMetrics(small(self.font(), 0.8)).height() + 3

    def _at(self, point: QPoint) -> int:
        places = self._laid_out(self.width())
        return next((place for place, area in enumerate(places) if area.contains(point)), -1)

    def _tip(self, place: int) -> str:
        if place < 0 or not self.is_written:
            return ""
        token = self._tokens[place]
        if token.probability is None or token.surprise is None:
            return "Read, not scored"
        if self._number[place] >= self.scored:
            return ""
        return f"p = {token.probability:.3g}, −log p = {nats(token.surprise)} nats"

    def _in_words(self) -> str:
        if not self.is_written:
            return "Nothing is written yet."
        scored = [token for token in self._tokens if token.surprise is not None][: self.scored]
        text = " ".join(token.shown for token in self._tokens)
        return f"{text}. " + "; ".join(f"{token.shown} {nats(token.surprise or 0.0)}" for token in scored)


def _is_tag(text: str) -> bool:
    return text.strip().startswith("<") and text.strip().endswith(">")


def _short(surprise: float) -> str:
    return f"{surprise:.2f}" if surprise < 9.995 else f"{surprise:.1f}"
